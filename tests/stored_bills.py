"""A store written by the real writer, so that what reads it is tested against the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256 as digest
from pathlib import Path

from agent.bills.answers import Answers, FetchedDocument, Job
from agent.bills.change import Change
from agent.bills.holds import Hold, Scope, new_hold
from agent.bills.owing import rejection_token, result_token
from agent.bills.rows import Event, File, Folder, Place, Submission, World
from agent.bills.stages import FileStage, SubmissionStage
from agent.bills.values import (
    FileId,
    FolderId,
    Kind,
    Outcome,
    Problem,
    ResultWarning,
    Sha256,
    Signature,
    SubmissionId,
)
from agent.pipeline.holding import HoldBook
from agent.pipeline.recording import Recorder
from agent.store.connecting import store_path
from agent.store.store import Store

NOW = 1_770_000_000.0
WORLD = World("https://external.nectarclimate.com", "production")
PLANT_07 = Place("3f0a", "HMF", "Harbor Mill Foods", "5d7c", "PLANT-07", "Harbor Mill Plant 7")
LOCKED = Problem("password-protected", "This PDF is locked.", "Save a copy without the password.")


def answers(document_id: str = "d-1", job_id: str = "j-1") -> Answers:
    """Return what Nectar gave for a bill of one document."""
    job = Job(job_id, "COMPLETED", (document_id,), 0, (), (), None, {"id": job_id})
    document = {"id": document_id, "url": "https://signed.example/x?X-Amz-Signature=1"}
    return Answers(job, (FetchedDocument(document_id, document | {"usageData": [{"id": "u"}]}),))


class StoredBills:
    """Writes bills at any stage, as the agent would. ``close`` before others read."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.store = Store(store_path(data_dir))
        self._recorder = Recorder(self.store, HoldBook(self.store))
        self._files = 0

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def record(self, change: Change) -> None:
        """Write a change down as the agent does."""
        with self.store.transaction():
            self._recorder.record(change, NOW)

    def folder(self, path: Path | str, *, is_configured: bool = True) -> Folder:
        """Add a watched folder that was read."""
        folder = Folder(
            self.store.next_folder_id(), str(path), is_configured=is_configured, read_at=NOW
        )
        self.record(Change(folder=folder))
        return folder

    def hold(self, code: str, scope: Scope, since: float = NOW) -> Hold:
        """Put a hold in force."""
        hold = new_hold(code, scope, f"message of {code}", f"advice of {code}", since)
        self.record(Change(holds=(hold,)))
        return hold

    def remember(self, name: str, value: str) -> None:
        """Remember a value."""
        with self.store.transaction():
            self.store.set_meta(name, value)

    def record_paused(self, folder: Folder) -> None:
        """Pause a folder."""
        self.record(Change(folder=replace(folder, is_paused=True)))

    def found(self, folder: Folder, name: str, stage: FileStage = FileStage.FOUND) -> File:
        """Add a file that waits."""
        return self._add(self._file(folder, name, stage))

    def asks(self, folder: Folder, name: str, question: Problem) -> File:
        """Add a file that waits for a person's answer."""
        return self._add(replace(self._file(folder, name, FileStage.EXAMINED), question=question))

    def left(self, folder: Folder, name: str) -> File:
        """Add a file that is left alone."""
        return self._add(self._file(folder, name, FileStage.LEFT))

    def gone(self, folder: Folder, name: str) -> File:
        """Add a file that is no more."""
        return self._add(self._file(folder, name, FileStage.GONE))

    def rejected(self, folder: Folder, name: str, problem: Problem = LOCKED) -> File:
        """Add a file that was rejected before it was sent, with its result beside it."""
        file = replace(self._file(folder, name, FileStage.REJECTED), problem=problem)
        return self._add(replace(file, present=rejection_token(file), present_at=NOW + 5))

    def sent(self, folder: Folder, name: str) -> File:
        """Add a file that Nectar reads."""
        return self._linked(
            folder,
            name,
            lambda row: replace(
                row, stage=SubmissionStage.ACCEPTED, begun_at=NOW + 2, job_id=f"job-{row.id}"
            ),
        )

    def done(
        self,
        folder: Folder,
        name: str,
        *,
        warnings: tuple[ResultWarning, ...] = (),
        problem: Problem | None = None,
        outcome: Outcome = Outcome.PROCESSED,
    ) -> File:
        """Add a file whose bill ended, with its result beside it."""
        return self._linked(
            folder,
            name,
            lambda row: replace(
                row,
                stage=SubmissionStage.FETCHED,
                begun_at=NOW + 2,
                sent_at=NOW + 3,
                answered_at=NOW + 4,
                job_id=f"job-{row.id}",
                outcome=outcome,
                problem=problem,
                warnings=warnings,
                revision=1,
                revision_at=NOW + 4,
            ),
        )

    def change(self, file: File) -> File:
        """Write a changed file down."""
        return self._add(file)

    def _file(self, folder: Folder, name: str, stage: FileStage) -> File:
        self._files += 1
        path = str(Path(folder.path, name))
        return File(
            id=FileId(self._files),
            folder_id=FolderId(folder.id),
            path=path,
            signature=Signature(1000, int(NOW) * 10**9, self._files),
            stage=stage,
            since=NOW + self._files / 1000,
            first_seen=NOW,
            last_seen=NOW,
            sha256=Sha256(digest(path.encode("utf-8", "surrogateescape")).hexdigest()),
        )

    def _add(self, file: File) -> File:
        event = Event(NOW, f"became {file.stage.value}", file_id=file.id)
        self.record(Change(files=(file,), events=(event,)))
        stored = self.store.file(file.id)
        assert stored is not None
        return stored

    def _linked(
        self, folder: Folder, name: str, became: Callable[[Submission], Submission]
    ) -> File:
        file = self._file(folder, name, FileStage.LINKED)
        assert file.sha256 is not None
        queued = Submission(
            id=SubmissionId(self.store.next_submission_id()),
            sha256=file.sha256,
            world=WORLD,
            place=PLANT_07,
            kind=Kind.PDF,
            name=name,
            stage=SubmissionStage.QUEUED,
            since=NOW + 1,
            newest=NOW,
            due=NOW,
        )
        row = became(queued)
        file = replace(file, submission_id=row.id, asked_site="PLANT-07", kind=Kind.PDF)
        if row.stage.is_final:
            file = replace(file, present=result_token(row), present_at=NOW + 5)
        given = answers(job_id=row.job_id or "") if row.stage.is_final else None
        event = Event(NOW + 4, "job completed", submission_id=row.id)
        self.record(Change(files=(file,), submission=row, answers=given, events=(event,)))
        stored = self.store.file(file.id)
        assert stored is not None
        return stored
