"""What people ask for: retry, send, rewrite, dismiss, and the answer to a first look."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from bill_rows import EMPTY, NO_DATA, NOW, a_file, a_submission, accepted, only_file, the_submission

from agent.bills import questions
from agent.bills.apply import Admission, Declined, admit, dismiss, retry, rewrite, send
from agent.bills.change import Change
from agent.bills.owing import TO_GO, owe, public_state
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate, State, SubmissionStage
from agent.bills.values import FileId, Outcome, SubmissionId

DONE = accepted(stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1, due=None)
FAILED = replace(DONE, outcome=Outcome.NO_DATA, problem=NO_DATA, doubted_at=NOW - 900)
LINKED = a_file(stage=FileStage.LINKED, submission_id=SubmissionId(5), owed="5.1", present="5.1")
REJECTED = a_file(stage=FileStage.REJECTED, problem=EMPTY, present="rejected.x.empty")
ASIDE = a_file(question=questions.internal_error("/bills/a", "KeyError"), bugs=5)
ASKS = a_file(question=questions.other_site("/bills/a", "PLANT-07", None, "PLANT-09"))


def change_of(answer: Change | Declined) -> Change:
    """Return the change of a request that was not declined."""
    assert isinstance(answer, Change)
    return answer


def test_retry_of_a_rejected_file() -> None:
    """It is examined anew, and its result goes until that is decided."""
    file = only_file(change_of(retry(replace(REJECTED, dismissed=True), None, NOW)))
    assert (file.stage, file.due, file.sha256, file.problem) == (FileStage.FOUND, NOW, None, None)
    assert (file.present, file.dismissed) == (TO_GO, False)
    assert owe(file, None, NOW).write_due == NOW


def test_retry_of_a_failed_bill() -> None:
    """It is sent once more, with the reason, as if never sent before."""
    change = change_of(retry(LINKED, FAILED, NOW))
    row = the_submission(change)
    assert (row.stage, row.due, row.job_id, row.doubted_at) == (
        SubmissionStage.QUEUED,
        NOW,
        None,
        None,
    )
    assert row.reason is not None
    assert "retry" in row.reason
    assert "no-data" in row.reason
    assert row.revision == 1  # what was told before stays in the history


@pytest.mark.parametrize(
    ("file", "submission"),
    [
        (LINKED, DONE),
        (LINKED, a_submission()),
        (LINKED, accepted()),
        (a_file(stage=FileStage.FOUND), None),
        (a_file(stage=FileStage.GONE), FAILED),
        (a_file(stage=FileStage.LEFT), None),
        (ASKS, None),
        (replace(LINKED, question=ASKS.question), FAILED),
    ],
)
def test_only_what_ended_badly_is_retried(file: File, submission: Submission | None) -> None:
    """A bill that is done or under way is never sent again by a request; the reason is told."""
    answer = retry(file, submission, NOW)
    assert isinstance(answer, Declined)
    assert file.path in answer.message
    assert public_state(file, submission).value in answer.message


def test_retry_lifts_what_was_set_aside() -> None:
    """Mistakes are counted anew, for the file and for its submission."""
    file = only_file(change_of(retry(ASIDE, None, NOW)))
    assert (file.question, file.bugs, file.due) == (None, 0, NOW)
    stuck = accepted(bugs=5, due=None)
    change = change_of(retry(replace(LINKED, question=ASIDE.question), stuck, NOW))
    assert (the_submission(change).bugs, the_submission(change).due) == (0, NOW)
    assert only_file(change).due is None


def test_send_answers_the_other_site() -> None:
    """The bytes may go to this site too; nothing else is answered by it."""
    file = only_file(change_of(send(ASKS, NOW)))
    assert (file.question, file.may_go_elsewhere) == (None, True)
    for other in (LINKED, ASIDE, a_file(question=questions.first_look("/bills"))):
        assert isinstance(send(other, NOW), Declined)


def test_rewrite_brings_a_result_back() -> None:
    """A result that was taken away is owed again, without asking Nectar."""
    removed = replace(LINKED, fate=ResultFate.REMOVED)
    change = change_of(rewrite(removed, DONE, NOW))
    assert change.submission is None
    assert owe(only_file(change), DONE, NOW).write_due == NOW


@pytest.mark.parametrize(
    ("file", "submission"),
    [
        (LINKED, accepted()),
        (a_file(), None),
        (replace(LINKED, fate=ResultFate.EDITED), DONE),
        (replace(LINKED, question=ASKS.question), DONE),
    ],
)
def test_rewrite_is_declined(file: File, submission: Submission | None) -> None:
    """Nothing is written where nothing is decided, and never over an edited result."""
    assert isinstance(rewrite(file, submission, NOW), Declined)


def test_dismiss() -> None:
    """The file keeps its state and is counted no more."""
    file = only_file(change_of(dismiss(REJECTED, NOW)))
    assert file == replace(REJECTED, dismissed=True)
    assert isinstance(dismiss(a_file(stage=FileStage.GONE), NOW), Declined)


def asked(number: int, day: int) -> File:
    """Return a file of a first look, last changed at noon of a day in January 2026."""
    noon = 1_767_268_800 + (day - 1) * 86400
    file = a_file(stage=FileStage.FOUND, question=questions.first_look("/bills"), sha256=None)
    signature = replace(file.signature, modified_ns=noon * 10**9)
    return replace(file, id=FileId(number), signature=signature)


@pytest.mark.parametrize(
    ("answer", "go"),
    [
        (Admission(is_all=True), {1, 2, 3}),
        (Admission(), set()),
        (Admission(since=date(2026, 1, 15)), {2, 3}),
        (Admission(since=date(2026, 2, 15)), set()),
    ],
)
def test_admit(answer: Admission, go: set[int]) -> None:
    """All go, none goes, or those changed since a day; the rest is left, and may go later."""
    files = tuple(asked(number, day) for number, day in ((1, 5), (2, 15), (3, 25)))
    decided = admit((*files, LINKED, ASKS), answer, NOW)
    assert [file.id for file in decided] == [1, 2, 3]
    assert {file.id for file in decided if file.due == NOW} == go
    assert all(file.question is None for file in decided)
    states = {public_state(file, None) for file in decided if file.id not in go}
    assert states <= {State.LEFT}
    assert {file.id for file in admit(decided, Admission(is_all=True), NOW)} == {1, 2, 3} - go


def test_admit_a_file_of_any_claimed_age() -> None:
    """A file from before 1970 or after 2262 breaks no answer."""
    for moment in (-(2**63) + 1, 2**63 - 1):
        odd = replace(asked(1, 1), signature=replace(asked(1, 1).signature, modified_ns=moment))
        assert len(admit((odd,), Admission(since=date(2026, 1, 1)), NOW)) == 1
