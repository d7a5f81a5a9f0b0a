"""The store as its one writer sees it: rows in, rows out, one transaction a turn."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from agent.bills.answers import Answers
from agent.bills.cloud import IN_CLOUD
from agent.bills.corrections import SeenDocument
from agent.bills.errors import AgentError
from agent.bills.exact_json import json_text, parse_json
from agent.bills.holds import Hold, Scope
from agent.bills.rows import CompanyKey, CompanyRow, Event, File, Folder, Submission, World
from agent.bills.stages import State
from agent.bills.values import FileId, FolderId, Sha256, SubmissionId
from agent.store import codec
from agent.store.checking import COMMITS
from agent.store.codec import (
    COMPANY_COLUMNS,
    FILE_COLUMNS,
    FOLDER_COLUMNS,
    HOLD_COLUMNS,
    SUBMISSION_COLUMNS,
)
from agent.store.connecting import journal_path
from agent.store.naming import StoreDamagedError, naming_store_errors
from agent.store.opening import open_for_service
from agent.store.requests import Request, requests_waiting

_SAVE_FILE = (
    f"INSERT INTO files ({FILE_COLUMNS}) VALUES ({codec.marks(FILE_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(FILE_COLUMNS, 'id')}"
)
_SAVE_SUBMISSION = (
    f"INSERT INTO submissions ({SUBMISSION_COLUMNS}) "
    f"VALUES ({codec.marks(SUBMISSION_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(SUBMISSION_COLUMNS, 'id')}"
)
_SAVE_FOLDER = (
    f"INSERT INTO folders ({FOLDER_COLUMNS}) VALUES ({codec.marks(FOLDER_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(FOLDER_COLUMNS, 'id')}"
)
_SAVE_COMPANY = (
    f"INSERT OR REPLACE INTO companies ({COMPANY_COLUMNS}) VALUES ({codec.marks(COMPANY_COLUMNS)})"
)

_UNKNOWN_TO_OTHERS = (
    "(owed = '' OR stage = 'rejected' AND present <> '' OR stage = 'linked' "
    "AND present <> 'kept' AND present NOT LIKE substr(owed, 1, instr(owed, '.')) || '%')"
)
"""Results of ours for earlier bytes, which go, and first results of what was sent; no corrections
and no rejections, for whoever serves the folder makes them too."""

_MOMENTS = (
    ("files", "due"),
    ("files", "write_due"),
    ("submissions", "due"),
    ("folders", "due"),
    ("companies", "due"),
    ("companies", "documents_due"),
    ("companies", "corrections_due"),
    ("holds", "due"),
)
_NEXT_DUE = "SELECT min(moment) FROM ({})".format(
    " UNION ALL ".join(
        f"SELECT min({column}) AS moment FROM {table} WHERE {column} > :now"
        for table, column in _MOMENTS
    )
)
_log = logging.getLogger(__name__)
_COUNT_COMMIT = f"UPDATE meta SET value = value + 1 WHERE name = '{COMMITS}'"


def _place_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))


class Store:
    """One open store. Used by one thread only; ``sqlite3`` refuses any other."""

    def __init__(self, path: Path, *, is_suspect: bool = False, lost: str | None = None) -> None:
        self.path = path
        self._connection = open_for_service(path, is_suspect=is_suspect, lost=lost)
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

    # --- files ------------------------------------------------------------------------------

    def save_file(self, file: File, state: State, code: str | None) -> None:
        """Add or replace a file, with the state and code that people see."""
        self._connection.execute(_SAVE_FILE, codec.file_row(file, state, code))

    def file_as_shown(self, file_id: FileId) -> tuple[File, State, str | None] | None:
        """Return a file with the state and code that people see."""
        row = self._connection.execute(
            f"SELECT {FILE_COLUMNS} FROM files WHERE id = ?", (file_id,)
        ).fetchone()
        return None if row is None else (codec.file_of(row), *codec.shown_of(row))

    def shown(self, file_id: FileId) -> tuple[State, str | None] | None:
        """Return the state and code that people see of a file."""
        row = self._connection.execute(
            "SELECT state, code FROM files WHERE id = ?", (file_id,)
        ).fetchone()
        return None if row is None else (codec.state_of(row[0]), row[1])

    def file(self, file_id: FileId) -> File | None:
        """Return the file with this id."""
        return next(iter(self._files("id = ?", file_id)), None)

    def file_at(self, path: str) -> File | None:
        """Return the file at this path."""
        return next(iter(self._files("path = ?", os.fsencode(path))), None)

    def files_in(self, folder_id: FolderId) -> list[File]:
        """Return every file of a folder, gone ones too."""
        return self._files("folder_id = ?", folder_id)

    def file_ids_in(self, folder_id: FolderId) -> list[FileId]:
        """Return the ids of all files of a folder, gone ones too, in their order."""
        rows = self._connection.execute("SELECT id FROM files WHERE folder_id = ?", (folder_id,))
        return sorted(FileId(row[0]) for row in rows)

    def files_with_ids(self, ids: Collection[FileId]) -> list[File]:
        """Return the files with these ids, in the ids' order."""
        return self._files(f"id IN ({_marks(ids)}) ORDER BY id", *ids)

    def has_files(self, folder_id: FolderId) -> bool:
        """Whether a folder has files that are not gone."""
        row = self._connection.execute(
            "SELECT 1 FROM files WHERE folder_id = ? AND state <> 'gone' LIMIT 1", (folder_id,)
        ).fetchone()
        return row is not None

    def files_of(self, submission_id: SubmissionId) -> list[File]:
        """Return the files whose bytes the submission is, the oldest row first."""
        return self._files("submission_id = ? ORDER BY id", submission_id)

    def files_with(self, sha256: Sha256) -> list[File]:
        """Return the files that held these bytes when last examined."""
        return self._files("sha256 = ? ORDER BY id", sha256)

    def files_without_place(self, limit: int = 1000, after: int = 0) -> list[File]:
        """Return examined files by id, for their company and site."""
        return self._files("stage = 'examined' AND id > ? ORDER BY id LIMIT ?", after, limit)

    def files_examined_in(self, folder_id: FolderId) -> list[File]:
        """Return a folder's examined files, by id."""
        return self._files("folder_id = ? AND stage = 'examined' ORDER BY id", folder_id)

    def files_in_state(self, state: State) -> list[File]:
        """Return every file in a state."""
        return self._files("state = ?", state.value)

    def files_due(self, now: float, limit: int, but: Collection[FolderId]) -> list[File]:
        """Return files whose step is due, the longest waiting first, not in the folders ``but``.

        Files in the cloud have a queue of their own.
        """
        return self._files(
            f"due <= ? AND code IS NOT '{IN_CLOUD}' AND folder_id NOT IN ({_marks(but)}) "
            "ORDER BY due LIMIT ?",
            now,
            *but,
            limit,
        )

    def file_to_recall(self, now: float, but: Collection[FolderId]) -> File | None:
        """Return the file in the cloud to be fetched next, if any, not in the folders ``but``.

        Those that were not tried yet come first, of them the newest.
        """
        files = self._files(
            f"code = '{IN_CLOUD}' AND due <= ? AND folder_id NOT IN ({_marks(but)}) "
            "ORDER BY failures, modified_ns DESC LIMIT 1",
            now,
            *but,
        )
        return files[0] if files else None

    def hasten_recalls(self, now: float) -> None:
        """Let every file in the cloud be tried now."""
        self._connection.execute(
            f"UPDATE files SET due = ? WHERE code = '{IN_CLOUD}' AND due > ?", (now, now)
        )

    def files_to_write(
        self,
        now: float,
        limit: int,
        but: Collection[FolderId],
        of_others: Collection[FolderId] = (),
    ) -> list[File]:
        """Return files whose result is to be written or removed, not in the folders ``but``.

        In the folders ``of_others``, that another machine serves, only what that machine may not
        know: see `_UNKNOWN_TO_OTHERS`.
        """
        return self._files(
            f"write_due <= ? AND folder_id NOT IN ({_marks(but)}) "
            f"AND (folder_id NOT IN ({_marks(of_others)}) OR {_UNKNOWN_TO_OTHERS}) "
            "ORDER BY write_due LIMIT ?",
            now,
            *but,
            *of_others,
            limit,
        )

    def files_owed(self, folder_id: FolderId, limit: int) -> list[File]:
        """Return files of a folder to which a result is owed, the longest waiting first."""
        return self._files(
            "write_due IS NOT NULL AND owed <> '' AND folder_id = ? ORDER BY write_due LIMIT ?",
            folder_id,
            limit,
        )

    def restart_quiet_times(self, due: float) -> None:
        """Let every moving file be looked at from ``due`` on: quiet is counted anew."""
        self._connection.execute(
            "UPDATE files SET due = ? WHERE stage = 'found' AND due IS NOT NULL", (due,)
        )

    def next_file_id(self) -> int:
        """Return the id of the next new file."""
        return self._next_id("files")

    def _files(self, where: str, *values: Any) -> list[File]:
        rows = self._connection.execute(
            f"SELECT {FILE_COLUMNS} FROM files WHERE {where}",
            values,
        )
        return [codec.file_of(row) for row in rows]

    # --- submissions ------------------------------------------------------------------------

    def save_submission(self, row: Submission) -> None:
        """Add or replace a submission."""
        self._connection.execute(_SAVE_SUBMISSION, codec.submission_row(row))

    def submission(self, submission_id: SubmissionId) -> Submission | None:
        """Return the submission with this id."""
        return next(iter(self._submissions("id = ?", submission_id)), None)

    def submissions_with(self, sha256: Sha256, world: World) -> tuple[Submission, ...]:
        """Return every submission of these bytes in this world."""
        return tuple(self._submissions("sha256 = ? AND world = ?", sha256, world.key))

    def submissions_queued(
        self,
        world: World,
        now: float,
        limit: int,
        skip: int = 0,
        but_companies: Collection[str] = (),
        but_folders: Collection[FolderId] = (),
    ) -> list[Submission]:
        """Return what can be sent, the newest bills first.

        Not for the companies and not from the folders named; what only lies there would keep the
        rest from being reached.
        """
        return self._submissions(
            f"stage = 'queued' AND world = ? AND due <= ? "
            f"AND company_id NOT IN ({_marks(but_companies)}) "
            "AND EXISTS (SELECT 1 FROM files WHERE files.submission_id = submissions.id "
            "AND files.stage = 'linked' AND files.missing = 0 "
            f"AND files.folder_id NOT IN ({_marks(but_folders)})) "
            "ORDER BY newest DESC, id LIMIT ? OFFSET ?",
            world.key,
            now,
            *but_companies,
            *but_folders,
            limit,
            skip,
        )

    def submissions_due(self, world: World, now: float, limit: int) -> list[Submission]:
        """Return jobs to be asked for and documents to be fetched, the longest waiting first."""
        return self._submissions(
            "due <= ? AND stage NOT IN ('queued', 'begun', 'withdrawn') AND world = ? "
            "ORDER BY due LIMIT ?",
            now,
            world.key,
            limit,
        )

    def submissions_begun(self, world: World) -> list[Submission]:
        """Return uploads that were begun and are not known to have been taken."""
        return self._submissions("stage = 'begun' AND world = ? ORDER BY begun_at", world.key)

    def submissions_not_there(self, world: World) -> list[Submission]:
        """Return submissions whose job cannot be asked for now."""
        return self._submissions(
            "not_there_since IS NOT NULL AND stage = 'accepted' AND world = ?", world.key
        )

    def submissions_waiting(self, world: World) -> list[Submission]:
        """Return everything that is queued, due or not."""
        return self._submissions("stage = 'queued' AND world = ?", world.key)

    def known_jobs(self, jobs: Iterable[str], but: SubmissionId | None = None) -> frozenset[str]:
        """Return those of ``jobs`` that belong to a submission of ours other than ``but``."""
        known: set[str] = set()
        for job in jobs:
            row = self._connection.execute(
                "SELECT 1 FROM submissions WHERE job_id = ? AND id IS NOT ? LIMIT 1",
                (codec.storable(job), but),
            ).fetchone()
            if row:
                known.add(job)
        return frozenset(known)

    def open_jobs(self) -> int:
        """Return how many jobs are at Nectar."""
        return self._count(
            "submissions",
            "stage IN ('begun', 'accepted', 'finished') AND (due IS NOT NULL OR stage = 'begun')",
        )

    def next_submission_id(self) -> SubmissionId:
        """Return the id of the next new submission."""
        return SubmissionId(self._next_id("submissions"))

    def _submissions(self, where: str, *values: Any) -> list[Submission]:
        rows = self._connection.execute(
            f"SELECT {SUBMISSION_COLUMNS} FROM submissions WHERE {where}",
            values,
        )
        return [codec.submission_of(row) for row in rows]

    # --- answers ----------------------------------------------------------------------------

    def save_answers(self, row: Submission, answers: Answers | None) -> None:
        """Keep what Nectar gave: for good with a revision, else until the documents are there."""
        blob = codec.answers_blob(answers) if answers is not None else None
        if not row.stage.is_final:
            self._connection.execute(
                "UPDATE submissions SET working = ? WHERE id = ?", (blob, row.id)
            )
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO revisions "
            "(submission_id, revision, at, outcome, problem, warnings, answers) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                row.id,
                row.revision,
                row.revision_at,
                row.outcome.value if row.outcome else "",
                codec.problem_text(row.problem),
                codec.warnings_text(row.warnings),
                blob,
            ),
        )
        self._connection.execute("UPDATE submissions SET working = NULL WHERE id = ?", (row.id,))
        if answers is not None:
            self._save_documents(row.id, answers)

    def _save_documents(self, submission_id: SubmissionId, answers: Answers) -> None:
        """Keep which documents a result is made of, and which could not be had."""
        self._connection.execute(
            "UPDATE documents SET standing = 'beside' WHERE submission_id = ?", (submission_id,)
        )
        self._connection.executemany(
            "INSERT INTO documents (document_id, submission_id, standing) VALUES (?, ?, 'gone') "
            "ON CONFLICT DO UPDATE SET standing = excluded.standing",
            [(codec.storable(each), submission_id) for each in answers.job.parsed_document_ids],
        )
        fetched = [
            *((one, "there") for one in answers.documents),
            *((one, "beside") for one in answers.duplicates),
        ]
        self._connection.executemany(
            "INSERT OR REPLACE INTO documents "
            "(document_id, submission_id, updated, created, standing) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    codec.storable(one.id),
                    submission_id,
                    codec.updated_of(one),
                    codec.created_of(one),
                    standing,
                )
                for one, standing in fetched
            ],
        )

    def note_listed(
        self, document_id: str, submission_id: SubmissionId, updated: str | None
    ) -> None:
        """Keep when a document was last changed, as a list says it."""
        self._connection.execute(
            "INSERT INTO documents (document_id, submission_id, updated, standing) "
            "VALUES (?, ?, ?, 'gone') ON CONFLICT DO UPDATE SET updated = excluded.updated",
            (codec.storable(document_id), submission_id, updated),
        )

    def documents_there(self, world: World, company_id: str) -> list[tuple[str, SubmissionId]]:
        """Return the documents that results of a company are made of, with their submissions."""
        rows = self._connection.execute(
            "SELECT document_id, submission_id FROM documents "
            "JOIN submissions ON submissions.id = submission_id "
            "WHERE standing = 'there' AND created IS NOT NULL AND world = ? AND company_id = ? "
            "ORDER BY created DESC, document_id",
            (world.key, company_id),
        )
        return [(str(row[0]), SubmissionId(row[1])) for row in rows]

    def documents_of(self, submission_id: SubmissionId) -> frozenset[str]:
        """Return the documents that could be had when the result was made."""
        rows = self._connection.execute(
            "SELECT document_id FROM documents WHERE standing <> 'gone' AND submission_id = ? "
            "AND coalesce(updated, created) IS NOT NULL",
            (submission_id,),
        )
        return frozenset(str(row[0]) for row in rows)

    def oldest_document(self, world: World, company_id: str) -> float | None:
        """Return when, by Nectar's clock, the oldest was made that a result is, or was, made of."""
        row = self._connection.execute(
            "SELECT min(created) FROM documents JOIN submissions ON submissions.id = submission_id "
            "WHERE standing <> 'beside' AND world = ? AND company_id = ?",
            (world.key, company_id),
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def set_working_answers(self, submission_id: SubmissionId, answers: Answers) -> None:
        """Keep the answer of a job whose documents are to be fetched, again perhaps."""
        self._connection.execute(
            "UPDATE submissions SET working = ? WHERE id = ?",
            (codec.answers_blob(answers), submission_id),
        )

    def submissions_made_of(
        self, document_ids: Sequence[str], job_id: str | None
    ) -> list[tuple[Submission, SeenDocument | None]]:
        """Return ended submissions of these documents or this job.

        Beside each is how the first of the documents was seen last, None where it never was.
        """
        names = ", ".join(f"submissions.{name.strip()}" for name in SUBMISSION_COLUMNS.split(","))
        rows = self._connection.execute(
            f"SELECT {names}, documents.standing, documents.updated FROM submissions "
            "LEFT JOIN documents ON documents.submission_id = submissions.id "
            "AND documents.document_id = ? "
            "WHERE submissions.stage IN ('fetched', 'failed') "
            "AND (submissions.id IN (SELECT submission_id FROM documents "
            f"WHERE document_id IN ({_marks(document_ids)})) OR submissions.job_id = ?)",
            (document_ids[0], *document_ids, job_id),
        )
        return [
            (
                codec.submission_of(row[:-2]),
                SeenDocument(row[-1], is_gone=row[-2] == "gone") if row[-2] is not None else None,
            )
            for row in rows
        ]

    def working_answers(self, submission_id: SubmissionId) -> Answers | None:
        """Return the finished job's answer whose documents are to be fetched."""
        row = self._connection.execute(
            "SELECT working FROM submissions WHERE id = ?", (submission_id,)
        ).fetchone()
        return codec.answers_of(row[0]) if row and row[0] is not None else None

    def answers_blob(self, submission_id: SubmissionId, revision: int) -> bytes | None:
        """Return what Nectar gave for one revision, for `codec.answers_of`; None for nothing."""
        row = self._connection.execute(
            "SELECT answers FROM revisions WHERE submission_id = ? AND revision = ?",
            (submission_id, revision),
        ).fetchone()
        return row[0] if row else None

    def has_revision(self, submission_id: SubmissionId, revision: int) -> bool:
        """Whether a revision is kept."""
        row = self._connection.execute(
            "SELECT 1 FROM revisions WHERE submission_id = ? AND revision = ?",
            (submission_id, revision),
        ).fetchone()
        return row is not None

    def sought_since(self) -> float | None:
        """Return since when a lost store may have sent what waits for a person's answer now."""
        row = self._connection.execute(
            "SELECT min(sought_since) FROM files "
            "WHERE sought_since IS NOT NULL AND question IS NOT NULL"
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def forget_files(self, files: Iterable[FileId]) -> None:
        """Forget files of a folder that is no longer watched, with their history."""
        for file_id in files:
            self._connection.execute("DELETE FROM history WHERE file_id = ?", (file_id,))
            self._connection.execute("DELETE FROM files WHERE id = ?", (file_id,))

    # --- folders and companies --------------------------------------------------------------

    def save_folder(self, folder: Folder) -> None:
        """Add or replace a folder."""
        self._connection.execute(_SAVE_FOLDER, codec.folder_row(folder))

    def folders(self) -> list[Folder]:
        """Return every folder that was ever watched."""
        rows = self._connection.execute(f"SELECT {FOLDER_COLUMNS} FROM folders ORDER BY id")
        return [codec.folder_of(row) for row in rows]

    def next_folder_id(self) -> FolderId:
        """Return the id of the next new folder."""
        return FolderId(self._next_id("folders"))

    def save_company(self, row: CompanyRow) -> None:
        """Add or replace a company; the durations of its jobs stay."""
        found = self._connection.execute(
            "SELECT job_seconds FROM companies WHERE name = ? AND world = ?",
            (row.key, row.world.key),
        ).fetchone()
        self._connection.execute(_SAVE_COMPANY, codec.company_row(row, found[0] if found else "[]"))

    def companies(self, world: World) -> list[CompanyRow]:
        """Return the companies of a world."""
        rows = self._connection.execute(
            f"SELECT {COMPANY_COLUMNS} FROM companies WHERE world = ?",
            (world.key,),
        )
        return [codec.company_of(row) for row in rows]

    def note_job_seconds(self, key: CompanyKey, world: World, seconds: float) -> float | None:
        """Keep how long a job took; return the slowest of the last 20 of its company."""
        row = self._connection.execute(
            "SELECT job_seconds FROM companies WHERE name = ? AND world = ?", (key, world.key)
        ).fetchone()
        if row is None:
            return None
        kept = [*parse_json(row[0]), round(seconds, 1)][-codec.LAST_JOBS :]
        self._connection.execute(
            "UPDATE companies SET job_seconds = ? WHERE name = ? AND world = ?",
            (json_text(kept), key, world.key),
        )
        return float(max(kept))

    # --- holds, history, requests, settings of the service ------------------------------------

    def holds(self) -> list[Hold]:
        """Return every hold in force."""
        return [
            codec.hold_of(row)
            for row in self._connection.execute(f"SELECT {HOLD_COLUMNS} FROM holds")
        ]

    def save_hold(self, hold: Hold) -> None:
        """Add or replace a hold."""
        self._connection.execute(
            "INSERT OR REPLACE INTO holds (code, kind, name, since, message, advice, due, tries) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                hold.code,
                hold.scope.kind.value,
                codec.storable(hold.scope.key),
                hold.since,
                codec.storable(hold.message),
                codec.storable(hold.advice),
                hold.due,
                hold.tries,
            ),
        )

    def remove_hold(self, scope: Scope, code: str) -> None:
        """End a hold; nothing happens where there is none."""
        self._connection.execute(
            "DELETE FROM holds WHERE kind = ? AND name = ? AND code = ?",
            (scope.kind.value, codec.storable(scope.key), code),
        )

    def add_events(self, events: Iterable[Event]) -> None:
        """Add lines of history."""
        self._connection.executemany(
            "INSERT INTO history (at, what, file_id, submission_id) VALUES (?, ?, ?, ?)",
            [
                (event.at, codec.storable(event.what), event.file_id, event.submission_id)
                for event in events
            ],
        )

    def requests(self) -> list[Request]:
        """Return the requests that wait for an answer, in their order."""
        return requests_waiting(self._connection)

    def answer_request(self, request_id: int, answer: Any, now: float) -> None:
        """Answer a request."""
        self._connection.execute(
            "UPDATE requests SET answered = ?, answer = ? WHERE id = ?",
            (now, json_text(answer, is_ascii=True), request_id),
        )

    def meta(self, name: str) -> str | None:
        """Return a remembered value."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def meta_beginning(self, prefix: str) -> list[tuple[str, str]]:
        """Return remembered values whose names begin with ``prefix``."""
        rows = self._connection.execute("SELECT name, value FROM meta")
        return [(name, value) for name, value in rows if name.startswith(prefix)]

    def set_meta(self, name: str, value: str | None) -> None:
        """Remember a value, or forget it with None."""
        if value is None:
            self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value)
        )

    # --- what still moves -------------------------------------------------------------------

    def count_moving_files(self, folders: Collection[FolderId]) -> int:
        """Return how many files are being settled, examined or adopted."""
        return self._count(
            "files",
            f"due IS NOT NULL AND stage IN ('found', 'settled', 'examined') "
            f"AND code IS NOT '{IN_CLOUD}' AND folder_id IN ({_marks(folders)})",
            *folders,
        )

    def count_untried_recalls(self, folders: Collection[FolderId]) -> int:
        """Return how many files in the cloud were never fetched in vain."""
        return self._count(
            "files",
            f"code = '{IN_CLOUD}' AND failures = 0 AND due IS NOT NULL "
            f"AND folder_id IN ({_marks(folders)})",
            *folders,
        )

    def count_asking(self, folder_id: FolderId, code: str) -> int:
        """Return how many files of a folder ask a person this."""
        where = "folder_id = ? AND state = 'asks' AND code = ?"
        return self._count("files", where, folder_id, code)

    def count_vanishing_files(self, folders: Collection[FolderId]) -> int:
        """Return how many files were missed once and are looked for once more."""
        return self._count(
            "files",
            f"missing > 0 AND stage <> 'gone' AND folder_id IN ({_marks(folders)})",
            *folders,
        )

    def count_writes(self, folders: Collection[FolderId]) -> int:
        """Return how many results are to be written or removed."""
        return self._count(
            "files", f"write_due IS NOT NULL AND folder_id IN ({_marks(folders)})", *folders
        )

    def count_at_nectar(self, world: World) -> int:
        """Return how many submissions are looked for, polled or fetched."""
        return self._count(
            "submissions",
            "(stage = 'begun' OR due IS NOT NULL) "
            "AND stage NOT IN ('queued', 'withdrawn', 'fetched', 'failed') AND world = ?",
            world.key,
        )

    def count_sendable(
        self, world: World, folders: Collection[FolderId], but: Collection[str]
    ) -> int:
        """Return how many queued submissions of companies not in ``but`` lie in ``folders``."""
        return self._count(
            "submissions",
            f"stage = 'queued' AND world = ? AND company_id NOT IN ({_marks(but)}) "
            "AND EXISTS (SELECT 1 FROM files WHERE files.submission_id = submissions.id "
            f"AND files.stage = 'linked' AND folder_id IN ({_marks(folders)}))",
            world.key,
            *but,
            *folders,
        )

    def _count(self, table: str, where: str, *values: Any) -> int:
        row = self._connection.execute(
            f"SELECT count(*) FROM {table} WHERE {where}", values
        ).fetchone()
        return int(row[0])

    # --- time -------------------------------------------------------------------------------

    def next_due(self, now: float) -> float | None:
        """Return the earliest moment after ``now`` at which some row is due."""
        row = self._connection.execute(_NEXT_DUE, {"now": now}).fetchone()
        return None if row[0] is None else float(row[0])

    def pull_back(self, now: float, longest: float) -> None:
        """Let what is due further ahead than the longest wait be due now (a clock set back)."""
        for table, column in _MOMENTS:
            self._connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE {column} > ?",
                (now, now + longest),
            )

    def hasten(self, now: float) -> None:
        """Let every row that waits after a failure be due now (the connection is back)."""
        for table in ("submissions", "companies"):
            self._connection.execute(
                f"UPDATE {table} SET due = ? WHERE failures > 0 AND due > ?",
                (now, now),
            )

    def _next_id(self, table: str) -> int:
        row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()
        return int(row[0] or 0) + 1
