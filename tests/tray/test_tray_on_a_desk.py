"""`bill-agent tray` as a process, driven over D-Bus as a panel drives it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, StartTray, until
from real_agent import RealAgent, bill

from agent.system.lock import holder, is_held
from agent.tray.notices import GATHER_SECONDS
from agent.tray.picture import argb, picture
from agent.tray.seen import Face

FAILED = "⚠ 1 bill: not a bill file"


def shows(desk: Desk, face: Face) -> Callable[[], bool]:
    """Return whether the icon has a face, as far as a panel can tell: by its pixels."""
    return lambda: desk.pixels(22) == argb(picture(face, 22))


def labels(desk: Desk) -> list[str]:
    """Return the menu's lines."""
    return list(desk.entries())


def test_each_entry_does_its_work(
    desk: Desk,
    agent: RealAgent,
    start_tray: StartTray,
    opened: Callable[[], list[str]],
    tmp_path: Path,
) -> None:
    """From a stopped service to a quit tray, with one bill that fails.

    On a real panel, with all entries: `test_tray_on_a_screen.py`.
    """
    tray = start_tray()
    desk.wait_for_icon()
    assert shows(desk, Face.STOPPED)()
    assert desk.is_about_to_show() == [[False], [[], []]]
    # The service is started, and a bill fails.
    desk.click("Start the service")
    until(shows(desk, Face.IDLE), "the service was not started")
    agent.add("no_bill.pdf", b"no bill at all")
    until(shows(desk, Face.ATTENTION), "the failure was not shown")
    assert desk.title() == "Nectar bills: 1 thing needs you."
    desk.click(FAILED, "Open the folder", by_group=True)
    until(lambda: opened() == [str(agent.folder)], "the folder was not opened")
    desk.click(FAILED, "What to do")
    until(lambda: len(opened()) == 2, "the advice was not opened")
    advice = Path(opened()[1]).read_text("utf-8")
    assert "not a PDF" in advice
    assert str(agent.folder / "no_bill.pdf") in advice
    desk.left_click()
    until(lambda: opened()[2:] == [str(agent.folder)], "a left click did nothing")
    # It is solved: the bill is put right, and fails no more.
    agent.add("no_bill.pdf", bill(1))
    until(lambda: any("no_bill.pdf  ✓" in each for each in labels(desk)), "it was not read")
    until(shows(desk, Face.IDLE), "the failure is still shown")
    (recent,) = (each for each in labels(desk) if "no_bill.pdf" in each)
    desk.click(*recent.split(" > "))
    until(lambda: opened()[3:] == [str(agent.folder)], "the result's folder was not opened")
    # Paused, nothing is sent; resumed, it is.
    desk.click("Pause", "Until I resume")
    until(shows(desk, Face.PAUSED), "it was not paused")
    agent.add("later.pdf", bill(2))
    desk.click("Look for new bills now")
    agent.wait_for_state(agent.folder / "later.pdf", "waiting")
    desk.click("Resume")
    until(lambda: any("later.pdf  ✓" in each for each in labels(desk)), "it was not resumed")
    # What lies where.
    before = len(opened())
    (folder,) = (each for each in labels(desk) if each.startswith("Open folder > "))
    assert str(agent.folder).endswith(folder.partition("…")[2])
    desk.click(*folder.split(" > "))
    until(lambda: len(opened()) == before + 1, "the folder was not opened")
    desk.click("Edit configuration")
    until(lambda: len(opened()) == before + 2, "the configuration was not opened")
    desk.click("Show log")
    until(lambda: len(opened()) == before + 3, "the log was not opened")
    log = str(tmp_path / "data/logs/bill-agent.log")
    assert opened()[before:] == [str(agent.folder), str(tmp_path / "config.toml"), log]
    desk.click("Quit (the service goes on)")
    assert tray.wait() == 0
    assert "the service goes on" in tray.said()
    assert "Traceback" not in tray.said()
    assert is_held(str(tmp_path / "data"))


def test_start_at_login_has_a_tick(desk: Desk, agent: RealAgent, start_tray: StartTray) -> None:
    """The entry installs service and icon where they are not, and turns them off and on."""
    tray = start_tray()
    desk.wait_for_icon()

    def tick() -> int:
        return int(desk.entries()["Start at login"]["toggle-state"])

    number = desk.entries()["Start at login"]["id"]
    entry = agent.folder.parent / "autostart/nectar-bill-agent-tray.desktop"
    assert tick() == 0
    desk.click("Start at login")
    until(lambda: tick() == 1, "it was not ticked")
    assert "tray" in entry.read_text("utf-8")
    desk.click("Start at login")
    until(lambda: tick() == 0, "the tick was not taken")
    desk.click("Start at login")
    until(lambda: tick() == 1, "it was not ticked again")
    assert desk.entries()["Start at login"]["id"] == number
    # Uninstalling takes the icon away, too.
    assert "The icon is ended." in agent.run("service", "uninstall").stderr
    assert tray.wait() == 0
    assert not entry.exists()


def test_two_hundred_failures_are_one_notification(
    desk: Desk, agent: RealAgent, start_tray: StartTray, tmp_path: Path
) -> None:
    """A tray that is killed and started again shows the same, and repeats nothing.

    Neither does it when the service is killed as well, which is shown within five seconds.
    """
    tray = start_tray()
    desk.wait_for_icon()
    service = agent.start()
    for number in range(200):
        agent.add(f"{number}.pdf", b"no bill %d" % number)
    agent.add("A & B.pdf", bill(7))
    until(lambda: "⚠ 200 bills: not a bill file" in labels(desk), "they were not shown")
    until(lambda: len(desk.notes) >= 2, "nothing was told")
    told = sorted(desk.notes)
    assert [title for title, _ in told] == ["200 bills: not a bill file", "A bill is read"]
    assert told[1][1] == "The result of A &amp; B.pdf lies beside it."
    assert all(icon.endswith("icon.png") for icon in desk.note_icons)
    menu = labels(desk)
    tray.kill()
    desk.forget_icons()
    start_tray()
    desk.wait_for_icon()
    began = time.monotonic()
    assert labels(desk) == menu
    service.process.kill()
    until(shows(desk, Face.STOPPED), "the end was not seen", 5.0)
    assert holder(str(tmp_path / "data")) is not None, "it left its word behind, as killed ones do"
    time.sleep(GATHER_SECONDS + 1.5 - min(2.0, time.monotonic() - began))
    assert sorted(desk.notes) == told


@pytest.mark.usefixtures("agent")
def test_a_signal_ends_it_well(desk: Desk, start_tray: StartTray) -> None:
    """A logoff that asks for the end gets it at once, with exit code 0."""
    tray = start_tray()
    desk.wait_for_icon()
    began = time.monotonic()
    os.kill(tray.process.pid, signal.SIGTERM)
    assert tray.wait() == 0
    assert time.monotonic() - began < 3.0
    assert tray.said() == ""
