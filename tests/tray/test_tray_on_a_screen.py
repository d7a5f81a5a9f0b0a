"""The icon on a real panel: seen by its pixels, used with the mouse and the keys."""

from __future__ import annotations

import os
import signal
import sqlite3
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

    The menu is opened and used as a person does; every entry is chosen with the keys.
    """
    screen.begin_panel()
    tray = start(screen, tmp_path, "--wait", "20")
    folder, config = str(agent.folder), str(tmp_path / "config.toml")
    log = str(tmp_path / "data/logs/bill-agent.log")
    at_login = tmp_path / "autostart/nectar-bill-agent-tray.desktop"

    def seen(face: Face) -> None:
        screen.until_seen(face)
        screen.picture(pictures / f"panel-{face.value}.png")

    def choose(*keys: str, shown: str = "") -> None:
        screen.open_menu(MIDDLE)
        for key in keys:
            name, _, times = key.partition("*")
            screen.press(*[name] * int(times or 1))
        if shown:
            screen.picture(pictures / f"menu-{shown}.png")
        screen.press("Return")

    def opens(path: str, number: int) -> None:
        until(lambda: opened()[number - 1 :] == [path], f"{path} was not opened: {opened()}")

    try:
        seen(Face.STOPPED)
        choose("Up*2", shown="stopped")  # Start the service
        seen(Face.IDLE)
        # What needs a person: its folder, its advice, another try; then it is solved.
        agent.add("no bill.pdf", b"no bill")
        seen(Face.ATTENTION)
        choose("Down*2", "Right", shown="needs-you")
        opens(folder, 1)
        choose("Down*2", "Right", "Down")
        opens(str(tmp_path / "data/tray/what-to-do.txt"), 2)
        choose("Down*2", "Right", "Down*2")
        until(lambda: _tries(agent, "no bill.pdf") == 1, "it was not tried again")
        seen(Face.ATTENTION)
        agent.add("no bill.pdf", bill(3))
        seen(Face.IDLE)
        agent.add("other.pdf", b"no bill")
        seen(Face.ATTENTION)
        choose("Down*2", "Right", "Down*3")  # I have seen it
        seen(Face.IDLE)
        # The others, from the first to the last.
        choose("Down")
        opens(folder, 3)
        screen.click(MIDDLE, 1)
        opens(folder, 4)
        choose("Down*2", "Right", shown="idle")
        opens(folder, 5)
        choose("Down*3", "Right", "Down", shown="pause")
        seen(Face.PAUSED)
        choose("Down*3")  # Resume
        seen(Face.IDLE)
        choose("Down*4")
        until(lambda: _requests(tmp_path, "rescan") == 1, "nobody looked for new bills")
        choose("Down*5", "Right")
        opens(folder, 6)
        choose("Down*6")
        opens(config, 7)
        choose("Down*7")
        opens(log, 8)
        choose("Down*8")
        until(at_login.exists, "it does not start at login")
        choose("Up*2")  # Stop the service
        seen(Face.STOPPED)
        choose("Up*2")
        seen(Face.IDLE)
        screen.end_panel()
        screen.begin_panel()
        seen(Face.IDLE)
        choose("Up")
        assert tray.wait() == 0
        assert "the service goes on" in tray.said()
        until(lambda: screen.face() is None, "the icon stayed")
        assert is_held(str(tmp_path / "data"))
    finally:
        tray.kill()


def _tries(agent: RealAgent, name: str) -> int:
    """Return how often a person wanted another try."""
    return str(agent.json("bills", "show", str(agent.folder / name))["history"]).count("a person")


def _requests(home: Path, kind: str) -> int:
    """Return how many requests of a kind the service answered."""
    store = sqlite3.connect(f"file:{home / 'data/store.sqlite3'}?mode=ro", uri=True)
    try:
        asked = "SELECT count(*) FROM requests WHERE kind = ? AND answered IS NOT NULL"
        return int(store.execute(asked, (kind,)).fetchone()[0])
    finally:
        store.close()


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
