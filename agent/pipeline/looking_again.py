"""Looking everywhere at once: after a wake, a reconnect, or because a person asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agent.bills.change import Change
from agent.bills.instant import Instant
from agent.bills.rows import Folder
from agent.pipeline.parts import Part, Shared

Hint = Callable[[Folder, Instant, float], None]
"""Lets a folder be read after so many seconds."""


class LookingAgain(Part):
    """Lets whatever waits for its time be looked at now, within the turn's transaction."""

    def __init__(self, shared: Shared, hint: Hint) -> None:
        super().__init__(shared)
        self._hint = hint

    def everywhere(self, now: Instant) -> None:
        """Look at all that may have changed while this machine slept or was cut off."""
        self._store.hasten(now.utc)
        self._map.reload()
        # The mark is read again before anything is sent: another machine may have taken over.
        self._memory.read_folders.clear()
        self.at(self._map.folders.values(), now)

    def at(self, folders: Iterable[Folder], now: Instant) -> None:
        """Read these folders, and probe whatever holds something."""
        for folder in tuple(folders):
            if self._map.plan_of(folder.id) is not None:
                self._memory.steady.pop(folder.id, None)
                self._hint(folder, now, 0.0)
        self._holds.hasten(now.utc)
        for row in tuple(self._map.companies.values()):
            changed = replace(row, due=now.utc)
            self._recorder.record(Change(company=changed), now.utc)
            self._map.note(None, changed)
        self._store.hasten_recalls(now.utc)
        self._memory.no_recall_before = 0.0
        self._memory.recalls_failed = 0
