"""What still moves, over all tables, and when the next of it is due."""

from __future__ import annotations

from collections.abc import Collection

from agent.bills.cloud import IN_CLOUD
from agent.bills.rows import World
from agent.bills.values import FolderId
from agent.store.file_codec import IS_LEFT_UNREADABLE
from agent.store.rows import Rows, marks_for, outside

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


class MovingRows(Rows):
    """Counts and moments over all tables."""

    def count_moving_files(self, folders: Collection[FolderId]) -> int:
        """Return how many files are being settled, examined or adopted.

        One that may not be read, at several looks, does not count: a person has to let us.
        """
        return self._count(
            "files",
            f"due IS NOT NULL AND stage IN ('found', 'settled', 'examined') "
            f"AND code IS NOT '{IN_CLOUD}' AND folder_id IN ({marks_for(folders)}) "
            f"AND NOT ({IS_LEFT_UNREADABLE})",
            *folders,
        )

    def count_untried_recalls(
        self, folders: Collection[FolderId], but_directories: Collection[str]
    ) -> int:
        """Return how many files in the cloud were never fetched in vain."""
        is_outside, directories = outside(but_directories)
        return self._count(
            "files",
            f"code = '{IN_CLOUD}' AND failures = 0 AND due IS NOT NULL "
            f"AND folder_id IN ({marks_for(folders)}) AND {is_outside}",
            *folders,
            *directories,
        )

    def count_asking(self, folder_id: FolderId, code: str) -> int:
        """Return how many files of a folder ask a person this."""
        where = "folder_id = ? AND state = 'asks' AND code = ?"
        return self._count("files", where, folder_id, code)

    def count_vanishing_files(self, folders: Collection[FolderId]) -> int:
        """Return how many files were missed once and are looked for once more."""
        return self._count(
            "files",
            f"missing > 0 AND stage <> 'gone' AND folder_id IN ({marks_for(folders)})",
            *folders,
        )

    def count_writes(
        self, folders: Collection[FolderId], but_directories: Collection[str] = ()
    ) -> int:
        """Return how many results are to be written or removed, not in the directories named."""
        is_outside, directories = outside(but_directories)
        return self._count(
            "files",
            f"write_due IS NOT NULL AND folder_id IN ({marks_for(folders)}) AND {is_outside}",
            *folders,
            *directories,
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
        self,
        world: World,
        folders: Collection[FolderId],
        but: Collection[str],
        but_directories: Collection[str] = (),
    ) -> int:
        """Return how many queued submissions of companies not in ``but`` lie in ``folders``.

        Those whose bytes lie only in ``but_directories`` do not count.
        """
        is_outside, directories = outside(but_directories)
        return self._count(
            "submissions",
            f"stage = 'queued' AND world = ? AND company_id NOT IN ({marks_for(but)}) "
            "AND EXISTS (SELECT 1 FROM files WHERE files.submission_id = submissions.id "
            f"AND files.stage = 'linked' AND folder_id IN ({marks_for(folders)}) "
            f"AND {is_outside})",
            world.key,
            *but,
            *folders,
            *directories,
        )

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
