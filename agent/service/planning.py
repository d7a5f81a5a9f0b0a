"""From the settings to what each floor needs of them."""

from __future__ import annotations

from collections.abc import Mapping

from agent.bills.plan import Plan
from agent.bills.rows import World
from agent.config import Settings
from agent.nectar.connection import Connection
from agent.service.places import folder_plans
from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder, nested_in


def plan_of(
    settings: Settings,
    agent_id: str,
    *,
    leaves_mark: bool = True,
    usage_patience_seconds: float = 30.0,
) -> Plan:
    """Return what the deciding functions need of the settings."""
    return Plan(
        world=World(settings.nectar.api, settings.nectar.environment),
        folders=folder_plans(settings),
        agent_id=agent_id,
        site_names=settings.site_names,
        quiet_seconds=settings.detection.quiet_seconds,
        scan_seconds=settings.detection.scan_seconds,
        incomplete_seconds=settings.detection.incomplete_seconds,
        refresh_hours=settings.results.refresh_hours,
        existing=settings.detection.existing,
        max_requests=settings.nectar.max_requests,
        leaves_mark=leaves_mark,
        usage_patience_seconds=usage_patience_seconds,
    )


def watched_folders(settings: Settings) -> Mapping[str, WatchedFolder]:
    """Return the folders to read and to watch, by path."""
    paths = [folder.path for folder in settings.folders]
    return {
        folder.path: WatchedFolder(
            path=folder.path,
            rules=CandidateRules(folder.types, settings.detection.ignore),
            recursive=folder.recursive,
            nested=nested_in(folder.path, paths),
        )
        for folder in settings.folders
    }


def connection_of(settings: Settings) -> Connection:
    """Return the way to Nectar."""
    nectar = settings.nectar
    return Connection(
        base_url=nectar.base_url,
        ca_file=nectar.ca_file or "",
        proxy=nectar.proxy or "",
        max_requests=nectar.max_requests,
    )
