"""The service and the tray as launchd's agents of one user.

An agent starts at login because its file lies in ``LaunchAgents``. One that is not to start lies in
the configuration directory and is loaded from there: ``launchctl disable`` would leave a note that
nobody can take away. launchd starts anew whatever ends with a failure and knows no code that is
left out, so that the service, started by it, ends with 0 where its configuration cannot be used.
"""

from __future__ import annotations

import os
import plistlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.bills.errors import AgentError
from agent.system import _manager_tools as tools
from agent.system.directories import APPLICATION
from agent.system.os_errors import naming_os_errors
from agent.system.service_manager import MANAGED, Launch, Presence, ServiceStatus

SERVICE, TRAY = "nectar-bill-agent", "nectar-bill-agent.tray"
_TRIES = 50
"""How often it is asked whether a job that ends is gone, a fifth of a second apart."""
_STILL_THERE = 5
"""What ``launchctl bootstrap`` exits with while the job before is not quite gone."""
_ENDING = 36
"""What ``launchctl bootout`` exits with while the job takes its time."""


class Launchd:
    """One user's service; see `ServiceManager`."""

    name = "launchd"

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        library = Path.home() / "Library"
        self._at_login = library / "LaunchAgents"
        self._on_demand = library / "Application Support" / APPLICATION / "LaunchAgents"
        self._logs = library / "Logs" / APPLICATION
        self._domain = f"gui/{os.getuid()}"  # type: ignore[attr-defined, unused-ignore]  # POSIX

    def install(self, *, with_tray: bool) -> tuple[Path, ...]:
        """Write the files and load them anew."""
        self._end(TRAY)
        self._end(SERVICE)
        for label in (SERVICE, TRAY):
            self._remove(self._file(label))
        with naming_os_errors(str(self._logs), of="folder", writing=True):
            self._logs.mkdir(parents=True, exist_ok=True)
        self._write(SERVICE, service_job(self._launch, self._logs))
        if with_tray:
            self._write(TRAY, tray_job(self._launch, self._logs))
        self._load(SERVICE)
        if with_tray:
            self._load(TRAY)
        return self._files()

    def uninstall(self) -> tuple[Path, ...]:
        """Stop both, then remove what `install` wrote, launchd's logs as well."""
        self._end(TRAY)
        self._end(SERVICE)
        removed = self._files()
        for path in removed:
            self._remove(path)
        for label in (SERVICE, TRAY):
            self._remove(self._log(label))
        for folder in (self._on_demand, self._on_demand.parent, self._logs):
            with suppress(OSError):
                folder.rmdir()  # if nothing of others is in it
        return removed

    def start(self) -> None:
        """Load the service where it is not, which starts it; start it where it ended."""
        if self._printed(SERVICE) is None:
            if not self._file(SERVICE).exists():
                raise _absent()
            self._load(SERVICE)
        else:
            tools.tell("launchctl", "kickstart", f"{self._domain}/{SERVICE}")

    def stop(self) -> None:
        """Unload the service: launchd would start anew what is only asked to end."""
        self._end(SERVICE)

    def status(self) -> ServiceStatus:
        """Ask launchd."""
        printed = self._printed(SERVICE)
        presence = Presence.ABSENT
        if printed is not None or self._file(SERVICE).exists():
            presence = Presence.INSTALLED
        if printed is not None and "state = running" in printed:
            presence = Presence.RUNNING
        detail = ""
        if presence is Presence.RUNNING:
            detail = "It runs while you are logged in."
        elif presence is Presence.INSTALLED:
            detail = "It does not run; the reason is found by: bill-agent doctor"
        return ServiceStatus(
            presence=presence,
            starts_at_login=self._path(self._at_login, SERVICE).exists(),
            manager=self.name,
            files=self._files(),
            detail=detail,
        )

    def set_start_at_login(self, *, is_wanted: bool) -> None:
        """Move the files; what runs is left running."""
        place = self._at_login if is_wanted else self._on_demand
        with naming_os_errors(str(place), of="folder", writing=True):
            place.mkdir(parents=True, exist_ok=True)
            for label in (SERVICE, TRAY):
                if self._file(label).exists():
                    self._file(label).replace(self._path(place, label))

    def _path(self, place: Path, label: str) -> Path:
        return place / f"{label}.plist"

    def _file(self, label: str) -> Path:
        """Return where the file is, or would be at login."""
        places = (self._at_login, self._on_demand)
        paths = [self._path(place, label) for place in places]
        return next((path for path in paths if path.exists()), paths[0])

    def _files(self) -> tuple[Path, ...]:
        return tuple(path for path in map(self._file, (SERVICE, TRAY)) if path.exists())

    def _log(self, label: str) -> Path:
        return self._logs / f"{label}.txt"

    def _write(self, label: str, job: dict[str, Any]) -> None:
        path = self._path(self._at_login, label)
        with naming_os_errors(str(path), of="file", writing=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".new")  # launchd reads *.plist alone
            temporary.write_bytes(plistlib.dumps(job))
            temporary.replace(path)

    def _remove(self, path: Path) -> None:
        with naming_os_errors(str(path), of="file", writing=True):
            path.unlink(missing_ok=True)

    def _load(self, label: str) -> None:
        command = ("launchctl", "bootstrap", self._domain, str(self._file(label)))
        answer = tools.ask(*command)
        for _ in range(_TRIES):
            if answer.code != _STILL_THERE or self._printed(label) is not None:
                break
            _wait()
            answer = tools.ask(*command)
        if not answer.is_well and self._printed(label) is None:
            raise tools.refusal(command, answer)

    def _end(self, label: str) -> None:
        """Unload a job and wait until it is gone; raises AgentError where it does not go."""
        if self._printed(label) is None:
            return
        command = ("launchctl", "bootout", f"{self._domain}/{label}")
        answer = tools.ask(*command)
        for _ in range(_TRIES if answer.is_well or answer.code == _ENDING else 1):
            if self._printed(label) is None:
                return
            _wait()
        raise tools.refusal(command, answer)

    def _printed(self, label: str) -> str | None:
        """Return what launchd tells of a job, None where it knows none."""
        answer = tools.ask("launchctl", "print", f"{self._domain}/{label}")
        return answer.output if answer.is_well else None


def service_job(launch: Launch, logs: Path) -> dict[str, Any]:
    """Return the job of the service. No core is dumped: the API key would be in it."""
    return _job(SERVICE, launch.command("run"), logs) | {
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": 15,
        "EnvironmentVariables": {MANAGED: Launchd.name},
        "SoftResourceLimits": {"Core": 0},
    }


def tray_job(launch: Launch, logs: Path) -> dict[str, Any]:
    """Return the job of the tray, which needs a desktop."""
    return _job(TRAY, launch.command("tray"), logs) | {
        "LimitLoadToSessionType": "Aqua",
        "ProcessType": "Interactive",
    }


def _job(label: str, command: tuple[str, ...], logs: Path) -> dict[str, Any]:
    said = str(logs / f"{label}.txt")
    return {
        "Label": label,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "StandardOutPath": said,
        "StandardErrorPath": said,
    }


def _absent() -> AgentError:
    return AgentError(
        "service-absent", "The service is not installed.", "Install it: bill-agent service install"
    )


def _wait() -> None:
    tools.ask("sleep", "0.2")
