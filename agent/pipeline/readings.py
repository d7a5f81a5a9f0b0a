"""What follows from readings of folders: written down part by part, so that none keeps people out.

A hundred thousand files take seconds to write down. Between two parts the scheduler answers
requests, sends steps out, and may stop. The folder itself is written down with the last part; a
reading that was broken off before that is done again in full, and a first look decides anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import cast

from agent.bills.arrivals import (
    SECOND_READING_SECONDS,
    ArrivalsContext,
    arrivals,
    count_waiting,
)
from agent.bills.change import Change
from agent.bills.first_look import first_look, is_first, met_late
from agent.bills.folder_health import looks_unmounted, unmounted
from agent.bills.instant import Instant
from agent.bills.outcomes import FolderRead, StepOutcome
from agent.bills.rows import File, Folder
from agent.bills.stages import FileStage
from agent.bills.values import FolderId, Seen
from agent.pipeline.digest import Digest
from agent.pipeline.failed_readings import FailedReadings
from agent.pipeline.hearing import Hearing
from agent.pipeline.misplaced import Misplaced
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared
from agent.pipeline.work import Key, Step
from agent.pipeline.write_probes import WriteProbes
from agent.watch.timing import hint_quiet, next_reading


class Readings(Part):
    """Writes readings down, within the turn's transaction, and says when folders are read again."""

    def __init__(
        self,
        shared: Shared,
        owners: Owners,
        events_come: Callable[[str], bool],
        taken_over: Callable[[Folder, Instant], None],
    ) -> None:
        super().__init__(shared)
        self._owners = owners
        self._events_come = events_come
        self._taken_over = taken_over
        self._digests: dict[FolderId, Digest] = {}
        self.write_probes = WriteProbes(shared)
        self.hearing = Hearing(shared.store)
        self.failures = FailedReadings(shared, owners)
        self.misplaced = Misplaced(shared)

    # --- what came back -----------------------------------------------------------------------

    def conclude(self, step: Step, outcome: StepOutcome, now: Instant) -> None:
        """Take a report. What was read is written down by `go_on`."""
        folder_id = FolderId(cast("int", step.key.row))
        folder = self._map.folders.get(folder_id)
        if folder is None or self._map.plan_of(folder_id) is None:
            return
        if isinstance(outcome, FolderRead):
            self._begin(folder, step, outcome, now)
        else:
            self.failures.note(folder, outcome, now)

    def _begin(self, folder: Folder, step: Step, read: FolderRead, now: Instant) -> None:
        # What a first look could not read yet lies on the volume that is away.
        has_files = not read.reading.seen and (
            self._store.has_files(folder.id) or bool(folder.unread)
        )
        is_away = looks_unmounted(folder, read.reading, has_files=has_files)
        if not is_away:
            self.write_probes.judge(folder, read.reading, now)
        looks_like = hash((replace(read.reading, seconds=0.0), folder.first_look))
        is_steady = (
            folder.id in self._memory.read_folders
            and self._memory.steady.get(folder.id) == looks_like
            and folder.missing_since is None
        )
        ownership = self._owners.judge(folder, read, now)
        if is_steady and ownership.taken_over is None:
            self._listen(folder, read, now, has_arrivals=False)
            seconds = read.reading.seconds
            changed = replace(folder, read_at=now.utc, read_seconds=seconds, failures=0)
            self._save(Change(folder=changed), self._interval(folder, read), now)
            return
        if is_away:
            self._save(unmounted(folder, now.utc), self._interval(folder, read), now)
            return
        if (met_anew := met_late(folder, read, self._map.plan)) is not folder:
            folder = met_anew
            self._recorder.record(Change(folder=folder), now.utc)
            self._map.note(folder, None)
        self._memory.out[step.key] = step  # until all of it is written down
        self._digests[folder.id] = Digest(
            step=step,
            read=read,
            looks_like=looks_like,
            decides=is_first(folder, self._map.plan) or bool(folder.unread),
            rows=self._store.file_ids_in(folder.id),
            ownership=ownership,
            sought_since=self._store.sought_since(),
        )

    # --- part by part -------------------------------------------------------------------------

    def unfinished(self) -> tuple[Step, ...]:
        """Return the steps whose readings are not wholly written down."""
        return tuple(digest.step for digest in self._digests.values())

    def undecided(self) -> set[FolderId]:
        """Return the folders whose first look is not wholly written down: none of theirs goes."""
        return {each for each, digest in self._digests.items() if digest.decides}

    def drop(self, step: Step) -> None:
        """Forget what is not written down yet of a step's reading, if there is any."""
        self._digests.pop(FolderId(cast("int", step.key.row)), None)

    def abandon(self, but: Collection[Step] = ()) -> None:
        """Forget what is not written down yet: it is read again. ``but`` are reported again."""
        for digest in self._digests.values():
            if digest.step not in but:
                self._memory.out.pop(digest.step.key, None)
        self._digests.clear()

    def go_on(self, step: Step, now: Instant) -> int:
        """Write down one part of a step's reading; return how many files it was about."""
        folder_id = FolderId(cast("int", step.key.row))
        digest = self._digests[folder_id]
        folder = self._map.folders[folder_id]
        if not digest.is_counted:
            return self._count_part(folder, digest, now)
        if digest.decides and digest.look is None:
            plan = self._map.plan
            digest.look = first_look(folder, digest.read, plan, digest.waiting, now.utc)
        return self._part(folder, digest, now)

    def _count_part(self, folder: Folder, digest: Digest, now: Instant) -> int:
        """Count the files of a part that a first look is about: some wait for nothing."""
        files = self._store.files_with_ids(digest.rows_to_count())
        seen = digest.seen_to_count(files)
        context = self._context(folder, digest, files, seen, now)
        digest.note(count_waiting(folder, digest.read, context, now.utc))
        return 0 if digest.ownership.taken_over is not None else len(files)

    def _part(self, folder: Folder, digest: Digest, now: Instant) -> int:
        files = self._store.files_with_ids(digest.rows_to_meet())
        seen = digest.seen_to_meet(files)
        context = self._context(folder, digest, files, seen, now)
        change = arrivals(folder, digest.read, context, now.utc)
        digest.arrives |= any(one.path not in context.known for one in seen)
        digest.touches |= bool(change.files or change.inspect or context.busy)
        digest.misses |= any(
            file.missing > 0 and file.stage is not FileStage.GONE for file in change.files
        ) or any(
            file.id in context.busy and one.signature != file.signature
            for one in seen
            if (file := context.known.get(one.path)) is not None
        )
        if digest.is_done:
            self._finish(folder, digest, change, now)
        else:
            self._recorder.record(change, now.utc)
        for file in change.files:
            self._memory.quiet_for(file.id, file.signature, now)
        # That a folder was taken over is known in one turn only: all of it follows there.
        return 0 if digest.ownership.taken_over is not None else max(len(files), len(seen), 1)

    def _context(
        self,
        folder: Folder,
        digest: Digest,
        files: list[File],
        seen: tuple[Seen, ...],
        now: Instant,
    ) -> ArrivalsContext:
        plan = self._map.plan
        is_met_anew = is_first(folder, plan)
        return ArrivalsContext(
            plan=plan,
            seen=seen,
            known={file.path: file for file in files},
            first_id=self._store.next_file_id(),
            in_cloud=digest.in_cloud,
            look=digest.look,
            busy=self._memory.busy_files()
            | self._memory.stepped_since(digest.read.started, now.utc),
            settled=frozenset(
                file.id
                for file in files
                if is_met_anew
                and file.submission_id is not None
                and (row := self._store.submission(file.submission_id)) is not None
                and row.world == plan.world
            ),
            sought_since=digest.sought_since,
            ownership=digest.ownership,
            is_last=digest.is_done,
        )

    def _finish(self, folder: Folder, digest: Digest, change: Change, now: Instant) -> None:
        """Write the last part down, and the folder with it."""
        memory = self._memory
        del self._digests[folder.id]
        memory.out.pop(digest.step.key, None)
        self._listen(folder, digest.read, now, has_arrivals=digest.arrives)
        interval = self._interval(folder, digest.read)
        if digest.misses:
            interval = min(SECOND_READING_SECONDS, interval)
        self._save(change, interval, now)
        memory.read_folders.add(folder.id)
        if digest.touches:
            memory.steady.pop(folder.id, None)
        else:
            memory.steady[folder.id] = digest.looks_like
        self.misplaced.judge(folder, now)
        if digest.ownership.taken_over is not None:
            self._taken_over(folder, now)

    # --- when a folder is read ----------------------------------------------------------------

    def hint(self, folder: Folder, now: Instant, wait: float) -> None:
        """Let a folder be read soon, at most ``wait`` seconds from now."""
        if self._memory.is_out(Key("folders", folder.id)):
            self._memory.hinted.add(folder.id)
        current = self._map.folders.get(folder.id, folder)
        due = now.utc + wait
        if current.due is not None and current.due <= due:
            return
        changed = replace(current, due=due)
        self._recorder.record(Change(folder=changed), now.utc)
        self._map.note(changed, None)

    def _listen(
        self, folder: Folder, read: FolderRead, now: Instant, *, has_arrivals: bool
    ) -> None:
        if folder.id not in self._memory.read_folders:
            self.hearing.start_anew(folder)
        if self._events_come(folder.path):
            self.hearing.judge(folder, read.started, now, has_arrivals=has_arrivals)

    def _interval(self, folder: Folder, read: FolderRead) -> float:
        """Return the seconds until the folder is read again."""
        seconds = read.reading.seconds
        interval = next_reading(
            seconds,
            self._map.plan.scan_seconds,
            events_come=self._events_come(folder.path) and not self.hearing.is_unheard(folder.path),
        )
        if folder.id in self._memory.hinted:
            self._memory.hinted.discard(folder.id)
            interval = min(interval, hint_quiet(seconds, 0.0))
        return interval

    def _save(self, change: Change, interval: float, now: Instant) -> None:
        """Write a change with its folder, which is read again after ``interval`` or as hinted."""
        assert change.folder is not None
        due = now.utc + interval
        if change.folder.due is not None and now.utc < change.folder.due < due:
            due = change.folder.due
        folder = replace(change.folder, due=due)
        if self._owners.is_wanted(folder.path):
            folder = self._owners.prepare(folder, now)
        self._recorder.record(replace(change, folder=folder), now.utc)
        self._map.note(folder, None)
