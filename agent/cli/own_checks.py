"""The checks of `doctor` that only a person's own session can make: the service, the tray."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from agent.bills.errors import AgentError
from agent.bills.instant import utc_text
from agent.cli.session import Asking
from agent.cli.tray import TRAY_DIRECTORY
from agent.service import clock
from agent.service.check import Check, failed, passed
from agent.store.snapshot import snapshot
from agent.system.lock import holder, is_held
from agent.system.service_manager import Presence, ServiceStatus, launch_of, service_manager

_TRAY = "tray"
"""A part of the name of whatever is installed for the icon."""


def own_checks(asking: Asking, argument: Path | None) -> Iterator[Check]:
    """Yield the checks of service and tray; ``argument`` is what ``--config`` named."""
    named = f' --config "{argument}"' if argument is not None else ""
    status: ServiceStatus | None = None
    trouble: AgentError | None = None
    try:
        manager = service_manager(launch_of(argument))
        status = manager.status() if manager is not None else None
    except AgentError as error:
        trouble = error
    yield service_check(asking, status, trouble, named)
    yield tray_check(asking, status, named)


def service_check(
    asking: Asking, status: ServiceStatus | None, trouble: AgentError | None, named: str
) -> Check:
    """Check that the service runs, with the settings of the file as it is now.

    ``trouble`` is why its manager could not be asked.
    """
    try:
        if not asking.is_service_alive():
            return _stopped(status, trouble, named)
        error = _settings_error(asking)
    except AgentError as problem:
        return failed("service", problem.message, problem.advice)
    if error is not None:
        return failed(
            "service",
            f"The service runs with its earlier settings; the changed file has mistakes: {error}",
            "Correct them; the service reads the file again by itself.",
        )
    who = holder(str(asking.data_dir))
    since = f" as process {who.pid} since {utc_text(who.since)}" if who else ""
    return passed("service", f"The service runs{since}.{_kept(status)}")


def _stopped(status: ServiceStatus | None, trouble: AgentError | None, named: str) -> Check:
    words = "The service does not run."
    if trouble is not None:
        return failed("service", f"{words} {trouble.message}", trouble.advice)
    if status is None:
        return failed("service", words, f"Start it: bill-agent run{named}")
    match status.presence:
        case Presence.ABSENT:
            words = "The service does not run, and is not installed."
            return failed("service", words, f"Run: bill-agent service install{named}")
        case Presence.INSTALLED:
            words = f"The service is installed, and does not run. {status.detail}".strip()
            return failed("service", words, f"Run: bill-agent service start{named}")
        case Presence.RUNNING:
            words = f"{status.manager} runs a service, with another data directory than this one."
            advice = f"To let it use these settings, run: bill-agent service install{named}"
            return failed("service", words, advice)


def _kept(status: ServiceStatus | None) -> str:
    if status is None:
        return ""
    if status.presence is not Presence.RUNNING:
        return " It was started by hand, and ends with its terminal."
    login = "at every login" if status.starts_at_login else "when it is told to, not at login"
    return f" {status.manager} starts it {login}."


def _settings_error(asking: Asking) -> str | None:
    with asking.store() as store:
        if store is None:
            return None
        with snapshot(store) as seen:
            return seen.overview(clock.now().utc).settings_error


def tray_check(asking: Asking, status: ServiceStatus | None, named: str) -> Check:
    """Check that the icon is shown where it is wanted: it is at login, and there is a desk."""
    folder = str(asking.data_dir / TRAY_DIRECTORY)
    try:
        if is_held(folder):
            who = holder(folder)
            return passed("tray", f"The icon is shown{f' by process {who.pid}' if who else ''}.")
    except AgentError as error:
        return failed("tray", error.message, error.advice)
    is_wanted = status is not None and any(_TRAY in path.name for path in status.files)
    if not _has_desk():
        return passed("tray", "This session has no desk for an icon; bill-agent status says more.")
    # Its backends bring D-Bus and pictures along.
    from agent.tray.showing import icon_to_use  # noqa: PLC0415 - see above

    if icon_to_use(0.0, threading.Event()) is not None:
        where = "The icon is not shown just now. This desk can show it."
        if is_wanted:
            return failed("tray", where, f"Run: bill-agent tray{named}")
        return passed("tray", f"{where} To have it: bill-agent tray{named}")
    words = "This desk shows no icons of programs; bill-agent status --watch says the same."
    if not is_wanted:
        return passed("tray", words)
    return failed(
        "tray",
        words,
        "On GNOME, turn on the extension “AppIndicator and KStatusNotifierItem Support”. "
        f"To do without the icon, run: bill-agent service install --no-tray{named}",
    )


def _has_desk() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
