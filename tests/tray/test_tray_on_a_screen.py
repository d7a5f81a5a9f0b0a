"""The icon on a real panel: seen by its pixels, used with the mouse and the keys."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import ATray, until
from real_agent import RealAgent, bill
from screen import Screen, missing

from agent.system.lock import is_held
from agent.tray.seen import Face


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """A screen with a light panel."""
    if missing():
        pytest.skip(f"not installed: {', '.join(missing())} (.ci/run installs them)")
    screen = Screen(tmp_path)
    yield screen
    screen.end()


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
    command = [sys.executable, "-m", "agent", "tray", "--wait", "20"]
    command += ["--config", str(tmp_path / "config.toml")]
    path = f"{tmp_path / 'bin'}:{screen.environ['PATH']}"
    environ = screen.environ | {"NECTAR_API_KEY": "a-key", "PATH": path}
    tray = ATray(command, environ, tmp_path / "said")

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
