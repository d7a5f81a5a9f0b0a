"""Writing a change down: rows with what is owed to them and the state that people see."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change
from agent.bills.cloud import is_in_cloud
from agent.bills.owing import TO_GO, orphaned, owe, public_code, public_state
from agent.bills.questions import result_edited
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate, State, SubmissionStage
from agent.bills.values import FileId, Problem, SubmissionId
from agent.pipeline.holding import HoldBook
from agent.pipeline.notices import Notice, StateChanged
from agent.store.store import Store


class Recorder:
    """Writes changes into the store, within the turn's transaction.

    Keeps what follows from a row consistent: what is owed beside its files, whether a submission
    still has bytes to send, which results moved on with their bytes.
    """

    def __init__(self, store: Store, holds: HoldBook) -> None:
        self._store = store
        self._holds = holds
        self.notices: list[Notice] = []
        self.inspect: set[FileId] = set()

    def record(self, change: Change, now: float) -> None:
        """Write one change down."""
        store = self._store
        if change.folder is not None:
            store.save_folder(change.folder)
        if change.company is not None:
            store.save_company(change.company)
        submission = change.submission
        if submission is not None:
            store.save_submission(submission)
            if change.answers is not None or submission.stage.is_final:
                self._save_answers(submission, change)
        touched: set[SubmissionId] = set()
        given = {file.id for file in change.files}
        for file in change.files:
            self._save(file, now, submission, touched)
        if submission is not None:
            for file in store.files_of(submission.id):
                if file.id not in given:
                    self._save(file, now, submission, touched)
            touched.discard(submission.id)
            if submission.stage is SubmissionStage.QUEUED:
                touched.add(submission.id)  # its files may have gone while it was looked for
        for submission_id in touched:
            self._follow(submission_id, now)
        store.add_events(change.events)
        for hold in change.holds:
            self.notices += self._holds.begin(hold, now)
        for scope, code in change.lifted:
            self.notices += self._holds.end(scope, code, now)
        self.inspect |= change.inspect

    def _save_answers(self, submission: Submission, change: Change) -> None:
        is_kept = submission.stage.is_final and self._store.has_revision(
            submission.id, submission.revision
        )
        if change.answers is None and is_kept:
            return
        self._store.save_answers(submission, change.answers)

    def _save(
        self, file: File, now: float, given: Submission | None, touched: set[SubmissionId]
    ) -> None:
        """Write a file with what follows for it; note the submissions whose files it was or is."""
        was = self._store.file_as_shown(file.id)
        before = was[0] if was is not None else None
        old = before.submission_id if before is not None else None
        submission = self._submission_of(file, given)
        owing = owe(file, submission, now)
        if owing.owed != file.owed and owing.owed and owing.stage is FileStage.LINKED:
            owing = replace(owing, copy_of=self._first_path(owing))
        shown = (public_state(owing, submission), public_code(owing, submission))
        showed = was[1:] if was is not None else None
        if owing != before or shown != showed:
            self._store.save_file(owing, *shown)
            self._tell(owing.path, showed, shown, _reason(owing, submission) if shown[1] else None)
        if old is not None:
            touched.add(old)
        if owing.submission_id is not None:
            touched.add(owing.submission_id)
        is_news = before is None or (before.stage, before.present) != (owing.stage, owing.present)
        is_settled = owing.stage is FileStage.GONE or owing.present == owing.owed != ""
        if owing.sha256 is not None and is_news and is_settled:
            self._free_orphans(owing, now)

    def _submission_of(self, file: File, given: Submission | None) -> Submission | None:
        if file.submission_id is None:
            return None
        if given is not None and given.id == file.submission_id:
            return given
        return self._store.submission(file.submission_id)

    def _first_path(self, file: File) -> str | None:
        """Return the path of the file whose result counts where several hold the same bytes."""
        assert file.submission_id is not None
        others = [
            other
            for other in self._store.files_of(file.submission_id)
            if other.id != file.id and other.stage is FileStage.LINKED and not other.missing
        ]
        owner = file.owed.partition(".")[0]
        written = [other for other in others if other.present.partition(".")[0] == owner]
        if file.present.partition(".")[0] == owner:
            return file.copy_of
        if written:
            return min(written, key=lambda other: (other.present_at, other.id)).path
        first = min(others, key=lambda other: other.id, default=None)
        return first.path if first is not None and first.id < file.id else None

    def _free_orphans(self, file: File, now: float) -> None:
        """Let results go whose bytes were renamed or moved, once the new result is there."""
        assert file.sha256 is not None
        same = self._store.files_with(file.sha256)
        for gone in same:
            if orphaned(gone, same):
                freed = owe(replace(gone, present=TO_GO), None, now)
                self._store.save_file(freed, State.GONE, None)

    def _follow(self, submission_id: SubmissionId, now: float) -> None:
        """Withdraw what no present file holds any more, bring back what one holds again."""
        row = self._store.submission(submission_id)
        if row is None or row.stage.was_begun:
            return
        has_bytes = any(
            file.stage is FileStage.LINKED for file in self._store.files_of(submission_id)
        )
        if has_bytes and row.stage is SubmissionStage.WITHDRAWN:
            row = replace(row, stage=SubmissionStage.QUEUED, since=now, due=now)
        elif not has_bytes and row.stage is SubmissionStage.QUEUED:
            row = replace(row, stage=SubmissionStage.WITHDRAWN, since=now, due=None)
        else:
            return
        self._store.save_submission(row)

    def _tell(
        self,
        path: str,
        before: tuple[State, str | None] | None,
        after: tuple[State, str | None],
        why: Problem | None,
    ) -> None:
        if before != after:
            message = f"{why.message} {why.advice}".strip() if why is not None else ""
            self.notices.append(StateChanged(path, before[0] if before else None, *after, message))


def _reason(file: File, submission: Submission | None) -> Problem | None:
    """Return what a person should read about the file's state."""
    if file.question is not None:
        return file.question
    if file.fate is ResultFate.EDITED and file.owed != file.present:
        return result_edited(file.path)
    if file.stage is FileStage.REJECTED or is_in_cloud(file):
        return file.problem
    if submission is not None and submission.stage.is_final:
        return submission.problem
    return None
