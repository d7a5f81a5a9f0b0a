"""Files as people see them: a list by filters, and all that is known about one."""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from agent.bills.cloud import IN_CLOUD
from agent.bills.names import result_path
from agent.bills.owing import KEPT, TO_GO
from agent.bills.rows import File, Folder, Submission
from agent.bills.stages import FileStage, ResultFate, State
from agent.bills.unreadable import NOT_READABLE
from agent.bills.values import Outcome, Problem
from agent.store import codec, file_codec, submission_codec
from agent.store.file_codec import FILE_COLUMNS
from agent.store.overview import path_range
from agent.store.stopping import Stops
from agent.store.submission_codec import SUBMISSION_COLUMNS
from agent.store.views import (
    BillDetail,
    BillEvent,
    BillFilter,
    BillView,
    FinishedBills,
    RevisionView,
)

_SHOWN_SINCE = (
    "CASE WHEN files.state = 'sent' THEN coalesce(submissions.begun_at, files.since) "
    "WHEN files.state IN ('done', 'rejected') AND files.present_at > 0 THEN files.present_at "
    "WHEN files.state = 'waiting' THEN max(files.since, coalesce(submissions.since, 0.0)) "
    "ELSE files.since END"
)
_COLUMNS = (
    "files.path, files.folder_id, files.state, files.code, files.stage, files.question, "
    "files.problem, files.asked_site, files.present, files.fate, "
    "submissions.outcome, submissions.problem, submissions.warnings, "
    f"{_SHOWN_SINCE} AS shown_since"
)
_FROM = "files LEFT JOIN submissions ON submissions.id = files.submission_id"
_STATES_WITH_RESULT = frozenset({State.DONE, State.REJECTED, State.GONE, State.ASKS})


class Listing:
    """Reads files within the transaction that ``connection`` is in."""

    def __init__(
        self, connection: sqlite3.Connection, folders: Iterable[Folder], stops: Stops
    ) -> None:
        self._connection = connection
        self._folders = {folder.id: folder.path for folder in folders}
        self._ids = {folder.path: folder.id for folder in folders}
        self._stops = stops

    def rows(self, wanted: BillFilter) -> Iterator[BillView]:
        """Yield the wanted files, the latest change of state first."""
        where, values = self._where(wanted)
        limit = -1 if wanted.limit is None else wanted.limit
        for row in self._connection.execute(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE {where} "
            "ORDER BY shown_since DESC, files.id DESC LIMIT ?",
            (*values, limit),
        ):
            yield self._view(row)

    def latest_results(self, limit: int) -> Iterator[BillView]:
        """Yield the files whose results were written last, by an index."""
        for row in self._connection.execute(
            f"SELECT {_COLUMNS} FROM files INDEXED BY files_finished "
            "LEFT JOIN submissions ON submissions.id = files.submission_id "
            "WHERE files.state IN ('done', 'rejected') AND files.present_at > 0 "
            "ORDER BY files.present_at DESC, files.id DESC LIMIT ?",
            (limit,),
        ):
            yield self._view(row)

    def finished_after(self, moment: float) -> FinishedBills:
        """Count the files that are done, with a result written after ``moment``."""
        count, first, latest = self._connection.execute(
            "SELECT count(*), min(present_at), max(present_at) FROM files "
            "INDEXED BY files_finished WHERE state IN ('done', 'rejected') AND present_at > 0 "
            "AND state = 'done' AND present_at > ?",
            (moment,),
        ).fetchone()
        return FinishedBills(count, first or 0.0, latest or 0.0)

    def _where(self, wanted: BillFilter) -> tuple[str, list[Any]]:
        where, values = ["1"], list[Any]()
        if wanted.below is not None:
            folder_id = self._ids.get(wanted.below)
            if folder_id is not None:
                where.append("files.folder_id = ?")
                values.append(folder_id)
            else:
                where.append("files.path >= ? AND files.path < ?")
                values += path_range(wanted.below)
        if wanted.state is not None:
            where.append("files.state = ?")
            values.append(wanted.state.value)
        if wanted.code is not None:
            where.append("(files.code = ? OR instr(submissions.warnings, ?) > 0)")
            values += [wanted.code, f'["{wanted.code}"']
        if wanted.is_dismissed is not None:
            where.append("files.dismissed = ?")
            values.append(int(wanted.is_dismissed))
        if wanted.search:
            sought = _searchable(wanted.search)
            self._connection.create_function(
                "is_sought",
                1,
                lambda path: sought in _searchable(os.fsdecode(path)),
                deterministic=True,
            )
            where.append("is_sought(files.path)")
        return " AND ".join(where), values

    def stored_path(self, path: str, fold: Callable[[str], str] = os.path.normcase) -> str | None:
        """Return how the store spells the file's path, None where the file is unknown.

        ``fold`` makes one of the spellings that this system takes for the same.
        """
        found = self._connection.execute(
            "SELECT path FROM files WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        if found is not None:
            return path
        if fold("A") == "A":
            return None  # no other spelling is this file's
        wanted = fold(path)
        for (stored,) in self._connection.execute("SELECT path FROM files"):
            name = os.fsdecode(stored)
            if fold(name) == wanted:
                return name
        return None

    def rows_of(self, path: str) -> tuple[File, Submission | None] | None:
        """Return the rows of one file."""
        row = self._connection.execute(
            f"SELECT {FILE_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        if row is None:
            return None
        file = file_codec.file_of(row)
        if file.submission_id is None:
            return file, None
        found = self._connection.execute(
            f"SELECT {SUBMISSION_COLUMNS} FROM submissions WHERE id = ?", (file.submission_id,)
        ).fetchone()
        return file, submission_codec.submission_of(found) if found is not None else None

    def detail(self, path: str) -> BillDetail | None:
        """Return all that is known about one file."""
        rows = self.rows_of(path)
        if rows is None:
            return None
        file, submission = rows
        shown = self._connection.execute(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE files.id = ?", (file.id,)
        ).fetchone()
        return BillDetail(
            view=self._view(shown),
            file=file,
            submission=submission,
            history=self._history(file),
            revisions=self._revisions(file),
        )

    def _history(self, file: File) -> tuple[BillEvent, ...]:
        rows = self._connection.execute(
            "SELECT id, at, what FROM history WHERE file_id = ? UNION "
            "SELECT id, at, what FROM history WHERE submission_id = ? ORDER BY 1",
            (file.id, file.submission_id),
        )
        return tuple(BillEvent(at, what) for _, at, what in rows)

    def _revisions(self, file: File) -> tuple[RevisionView, ...]:
        rows = self._connection.execute(
            "SELECT revision, at, outcome, problem, warnings FROM revisions "
            "WHERE submission_id = ? ORDER BY revision",
            (file.submission_id,),
        )
        views: list[RevisionView] = []
        for revision, at, outcome, problem_text, warnings in rows:
            problem = codec.problem_of(problem_text)
            views.append(
                RevisionView(
                    revision,
                    at,
                    codec.outcome_of(outcome),
                    problem.code if problem is not None else None,
                    codec.warnings_of(warnings),
                )
            )
        return tuple(views)

    def _view(self, row: tuple[Any, ...]) -> BillView:
        (path_bytes, folder_id, state_text, code, stage, question, problem) = row[:7]
        (asked, present, fate, outcome, sent_problem, warnings, since) = row[7:]
        path, folder, state = (
            os.fsdecode(path_bytes),
            self._folders.get(folder_id, ""),
            codec.state_of(state_text),
        )
        why: Problem | None = None
        ended: Outcome | None = None
        match state:
            case State.ASKS:
                why = codec.problem_of(question)
            case State.REJECTED:
                is_own = stage == FileStage.REJECTED.value
                why = codec.problem_of(problem if is_own else sent_problem)
                ended = Outcome.REJECTED if is_own else codec.outcome_of(outcome)
            case State.DONE:
                ended = codec.outcome_of(outcome)
                why = _site_differs(warnings)
            case State.WAITING if code in (None, IN_CLOUD):
                why = self._waits_for(folder, path, problem, code)
                code = why.code if why is not None and why.code != NOT_READABLE else None
            case _:
                pass
        has_result = (
            state in _STATES_WITH_RESULT
            and present not in ("", KEPT, TO_GO)
            and fate != ResultFate.REMOVED.value
        )
        return BillView(
            path=path,
            folder=folder,
            site=asked or self._stops.site_of(folder, path),
            state=state,
            since=since,
            outcome=ended,
            code=code,
            message=why.message if why is not None else None,
            advice=why.advice if why is not None else None,
            result=result_path(path) if has_result else None,
        )

    def _waits_for(
        self, folder: str, path: str, problem: str | None, code: str | None
    ) -> Problem | None:
        hold = self._stops.of_file(folder, path)
        if hold is not None:
            return Problem(hold.code, hold.message, hold.advice)
        why = codec.problem_of(problem)
        # What was wrong with earlier bytes is no reason.
        return why if why is not None and why.code in (code, NOT_READABLE) else None


def _site_differs(warnings: str | None) -> Problem | None:
    if warnings is None or warnings == "[]":
        return None
    found = next(
        (each for each in codec.warnings_of(warnings) if each.code == "site-differs"), None
    )
    return Problem(found.code, found.message, "") if found is not None else None


def _searchable(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
