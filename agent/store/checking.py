"""Whether a store can be believed. Nothing is changed by looking.

How much is looked at goes by size, for the start waits for it. Measured with 100,000 bills
(148 MB, all of it in the system's cache): `quick_check` 0.13 s, `integrity_check` 0.6 s, reading
every row 2.4 s; reading the file from a disk comes on top, and is the most of it. So a store of up
to `THOROUGH_BYTES` (about 10,000 bills) is looked at in full, in less than half a second. A larger
one gets `quick_check`, which sees every page but does not compare indexes with their tables; that
is done once a day, in the backup. What was called damaged in the last run is always looked at in
full.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from agent.store import answers_codec, file_codec, place_codec, submission_codec
from agent.store.connecting import (
    APPLICATION_ID,
    application_of,
    check_identity,
    connect_to_read,
    journal_path,
    migrations,
    size_of,
    version_of,
)
from agent.store.naming import StoreDamagedError, cannot_open, naming_store_errors
from agent.store.requests import request_of

THOROUGH_BYTES = 16_000_000
_SMALLEST_BYTES = 512
STORE_ID = "store-id"
"""Name in ``meta`` of what tells this store from every other."""
COMMITS = "commits"
"""Name in ``meta`` of how many commits of the agent changed something."""

_ASTRAY = (
    "SELECT 1 FROM files JOIN folders ON folders.id = files.folder_id "
    "WHERE substr(files.path, 1, length(folders.path)) <> folders.path LIMIT 1"
)
_ROWS: tuple[tuple[str, str, Callable[[tuple[Any, ...]], object]], ...] = (
    ("files", file_codec.FILE_COLUMNS, file_codec.file_of),
    ("files", file_codec.FILE_COLUMNS, file_codec.shown_of),
    ("submissions", submission_codec.SUBMISSION_COLUMNS, submission_codec.submission_of),
    ("folders", place_codec.FOLDER_COLUMNS, place_codec.folder_of),
    ("companies", place_codec.COMPANY_COLUMNS, place_codec.company_of),
    ("holds", place_codec.HOLD_COLUMNS, place_codec.hold_of),
    ("requests", "id, kind, payload", request_of),
)


def check(path: Path, *, thorough: bool = False) -> None:
    """Return where the store can be used, or is still to be made.

    Raises StoreDamagedError where it cannot be believed, NeedsAttention where it is no store of
    ours, is of a newer version, or cannot be read for another reason.
    """
    size = size_of(path)
    journal_size = size_of(journal_path(path))
    if size == 0 and journal_size > 0:
        raise StoreDamagedError(path, "it is empty, and its write-ahead log is not")
    if size == 0:
        return
    if size < _SMALLEST_BYTES:
        # SQLite would take it for an empty file and write on it.
        raise StoreDamagedError(path, "it is too short for a store")
    try:
        if journal_size > 0:
            _check_journal(path)
        with closing(connect_to_read(path)) as store:
            check_identity(store, path, may_be_backup=False)
            if application_of(store) != APPLICATION_ID:
                _check_is_unmade(store, path)
                return
            is_thorough = thorough or size + journal_size <= THOROUGH_BYTES
            check_pages(store, path, thorough=is_thorough)
            if version_of(store) == len(migrations()):
                _check_schema(store, path)
                if is_thorough:
                    _check_rows(store, path)
                if thorough:
                    _check_answers(store, path)
    except sqlite3.DatabaseError as error:
        raise cannot_open(path, error) from error
    except UnicodeDecodeError as error:
        raise StoreDamagedError(path, "a name in it is no text") from error


def examine(path: Path, *, with_answers: bool = True) -> None:
    """Look at a store in full while it is in use. Raises StoreDamagedError.

    May be called from any thread. ``with_answers`` reads what Nectar gave for each bill too, which
    takes the most time. The write-ahead log alone is not judged: opening the file without its log
    would end the locks that this process has on it.
    """
    with naming_store_errors(path), closing(connect_to_read(path)) as store:
        check_pages(store, path, thorough=True)
        _check_schema(store, path)
        _check_rows(store, path)
        if with_answers:
            _check_answers(store, path)


def _check_is_unmade(store: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamagedError where an empty database is more than a first start leaves it."""
    pages = int(store.execute("PRAGMA page_count").fetchone()[0])
    if pages > 1:
        raise StoreDamagedError(path, "it has room for tables, and has none")


def check_pages(store: sqlite3.Connection, path: Path, *, thorough: bool) -> None:
    """Raise StoreDamagedError where SQLite finds that the file does not fit together."""
    pragma = "integrity_check" if thorough else "quick_check"
    answer = store.execute(f"PRAGMA {pragma}(1)").fetchone()[0]
    if answer != "ok":
        raise StoreDamagedError(path, " ".join(str(answer).split()))


def _check_journal(path: Path) -> None:
    """Raise StoreDamagedError where the write-ahead log is another store's, or an older one.

    SQLite takes any log that is whole in itself. Ours only ever goes on from what the file says,
    and each of its commits counts one up. A file that cannot be read by itself proves nothing: a
    power cut may have come while the log was folded into it.
    """
    in_file = _who_and_when(path, without_journal=True)
    if in_file is None:
        return
    with_journal = _who_and_when(path, without_journal=False)
    is_ours = with_journal is not None and with_journal[0] == in_file[0]
    if with_journal is None or not is_ours or with_journal[1] < in_file[1]:
        raise StoreDamagedError(path, f"{journal_path(path).name} does not belong to it")


def _who_and_when(path: Path, *, without_journal: bool) -> tuple[str, int] | None:
    """Return the store's id and how many commits it knows, None where it does not tell."""
    try:
        with closing(connect_to_read(path, without_journal=without_journal)) as store:
            if application_of(store) != APPLICATION_ID:
                return None
            found = dict(
                store.execute(
                    "SELECT name, value FROM meta WHERE name IN (?, ?)", (STORE_ID, COMMITS)
                )
            )
            return found[STORE_ID], int(found[COMMITS])
    except (sqlite3.DatabaseError, KeyError, ValueError):
        return None


def _check_schema(store: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamagedError where a table or an index is not as the migrations make it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for script in migrations():
            fresh.executescript(script)
        missing = set(_schema(fresh)) - set(_schema(store))
    if missing:
        name = min(each[1] for each in missing)
        raise StoreDamagedError(path, f"{name} in it is not as this program made it")


def _schema(store: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    yield from store.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL")


def _check_rows(store: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamagedError where a row holds what was never written there."""
    orphan = store.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise StoreDamagedError(path, f"a row of {orphan[0]} in it belongs to none of {orphan[2]}")
    if store.execute(_ASTRAY).fetchone() is not None:
        raise StoreDamagedError(path, "a file in it lies outside its folder")
    with naming_store_errors(path):
        for table, columns, read in _ROWS:
            for row in store.execute(f"SELECT {columns} FROM {table}"):
                read(row)


def _check_answers(store: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamagedError where what Nectar gave cannot be read any more."""
    with naming_store_errors(path):
        for row in store.execute(
            "SELECT working FROM submissions WHERE working IS NOT NULL "
            "UNION ALL SELECT answers FROM revisions WHERE answers IS NOT NULL"
        ):
            answers_codec.answers_of(row[0])
