"""The background service of this user, kept by the system's own manager.

One small class for each manager: `_systemd`, `_launchd` and `_task_scheduler`. Each writes files
that the manager reads and asks it through its own tool; none needs an administrator.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

MANAGED = "BILL_AGENT_MANAGED_BY"
"""The variable that tells a service which manager started it."""
WINDOWED = "bill-agentw.exe"
"""In a frozen program for Windows, the one without a console window."""
WITH_CONSOLE = "bill-agent.exe"
"""The one beside it, for terminals and for helper processes."""


class Presence(Enum):
    """How far there is a service."""

    ABSENT = "absent"
    INSTALLED = "installed"
    """Installed, and not running."""
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What the manager says. ``detail`` is one sentence for people, "" where there is no more."""

    presence: Presence
    starts_at_login: bool
    manager: str
    files: tuple[Path, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Launch:
    """How the agent is started: an absolute program with its arguments, and ``--config``."""

    program: tuple[str, ...]
    config: Path | None

    def command(self, name: str) -> tuple[str, ...]:
        """Return what starts the command ``name``."""
        config = () if self.config is None else ("--config", str(self.config))
        return (*self.program, name, *config)


class ServiceManager(Protocol):
    """Every method raises AgentError, with a sentence and advice, where the manager refuses."""

    def install(self, *, with_tray: bool) -> tuple[Path, ...]:
        """Write the files, enable at login and start; return the files. May be repeated.

        A service that runs already is started anew, for its program may be another one now.
        """
        ...

    def uninstall(self) -> tuple[Path, ...]:
        """Stop and disable; remove what `install` wrote and return it."""
        ...

    def start(self) -> None:
        """Start the service; no harm where it runs."""
        ...

    def stop(self) -> None:
        """Stop the service and wait until it ended; no harm where it does not run."""
        ...

    def status(self) -> ServiceStatus:
        """Ask how the service is."""
        ...

    def set_start_at_login(self, *, is_wanted: bool) -> None:
        """Let service and tray start at login, or not; what runs is left running."""
        ...


def service_manager(launch: Launch) -> ServiceManager | None:
    """Return this system's manager, None where it has none of the three."""
    # Each branch needs the values above.
    if sys.platform == "win32":
        from agent.system._task_scheduler import TaskScheduler  # noqa: PLC0415

        return TaskScheduler(launch)
    elif sys.platform == "darwin":  # noqa: RET505 - the type checker sees one branch a system
        from agent.system._launchd import Launchd  # noqa: PLC0415

        return Launchd(launch)
    else:
        from agent.system._systemd import Systemd  # noqa: PLC0415

        return Systemd(launch) if shutil.which("systemctl") is not None else None


def launch_of(config: Path | None) -> Launch:
    """Return how this very program is started; ``config`` is what ``--config`` named, if it did."""
    return Launch(_this_program(), None if config is None else config.expanduser().absolute())


def has_desktop() -> bool:
    """Whether a tray icon has to be started now by us: the other managers start it themselves."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform == "linux" and bool(shown)


def start_beside(command: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
    """Start a program that goes on when this one and its terminal end; None where it cannot be."""
    try:
        return subprocess.Popen(  # noqa: S603 - this very program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None


def _this_program() -> tuple[str, ...]:
    here = Path(sys.executable)
    if getattr(sys, "frozen", False):
        windowed = here.with_name(WINDOWED)
        return (str(windowed if sys.platform == "win32" and windowed.is_file() else here),)
    if sys.platform == "win32":
        windowed = here.with_name("pythonw.exe")
        here = windowed if windowed.is_file() else here
    return (str(here), "-m", "agent")
