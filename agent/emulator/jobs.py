"""Taking uploads in, and what becomes of their jobs when their time has come."""

import hashlib
import heapq
import math
from dataclasses import replace
from fnmatch import fnmatchcase

from agent.emulator.behaviour import Behaviour, Outcome, UploadRule
from agent.emulator.documents import make_documents
from agent.emulator.readers import Reader
from agent.emulator.reading import BillReading, NotABill, Reading
from agent.emulator.world import Document, Job, Upload, World


class Jobs:
    """The jobs of a world. Time is given; nothing happens between two calls."""

    def __init__(self, world: World, reader: Reader) -> None:
        self._world = world
        self._reader = reader
        self._due: list[tuple[float, int, str]] = []
        self._matched: dict[int, int] = {}

    def forget_counts(self) -> None:
        """Count the uploads of each rule from nothing again."""
        self._matched.clear()

    def accept(
        self,
        company_id: str,
        site_id: str | None,
        file_name: str,
        data: bytes,
        *,
        behaviour: Behaviour,
        now: float,
    ) -> Job:
        """Take in a file that was found good and return its new job."""
        rule = self._rule(file_name, behaviour)
        return self._begin(rule, (company_id, site_id, file_name, data), behaviour, now)

    def _begin(
        self,
        rule: UploadRule,
        sent: tuple[str, str | None, str, bytes],
        behaviour: Behaviour,
        now: float,
    ) -> Job:
        company_id, site_id, file_name, data = sent
        seconds = rule.processing_seconds
        seconds = behaviour.processing_seconds if seconds is None else seconds
        never = rule.outcome in (Outcome.NEVER, Outcome.LOST)
        job = Job(
            id=self._world.new_id("job"),
            company_id=company_id,
            done_at=math.inf if never else now + seconds,
            is_lost=rule.outcome is Outcome.LOST,
        )
        self._world.jobs[job.id] = job
        self._world.uploads[job.id] = Upload(
            job_id=job.id,
            company_id=company_id,
            site_id=site_id,
            file_name=file_name,
            sha256=hashlib.sha256(data).hexdigest(),
            time=now,
            rule=rule,
            data=b"" if never else data,
        )
        if not never:
            self._schedule(job)
            self._reader.read(data)  # begun now, so that it is there when the job is due
        return job

    def accept_unreachable(self, company_id: str, behaviour: Behaviour, now: float) -> Job:
        """Return a new job for files elsewhere; it is terminated, for nothing is fetched."""
        rule = UploadRule(
            outcome=Outcome.TERMINATED, reason="The emulator fetches no files from addresses."
        )
        return self._begin(rule, (company_id, None, "", b""), behaviour, now)

    def settle(self, behaviour: Behaviour, now: float) -> None:
        """End every job whose time has come, in order, as far as its file is read."""
        unread: list[Job] = []
        while self._due and self._due[0][0] <= now:
            job = self._world.jobs[heapq.heappop(self._due)[2]]
            if not self._finish(job, behaviour):
                unread.append(job)
        for job in unread:
            self._world.jobs[job.id] = waiting = replace(job, done_at=now)
            self._schedule(waiting)

    def _schedule(self, job: Job) -> None:
        heapq.heappush(self._due, (job.done_at, len(self._world.jobs), job.id))

    def _rule(self, file_name: str, behaviour: Behaviour) -> UploadRule:
        for index, rule in enumerate(behaviour.uploads):
            if not fnmatchcase(file_name.lower(), rule.file_name.lower()):
                continue
            seen = self._matched.get(index, 0)
            if rule.times is not None and seen >= rule.skip + rule.times:
                continue
            self._matched[index] = seen + 1
            if seen >= rule.skip:
                return rule
        return UploadRule()

    def _finish(self, job: Job, behaviour: Behaviour) -> bool:
        upload = self._world.uploads[job.id]
        rule = upload.rule
        if rule.outcome is Outcome.UNKNOWN_STATUS and job.status == "PENDING":
            later = replace(job, status=rule.status, done_at=job.done_at + rule.unknown_seconds)
            self._world.jobs[job.id] = later
            self._schedule(later)
            return True
        reading = self._reader.read(upload.data)
        if reading is None:
            return False
        self._world.jobs[job.id] = self._ended(job, upload, reading, behaviour)
        self._world.uploads[job.id] = replace(upload, data=b"")
        return True

    def _ended(self, job: Job, upload: Upload, reading: Reading, behaviour: Behaviour) -> Job:
        outcome = upload.rule.outcome
        done = replace(job, status="COMPLETED", duplicates=0)
        match outcome:
            case Outcome.FAILED:
                return replace(job, status="FAILED")
            case Outcome.TERMINATED:
                return replace(job, status="TERMINATED", reason=upload.rule.reason)
            case Outcome.EMPTY:
                return done
            case Outcome.NON_UTILITY:
                return replace(done, non_utility=(self._world.new_id("document"),))
            case Outcome.DUPLICATE:
                earlier = self._earlier(upload, reading)
                known = earlier.id if earlier else self._world.new_id("document")
                return replace(done, duplicates=1, duplicate_ids=(known,))
            case Outcome.DUPLICATE_WITHOUT_IDS:
                return replace(done, duplicates=1)
            case _:
                return self._read(done, upload, reading, behaviour)

    def _read(self, done: Job, upload: Upload, reading: Reading, behaviour: Behaviour) -> Job:
        if isinstance(reading, NotABill):
            return replace(done, non_utility=(self._world.new_id("document"),))
        earlier = self._earlier(upload, reading) if behaviour.duplicate_check else None
        if earlier is not None:
            ids = (earlier.id,) if behaviour.duplicate_ids else ()
            return replace(done, duplicates=1, duplicate_ids=ids)
        documents = make_documents(self._world, upload, reading, behaviour.file_names, done.done_at)
        for document in documents:
            self._world.documents[document.id] = document
        return replace(done, parsed=tuple(document.id for document in documents))

    def _earlier(self, upload: Upload, reading: Reading) -> Document | None:
        """Return the company's first document of the same bytes or of the same bill."""
        identity = reading.identity if isinstance(reading, BillReading) else None
        for document in self._world.documents_of(upload.company_id):
            if document.is_deleted:
                continue
            if document.sha256 == upload.sha256 or (identity and document.identity == identity):
                return document
        return None
