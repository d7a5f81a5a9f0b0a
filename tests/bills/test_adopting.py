"""A result of ours that the store does not know becomes known again; nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bill_rows import (
    EMPTY,
    NO_DATA,
    NOW,
    PLANT_07,
    SHA,
    SIGNATURE,
    WORLD,
    a_file,
    a_job,
    a_submission,
    accepted,
    begun,
    only_file,
    the_submission,
)

from agent.bills.adopting import adopt
from agent.bills.answers import Answers
from agent.bills.holds import folder_scope
from agent.bills.linking import LinkContext
from agent.bills.outcomes import ReadBack
from agent.bills.owing import KEPT, owe, public_state, rejection_token
from agent.bills.resolve import Unresolved
from agent.bills.rows import Adoptable, Submission
from agent.bills.stages import FileStage, State, SubmissionStage
from agent.bills.values import Beside, BesideKind, Outcome, Problem, Sha256, SubmissionId

CONTENT = Sha256("bb" * 32)
ADOPTABLE = Adoptable(
    CONTENT, SIGNATURE, WORLD.api, WORLD.environment, "company-1", "site-7", "PLANT-07", True
)
FILE = a_file(adoptable=ADOPTABLE, due=NOW)
BESIDE = Beside(
    BesideKind.OURS,
    content_sha256=CONTENT,
    signature=SIGNATURE,
    file_sha256=SHA,
    was_sent=True,
    revision=3,
)
DONE = accepted(stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1, due=None)


def read_back(**members: Any) -> ReadBack:
    """Return a processed result as it was read back."""
    given: dict[str, Any] = {
        "beside": BESIDE,
        "outcome": Outcome.PROCESSED,
        "problem": None,
        "warnings": (),
        "answers": Answers(a_job()),
        "job_id": "job-1",
        "sent_at": NOW - 1000,
        "answered_at": NOW - 900,
        "fingerprint": "f",
    }
    return ReadBack(**(given | members))


def context(*same_bytes: Submission, **members: Any) -> LinkContext:
    """Return what adopting knows."""
    given: dict[str, Any] = {
        "world": WORLD,
        "place": PLANT_07,
        "same_bytes": same_bytes,
        "first_paths": {},
        "new_id": SubmissionId(9),
        "slowest_job": None,
    }
    return LinkContext(**(given | members))


def test_a_processed_bill() -> None:
    """All is as if it had never been forgotten, and nothing is to be written or sent."""
    change = adopt(FILE, read_back(), context(), NOW)
    row, file = the_submission(change), only_file(change)
    assert (row.id, row.stage, row.job_id, row.revision, row.fingerprint) == (
        9,
        SubmissionStage.FETCHED,
        "job-1",
        3,
        "f",
    )
    assert (row.due, row.sent_at, change.answers) == (None, NOW - 1000, Answers(a_job()))
    owing = owe(file, row, NOW)
    assert (owing.owed, owing.present, owing.write_due) == ("9.3", "9.3", None)
    assert (owing.present_sha256, owing.adoptable) == (CONTENT, None)
    assert public_state(owing, row) is State.DONE


@pytest.mark.parametrize(
    ("outcome", "problem", "stage"),
    [
        (Outcome.DUPLICATE, None, SubmissionStage.FETCHED),
        (Outcome.NO_DATA, NO_DATA, SubmissionStage.FETCHED),
        (Outcome.FAILED, Problem("job-failed", "", ""), SubmissionStage.FAILED),
        (Outcome.REJECTED, Problem("refused-by-nectar", "", ""), SubmissionStage.FAILED),
    ],
)
def test_every_end_that_was_sent(
    outcome: Outcome, problem: Problem | None, stage: SubmissionStage
) -> None:
    """Whatever Nectar said stays said; what may be corrected there can still become processed."""
    change = adopt(FILE, read_back(outcome=outcome, problem=problem), context(), NOW)
    row = the_submission(change)
    assert (row.stage, row.outcome, row.problem, row.due) == (stage, outcome, problem, None)


def test_a_rejection() -> None:
    """What was never sent is rejected as before, by its bytes alone."""
    why = Unresolved(folder_scope("/bills"), "", "", "")
    found = read_back(
        beside=replace(BESIDE, was_sent=False),
        outcome=Outcome.REJECTED,
        problem=EMPTY,
        answers=None,
        job_id=None,
    )
    change = adopt(FILE, found, context(place=why), NOW)
    file = only_file(change)
    assert change.submission is None
    assert (file.stage, file.problem, file.present) == (
        FileStage.REJECTED,
        EMPTY,
        rejection_token(file),
    )
    assert owe(file, None, NOW).write_due is None


def test_a_result_that_was_replaced_meanwhile() -> None:
    """Other bytes in its place than those examined: the file is looked at again."""
    for file in (FILE, replace(FILE, adoptable=None)):
        found = read_back(beside=replace(BESIDE, content_sha256=SHA))
        after = only_file(adopt(file, found, context(), NOW))
        assert (after.stage, after.due, after.adoptable) == (FileStage.FOUND, NOW, None)


def test_without_a_place_it_waits() -> None:
    """Nothing is adopted for a site that is not known now."""
    why = Unresolved(folder_scope("/bills"), "site-missing", "", "")
    change = adopt(FILE, read_back(), context(place=why), NOW)
    assert change.submission is None
    assert only_file(change).due is None


def test_what_is_queued_need_not_be_sent() -> None:
    """A copy that already waits gets the answers that lie beside its twin."""
    change = adopt(FILE, read_back(), context(a_submission()), NOW)
    row = the_submission(change)
    assert (row.id, row.stage) == (5, SubmissionStage.FETCHED)


@pytest.mark.parametrize("same", [begun(), accepted()])
def test_what_is_under_way_goes_its_way(same: Submission) -> None:
    """An upload under way is not disturbed; the result that lies there stays until it ends."""
    change = adopt(FILE, read_back(), context(same), NOW)
    assert the_submission(change) == same
    assert only_file(change).present == KEPT
    assert owe(only_file(change), same, NOW).write_due is None


def test_a_second_result_of_what_is_known() -> None:
    """A copy whose twin was adopted before is linked to it."""
    found = read_back(beside=replace(BESIDE, revision=1))
    change = adopt(FILE, found, context(DONE), NOW)
    assert the_submission(change) == DONE
    assert change.answers is None
    assert only_file(change).present == "5.1"


def test_a_newer_revision_of_another_machine_is_taken_over() -> None:
    """A correction that another machine wrote is known from then on, with its number."""
    change = adopt(FILE, read_back(), context(replace(DONE, job_id="job-1")), NOW)
    row = the_submission(change)
    assert (row.id, row.revision, row.fingerprint) == (5, 3, "f")
    assert change.answers is not None
    assert only_file(change).present == "5.3"


def test_an_older_revision_of_another_machine_is_replaced() -> None:
    """What the store knows better is written over what another machine left."""
    done = replace(DONE, job_id="job-1", revision=4)
    change = adopt(FILE, read_back(), context(done), NOW)
    assert the_submission(change) == done
    assert only_file(change).present == KEPT
    assert owe(only_file(change), done, NOW).write_due == NOW


def test_a_result_of_another_job_stays() -> None:
    """Two machines sent the same bytes: the result that lies there is not written over."""
    done = replace(DONE, job_id="job-2", revision=4)
    change = adopt(FILE, read_back(), context(done), NOW)
    assert the_submission(change) == done
    assert only_file(change).present == "5.4"
