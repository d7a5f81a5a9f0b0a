"""Opening the store: checked, prepared and brought to this program's schema."""

from __future__ import annotations

import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.bills.errors import AgentError, NeedsAttention
from agent.store.backup import back_up, migration_backup_path
from agent.store.checking import COMMITS, STORE_ID, check
from agent.store.connecting import (
    APPLICATION_ID,
    check_identity,
    connect,
    migrations,
    version_of,
)
from agent.store.naming import StoreNewerError, cannot_open
from agent.store.remembered import STORE_LOST
from agent.system.os_errors import naming_os_errors


def open_for_service(
    path: Path, *, is_suspect: bool = False, lost: str | None = None
) -> sqlite3.Connection:
    """Open the store for its one writer, make or migrate it, and check it.

    ``is_suspect`` lets it be checked in full. ``lost`` says why a new store is not the first; it
    is remembered with the store's first commit. Raises StoreDamagedError where the store cannot be
    believed, NeedsAttention where it cannot be used for another reason; nothing is changed then.
    """
    if path.is_dir():
        raise NeedsAttention(
            "store-damaged",
            f"{path} is a folder, where the agent keeps its store.",
            "Move it elsewhere and start again.",
        )
    check(path, thorough=is_suspect)
    connection = connect(path)
    with _closed_on_errors(connection, path):
        _prepare(connection)
        migrate(connection, path, migrations(), lost=lost)
    return connection


def open_for_people(path: Path) -> sqlite3.Connection | None:
    """Open the store to read it and to leave requests; None where there is none yet.

    Migrates nothing. A backup may be read like a store. Raises NeedsAttention where it is of
    another version or cannot be read, or where its folder may not be entered.
    """
    with naming_os_errors(str(path.parent), of="folder"):
        if not path.exists():
            return None
    connection = connect(path)
    with _closed_on_errors(connection, path):
        check_identity(connection, path, may_be_backup=True)
        version = version_of(connection)
        if version == 0:
            connection.close()
            return None
        newest = len(migrations())
        if version != newest:
            raise StoreNewerError(
                "store-damaged",
                f"{path} has schema {version}; this program needs {newest}.",
                "Stop the service and start it again with this version.",
            )
    return connection


@contextmanager
def _closed_on_errors(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Close the connection where the block fails, and name SQLite's errors."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        connection.close()
        raise cannot_open(path, error) from error
    except AgentError:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # In WAL, NORMAL may lose the last commits on power failure; a lost "begun" is a double bill.
    connection.execute("PRAGMA synchronous = FULL")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
    # Where nothing can be written it is told now, and not in the first turn. A transaction alone
    # does not tell: on a read-only file it becomes one that reads.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE is_writable (x)")
    connection.execute("ROLLBACK")


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    scripts: tuple[str, ...],
    *,
    lost: str | None = None,
) -> None:
    """Bring a store to the schema that all of ``scripts`` make; a copy of it is kept before."""
    version = version_of(connection)
    if version == len(scripts):
        return
    if version:
        back_up(path, migration_backup_path(path, version + 1))
    for number, script in enumerate(scripts[version:], start=version + 1):
        # One transaction a migration: killed in it, the store is as before or as after.
        connection.executescript(
            f"BEGIN IMMEDIATE; {script}\nPRAGMA application_id = {APPLICATION_ID};\n"
            f"PRAGMA user_version = {number};"
        )
        if number == 1:
            facts = {STORE_ID: secrets.token_hex(16), COMMITS: "0"}
            facts |= {STORE_LOST: lost} if lost is not None else {}
            connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", facts.items())
        connection.execute("COMMIT")
