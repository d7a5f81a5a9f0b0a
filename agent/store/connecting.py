"""Making connections to the store's file, and telling whose file it is."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

from agent.bills.errors import NeedsAttention
from agent.store.naming import StoreDamagedError, StoreNewerError, cannot_open

APPLICATION_ID = 0x4E424131
"""Marks the file as a store of this agent ("NBA1"), so that another database is never touched."""
BACKUP_ID = 0x4E424162
"""Marks a backup of a store ("NBAb"): it can be read, and is never written on with."""
STORE_NAME = "store.sqlite3"
BUSY_SECONDS = 5.0

Connection = sqlite3.Connection
"""An open store as people see it; named here, so that no other floor needs the library."""


def store_path(data_dir: Path) -> Path:
    """Return where the store lies."""
    return data_dir / STORE_NAME


def journal_path(path: Path) -> Path:
    """Return where the write-ahead log of a store lies."""
    return path.with_name(f"{path.name}-wal")


def size_of(path: Path) -> int:
    """Return the size of a file, 0 where there is none."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def connect(path: Path) -> sqlite3.Connection:
    """Open the store to read and to write. Raises NeedsAttention where it cannot be opened."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise cannot_open(path, error) from error
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_to_read(path: Path, *, without_journal: bool = False) -> sqlite3.Connection:
    """Open the store so that not a byte of it can change, not by closing it either.

    ``without_journal`` reads what was folded into the file, and nothing of the write-ahead log.
    """
    mode = "immutable=1" if without_journal else "mode=ro"
    try:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            uri=True,
        )
    except sqlite3.OperationalError as error:
        raise cannot_open(path, error) from error


def version_of(connection: sqlite3.Connection) -> int:
    """Return the number of the schema, 0 where there is none yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def application_of(connection: sqlite3.Connection) -> int:
    """Return the mark that says whose file it is."""
    return int(connection.execute("PRAGMA application_id").fetchone()[0])


def migrations() -> tuple[str, ...]:
    """Return the scripts that make each schema of the one before."""
    folder = resources.files("agent.store") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def check_identity(connection: sqlite3.Connection, path: Path, *, may_be_backup: bool) -> None:
    """Raise NeedsAttention where the file is no store that this program may use."""
    found = application_of(connection)
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    version = version_of(connection)
    if found == 0 and tables == 0:
        return
    if found == BACKUP_ID:
        if may_be_backup:
            return
        raise NeedsAttention(
            "store-damaged",
            f"{path} is a backup, which does not know what was sent since it was made.",
            f"Move {path.name} elsewhere and start again; results beside the bills are "
            "recognised, and nothing is sent without your answer.",
        )
    if found != APPLICATION_ID:
        raise NeedsAttention(
            "store-damaged",
            f"{path} is a database of another program.",
            "Move it elsewhere, or set another data_dir in [agent] of config.toml.",
        )
    if version == 0:
        raise StoreDamagedError(path, "it does not say which schema it has")
    if version > len(migrations()):
        raise StoreNewerError(
            "store-damaged",
            f"{path} was written by a newer version of this program (schema {version}).",
            "Install that version again.",
        )
