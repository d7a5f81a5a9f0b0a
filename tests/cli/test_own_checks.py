"""What `doctor` says of the service and of the tray, as the system's manager and the desk are."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

from agent.bills.errors import AgentError
from agent.cli.own_checks import service_check, tray_check
from agent.cli.session import Asking
from agent.cli.tray import TRAY_DIRECTORY
from agent.system.lock import InstanceLock
from agent.system.service_manager import Presence, ServiceStatus

TRAY = Path("nectar-bill-agent-tray.desktop")


def status(
    presence: Presence, *, login: bool = True, files: tuple[Path, ...] = ()
) -> ServiceStatus:
    """Return what a manager says."""
    return ServiceStatus(presence, login, "systemd", files, "")


@pytest.mark.parametrize(
    ("found", "advice"),
    [
        (status(Presence.ABSENT), "Run: bill-agent service install --config x"),
        (status(Presence.INSTALLED), "Run: bill-agent service start --config x"),
        (status(Presence.RUNNING), "bill-agent service install --config x"),
        (None, "Start it: bill-agent run --config x"),
    ],
)
def test_a_service_that_does_not_run(
    tmp_path: Path, found: ServiceStatus | None, advice: str
) -> None:
    """The next step is the one that fits how far it is installed."""
    check = service_check(Asking.at(tmp_path), found, None, " --config x")
    assert not check.is_well
    assert check.advice.endswith(advice)


def test_a_manager_that_gives_no_answer(tmp_path: Path) -> None:
    """Its own words are told, and what to do without it."""
    trouble = AgentError("manager-silent", "systemctl did not answer.", "Look again later.")
    check = service_check(Asking.at(tmp_path), None, trouble, "")
    assert (check.is_well, check.advice) == (False, "Look again later.")
    assert "systemctl" in check.message


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (status(Presence.RUNNING), "systemd starts it at every login."),
        (status(Presence.RUNNING, login=False), "not at login."),
        (status(Presence.INSTALLED), "started by hand"),
        (None, "Z."),
    ],
)
def test_a_service_that_runs(tmp_path: Path, found: ServiceStatus | None, words: str) -> None:
    """It is told who keeps it, and whether it comes back."""
    with InstanceLock(str(tmp_path)) as lock:
        lock.acquire(timeout=2, now=0)
        check = service_check(Asking.at(tmp_path), found, None, "")
    assert check.is_well
    assert check.message.endswith(words) or words in check.message


def test_an_icon_that_is_shown(tmp_path: Path) -> None:
    """Whatever the desk: it is there."""
    with InstanceLock(str(tmp_path / TRAY_DIRECTORY)) as lock:
        lock.acquire(timeout=2, now=0)
        check = tray_check(Asking.at(tmp_path), None, "")
    assert check.is_well
    assert "is shown by process" in check.message


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every session has a desk")
@pytest.mark.parametrize("files", [(), (TRAY,)])
def test_without_a_desk_no_icon_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[Path, ...]
) -> None:
    """On a server, or over ssh, nothing is wrong with a tray that is not there."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    assert tray_check(Asking.at(tmp_path), status(Presence.RUNNING, files=files), "").is_well


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every desk shows icons")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # D-Bus and X
@pytest.mark.parametrize(("files", "is_well"), [((), True), ((TRAY,), False)])
def test_a_desk_without_a_place_for_icons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[Path, ...], is_well: bool
) -> None:
    """Where the icon is wanted at login, what to do is said; else it is no fault."""
    monkeypatch.setenv("DISPLAY", ":77")  # nobody is there
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'no bus'}")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    check = tray_check(Asking.at(tmp_path), status(Presence.RUNNING, files=files), "")
    gc.collect()  # the libraries leave sockets open where nobody answers
    assert check.is_well is is_well
    assert "shows no icons" in check.message
    assert ("AppIndicator" in check.advice) is not is_well
