"""Submissions: what Nectar was given, or is to be given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from agent.bills.rows import Submission, World
from agent.bills.values import FolderId, Sha256, SubmissionId
from agent.store import codec, submission_codec
from agent.store.rows import Rows, marks_for, outside
from agent.store.submission_codec import SUBMISSION_COLUMNS

_SAVE_SUBMISSION = (
    f"INSERT INTO submissions ({SUBMISSION_COLUMNS}) "
    f"VALUES ({codec.marks(SUBMISSION_COLUMNS)}) "
    f"ON CONFLICT (id) DO UPDATE SET {codec.update_of(SUBMISSION_COLUMNS, 'id')}"
)


class SubmissionRows(Rows):
    """The table of submissions."""

    def save_submission(self, row: Submission) -> None:
        """Add or replace a submission."""
        self._connection.execute(_SAVE_SUBMISSION, submission_codec.submission_row(row))

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
        but_directories: Collection[str] = (),
    ) -> list[Submission]:
        """Return what can be sent, the newest bills first.

        Not for the companies, and not from the folders and directories named; what only lies there
        would keep the rest from being reached.
        """
        is_outside, directories = outside(but_directories)
        return self._submissions(
            f"stage = 'queued' AND world = ? AND due <= ? "
            f"AND company_id NOT IN ({marks_for(but_companies)}) "
            "AND EXISTS (SELECT 1 FROM files WHERE files.submission_id = submissions.id "
            "AND files.stage = 'linked' AND files.missing = 0 "
            f"AND files.folder_id NOT IN ({marks_for(but_folders)}) AND {is_outside}) "
            "ORDER BY newest DESC, id LIMIT ? OFFSET ?",
            world.key,
            now,
            *but_companies,
            *but_folders,
            *directories,
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
        return [submission_codec.submission_of(row) for row in rows]
