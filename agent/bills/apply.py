"""What follows from something that a person asked about a file or a folder's first look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from agent.bills import questions
from agent.bills.change import Change, of_file
from agent.bills.decide_submission import sent_again
from agent.bills.instant import local_day
from agent.bills.owing import TO_GO, earlier_result, public_state
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate
from agent.bills.verdict import JobFailure


@dataclass(frozen=True, slots=True)
class Declined:
    """The request does not fit the file's state; ``message`` says why and what would."""

    message: str


def retry(file: File, submission: Submission | None, now: float) -> Change | Declined:
    """Start again what was rejected, failed or set aside."""
    if file.question is not None and file.question.code == questions.INTERNAL_ERROR:
        return _lift_internal_error(file, submission, now)
    if file.stage is FileStage.REJECTED and file.question is None:
        again = replace(
            file,
            stage=FileStage.FOUND,
            sha256=None,
            problem=None,
            dismissed=False,
            since=now,
            due=now,
            present=TO_GO if file.present else "",
        )
        return of_file(again, "started again: a person asked (retry)", at=now)
    if (
        file.stage is FileStage.LINKED
        and file.question is None
        and submission is not None
        and submission.stage.is_final
        and submission.problem is not None
    ):
        # What became of lost uploads may still come up: as a duplicate it is our own bill.
        doubted_at = submission.doubted_at if submission.problem.code == JobFailure.LOST else None
        change = sent_again(
            replace(submission, refusals=0, job_id=None, answered_at=None, doubted_at=doubted_at),
            f"a person asked (retry) after {submission.problem.code}",
            now,
        )
        return replace(change, files=(replace(file, dismissed=False),))
    state = public_state(file, submission)
    return Declined(
        f"{file.path} is {state.value}; only what is rejected, failed or set aside is retried."
    )


def _lift_internal_error(file: File, submission: Submission | None, now: float) -> Change:
    waits_itself = file.stage in (FileStage.FOUND, FileStage.SETTLED, FileStage.EXAMINED)
    lifted = replace(
        file, question=None, bugs=0, failures=0, since=now, due=now if waits_itself else None
    )
    change = of_file(lifted, "started again: a person asked (retry)", at=now)
    if submission is not None and submission.bugs:
        return replace(change, submission=replace(submission, bugs=0, due=now))
    return change


def send(file: File, now: float) -> Change | Declined:
    """Answer ``asks-other-site``: send these bytes for this folder's site too."""
    if file.question is None or file.question.code != questions.ASKS_OTHER_SITE:
        return Declined(f"{file.path} does not ask about another site; there is nothing to send.")
    answered = replace(file, question=None, may_go_elsewhere=True, due=None, since=now)
    return of_file(answered, "a person answered: send it for this site too", at=now)


def rewrite(file: File, submission: Submission | None, now: float) -> Change | Declined:
    """Put the result back from the store, without asking Nectar."""
    is_decided = file.stage is FileStage.REJECTED or (
        file.stage is FileStage.LINKED and submission is not None and submission.stage.is_final
    )
    if not is_decided or file.question is not None:
        return Declined(f"{file.path} has no result yet.")
    if file.fate is ResultFate.EDITED:
        return Declined(
            f"{file.path}.json was edited and is not overwritten. Move it elsewhere and try again."
        )
    # Not TO_GO: were the file to change now, what lies there would go before its bytes are known.
    present = earlier_result(file.owed) if file.present else ""
    again = replace(file, present=present, fate=ResultFate.AS_WRITTEN)
    return of_file(again, "result to be written anew: a person asked (rewrite)", at=now)


def dismiss(file: File, now: float) -> Change | Declined:
    """Stop counting the file as needing a person."""
    if file.stage is FileStage.GONE:
        return Declined(f"{file.path} is gone.")
    return of_file(replace(file, dismissed=True), "seen by a person (dismiss)", at=now)


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to a first look: all files, those changed since a day, or none."""

    is_all: bool = False
    since: date | None = None

    def admits(self, file: File) -> bool:
        """Whether the file goes."""
        if self.is_all:
            return True
        if self.since is None:
            return False
        return local_day(file.signature.modified) >= self.since


def admit(files: tuple[File, ...], answer: Admission, now: float) -> tuple[File, ...]:
    """Return the files that a first look asked about or left, as the answer wants them."""
    decided: list[File] = []
    for file in files:
        asks = file.question is not None and file.question.code == questions.FIRST_LOOK
        if not asks and file.stage is not FileStage.LEFT:
            continue
        if answer.admits(file):
            decided.append(replace(file, stage=FileStage.FOUND, question=None, due=now, since=now))
        elif asks:
            decided.append(replace(file, stage=FileStage.LEFT, question=None, due=None, since=now))
    return tuple(decided)
