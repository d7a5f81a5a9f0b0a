"""Which steps are due and may go out now, the disk's and Nectar's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from agent.bills.begin import begin
from agent.bills.first_look import is_below_any
from agent.bills.holds import DISK_FULL, KEY_CODES, ScopeKind
from agent.bills.instant import Instant
from agent.bills.outcomes import StepOutcome
from agent.bills.plan import FolderPlan
from agent.bills.rows import CompanyRow, File, Folder, Submission
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import FileId, FolderId
from agent.pipeline import steps
from agent.pipeline.concluding import Concluder
from agent.pipeline.holding import (
    READING_STOPPED,
    SENDING_STOPPED,
)
from agent.pipeline.memory import FOLDER_STEPS
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared
from agent.pipeline.ports import Disk, Nectar
from agent.pipeline.readings import Readings
from agent.pipeline.result_content import rejection_content, submission_content
from agent.pipeline.uploads import Uploads
from agent.pipeline.work import Key, Kind, Lane, Source, Step
from agent.store import answers_codec

_DISK_STEPS = 32
"""Disk steps at once: several folders may hang with one share, and the others go on."""
_ROWS = 2 * _DISK_STEPS
"""So many rows hold enough that are not under way already."""
_Use = Callable[[Disk, File, bytes], StepOutcome]
"""What is done with the bytes of a result that is owed to a file."""
_LOOKING = (Kind.POLL, Kind.FETCH, Kind.READ_DOCUMENTS, Kind.READ_SITES, Kind.PING)


class Chooser(Part):
    """Chooses steps; what is chosen is noted in ``memory.out``."""

    def __init__(
        self,
        shared: Shared,
        concluder: Concluder,
        owners: Owners,
        readings: Readings,
        nectar: Nectar,
        disk: Disk,
        version: str,
        key_changed: Callable[[], None],
    ) -> None:
        super().__init__(shared)
        self._concluder = concluder
        self._owners = owners
        self._readings = readings
        self.nectar = nectar
        self._disk = disk
        self._version = version
        self._key_changed = key_changed
        self._uploads = Uploads(shared, concluder, owners, readings.write_probes)

    @property
    def _page(self) -> int:
        return 3 * self._map.plan.max_requests

    def choose(self, now: Instant) -> list[Step]:
        """Return the steps that go out now, ``begun`` written down for each upload."""
        chosen: list[Step] = []
        for step in self._disk_steps(now):
            self._memory.out[step.key] = step
            chosen.append(step)
        recall = self._recall(now)
        if recall is not None:
            self._memory.out[recall.key] = recall
            chosen.append(recall)
        chosen += self._nectar_steps(now)
        return chosen

    # --- the disk -----------------------------------------------------------------------------

    def _disk_steps(self, now: Instant) -> Iterator[Step]:
        memory = self._memory

        def free() -> int:
            return _DISK_STEPS - sum(step.lane is Lane.DISK for step in memory.out.values())

        if free() <= 0:
            return
        yield from self._folders_to_read(now)
        ids = self._map.ids_by_path()
        stopped = self._holds.stopped_folders(ids, READING_STOPPED) | self._readings.undecided()
        probes = self._readings.write_probes
        unwritable = stopped | probes.unwritable(now)
        # A first reading removes the temporary files of a killed run; none of ours may be new.
        unwritable |= set(ids.values()) - self._memory.read_folders
        trying = probes.due(now) & self._memory.read_folders - stopped
        # What was sent from a folder that is no longer watched still gets its result.
        stopped |= {each for each in self._map.folders if self._map.plan_of(each) is None}
        of_others = self._owners.folders_of_others()
        full = {each.id for each in self._map.folders.values() if memory.is_folder_full(each.path)}
        for make, files in (
            (self._inspection, self._inspections),
            (self._writing, lambda but: self._to_write(now, but, of_others)),
            (self._own_step, lambda but: self._store.files_due(now.utc, _ROWS, but)),
        ):
            but = (unwritable - trying if make == self._writing else stopped) | full
            for file in files(but):
                if free() <= 0:
                    return
                folder = self._map.folders.get(file.folder_id)
                if folder is None or self._memory.is_out(Key("files", file.id)):
                    continue
                if self._memory.is_folder_full(folder.path):
                    full.add(file.folder_id)
                    continue
                step = make(file, folder.path, now)
                if step is None:
                    continue
                if make == self._writing and file.folder_id in unwritable:
                    if file.folder_id not in trying:
                        continue
                    trying.discard(file.folder_id)  # one is enough to see
                    probes.tried(folder, now)
                elif make == self._writing and not probes.may_try(file, now):
                    continue
                yield step

    def _recall(self, now: Instant) -> Step | None:
        """Return the one file that is fetched from the cloud next: one at a time, off the disk's.

        Nothing is fetched from where nothing can be sent.
        """
        memory = self._memory
        if memory.no_recall_before > now.utc or memory.count(Kind.RECALL):
            return None
        ids = self._map.ids_by_path()
        stopped = self._holds.stopped_folders(ids, SENDING_STOPPED)
        stopped |= {each for each in self._map.folders if self._map.plan_of(each) is None}
        closed = self._holds.closed_directories(ids)
        file = self._store.file_to_recall(now.utc, stopped, closed)
        if file is None or memory.is_out(Key("files", file.id)):
            return None
        run = partial(steps.recall, self._disk, file)
        return Step(Kind.RECALL, Key("files", file.id), Lane.CLOUD, run, about=file.path)

    def _folders_to_read(self, now: Instant) -> Iterator[Step]:
        for folder in tuple(self._map.folders.values()):
            plan = self._map.plan_of(folder.id)
            key = Key("folders", folder.id)
            if (
                plan is None
                or folder.due is None
                or folder.due > now.utc
                or self._memory.is_out(key)
            ):
                continue
            if folder.id not in self._memory.recognised:
                self._memory.recognised.add(folder.id)
                yield from self._unnoted(folder)
            is_read = folder.id in self._memory.read_folders
            if is_read or not self._memory.is_inspecting(folder.path):
                run = self._reading(plan, folder.id, now)
                yield Step(Kind.READ_FOLDER, key, Lane.DISK, run, about=plan.path)

    def _unnoted(self, folder: Folder) -> Iterator[Step]:
        """Yield looks at results that the last run may have put in place and not noted.

        They come before the first reading: what a person does to the bills meanwhile changes what
        is owed beside them, and then nobody could tell that such a result is ours.
        """
        for file in self._store.files_owed(folder.id, 2 * FOLDER_STEPS):
            key = Key("files", file.id)
            look = self._result(file, steps.recognise)
            if look is not None and not self._memory.is_out(key):
                yield Step(Kind.INSPECT, key, Lane.DISK, look, folder.path, file.path)

    def _reading(
        self, plan: FolderPlan, folder_id: FolderId, now: Instant
    ) -> Callable[[], StepOutcome]:
        folder = self._map.folders[folder_id]
        is_first_look = folder.first_look != self._map.plan.world.key
        heads_wanted: Callable[[str], bool] | None = None
        if is_first_look:
            known = frozenset(
                file.path
                for file in self._store.files_in(folder_id)
                if file.stage is FileStage.REJECTED
            )
            heads_wanted = partial(_is_none_of, known)
        elif folder.unread:
            heads_wanted = partial(is_below_any, roots=folder.unread)
        return partial(
            steps.read_folder,
            self._disk,
            plan,
            now.utc,
            claim=folder.met_at if self._owners.may_claim(plan.path) else None,
            take=folder.met_at if self._owners.is_to_take(plan.path) else None,
            tidy=folder_id not in self._memory.read_folders,
            heads_wanted=heads_wanted,
        )

    def _to_write(
        self, now: Instant, but: set[FolderId], of_others: Collection[FolderId]
    ) -> list[File]:
        """Return files whose result is to be written, none where it cannot be for a while yet."""
        resting = self._readings.write_probes.resting(now)
        return self._store.files_to_write(now.utc, _ROWS, but, of_others, resting)

    def _inspections(self, but: set[FolderId]) -> list[File]:
        files = [self._store.file(FileId(each)) for each in tuple(self._memory.inspect)[:_ROWS]]
        return [file for file in files if file is not None and file.folder_id not in but]

    def _inspection(self, file: File, folder: str, now: Instant) -> Step | None:
        del now
        self._memory.inspect.discard(file.id)
        run = partial(steps.inspect, self._disk, file)
        return Step(Kind.INSPECT, Key("files", file.id), Lane.DISK, run, folder, file.path)

    def _own_step(self, file: File, folder: str, now: Instant) -> Step | None:
        key = Key("files", file.id)
        match file.stage:
            case FileStage.FOUND:
                quiet_for = self._memory.quiet_for(file.id, file.signature, now)
                was_quiet = quiet_for >= self._map.plan.quiet_seconds
                settle = partial(steps.settle, self._disk, file, was_quiet=was_quiet)
                return Step(Kind.SETTLE, key, Lane.DISK, settle, folder, file.path)
            case FileStage.SETTLED:
                examine = partial(steps.examine, self._disk, file)
                return Step(Kind.EXAMINE, key, Lane.DISK, examine, folder, file.path)
            case FileStage.EXAMINED if file.adoptable is not None:
                adopt = partial(steps.adopt, self._disk, file)
                return Step(Kind.ADOPT, key, Lane.DISK, adopt, folder, file.path)
            case _:
                return None

    def _writing(self, file: File, folder: str, now: Instant) -> Step | None:
        del now
        key = Key("files", file.id)
        if not file.owed:
            run = partial(steps.remove, self._disk, file, folder)
            return Step(Kind.WRITE, key, Lane.DISK, run, folder, file.path)
        write: _Use = steps.write
        if self._map.plan_of(file.folder_id) is None and file.stage is FileStage.LINKED:
            write = steps.write_unwatched
        result = self._result(file, write)
        if result is None:
            return None
        return Step(Kind.WRITE, key, Lane.DISK, result, folder, file.path)

    def _result(self, file: File, use: _Use) -> Callable[[], StepOutcome] | None:
        """Return what builds the owed result and gives it to ``use``; None where none is owed."""
        if file.stage is FileStage.REJECTED:
            content = rejection_content(
                file,
                self._map.plan.world,
                self._map.asked_site(file),
                self._map.place_of(file),
                self._version,
            )
            return partial(use, self._disk, file, content)
        if file.stage is not FileStage.LINKED or file.submission_id is None:
            return None
        submission = self._store.submission(file.submission_id)
        if submission is None or not submission.stage.is_final:
            return None
        blob = self._store.answers_blob(submission.id, submission.revision)
        return partial(_built, use, self._disk, file, submission, blob, self._version)

    # --- Nectar -------------------------------------------------------------------------------

    def _nectar_steps(self, now: Instant) -> list[Step]:
        memory = self._memory
        limit = 1 if memory.is_proving else self._map.plan.max_requests
        chosen: list[Step] = []

        def free() -> int:
            return limit - sum(step.lane is Lane.NECTAR for step in memory.out.values())

        def take(step: Step) -> None:
            memory.out[step.key] = step
            chosen.append(step)

        account = self._holds.of_kind(ScopeKind.ACCOUNT)
        if account:
            # Nectar knows nothing of a disk that is full.
            asked = [hold for hold in account if hold.code != DISK_FULL]
            if any((hold.due or 0.0) <= now.utc for hold in asked) and free() > 0:
                for hold in asked:
                    self._holds.probed(hold, now.utc)
                    if hold.code in KEY_CODES:
                        self._key_changed()  # the key store is not read otherwise
                run = partial(steps.ping, self.nectar)
                take(Step(Kind.PING, Key("account", ""), Lane.NECTAR, run))
            return chosen
        if memory.not_before > now.utc:
            return chosen
        for row in tuple(self._map.companies.values()):
            if free() <= 0:
                return chosen
            step = self._company_step(row, now)
            if step is not None:
                take(step)
        uploads = self._uploads.to_send(now)
        upload = next(uploads, None)
        looking = iter(self._lookings(now))
        # While nothing is to be sent, some looks wait for a thread, so that none waits for a turn.
        # Uploads never do: what was begun and not sent would be looked for after a kill.
        ahead = 0 if memory.is_proving else limit // 2
        while free() > (0 if upload is not None else -ahead):
            half = max(1, limit // 2)
            may_look = upload is None or memory.count(*_LOOKING) < half
            look = next(looking, None) if may_look else None
            if look is not None:
                take(look)
            elif upload is not None:
                self._recorder.record(begin(upload[0], now.utc), now.utc)
                take(self._upload_step(*upload))
                upload = next(uploads, None)
            else:
                break
        uploads.close()
        return chosen

    def _company_step(self, row: CompanyRow, now: Instant) -> Step | None:
        key = Key("companies", row.key)
        if self._memory.is_out(key):
            return None
        is_wanted = row.key in self._map.plan.company_keys()
        must_read = row.key not in self._memory.read_companies and not row.failures
        if is_wanted and (must_read or (row.due is not None and row.due <= now.utc)):
            run = partial(steps.read_sites, self.nectar, row)
            return Step(Kind.READ_SITES, key, Lane.NECTAR, run)
        listing = self._concluder.lists.next_page(row, now)
        if listing is None or row.found is None:
            return None
        return Step(
            Kind.READ_DOCUMENTS,
            key,
            Lane.NECTAR,
            partial(
                steps.read_documents,
                self.nectar,
                row.found.company.id,
                listing.since,
                listing.date_type,
                listing.page,
                listing.started,
            ),
        )

    def _lookings(self, now: Instant) -> Iterator[Step]:
        for row in self._store.submissions_due(self._map.plan.world, now.utc, self._page):
            key = Key("submissions", row.id)
            if self._memory.is_out(key):
                continue
            if row.stage is SubmissionStage.ACCEPTED:
                yield Step(Kind.POLL, key, Lane.NECTAR, partial(steps.poll, self.nectar, row))
            elif row.stage is SubmissionStage.FINISHED or row.stage.is_final:
                answers = self._store.working_answers(row.id)
                if answers is not None:
                    run = partial(
                        steps.fetch, self.nectar, answers.job, is_refresh=row.stage.is_final
                    )
                    yield Step(Kind.FETCH, key, Lane.NECTAR, run)

    def _upload_step(self, row: Submission, sources: tuple[Source, ...]) -> Step:
        run = partial(steps.send, self.nectar, self._disk, row, sources)
        return Step(Kind.SEND, Key("submissions", row.id), Lane.NECTAR, run)


def _is_none_of(known: frozenset[str], path: str) -> bool:
    return path not in known


def _built(
    use: _Use,
    disk: Disk,
    file: File,
    submission: Submission,
    blob: bytes | None,
    version: str,
) -> StepOutcome:
    """Build a result on the worker's time and give it to ``use``."""
    answers = answers_codec.answers_of(blob) if blob is not None else None
    return use(disk, file, submission_content(file, submission, answers, version))
