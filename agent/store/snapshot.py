"""Everything a person may know, read at one instant: one read transaction, nothing is written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from agent.bills.answers import Answers, CompanySites
from agent.bills.holds import Hold
from agent.bills.plan import FolderPlan
from agent.bills.rows import File, Folder, Submission
from agent.bills.stages import State
from agent.bills.values import SubmissionId
from agent.store import answers_codec, codec, place_codec
from agent.store.listing import Listing
from agent.store.naming import naming_store_errors
from agent.store.overview import overview
from agent.store.place_codec import COMPANY_COLUMNS, FOLDER_COLUMNS, HOLD_COLUMNS
from agent.store.remembered import UNHEARD
from agent.store.stopping import Stops
from agent.store.views import (
    BillDetail,
    BillFilter,
    BillView,
    FinishedBills,
    FolderState,
    FolderView,
    HoldView,
    Overview,
)


@contextmanager
def snapshot(
    connection: sqlite3.Connection,
    folders: tuple[FolderPlan, ...] = (),
    site_names: Mapping[str, str] | None = None,
) -> Iterator[Snapshot]:
    """Read the store of `open_for_people` as it is now, whatever the service writes meanwhile.

    ``folders`` and ``site_names`` are the settings in force, () where they cannot be read: then
    no file's site is known before it is queued, nor the hold of a company or site. Raises the
    named errors of a store that cannot be read.
    """
    with naming_store_errors(_path_of(connection)):
        connection.execute("BEGIN")
        try:
            yield Snapshot(connection, folders, site_names or {})
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def nothing_yet(plans: tuple[FolderPlan, ...], holds: tuple[HoldView, ...] = ()) -> Overview:
    """Return how an agent is that has no store yet, or none that can be read."""
    nothing = dict.fromkeys(State, 0)
    codes = tuple(each.hold.code for each in holds)
    folders = tuple(
        FolderView(
            plan.path, plan.site, plan.company or None, FolderState.NEW, nothing, codes, (), 0
        )
        for plan in plans
    )
    return Overview(None, None, None, None, nothing, folders, holds, (), is_moving=False)


class Snapshot:
    """The store at one instant; made by `snapshot`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        plans: tuple[FolderPlan, ...],
        site_names: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self.folders: tuple[Folder, ...] = tuple(
            place_codec.folder_of(row)
            for row in connection.execute(f"SELECT {FOLDER_COLUMNS} FROM folders ORDER BY id")
        )
        self._plans = plans
        self._stops = Stops(_holds(connection), plans, site_names)
        self._listing = Listing(connection, self.folders, self._stops)

    def overview(self, now: float) -> Overview:
        """Return the whole agent. ``now`` tells which holds need a person by now."""
        holds = _holds(self._connection)
        return overview(self._connection, self._plans, self.folders, holds, self._stops, now)

    def bills(self, wanted: BillFilter) -> Iterator[BillView]:
        """Yield the wanted files, the latest change of state first."""
        return self._listing.rows(wanted)

    def latest_results(self, limit: int) -> Iterator[BillView]:
        """Yield the files whose results were written last."""
        return self._listing.latest_results(limit)

    def finished_after(self, moment: float) -> FinishedBills:
        """Count the files that are done, with a result written after ``moment``."""
        return self._listing.finished_after(moment)

    def stored_path(self, path: str, fold: Callable[[str], str] = os.path.normcase) -> str | None:
        """Return how the store spells the file's path, None where the file is unknown.

        ``fold`` makes one of the spellings that this system takes for the same.
        """
        return self._listing.stored_path(path, fold)

    def bill(self, path: str) -> BillDetail | None:
        """Return all that is known about the file at ``path``, spelled as stored."""
        return self._listing.detail(path)

    def rows_of(self, path: str) -> tuple[File, Submission | None] | None:
        """Return the rows of the file at ``path``, for the rules that say what may be asked."""
        return self._listing.rows_of(path)

    def unheard_since(self) -> dict[str, float]:
        """Return since when files arrive without events in each folder where they do."""
        rows = self._connection.execute("SELECT name, value FROM meta")
        return {
            name.removeprefix(UNHEARD): codec.number_of(since)
            for name, since in rows
            if name.startswith(UNHEARD)
        }

    def companies(self) -> list[CompanySites]:
        """Return the companies as last read, with their sites."""
        rows = self._connection.execute(f"SELECT {COMPANY_COLUMNS} FROM companies").fetchall()
        return [row.found for row in map(place_codec.company_of, rows) if row.found is not None]

    def paths(self) -> Iterator[str]:
        """Yield the path of every file that is known."""
        for (path,) in self._connection.execute("SELECT path FROM files"):
            yield os.fsdecode(path)

    def answers(self, submission_id: SubmissionId, revision: int) -> Answers | None:
        """Return what Nectar gave for a revision, None for nothing."""
        row = self._connection.execute(
            "SELECT answers FROM revisions WHERE submission_id = ? AND revision = ?",
            (submission_id, revision),
        ).fetchone()
        return answers_codec.answers_of(row[0]) if row and row[0] is not None else None


def _holds(connection: sqlite3.Connection) -> list[Hold]:
    rows = connection.execute(f"SELECT {HOLD_COLUMNS} FROM holds ORDER BY since")
    return [place_codec.hold_of(row) for row in rows]
