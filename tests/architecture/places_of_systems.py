"""Where everything lies on each system, asked of the program as if it ran there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from platformdirs import PlatformDirsABC
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from agent.service.logs import LOG_NAME
from agent.store.connecting import store_path
from agent.system import here
from agent.system.directories import config_candidates, default_data_dir, log_dir
from agent.system.key_store import SERVICE
from agent.system.service_manager import Launch

_SYSTEMS: tuple[type[PlatformDirsABC], ...] = (Unix, MacOS, Windows)
_HOME = "/home/you"
_ENVIRON = {
    "HOME": _HOME,
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": r"C:\%LOCALAPPDATA%",
    "WIN_PD_OVERRIDE_COMMON_APPDATA": r"C:\%PROGRAMDATA%",
}
_KEY_STORES = ("the Secret Service (GNOME Keyring, KWallet)", "the keychain", "Credential Manager")


def places() -> list[tuple[str, ...]]:
    """Return a row for each thing: what it is, and where it lies on Linux, macOS and Windows.

    For a POSIX system: elsewhere the paths of others cannot be made.
    """
    with _environ(_ENVIRON):
        own, shared = zip(*(_configs(system) for system in _SYSTEMS), strict=True)
        data = [Path(default_data_dir(system)) for system in _SYSTEMS]
        logs = [log_dir(str(folder)) / LOG_NAME for folder in data]
        services, icons = zip(*_at_login(), strict=True)
    return [
        ("your settings", *map(_shown, own)),
        ("settings for all users", *map(_shown, shared)),
        ("memory", *(_shown(store_path(folder)) for folder in data)),
        ("log", *map(_shown, logs)),
        ("API key", *(f"{store}, as `{SERVICE}`" for store in _KEY_STORES)),
        ("service at login", *services),
        ("icon at login", *icons),
    ]


def _at_login() -> Iterator[tuple[str, str]]:
    """Yield what starts the service and the icon, on each system."""
    # Not every one of them can be loaded on every system.
    from agent.system import _launchd as launchd_names  # noqa: PLC0415 - see above
    from agent.system._systemd import Systemd  # noqa: PLC0415 - see above
    from agent.system._task_scheduler import TaskScheduler  # noqa: PLC0415 - see above

    launch = Launch(("bill-agent",), None)
    systemd = Systemd(launch)
    yield _shown(systemd._unit), _shown(systemd._tray)
    launchd = launchd_names.Launchd(launch)
    yield _shown(launchd._file(launchd_names.SERVICE)), _shown(launchd._file(launchd_names.TRAY))
    tasks, user = TaskScheduler(launch), here.user_name()
    yield _task(tasks._service, user), _task(tasks._tray, user)


def _task(name: str, user: str) -> str:
    return f"task `{name.replace(f'({user})', '(YOU)')}`"


def _configs(system: type[PlatformDirsABC]) -> tuple[Path, Path]:
    own, shared, *_ = config_candidates(system)
    return own, shared


def _shown(path: Path) -> str:
    text = str(path).replace(_HOME, "~")
    if text.startswith("C:"):
        text = text.removeprefix("C:\\").replace("/", "\\")
    return f"`{text}`"


@contextmanager
def _environ(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
