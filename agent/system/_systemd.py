"""The service under systemd's user manager, and the tray by the desktop's own autostart.

It is enabled by the link that ``systemctl enable`` would make: so it can be installed for a user
whose manager does not run now, and what a package enabled for everybody can be turned off for one.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from agent.bills.errors import AgentError
from agent.system import _manager_tools as tools
from agent.system import here
from agent.system._systemd_files import desktop_entry, unit
from agent.system.os_errors import naming_os_errors
from agent.system.service_manager import Launch, Presence, ServiceStatus

assert sys.platform != "win32"  # tells the type checker, too

UNIT = "nectar-bill-agent.service"
TRAY = "nectar-bill-agent-tray.desktop"
UNUSABLE_SETTINGS = "78"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
_EVERYBODY = Path("/etc/systemd/user/default.target.wants", UNIT)
_EVERYBODYS_TRAY = Path("/etc/xdg/autostart", TRAY)
_BOOTED = Path("/run/systemd/system")
_LINGERING = Path("/var/lib/systemd/linger")


class Systemd:
    """One user's service; see `ServiceManager`."""

    name = "systemd"

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self._unit = self._configuration / "systemd/user" / UNIT
        self._link = self._configuration / "systemd/user/default.target.wants" / UNIT
        self._tray = self._configuration / "autostart" / TRAY

    def install(self, *, with_tray: bool) -> tuple[Path, ...]:
        """Write unit and link, and the tray's entry; start where the user's manager runs."""
        _write(self._unit, unit(self._launch))
        self._enable()
        if with_tray:
            _write(self._tray, desktop_entry(self._launch))
        else:
            self._remove(self._tray)
        if self._is_manager_there():
            self._tell("daemon-reload")
            self._tell("reset-failed", UNIT, may_fail=True)
            self._started("restart")
        return self._files()

    def uninstall(self) -> tuple[Path, ...]:
        """Stop the service, then remove what `install` wrote."""
        if self._is_manager_there():
            self.stop()
        removed = tuple(path for path in self._files() if self._remove(path))
        units = self._unit.parent
        for folder in (self._link.parent, units, units.parent, self._tray.parent):
            with suppress(OSError):
                folder.rmdir()  # if nothing of others is in it
        if self._is_manager_there():
            self._tell("daemon-reload")
            self._tell("reset-failed", UNIT, may_fail=True)
        if _EVERYBODY.exists() or _EVERYBODYS_TRAY.exists():
            self.set_start_at_login(is_wanted=False)  # a package's, which stays for the others
        return removed

    def start(self) -> None:
        """Start the service."""
        self._expect_manager()
        self._tell("reset-failed", UNIT, may_fail=True)
        self._started("start")

    def stop(self) -> None:
        """Stop the service; the manager waits for its end."""
        self._expect_manager()
        if self._shown().get("LoadState") == "loaded":
            self._tell("stop", UNIT, seconds=STOP_SECONDS)

    def status(self) -> ServiceStatus:
        """Ask the user's manager; where it does not run, tell by the files."""
        shown = self._shown() if self._is_manager_there() else None
        is_there = os.path.lexists(self._unit) or (shown or {}).get("LoadState") == "loaded"
        presence = Presence.INSTALLED if is_there else Presence.ABSENT
        state = (shown or {}).get("ActiveState")
        if state in {"active", "reloading", "activating"} and not _is_between_two(shown):
            presence = Presence.RUNNING
        return ServiceStatus(
            presence=presence,
            starts_at_login=is_there and self._is_enabled(),
            manager=self.name,
            files=self._files(),
            detail=self._detail(presence, shown),
        )

    def set_start_at_login(self, *, is_wanted: bool) -> None:
        """Make or take the link; hide the tray's entry, or show it."""
        if is_wanted:
            self._enable()
        else:
            self._disable()
        if self._tray.exists() or (_EVERYBODYS_TRAY.exists() and not is_wanted):
            _write(self._tray, desktop_entry(self._launch, is_hidden=not is_wanted))
        if self._is_manager_there():
            self._tell("daemon-reload")

    def _enable(self) -> None:
        with naming_os_errors(str(self._link), of="file", writing=True):
            self._link.parent.mkdir(parents=True, exist_ok=True)
            self._link.unlink(missing_ok=True)
            if os.path.lexists(self._unit):
                self._link.symlink_to(self._unit)

    def _disable(self) -> None:
        with naming_os_errors(str(self._link), of="file", writing=True):
            self._link.unlink(missing_ok=True)
            if _EVERYBODY.exists():  # a link to nowhere hides it, for this user alone
                self._link.parent.mkdir(parents=True, exist_ok=True)
                self._link.symlink_to("/dev/null")

    def _is_enabled(self) -> bool:
        if os.path.lexists(self._link):
            return str(self._link.readlink()) != "/dev/null"
        return os.path.lexists(_EVERYBODY)

    def _files(self) -> tuple[Path, ...]:
        return tuple(p for p in (self._unit, self._link, self._tray) if os.path.lexists(p))

    def _remove(self, path: Path) -> bool:
        with naming_os_errors(str(path), of="file", writing=True):
            is_there = os.path.lexists(path)
            path.unlink(missing_ok=True)
        return is_there

    def _detail(self, presence: Presence, shown: dict[str, str] | None) -> str:
        if presence is Presence.ABSENT:
            return ""
        if shown is None and not _BOOTED.is_dir():
            return "This machine was not started with systemd, so nothing starts it here."
        if shown is None:
            return "This user's systemd does not run now; it does while the user is logged in."
        if shown.get("ExecMainStatus") == UNUSABLE_SETTINGS and presence is not Presence.RUNNING:
            return "It ended because the configuration cannot be used: bill-agent doctor"
        if _is_between_two(shown):
            return f"It failed, and is started again in a moment: journalctl --user -u {UNIT}"
        if shown.get("ActiveState") == "failed":
            return f"It failed and was given up: journalctl --user -u {UNIT}"
        if not (_LINGERING / here.user_name()).exists():
            return (
                "It runs only while you are logged in; to let it run always: "
                f"loginctl enable-linger {here.user_name()}"
            )
        return "Lingering is on: it starts with the machine, whether or not you log in."

    def _started(self, verb: str) -> None:
        """Start or restart; raises AgentError with the reason where the service ends at once."""
        answer = tools.ask(
            *("systemctl", "--user", verb, UNIT), seconds=START_SECONDS, environ=_environ()
        )
        if answer.is_well:
            return
        shown = self._shown()
        if shown.get("ExecMainStatus") == UNUSABLE_SETTINGS:
            raise AgentError(
                "service-not-started",
                "The service ended at once, for its configuration cannot be used.",
                "See what is wrong: bill-agent doctor",
            )
        raise tools.refusal(("systemctl", "--user", verb), answer)

    def _shown(self) -> dict[str, str]:
        names = "LoadState,ActiveState,SubState,ExecMainStatus"
        answer = self._tell("show", UNIT, f"--property={names}")
        pairs = (line.partition("=") for line in answer.output.splitlines())
        return {name: value for name, _, value in pairs}

    def _tell(
        self, *arguments: str, seconds: float = tools.SECONDS, may_fail: bool = False
    ) -> tools.Answer:
        run = tools.ask if may_fail else tools.tell
        return run("systemctl", "--user", *arguments, seconds=seconds, environ=_environ())

    def _is_manager_there(self) -> bool:
        return self._tell("show", "--property=Version", may_fail=True).is_well

    def _expect_manager(self) -> None:
        if not self._is_manager_there():
            raise AgentError(
                "manager-missing",
                "This user's systemd does not run, so it can neither start nor stop the service.",
                f"Log in as this user, or let it run always: loginctl enable-linger "
                f"{here.user_name()}",
            )


def _is_between_two(shown: dict[str, str] | None) -> bool:
    """Whether the service failed and waits to be started again."""
    return (shown or {}).get("SubState") == "auto-restart"


def _environ() -> dict[str, str]:
    """Return where the user's manager is, for a session that was not told (``su``, ``cron``)."""
    usual = f"/run/user/{os.getuid()}"
    if "XDG_RUNTIME_DIR" in os.environ or not os.path.isdir(usual):  # noqa: PTH112
        return {}
    return {"XDG_RUNTIME_DIR": usual}


def _write(path: Path, text: str) -> None:
    with naming_os_errors(str(path), of="file", writing=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(text, encoding="utf-8", errors="surrogateescape")
        temporary.replace(path)
