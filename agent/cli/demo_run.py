"""The demo's run: the whole agent in this process, on one folder, with a Nectar of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from agent.config import (
    AgentSettings,
    DetectionSettings,
    FolderSettings,
    NectarSettings,
    ResultsSettings,
    Settings,
)
from agent.emulator.server import EmulatorServer
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07
from agent.pipeline.notices import Notice
from agent.service import clock
from agent.service.agent import Agent, Options
from agent.system.api_key import VARIABLE
from agent.system.stop_signals import StopSignals

_KEY = {VARIABLE: "invented-key-of-the-demo"}
_TYPES = ("pdf", "png", "jpg")


def run_agent(
    folder: Path, on_notices: Callable[[list[Notice]], None], *, at_most_seconds: float
) -> None:
    """Let the agent do all that is to do in ``folder``; ends by itself, or when asked to stop.

    Neither the user's settings nor key nor data are looked at, and no mark is left. Raises the
    named errors of :mod:`agent.bills.errors`, and OSError where no port can be had.
    """
    ended = threading.Event()
    with (
        TemporaryDirectory(prefix="bill-agent-", ignore_cleanup_errors=True) as data_dir,
        EmulatorServer() as emulator,
    ):
        agent = Agent(
            _settings(folder, emulator.base_url, data_dir),
            on_notices,
            environ=_KEY,
            options=Options(leaves_mark=False, usage_patience_seconds=3.0, reloads=False),
        )

        def limit() -> None:
            if not clock.wait(ended, at_most_seconds):
                agent.stop()

        threading.Thread(target=limit, name="limit", daemon=True).start()
        try:
            with StopSignals(agent.stop):
                agent.run(on_ready=lambda: None, until_still=True)
        finally:
            ended.set()
            agent.close()


def _settings(folder: Path, base_url: str, data_dir: str) -> Settings:
    return Settings(
        path=Path(data_dir, "config.toml"),
        nectar=NectarSettings(
            base_url=base_url,
            environment="sandbox",
            company=HARBOR_MILL_FOODS.external_id,
            api_key_file=None,
            max_requests=4,
            ca_file=None,
            proxy=None,
        ),
        folders=(
            FolderSettings(
                path=str(folder),
                site=str(PLANT_07.external_id),
                company=HARBOR_MILL_FOODS.external_id,
                recursive=True,
                types=_TYPES,
                written=str(folder),
            ),
        ),
        site_names=MappingProxyType({}),
        detection=DetectionSettings(
            quiet_seconds=1.0,
            scan_seconds=60.0,
            ignore=(),
            types=_TYPES,
            incomplete_seconds=3.0,
            existing="all",
        ),
        results=ResultsSettings(refresh_hours=0.0),
        agent=AgentSettings(data_dir=data_dir, log_level="INFO", notifications=False),
        origins=MappingProxyType({}),
    )
