"""The icon on a real panel: seen by its pixels, used with the mouse and the keys."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import ATray, until
from real_agent import RealAgent, bill
from screen import MIDDLE, Screen, missing

from agent.system.lock import is_held
from agent.tray.seen import Face


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A screen without a panel yet."""
    if missing():
        pytest.skip(f"not installed: {', '.join(missing())} (.ci/run installs them)")
    screen = Screen(tmp_path)
    yield screen
    screen.end()


def start(screen: Screen, home: Path, *options: str) -> ATray:
    """Start a tray on the screen."""
    command = [sys.executable, "-m", "agent", "tray", *options]
    command += ["--config", str(home / "config.toml")]
    path = f"{home / 'bin'}:{screen.environ['PATH']}"
    environ = screen.environ | {"NECTAR_API_KEY": "a-key", "PATH": path}
    return ATray(command, environ, home / "said")


def test_the_icon_on_a_real_panel(
    screen: Screen,
    agent: RealAgent,
    opened: Callable[[], list[str]],
    tmp_path: Path,
    pictures: Path,
) -> None:
    """It is there, changes when a bill fails and when that is solved, and comes back with a panel.

    The menu is opened and used as a person does, entries are chosen with the keys.
    """
    screen.begin_panel()
    tray = start(screen, tmp_path, "--wait", "20")

    def seen(face: Face) -> tuple[int, int]:
        place = screen.until_seen(face)
        screen.picture(pictures / f"panel-{face.value}.png")
        return place

    def choose(place: tuple[int, int], *keys: str, shown: str = "") -> None:
        screen.open_menu(place)
        screen.press(*keys)
        if shown:
            screen.picture(pictures / f"menu-{shown}.png")
        screen.press("Return")

    try:
        choose(seen(Face.STOPPED), "Up", "Up", shown="stopped")
        seen(Face.IDLE)
        assert is_held(str(tmp_path / "data"))
        agent.add("no bill.pdf", b"no bill")
        place = seen(Face.ATTENTION)
        choose(place, "Down", "Down", "Right", shown="needs-you")
        until(lambda: opened() == [str(agent.folder)], "the folder was not opened")
        agent.add("no bill.pdf", bill(3))
        place = seen(Face.IDLE)
        choose(place, "Down", "Down", "Right", shown="idle")
        until(lambda: len(opened()) == 2, "the result's folder was not opened")
        screen.click(place, 1)
        until(lambda: len(opened()) == 3, "a left click did nothing")
        choose(place, "Down", "Down", "Down", "Right", shown="pause")
        seen(Face.PAUSED)
        screen.end_panel()
        screen.begin_panel()
        place = seen(Face.PAUSED)
        choose(place, "Up")
        assert tray.wait() == 0
        assert "the service goes on" in tray.said()
        until(lambda: screen.face() is None, "the icon stayed")
    finally:
        tray.kill()


def test_a_click_on_a_panel_of_the_old_kind(
    screen: Screen,
    agent: RealAgent,
    opened: Callable[[], list[str]],
    tmp_path: Path,
    pictures: Path,
) -> None:
    """Where only windows can be icons it is one, without a menu; a click does what is pressing."""
    screen.begin_old_panel()
    until(lambda: screen.area().getextrema() != ((0, 0),) * 3, "the panel is not on the screen")
    tray = start(screen, tmp_path, "--wait", "0")
    try:
        until(lambda: len(screen.area().getcolors() or []) > 20, f"no icon: {tray.said()}", 10.0)
        screen.picture(pictures / "old-panel.png")
        until(lambda: _is_clicked(screen, opened), "a click did nothing")
        assert opened()[0] == str(agent.folder)
        os.kill(tray.process.pid, signal.SIGTERM)
        assert tray.wait() == 0
        assert "Traceback" not in tray.said()
    finally:
        tray.kill()


def _is_clicked(screen: Screen, opened: Callable[[], list[str]]) -> bool:
    screen.click(MIDDLE, 1)
    time.sleep(0.5)
    return bool(opened())
