"""Where the agent's things lie, and which folders it serves; light, for commands must be fast."""

from __future__ import annotations

import os
from pathlib import Path

from agent.bills.plan import FolderPlan
from agent.bills.rows import CompanyKey
from agent.config import FolderSettings, Settings
from agent.system.directories import default_data_dir
from agent.watch.folders import nested_in


def data_dir_of(settings: Settings) -> Path:
    """Return where the store, the lock and the logs lie."""
    return Path(settings.agent.data_dir or default_data_dir())


def places_named(settings: Settings) -> tuple[str, ...]:
    """Return the folders and files that the settings name: whole, they are for nobody's log."""
    nectar = settings.nectar
    files = (settings.path, settings.path.parent, nectar.api_key_file, nectar.ca_file)
    return tuple(
        str(place)
        for place in (*(each.path for each in settings.folders), data_dir_of(settings), *files)
        if place
    )


def folder_plans(settings: Settings) -> tuple[FolderPlan, ...]:
    """Return the watched folders as the deciding functions need them."""
    paths = [folder.path for folder in settings.folders]
    return tuple(
        FolderPlan(
            path=folder.path,
            site=folder.site,
            company=CompanyKey(folder.company or ""),
            recursive=folder.recursive,
            types=folder.types,
            nested=tuple(sorted(nested_in(folder.path, paths))),
        )
        for folder in settings.folders
    )


def subfolders(folder: FolderSettings) -> list[str]:
    """Return the names of the subfolders that are there; none where it cannot be read."""
    try:
        with os.scandir(folder.path) as entries:
            return sorted(each.name for each in entries if each.is_dir(follow_symlinks=False))
    except OSError:
        return []
