"""`bill-agent tray` where something is missing: the panel, the bus, the configuration, the room."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, StartTray, until
from real_agent import RealAgent

from agent.tray.notices import Notice
from agent.tray.notifying import Notifier

NOWHERE = "unix:path=/nonexistent/bus"
NO_CONFIGURATION = "Nectar bills: Not set up yet: run bill-agent init in a terminal."


@pytest.mark.usefixtures("agent")
def test_a_panel_that_comes_late_and_one_that_comes_back(desk: Desk, start_tray: StartTray) -> None:
    """At login the panel may start after the tray; later it may be started anew."""
    desk.end_panel()
    tray = start_tray("--wait", "20")
    time.sleep(1.5)
    assert tray.process.poll() is None
    desk.begin_panel()
    desk.wait_for_icon()
    desk.end_panel()
    time.sleep(0.2)
    desk.begin_panel()
    desk.wait_for_icon()
    assert "stopped" in desk.title()
    # A second one leaves, and so does the first when the session ends.
    second = start_tray()
    assert second.wait() == 0
    assert f"shown already, by process {tray.process.pid}; this one leaves" in second.said()
    desk.session.end()
    assert tray.wait() == 0
    assert "Traceback" not in tray.said()


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize(
    "environ",
    [{}, {"DBUS_SESSION_BUS_ADDRESS": NOWHERE}, {"DBUS_SESSION_BUS_ADDRESS": "nonsense"}],
    ids=["no panel", "no bus", "a broken address"],
)
def test_where_no_tray_is_it_says_so(
    desk: Desk, start_tray: StartTray, environ: dict[str, str]
) -> None:
    """In one sentence with the commands that do the same, and leaves with exit code 0."""
    desk.end_panel()
    tray = start_tray("--wait", "0", **environ)
    assert tray.wait() == 0
    said = " ".join(tray.said().split())
    assert said.startswith("There is no tray here")
    assert said.count(". ") == 0
    for command in ("status", "bills", "pause", "resume", "rescan", "service start"):
        assert command in said


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("backend", ["xorg", "gtk", "appindicator", "no-such-one"])
def test_a_backend_that_cannot_be_had_is_no_traceback(
    desk: Desk, start_tray: StartTray, backend: str
) -> None:
    """Whatever pystray's own backends raise without a screen ends in the same sentence."""
    del desk
    tray = start_tray("--wait", "0", PYSTRAY_BACKEND=backend, DBUS_SESSION_BUS_ADDRESS=NOWHERE)
    assert tray.wait() == 0
    assert tray.said().startswith("There is no tray here")
    assert "Traceback" not in tray.said()


@pytest.mark.usefixtures("agent")
def test_a_signal_ends_the_wait_for_a_panel(desk: Desk, start_tray: StartTray) -> None:
    """Who waits for a panel leaves at once when asked to."""
    desk.end_panel()
    tray = start_tray("--wait", "60")
    until((desk.folder / "data/tray/bill-agent.lock").exists, "it did not start")
    time.sleep(1.0)
    began = time.monotonic()
    os.kill(tray.process.pid, signal.SIGTERM)
    assert tray.wait() == 0
    assert time.monotonic() - began < 3.0
    assert tray.said() == ""


def test_without_a_configuration_it_says_what_to_do(
    desk: Desk, start_tray: StartTray, opened: Callable[[], list[str]], tmp_path: Path
) -> None:
    """The icon, its advice and the terminal say it; once there is one, it is found by itself."""
    tray = start_tray("--config", str(tmp_path / "config.toml"), XDG_DATA_HOME=str(tmp_path / "d"))
    desk.wait_for_icon()
    assert desk.title() == NO_CONFIGURATION
    assert "bill-agent init" in tray.said()
    desk.left_click()
    until(lambda: len(opened()) == 1, "the advice was not opened")
    assert "bill-agent init" in Path(opened()[0]).read_text("utf-8")
    (tmp_path / "config.toml").write_text("[nectar]\ncompany = 3\n", "utf-8")
    until(lambda: "settings have" in desk.title(), "it did not see the configuration")
    RealAgent(tmp_path, "http://127.0.0.1:9/v2.2")
    until(lambda: "The service is stopped; no" in desk.title(), "it was not read again")
    assert tray.said().count("\n") == 1


def test_nobody_who_shows_notifications_costs_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again every minute for months, it leaves no connection open; then it is taken."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desk.session.address)
    notifier = Notifier(tmp_path / "icon.png")
    notice = Notice("a title", "a text")
    desk.end_notifications()
    assert not notifier.send(notice)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count
    for _ in range(5):
        assert not notifier.send(notice)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - a count
    desk.begin_notifications()
    assert notifier.send(notice)
    assert desk.notes == [("a title", "a text")]
    notifier.end()


def test_a_desk_that_hangs_keeps_nobody(tmp_path: Path) -> None:
    """Some backends hang when they are asked to end; the process ends all the same."""
    script = Path(__file__).with_name("hanging_desk.py")
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], timeout=30, check=False)
    assert done.returncode == 0
