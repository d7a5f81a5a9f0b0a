"""Whether a folder in which nothing could be written takes results again.

While it does not, nothing is sent from it; where its disk is full, nothing at all. The probe is
one of the results that wait to be written, under the hold: it ends when that one is written, or
when nothing is to be written there any more and a reading finds no fault.

A directory below the root may be closed while all others take results. Readings tell which are;
the hold begins before a bill of such a directory would be sent. Results elsewhere are written as
ever, and end nothing.
"""

from __future__ import annotations

import os

from agent.bills.errors import AgentError
from agent.bills.folder_health import not_writable
from agent.bills.holds import ACCOUNT, DISK_FULL, NOT_WRITABLE, Hold, folder_scope, new_hold
from agent.bills.instant import Instant
from agent.bills.rows import File, Folder
from agent.bills.values import FolderId, Reading
from agent.pipeline.holding import READING_STOPPED
from agent.pipeline.parts import Part
from agent.pipeline.work import Kind


class WriteProbes(Part):
    """Lets one result at a time try a folder that takes none."""

    def judge(self, folder: Folder, reading: Reading, now: Instant) -> None:
        """Take what a reading found, whatever else it told."""
        memory = self._memory
        was_unwritable = folder.id in memory.unwritable or bool(memory.closed.get(folder.id))
        memory.closed[folder.id] = frozenset(reading.closed)
        memory.unwritable.discard(folder.id)
        if not reading.writable:
            memory.unwritable.add(folder.id)
            return
        waiting = self._waiting_in_closed(folder)
        if waiting is not None:
            self._hold(folder, waiting, now)
        elif self._of(folder) and not self._store.count_writes([folder.id]):
            self._end(folder, now)
        elif was_unwritable:
            self._hasten(folder, now)

    def is_closed(self, file: File) -> bool:
        """Whether no result can be made beside a file, as the last reading found.

        Of a folder that is no longer read nobody knows.
        """
        closed = self._memory.closed.get(file.folder_id)
        if not closed or self._map.plan_of(file.folder_id) is None:
            return False
        return _directory(file.path) in closed

    def holds_back(self, file: File, now: Instant) -> bool:
        """Whether a file that is to be sent lies where no result can be made; then it is held."""
        if not self.is_closed(file):
            return False
        self._hold(self._map.folders[file.folder_id], _directory(file.path), now)
        return True

    def failed(self, folder: Folder, file: File, error: AgentError) -> None:
        """Take that a result could not be written beside ``file``."""
        if error.code == DISK_FULL:
            self._without_space().add(folder.id)
        closed = self._memory.closed.get(folder.id)
        if error.code == NOT_WRITABLE and closed:
            self._memory.closed[folder.id] = closed | {_directory(file.path)}

    def written(self, folder: Folder, file: File, now: Instant) -> None:
        """Take that a result was written beside ``file``: its directory takes them."""
        closed = self._memory.closed.get(folder.id)
        if closed:
            self._memory.closed[folder.id] = closed - {_directory(file.path)}
        if self._waiting_in_closed(folder) is None:
            self._end(folder, now)
        else:
            self._without_space().discard(folder.id)

    def unwritable(self, now: Instant) -> set[FolderId]:
        """Return the folders in which no result can be written, but for a probe.

        Not those in which only some directories are closed.
        Ends `disk-full` where no folder is left that it is about: the last one took a result, or
        is away. One that comes back is tried again.
        """
        ids = self._map.ids_by_path()
        without_space = self._without_space()
        without_space &= set(ids.values()) - self._holds.stopped_folders(ids, READING_STOPPED)
        if not without_space:
            self._recorder.notices += self._holds.end(ACCOUNT, DISK_FULL, now.utc)
        partly = {each for each, closed in self._memory.closed.items() if closed}
        held = self._holds.stopped_folders(ids, frozenset({NOT_WRITABLE}))
        return without_space | (held - (partly - self._memory.unwritable))

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

    def _end(self, folder: Folder, now: Instant) -> None:
        """End what was disproved: a result was written, or there is nothing to try it with."""
        scope = folder_scope(folder.path)
        self._recorder.notices += self._holds.end(scope, NOT_WRITABLE, now.utc)
        self._without_space().discard(folder.id)

    def _hold(self, folder: Folder, directory: str, now: Instant) -> None:
        why = not_writable(directory)
        hold = new_hold(why.code, folder_scope(folder.path), why.message, why.advice, now.utc)
        self._recorder.notices += self._holds.begin(hold, now.utc)

    def _hasten(self, folder: Folder, now: Instant) -> None:
        for hold in self._of(folder):
            self._holds.hasten_one(hold, now.utc)

    def _waiting_in_closed(self, folder: Folder) -> str | None:
        """Return a closed directory of a folder where a file waits to be sent, or for its result.

        Others let nothing wait: an archive of bills that are done, say.
        """
        closed = self._memory.closed.get(folder.id)
        if not closed:
            return None
        waiting = map(_directory, self._store.paths_with_result_to_come(folder.id))
        return next((each for each in waiting if each in closed), None)

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


def _directory(path: str) -> str:
    return os.path.dirname(path)  # noqa: PTH120  # exact names
