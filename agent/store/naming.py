"""What SQLite's errors are called: full disk, damage, or trouble that has another cause."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TypeVar

from agent.bills.errors import NeedsAttention, Transient

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_OF_THE_DISK = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOLFS,
    }
)


class StoreDamagedError(NeedsAttention):
    """What the store says cannot be believed. It is put aside when the agent starts."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            "store-damaged",
            f"{path} is damaged: {why.rstrip('.')}.",
            "Start the agent again (bill-agent run): it puts the store aside and begins anew. "
            "Results beside the bills are recognised, and nothing is sent without your answer.",
        )
        self.why = why


class StoreNewerError(NeedsAttention):
    """The store was written by a newer version of this program."""


class UnreadableRowError(ValueError):
    """A row holds something that was never written there."""


Column = TypeVar("Column")
Value = TypeVar("Value")


def reading(read: Callable[[Column], Value]) -> Callable[[Column], Value]:
    """Let a function that reads a row or a column raise UnreadableRowError where it cannot."""

    @wraps(read)
    def read_or_named(column: Column) -> Value:
        try:
            return read(column)
        except UnreadableRowError:
            raise
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            zlib.error,
        ) as error:
            what = read.__name__.removesuffix("_of")
            raise UnreadableRowError(
                f"it holds a {what} that was never written there ({type(error).__name__})"
            ) from error

    return read_or_named


@contextmanager
def naming_store_errors(path: Path) -> Iterator[None]:
    """Raise the named error in place of SQLite's. Broken constraints stay as they are: bugs."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = primary_code(error)
        if is_damage(error):
            raise StoreDamagedError(path, str(error)) from error
        if code == sqlite3.SQLITE_FULL:
            raise full(path) from error
        if code in _OF_THE_DISK:
            raise NeedsAttention(
                "store-damaged",
                f"{path} cannot be used now: {error}.",
                "Look at its disk, and whether this user may write there; "
                "once that is put right it goes on by itself.",
            ) from error
        if isinstance(error, sqlite3.OperationalError):
            raise Transient("store-busy", f"{path} cannot be written now: {error}.") from error
        raise
    except UnreadableRowError as error:
        raise StoreDamagedError(path, str(error)) from error
    except UnicodeDecodeError as error:
        raise StoreDamagedError(path, "a name in it is no text") from error


def cannot_open(path: Path, error: sqlite3.DatabaseError) -> NeedsAttention:
    """Return why the store cannot be opened; only damage is called so: it is put aside."""
    if primary_code(error) == sqlite3.SQLITE_FULL:
        return full(path)
    if isinstance(error, sqlite3.OperationalError) and not is_damage(error):
        return NeedsAttention(
            "store-damaged",
            f"{path} cannot be opened: {error}.",
            "Check that the data directory (data_dir in [agent]) is there and can be written, "
            "and that no other program uses the file.",
        )
    return StoreDamagedError(path, str(error))


def full(path: Path) -> NeedsAttention:
    """Return the error of a full disk."""
    return NeedsAttention(
        "disk-full", f"There is no space left on the disk that holds {path}.", "Make room."
    )


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says that the file is damaged."""
    # Only a text that is none, in a row or in the schema, has no code: Python's own error.
    is_no_text = isinstance(error, sqlite3.OperationalError) and primary_code(error) == 0
    return primary_code(error) in _DAMAGE or is_no_text


def primary_code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's primary code, 0 where the error is not SQLite's own."""
    return (error.sqlite_errorcode if hasattr(error, "sqlite_errorcode") else 0) & 0xFF
