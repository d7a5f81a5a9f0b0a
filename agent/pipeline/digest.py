"""A reading on its way into the store, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from agent.bills.arrivals import oldest_first
from agent.bills.first_look import FirstLook, Waiting
from agent.bills.outcomes import FolderRead
from agent.bills.ownership import OURS, Ownership
from agent.bills.rows import File
from agent.bills.values import FileId, Seen
from agent.pipeline.work import Step

Item = TypeVar("Item")

PART = 500
"""So many files are compared and written down in one turn: well under a tenth of a second."""


@dataclass(slots=True)
class Digest:
    """What is left of one reading. Worth something only as long as every turn is kept.

    ``rows`` are the folder's rows that are still to be compared. ``looks_like`` stands for all
    that was seen. ``decides`` is whether some files may be met first: then all are counted before
    the first is written down. ``arrives`` is whether new files were seen, ``touches`` whether the
    reading changed anything. ``misses`` is whether a file has to be looked for once more: it was
    not seen, or it was seen otherwise than a step about it saw it meanwhile.
    """

    step: Step
    read: FolderRead
    looks_like: int
    decides: bool
    rows: list[FileId]
    ownership: Ownership = OURS
    sought_since: float | None = None
    waiting: Waiting = field(default_factory=Waiting)
    look: FirstLook | None = None
    arrives: bool = False
    touches: bool = False
    misses: bool = False
    in_cloud: frozenset[str] = field(init=False)
    _uncounted: list[FileId] = field(init=False)
    _unmet: dict[str, Seen] = field(init=False)
    _without_row: dict[str, Seen] = field(init=False)
    _new: list[Seen] | None = None

    def __post_init__(self) -> None:
        self.in_cloud = frozenset(self.read.reading.placeholders)
        self._unmet = {one.path: one for one in self.read.reading.seen}
        self._uncounted = self.rows.copy() if self.decides else []
        self._without_row = self._unmet.copy() if self.decides else {}

    @property
    def is_counted(self) -> bool:
        """Whether every file was counted."""
        return not self._uncounted and not self._without_row

    @property
    def is_done(self) -> bool:
        """Whether nothing is left but the folder itself."""
        return not self.rows and not (self._unmet if self._new is None else self._new)

    def rows_to_count(self) -> list[FileId]:
        """Return a part of the rows, which are then counted."""
        return _taken(self._uncounted, PART)

    def seen_to_count(self, files: Iterable[File]) -> tuple[Seen, ...]:
        """Return what was seen of these files; with the last rows, also what has no row."""
        pop = self._without_row.pop
        seen = [one for file in files if (one := pop(file.path, None)) is not None]
        if not self._uncounted:
            seen += self._without_row.values()
            self._without_row = {}
        return tuple(seen)

    def note(self, counted: Waiting) -> None:
        """Add what was counted in a part."""
        was = self.waiting
        self.waiting = Waiting(
            was.new + counted.new,
            was.asking + counted.asking,
            was.elsewhere + counted.elsewhere,
        )

    def rows_to_meet(self) -> list[FileId]:
        """Return a part of the rows, which are then compared."""
        return _taken(self.rows, PART)

    def seen_to_meet(self, files: list[File]) -> tuple[Seen, ...]:
        """Return what was seen of these files; after the last rows, also part of what has none."""
        pop = self._unmet.pop
        seen = [one for file in files if (one := pop(file.path, None)) is not None]
        if not self.rows:
            if self._new is None:
                self._new = sorted(self._unmet.values(), key=oldest_first)
            seen += _taken(self._new, PART - len(files))
        return tuple(seen)


def _taken(items: list[Item], count: int) -> list[Item]:
    taken = items[:count]
    del items[:count]
    return taken
