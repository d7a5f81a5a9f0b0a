"""Whether a folder in which nothing could be written takes results again.

While it does not, nothing is sent from it; where its disk is full, nothing at all. The probe is
one of the results that wait to be written, under the hold: it ends when that one is written, or
when nothing is to be written there any more and a reading finds no fault.
"""

from __future__ import annotations

from agent.bills.errors import AgentError
from agent.bills.holds import ACCOUNT, DISK_FULL, NOT_WRITABLE, Hold, folder_scope
from agent.bills.instant import Instant
from agent.bills.rows import Folder
from agent.bills.values import FolderId
from agent.pipeline.holding import READING_STOPPED, HoldBook
from agent.pipeline.mapping import Map
from agent.pipeline.memory import Memory
from agent.pipeline.recording import Recorder
from agent.pipeline.work import Kind
from agent.store.store import Store


class WriteProbes:
    """Lets one result at a time try a folder that takes none."""

    def __init__(
        self, store: Store, where: Map, holds: HoldBook, recorder: Recorder, memory: Memory
    ) -> None:
        self._store = store
        self._map = where
        self._holds = holds
        self._recorder = recorder
        self._memory = memory

    def judge(self, folder: Folder, now: Instant, *, writable: bool) -> None:
        """Take what a reading found, whatever else it told."""
        was_unwritable = folder.id in self._memory.unwritable
        self._memory.unwritable.discard(folder.id)
        if not writable:
            self._memory.unwritable.add(folder.id)
            return
        holds = self._of(folder)
        if holds and not self._store.count_writes([folder.id]):
            self.end(folder, now)
        elif was_unwritable:
            for hold in holds:
                self._holds.hasten_one(hold, now.utc)

    def failed(self, folder: Folder, error: AgentError) -> None:
        """Take that a result could not be written."""
        if error.code == DISK_FULL:
            self._without_space().add(folder.id)

    def end(self, folder: Folder, now: Instant) -> None:
        """End what was disproved: a result was written, or there is nothing to try it with."""
        scope = folder_scope(folder.path)
        self._recorder.notices += self._holds.end(scope, NOT_WRITABLE, now.utc)
        self._without_space().discard(folder.id)

    def unwritable(self, now: Instant) -> set[FolderId]:
        """Return the folders in which no result can be written, but for a probe.

        Ends `disk-full` where no folder is left that it is about: the last one took a result, or
        is away. One that comes back is tried again.
        """
        ids = self._map.ids_by_path()
        without_space = self._without_space()
        without_space &= set(ids.values()) - self._holds.stopped_folders(ids, READING_STOPPED)
        if not without_space:
            self._recorder.notices += self._holds.end(ACCOUNT, DISK_FULL, now.utc)
        return without_space | self._holds.stopped_folders(ids, frozenset({NOT_WRITABLE}))

    def due(self, now: Instant) -> set[FolderId]:
        """Return the folders in which one result may be tried now."""
        trying = {step.folder for step in self._memory.out.values() if step.kind is Kind.WRITE}
        return {
            folder.id
            for folder in self._map.folders.values()
            if folder.path not in trying
            and (holds := self._of(folder))
            and all((hold.due or 0.0) <= now.utc for hold in holds)
        }

    def tried(self, folder: Folder, now: Instant) -> None:
        """Note that a result is being tried: the next one waits longer."""
        for hold in self._of(folder):
            self._holds.probed(hold, now.utc)

    def _of(self, folder: Folder) -> list[Hold]:
        found = [self._holds.find(folder_scope(folder.path), (NOT_WRITABLE,))]
        if folder.id in self._without_space():
            found.append(self._holds.find(ACCOUNT, (DISK_FULL,)))
        return [hold for hold in found if hold is not None]

    def _without_space(self) -> set[FolderId]:
        """Return the folders whose disk was full; after a start, all in which a result waits."""
        if self._memory.without_space is None:
            is_full = self._holds.find(ACCOUNT, (DISK_FULL,)) is not None
            self._memory.without_space = {
                each for each in self._map.folders if is_full and self._store.count_writes([each])
            }
        return self._memory.without_space
