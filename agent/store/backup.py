"""Copies of the store, beside it: one a day, and one before its schema changes.

A copy is made while the store is used (SQLite's online backup, of one moment, through a connection
that cannot write), is checked in full, is made durable, and only then gets its name; so there is
always a whole one, and never more than one of each kind. It carries a mark of its own: it can be
read, but never be taken for a store.

What it is for: to look things up (``bills show FILE --revision N``) when the store is gone, and
for support. It is **never put in the store's place**, not by the agent either, on purpose. A
backup does not know which uploads were begun since it was made, nor which results were written,
replaced or edited since. Going on from it would mean to doubt every bill that waited then or came
later: what was sent since would have to be looked for at Nectar, results that the agent itself
rewrote would look edited by a person, and requests that were answered since would be done twice.
Beginning anew needs none of that: the results beside the bills say what was sent and answered, and
whatever has none waits for `admit` and is looked for at Nectar before it goes. What that costs is
one question a folder; what restoring could cost is a bill sent twice.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from agent.store.checking import check_pages
from agent.store.connecting import BACKUP_ID, connect_to_read, journal_path, size_of
from agent.store.naming import StoreDamagedError, naming_store_errors
from agent.system.os_errors import naming_os_errors

DAY_SECONDS = 86_400.0
LEAST_LEFT_BYTES = 100_000_000
"""A copy is made only where so much stays free: results and the store itself come first."""
_PAGES = 256
"""So many pages (1 MB) are copied before it is asked whether the agent stops."""


class _Stopped(Exception):
    """The agent stops; the copy is given up."""


def backup_path(path: Path) -> Path:
    """Return where the daily copy of a store lies."""
    return path.with_name(f"{path.name}.backup")


def migration_backup_path(path: Path, version: int) -> Path:
    """Return where the copy lies that was made before the schema became ``version``."""
    return path.with_name(f"{path.name}.before-schema-{version}")


def is_due(path: Path, begun_at: float, now: float) -> bool:
    """Whether the last daily copy, or else the store's beginning, is a day ago.

    A copy from the future (a clock that was set back) counts as old.
    """
    last = max(begun_at, backed_up_at(path) or begun_at)
    return not now - DAY_SECONDS < last <= now + DAY_SECONDS


def backed_up_at(path: Path) -> float | None:
    """Return when the last daily copy was made, in seconds since 1970; None where there is none."""
    try:
        return backup_path(path).stat().st_mtime
    except OSError:
        return None


def has_room(path: Path) -> bool:
    """Whether a copy fits on the disk, with room to spare."""
    size = size_of(path) + size_of(journal_path(path))
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free > size + LEAST_LEFT_BYTES
    return False


def back_up(path: Path, target: Path, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Copy the store to ``target``; False where it was given up because the agent stops.

    May be called from any thread, beside the one that writes. Raises StoreDamagedError where the
    store itself turns out to be damaged, NeedsAttention where the copy cannot be written. Nothing
    half done is left, and the copy that was there stays until the new one is whole.
    """
    part = target.with_name(f"{target.name}.part")

    def go_on(*_: int) -> None:
        if is_stopping():
            raise _Stopped

    with naming_os_errors(str(part), of="file", writing=True):
        part.unlink(missing_ok=True)
        try:
            with naming_store_errors(path):
                _copy(path, part, go_on)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)
        except _Stopped:
            return False
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return True


def _copy(path: Path, part: Path, go_on: Callable[..., None]) -> None:
    with (
        closing(connect_to_read(path)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        copy.execute("PRAGMA synchronous = OFF")  # it is made durable as a whole
        # Held to one moment, so that a commit meanwhile does not make the copy begin again.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_schema").fetchone()
        source.backup(copy, pages=_PAGES, progress=go_on)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log of its own
        copy.execute(f"PRAGMA application_id = {BACKUP_ID}")
        try:
            check_pages(copy, part, thorough=True)
        except StoreDamagedError:
            check_pages(source, path, thorough=True)  # whose damage is it?
            raise
