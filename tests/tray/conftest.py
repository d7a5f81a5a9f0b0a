"""A desk, an agent with one folder, and trays on that desk; all ended with the test."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from real_agent import RealAgent
from user_home import PLACES, without_screen

from agent.emulator.server import EmulatorServer
from agent.system.lock import holder

if sys.platform == "linux":
    from desk import ATray, Desk, StartTray

# They need D-Bus, and end what they start by signals.
_LINUX_ONLY = [
    "test_dbus_menu.py",
    "test_tray_in_trouble.py",
    "test_tray_on_a_desk.py",
    "test_tray_on_a_screen.py",
]
collect_ignore = _LINUX_ONLY if sys.platform != "linux" else []

_OPENER = """#!/bin/sh
printf '%s\\n' "$1" >> "{written}"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a bus of its own; the panel is there."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed (Debian: apt-get install dbus)")
    desk = Desk(tmp_path)
    desk.begin_panel()
    yield desk
    desk.end()


@pytest.fixture(scope="session")
def nectar() -> Iterator[EmulatorServer]:
    """A stand-in of Nectar in good health."""
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def agent(
    tmp_path: Path, nectar: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RealAgent]:
    """An agent with one folder; its service is ended whoever started it."""
    for name in PLACES:
        monkeypatch.setenv(name, str(tmp_path))
    agent = RealAgent(tmp_path, nectar.base_url)
    yield agent
    running = holder(str(tmp_path / "data"))
    if running is not None:
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGKILL)
    agent.end()


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], list[str]]:
    """What this desk's opener was asked to open."""
    program = tmp_path / "bin/xdg-open"
    program.parent.mkdir()
    written = tmp_path / "opened"
    program.write_text(_OPENER.format(written=written), "utf-8")
    program.chmod(0o755)

    def read() -> list[str]:
        return written.read_text("utf-8").splitlines() if written.exists() else []

    return read


@pytest.fixture
def start_tray(tmp_path: Path, desk: Desk) -> Iterator[StartTray]:
    """Start trays on the desk, as a login would."""
    trays: list[ATray] = []

    def start(*options: str, **environ: str) -> ATray:
        there = without_screen(tmp_path, desk.session.address) | {
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "NECTAR_API_KEY": "a-key",
        }
        command = [sys.executable, "-m", "agent", "tray", *options]
        if "--config" not in options:
            command += ["--config", str(tmp_path / "config.toml")]
        tray = ATray(command, there | environ, tmp_path / "said")
        trays.append(tray)
        return tray

    yield start
    for tray in trays:
        tray.kill()


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where pictures are kept for people: the folder of --pictures."""
    wanted = request.config.getoption("--pictures")
    folder = Path(wanted) if wanted else tmp_path / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
