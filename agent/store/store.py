"""The store as its one writer sees it: rows in, rows out, one transaction a turn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from agent.bills.errors import AgentError
from agent.store.answer_rows import AnswerRows
from agent.store.checking import COMMITS
from agent.store.connecting import journal_path
from agent.store.file_rows import FileRows
from agent.store.moving_rows import MovingRows
from agent.store.naming import StoreDamagedError, naming_store_errors
from agent.store.note_rows import NoteRows
from agent.store.opening import open_for_service
from agent.store.place_rows import PlaceRows
from agent.store.submission_rows import SubmissionRows

_log = logging.getLogger(__name__)
_COUNT_COMMIT = f"UPDATE meta SET value = value + 1 WHERE name = '{COMMITS}'"


def _place_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Store(FileRows, SubmissionRows, AnswerRows, PlaceRows, NoteRows, MovingRows):
    """One open store. Used by one thread only; ``sqlite3`` refuses any other.

    Here stand opening and transactions; the rows stand in the modules of its bases, by subject.
    """

    def __init__(self, path: Path, *, is_suspect: bool = False, lost: str | None = None) -> None:
        self.path = path
        super().__init__(open_for_service(path, is_suspect=is_suspect, lost=lost))
        self._place = _place_of(path)

    def close(self) -> None:
        """Close the store; the write-ahead log is folded into the file."""
        self._connection.close()

    def naming_errors(self) -> AbstractContextManager[None]:
        """Name what goes wrong inside: damage, a full disk, or trouble that passes."""
        return naming_store_errors(self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run what is inside as one transaction: all of it is kept, or nothing."""
        connection = self._connection
        with naming_store_errors(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                before = connection.total_changes
                yield
                if connection.total_changes != before:
                    # So that an older write-ahead log is told from the store's own.
                    connection.execute(_COUNT_COMMIT)
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some errors, a full disk among them.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def check_in_place(self) -> None:
        """Raise StoreDamagedError where the file was deleted or replaced while it is open.

        Another agent may have begun another store there: what this one does nobody knows then.
        """
        if _place_of(self.path) != self._place:
            raise StoreDamagedError(self.path, "it was taken away while the agent used it")

    def fold_journal(self) -> None:
        """Fold the write-ahead log into the file, as far as nobody reads the store just now.

        What is done outside relies on it: a log that somebody deletes, or that a disk spoils, then
        takes no upload with it that was begun. Raises StoreDamagedError; other trouble is left to
        the next commit, for what was committed is safe in the log.
        """
        self.check_in_place()
        self._checkpoint("PASSIVE")

    def make_room(self) -> int:
        """Give back what the write-ahead log takes of a full disk; say how many bytes that was."""
        before = self._journal_bytes()
        self._checkpoint("TRUNCATE")
        return max(0, before - self._journal_bytes())

    def _journal_bytes(self) -> int:
        with suppress(OSError):
            return journal_path(self.path).stat().st_size
        return 0

    def _checkpoint(self, how: str) -> None:
        try:
            with naming_store_errors(self.path):
                self._connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        except StoreDamagedError:
            raise
        except AgentError as error:
            _log.warning("the write-ahead log stays: %s", error)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run what is inside a transaction as a part of it that is kept or undone by itself."""
        with naming_store_errors(self.path):
            self._connection.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO part")
                    self._connection.execute("RELEASE part")
                raise
            self._connection.execute("RELEASE part")

    def data_version(self) -> int:
        """Return a number that changes when another connection wrote something."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
