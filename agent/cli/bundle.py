"""The support bundle: what helps to find out what is wrong, without secrets and without bills."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from agent import __version__
from agent.bills.errors import AgentError, ConfigurationError, NeedsAttention
from agent.bills.instant import utc_text
from agent.cli.account import patient_key_store
from agent.cli.cleaning import Cleaner
from agent.cli.session import Asking, config_path, known_data_dir
from agent.config import Settings, effective_settings, load
from agent.service import clock
from agent.service.account import Account, account_with, default_account
from agent.service.logs import LOG_NAME
from agent.service.places import data_dir_of, folder_plans
from agent.store.snapshot import snapshot
from agent.system.api_key import known_keys
from agent.system.directories import default_data_dir, log_dir
from agent.system.os_errors import naming_os_errors

_LOG_BYTES = 1_000_000
"""Of the end of each log file."""
_MASKED = {"nectar.api_key_file"}
"""Somebody may have written the key itself where its file belongs."""
_PATTERNS = {"detection.ignore"}
"""They are names, or parts of names."""
_LIBRARIES = (
    *("aiohttp", "filelock", "httpx", "keyring", "pikepdf", "pillow", "platformdirs"),
    *("pydantic", "pypdfium2", "pystray", "rich", "truststore", "typer", "watchdog"),
)


def write_bundle(
    path: Path, found: dict[str, Any], argument: Path | None, *, hides_names: bool
) -> None:
    """Write the bundle as a new ZIP file; ``found`` is what `doctor` found.

    With ``hides_names`` those of folders, files, sites and companies are replaced. Raises
    AgentError where there is such a file already, or the named errors of a file.
    """
    settings, data_dir, account = _known(argument)
    names = None
    if hides_names:
        # Nectar is asked for the names of sites, and the HTTP client loads slowly.
        from agent.cli.known_names import pseudonyms  # noqa: PLC0415 - see above

        names = pseudonyms(config_path(argument), settings, data_dir, account)
        found = _without_mistakes(found)
    cleaner = Cleaner(known_keys(account.places), names)
    with naming_os_errors(str(path), of="file", writing=True):
        try:
            file = path.open("xb")
        except FileExistsError:
            raise AgentError(
                "bundle-exists", f"{path} is there already.", "Name a new file."
            ) from None
        try:
            with file, ZipFile(file, "w", ZIP_DEFLATED) as bundle:
                for name, content in _contents(found, settings, data_dir, hides_names=hides_names):
                    bundle.writestr(name, cleaner.member(content))
        except BaseException:
            path.unlink()  # half a bundle helps nobody
            raise


def _known(argument: Path | None) -> tuple[Settings | None, Path, Account]:
    """Return the settings, where the data lies, and where the keys are that must not get in."""
    path = config_path(argument)
    try:
        settings = load(path, os.environ, default_data_dir=default_data_dir())
    except ConfigurationError:
        account = default_account(os.environ, patient_key_store())
        return None, known_data_dir(argument), account
    account = account_with(settings, os.environ, patient_key_store())
    return settings, data_dir_of(settings), account


def _without_mistakes(found: dict[str, Any]) -> dict[str, Any]:
    """Return what `doctor` found without what a file says that cannot be read for its names."""
    checks = [
        check | {"message": "The file has mistakes."}
        if check["check"] == "configuration" and not check["ok"]
        else check
        for check in found["checks"]
    ]
    return found | {"checks": checks}


def _contents(
    found: dict[str, Any], settings: Settings | None, data_dir: Path, *, hides_names: bool
) -> Iterator[tuple[str, Any]]:
    """Yield each member's name and its content: JSON, or the text of a log."""
    yield "doctor.json", found
    yield "versions.json", _versions()
    if settings is not None:
        yield "settings.json", _settings(settings, hides_names=hides_names)
    yield "store.json", _store(settings, data_dir)
    for log in sorted(log_dir(str(data_dir)).glob(f"{LOG_NAME}*")):
        yield f"logs/{log.name}", _tail(log)


def _versions() -> dict[str, Any]:
    return {
        "agent": __version__,
        "python": sys.version,
        "system": platform.platform(),
        "written": utc_text(clock.now().utc),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _settings(settings: Settings, *, hides_names: bool) -> list[dict[str, Any]]:
    masked = _MASKED | _PATTERNS if hides_names else _MASKED
    return [
        {
            "key": each.key,
            "value": "(set)" if each.key in masked and each.value else each.value,
            "origin": each.origin,
        }
        for each in effective_settings(settings)
    ]


def _store(settings: Settings | None, data_dir: Path) -> dict[str, Any]:
    """Return the counts of the store and the holds in force."""
    plans = folder_plans(settings) if settings is not None else ()
    names = settings.site_names if settings is not None else {}
    try:
        with Asking.at(data_dir).store() as store:
            if store is None:
                return {"store": None}
            with snapshot(store, plans, names) as seen:
                view = seen.overview(clock.now().utc)
    except NeedsAttention as error:
        return {"problem": str(error)}
    return {
        "counts": {state.value: count for state, count in view.counts.items()},
        "folders": [
            {
                "path": each.path,
                "state": each.state.value,
                "counts": {state.value: count for state, count in each.counts.items()},
                "holds": list(each.holds),
            }
            for each in view.folders
        ],
        "holds": [
            {
                "code": each.hold.code,
                "scope": each.hold.scope.words,
                "since": utc_text(each.hold.since),
                "message": each.hold.message,
                "files": each.files,
            }
            for each in view.holds
        ],
        "needsYou": view.needs_you,
        "settingsError": view.settings_error,
    }


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _LOG_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"(could not be read: {error.strerror})\n"
