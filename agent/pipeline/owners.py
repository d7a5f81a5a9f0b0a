"""Whose a watched folder is: what the owner marks say, from reading to reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.bills.errors import NeedsAttention
from agent.bills.holds import folder_scope
from agent.bills.instant import Instant, utc_seconds
from agent.bills.outcomes import Failed, FolderRead, StepOutcome
from agent.bills.ownership import Ownership
from agent.bills.rows import Folder
from agent.bills.values import FolderId
from agent.pipeline.holding import TAKEN
from agent.pipeline.parts import Part
from agent.store.remembered import SERVED_SINCE, SHARED

SHARED_SECONDS = 30 * 86400.0
"""So long after another machine served a folder, its bills are looked for before they are sent."""
NOTED_EVERY_SECONDS = 3600.0


class Owners(Part):
    """Knows which folders another machine serves, and carries out ``take``.

    That another machine serves a folder is in the store as its hold; since when, beside it, for
    whoever has the folder next must look for what that machine may have sent.
    """

    def folders_of_others(self) -> set[FolderId]:
        """Return the watched folders that another machine serves."""
        return self._holds.stopped_folders(self._map.ids_by_path(), TAKEN)

    def is_of_another(self, path: str) -> bool:
        """Whether another machine served the folder when it was last read."""
        return self._holds.find(folder_scope(path), TAKEN) is not None

    def may_claim(self, path: str) -> bool:
        """Whether our mark may be put where there is none.

        Another's mark has to be missing in two readings: it may be on its way through a sync
        program.
        """
        if not self._map.plan.leaves_mark:
            return False
        return not self.is_of_another(path) or path in self._memory.unmarked

    def is_to_take(self, path: str) -> bool:
        """Whether our mark is to replace another's with the reading that begins now."""
        return self.is_wanted(path) and path in self._memory.taking

    def is_wanted(self, path: str) -> bool:
        """Whether a person told us to serve the folder, and it is not done yet."""
        return path in self._memory.take and self._memory.take[path] is None

    def prepare(self, folder: Folder, now: Instant) -> Folder:
        """Return the folder that a person wants served, to be read again at once to take it.

        That another machine served it, and what our mark will say, is written down before the
        mark is replaced, so that a kill in between loses nothing.
        """
        self._memory.taking.add(folder.path)
        return replace(folder, met_at=now.utc, due=now.utc)

    def ask_to_take(self, path: str) -> dict[str, Any] | None:
        """Return the answer to a person's ``take``, None while it is being carried out."""
        answer = self._memory.take.setdefault(path, None)
        if answer is not None:
            del self._memory.take[path]
        return answer

    def judge(self, folder: Folder, outcome: FolderRead, now: Instant) -> Ownership:
        """Return whose the folder is by this reading; note what has to outlive it."""
        path, mark = folder.path, outcome.reading.mark
        was_of_another = self.is_of_another(path)
        if was_of_another or outcome.reading.has_other_marks:
            self._note_shared(path, now)
        if mark is not None and mark.agent_id != self._map.plan.agent_id:
            self._memory.unmarked.discard(path)
            since = utc_seconds(mark.since)
            self._note_since(path, 0.0 if since is None else min(since, now.utc))
            return Ownership(is_of_another=True)
        is_unmarked = was_of_another and mark is None and self._map.plan.leaves_mark
        if is_unmarked and path not in self._memory.unmarked:
            self._memory.unmarked.add(path)
            return Ownership(is_of_another=True)
        self._memory.unmarked.discard(path)
        if self.is_wanted(path):
            self._memory.taking.discard(path)
            self._memory.take[path] = {"done": 1, "declined": []}
        if not was_of_another:
            return Ownership()
        since_text = self._store.meta(f"{SERVED_SINCE}{path}")
        self._store.set_meta(f"{SERVED_SINCE}{path}", None)
        return Ownership(taken_over=float(since_text or 0.0))

    def failed(self, folder: Folder, outcome: StepOutcome) -> bool:
        """Note that a folder could not be read; return whether it is to be taken all the same.

        A mark that says nothing is no reason not to: replacing it is what a person asked for.
        """
        path = folder.path
        error = outcome.error if isinstance(outcome, Failed) else None
        if not isinstance(error, NeedsAttention):
            return False
        if error.code in TAKEN and not self.is_of_another(path):
            self._note_since(path, folder.read_at or 0.0)
        if not self.is_wanted(path):
            return False
        if error.code in TAKEN and path not in self._memory.taking:
            return True
        self._memory.taking.discard(path)
        self._memory.take[path] = {"done": 0, "declined": [f"{error.message} {error.advice}"]}
        return False

    def is_shared(self, path: str, now: Instant) -> bool:
        """Whether another machine is known to have served the folder too, of late."""
        known = self._shared().get(path)
        return known is not None and now.utc - known < SHARED_SECONDS

    def _shared(self) -> dict[str, float]:
        if self._memory.shared is None:
            self._memory.shared = {
                name.removeprefix(SHARED): float(at)
                for name, at in self._store.meta_beginning(SHARED)
            }
        return self._memory.shared

    def _note_shared(self, path: str, now: Instant) -> None:
        known = self._shared().get(path)
        if known is None or abs(now.utc - known) > NOTED_EVERY_SECONDS:
            self._store.set_meta(f"{SHARED}{path}", str(now.utc))
            self._memory.shared = None

    def _note_since(self, path: str, since: float) -> None:
        name = f"{SERVED_SINCE}{path}"
        known = self._store.meta(name)
        if known is None or float(known) > since:
            self._store.set_meta(name, str(since))
