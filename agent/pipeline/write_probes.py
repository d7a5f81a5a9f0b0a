"""Whether a folder in which nothing could be written takes results again.

While it does not, nothing is sent from it; where its disk is full, nothing at all. The probe is
one of the results that wait to be written, under the hold: it ends when that one is written, or
when nothing is to be written there any more and a reading finds no fault.

A directory below the root may be closed while all others take results. Readings tell which are;
such a directory has a hold of its own, which begins before a bill would be sent from there.
Everything elsewhere goes on, and ends nothing.
"""

from __future__ import annotations

import os

from agent.bills.errors import AgentError
from agent.bills.first_look import is_below_any
from agent.bills.folder_health import not_writable
from agent.bills.holds import ACCOUNT, DISK_FULL, NOT_WRITABLE, Hold, folder_scope, new_hold
from agent.bills.instant import Instant
from agent.bills.plan import home_of
from agent.bills.rows import File, Folder
from agent.bills.values import FolderId, Reading
from agent.pipeline.holding import READING_STOPPED
from agent.pipeline.parts import Part
from agent.pipeline.work import Kind


class WriteProbes(Part):
    """Lets one result at a time try a folder or directory that takes none."""

    def judge(self, folder: Folder, reading: Reading, now: Instant) -> None:
        """Take what a reading found, whatever else it told."""
        memory = self._memory
        before = memory.closed.get(folder.id, frozenset())
        if folder.id in memory.unwritable:
            before |= {folder.path}
        own, below = self._of(folder), self._below(folder)
        closed = memory.closed[folder.id] = frozenset(reading.closed).union(
            hold.scope.key for hold in below if is_below_any(hold.scope.key, reading.unreadable)
        )
        memory.unwritable.discard(folder.id)
        if not reading.writable:
            memory.unwritable.add(folder.id)
            return
        if not (closed or own or below):
            return
        unsent, unwritten = self._store.directories_waiting(folder.id)
        # Others let nothing wait: an archive of bills that are done, say.
        waiting = closed & (unsent | unwritten)
        for directory in sorted(waiting):
            self._hold(directory, now)
        if not unwritten:
            self._end(folder, now)
        elif not unwritten - closed:
            self._end_at(folder.path, now)
        elif folder.path in before:
            for hold in own:
                self._holds.hasten_one(hold, now.utc)
        for hold in below:
            directory = hold.scope.key
            if directory not in waiting | unwritten:
                self._end_at(directory, now)
            elif directory in before - closed:
                self._holds.hasten_one(hold, now.utc)

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
        if self.is_closed(file):
            self._hold(_directory(file.path), now)
            return True
        return self._hold_beside(file) is not None

    def may_try(self, file: File, now: Instant) -> bool:
        """Whether a result may be written now: in a closed directory only one, as its probe."""
        if not self.is_closed(file):
            return True
        hold = self._hold_beside(file)
        if hold is None:
            self._hold(_directory(file.path), now)
            return False
        if hold.due is not None and hold.due > now.utc:
            return False
        self._holds.probed(hold, now.utc)
        return True

    def written_to(self, file: File) -> str:
        """Return what waits where the result of ``file`` cannot be written.

        Its whole folder, as long as readings find no directory closed: a share may be read-only
        although it does not look so.
        """
        folder = self._map.folders.get(file.folder_id)
        if self._memory.closed.get(file.folder_id):
            return _directory(file.path)
        return folder.path if folder is not None else ""

    def failed(self, folder: Folder, file: File, error: AgentError) -> None:
        """Take that a result could not be written beside ``file``."""
        if error.code == DISK_FULL:
            self._without_space().add(folder.id)
        closed = self._memory.closed.get(folder.id)
        if error.code == NOT_WRITABLE and closed and _directory(file.path) != folder.path:
            self._memory.closed[folder.id] = closed | {_directory(file.path)}

    def written(self, folder: Folder, file: File, now: Instant) -> None:
        """Take that a result was written beside ``file``: its directory takes them."""
        directory = _directory(file.path)
        closed = self._memory.closed.get(folder.id)
        if closed:
            self._memory.closed[folder.id] = closed - {directory}
        self._end_at(directory, now)
        self._end(folder, now)

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

    def resting(self, now: Instant) -> tuple[str, ...]:
        """Return the closed directories in which no result is to be tried yet."""
        return tuple(
            hold.scope.key
            for hold in self._holds.of_directories(self._map.ids_by_path())
            if hold.due is not None and hold.due > now.utc
        )

    def _hold_beside(self, file: File) -> Hold | None:
        return self._holds.get(folder_scope(_directory(file.path)), NOT_WRITABLE)

    def _end(self, folder: Folder, now: Instant) -> None:
        """End what was disproved: a result was written, or there is nothing to try it with."""
        self._end_at(folder.path, now)
        self._without_space().discard(folder.id)

    def _end_at(self, directory: str, now: Instant) -> None:
        self._recorder.notices += self._holds.end(folder_scope(directory), NOT_WRITABLE, now.utc)

    def _hold(self, directory: str, now: Instant) -> None:
        why = not_writable(directory)
        hold = new_hold(why.code, folder_scope(directory), why.message, why.advice, now.utc)
        self._recorder.notices += self._holds.begin(hold, now.utc)

    def _of(self, folder: Folder) -> list[Hold]:
        """Return the holds of a whole folder in which nothing can be written."""
        found = [self._holds.get(folder_scope(folder.path), NOT_WRITABLE)]
        if folder.id in self._without_space():
            found.append(self._holds.get(ACCOUNT, DISK_FULL))
        return [hold for hold in found if hold is not None]

    def _below(self, folder: Folder) -> list[Hold]:
        """Return the holds of single directories in a folder."""
        folders = self._map.ids_by_path()
        return [
            hold
            for hold in self._holds.of_directories(folders)
            if home_of(hold.scope.key, folders) == folder.path
        ]

    def _without_space(self) -> set[FolderId]:
        """Return the folders whose disk was full; after a start, all in which a result waits."""
        if self._memory.without_space is None:
            is_full = self._holds.get(ACCOUNT, DISK_FULL) is not None
            self._memory.without_space = {
                each for each in self._map.folders if is_full and self._store.count_writes([each])
            }
        return self._memory.without_space


def _directory(path: str) -> str:
    return os.path.dirname(path)  # noqa: PTH120  # exact names
