"""Opening the store: pragmas, identity, migrations, damage; the one maker of connections."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from agent.bills.errors import NeedsAttention, Transient

APPLICATION_ID = 0x4E424131
"""Marks the file as a store of this agent ("NBA1"), so that another database is never touched."""
STORE_NAME = "store.sqlite3"
BUSY_SECONDS = 5.0
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

Connection = sqlite3.Connection
"""An open store as people see it; named here, so that no other floor needs the library."""


class StoreNewerError(NeedsAttention):
    """The store was written by a newer version of this program."""


def store_path(data_dir: Path) -> Path:
    """Return where the store lies."""
    return data_dir / STORE_NAME


def open_for_service(path: Path) -> sqlite3.Connection:
    """Open the store for its one writer, make or migrate it, and check it.

    Raises NeedsAttention("store-damaged") where it cannot be used; nothing is changed then.
    """
    is_new = not path.exists()
    connection = _connect(path)
    try:
        if not is_new:
            _check_identity(connection, path)
            _check_health(connection, path)
        _prepare(connection)
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _named(path, error) from error
    except NeedsAttention:
        connection.close()
        raise
    return connection


def open_for_people(path: Path) -> sqlite3.Connection | None:
    """Open the store to read it and to leave requests; None where there is none yet.

    Migrates nothing. Raises NeedsAttention where it is of another version or cannot be read.
    """
    if not path.exists():
        return None
    connection = _connect(path)
    try:
        _check_identity(connection, path)
        version = _version(connection)
        if version == 0:
            connection.close()
            return None
        newest = len(_migrations())
        if version != newest:
            raise StoreNewerError(
                "store-damaged",
                f"{path} has schema {version}; this program knows {newest}.",
                "Stop the service and start it again with this version.",
            )
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _named(path, error) from error
    except NeedsAttention:
        connection.close()
        raise
    return connection


@contextmanager
def naming_store_errors(path: Path) -> Iterator[None]:
    """Raise the named error in place of SQLite's: full disk, damage, or trouble that passes."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) == sqlite3.SQLITE_FULL:
            raise _full(path) from error
        if _code(error) in _DAMAGE:
            raise _damaged(path, str(error)) from error
        if isinstance(error, sqlite3.OperationalError):
            raise Transient("store-busy", f"{path} cannot be written now: {error}.") from error
        raise


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise _named(path, error) from error
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL, NORMAL may lose the last commits on power failure; a lost "begun" is a double bill.
    connection.execute("PRAGMA synchronous = FULL")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    found = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if found == APPLICATION_ID or (found == 0 and tables == 0):
        return
    raise NeedsAttention(
        "store-damaged",
        f"{path} is a database of another program.",
        "Move it elsewhere, or set another data_dir in [agent] of config.toml.",
    )


def _check_health(connection: sqlite3.Connection, path: Path) -> None:
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise _damaged(path, str(answer))


def _code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's primary code, 0 where the error is not SQLite's own."""
    return (error.sqlite_errorcode if hasattr(error, "sqlite_errorcode") else 0) & 0xFF


def _named(path: Path, error: sqlite3.DatabaseError) -> NeedsAttention:
    """Return why the store cannot be opened; only damage is called so: its advice is drastic."""
    if _code(error) == sqlite3.SQLITE_FULL:
        return _full(path)
    if isinstance(error, sqlite3.OperationalError) and _code(error) not in _DAMAGE:
        return NeedsAttention(
            "store-damaged",
            f"{path} cannot be opened: {error}.",
            "Check that the data directory (data_dir in [agent]) is there and can be written, "
            "and that no other program uses the file.",
        )
    return _damaged(path, str(error))


def _full(path: Path) -> NeedsAttention:
    return NeedsAttention(
        "disk-full", f"There is no space left on the disk that holds {path}.", "Make room."
    )


def _damaged(path: Path, why: str) -> NeedsAttention:
    return NeedsAttention(
        "store-damaged",
        f"{path} is damaged: {why}.",
        f"Move {path.name} elsewhere and start again; results beside the bills are recognised, "
        "and nothing is sent without your answer.",
    )


def _migrations() -> tuple[str, ...]:
    folder = resources.files("agent.store") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    scripts = _migrations()
    version = _version(connection)
    if version > len(scripts):
        raise StoreNewerError(
            "store-damaged",
            f"{path} was written by a newer version of this program (schema {version}).",
            "Install that version again.",
        )
    if version == len(scripts):
        return
    if version:
        _back_up(connection, path.with_name(f"{path.name}.before-{version + 1}"))
    for number, script in enumerate(scripts[version:], start=version + 1):
        # One transaction a migration: killed in it, the store is as before or as after.
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}\nPRAGMA application_id = {APPLICATION_ID};\n"
            f"PRAGMA user_version = {number}; COMMIT;"
        )


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
