"""What follows from a step of a submission: the heart of "sent once"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bill_rows import NOW, PLANT_07, a_job, accepted, begun, the_submission
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.answers import Answers, FetchedDocument
from agent.bills.decide_file import BUGS_UNTIL_SET_ASIDE
from agent.bills.decide_submission import (
    SubmissionContext,
    decide_submission,
    is_long_not_there,
    job_lost,
    sent_again,
)
from agent.bills.errors import (
    InDoubt,
    NeedsAttention,
    NoConnection,
    Rejected,
    Transient,
    UploadRefused,
)
from agent.bills.holds import ACCOUNT, company_scope
from agent.bills.instant import utc_text
from agent.bills.outcomes import (
    Accepted,
    Bug,
    Doubtful,
    Failed,
    Fetched,
    JobNotThere,
    NoBytes,
    NotOurs,
    NotSent,
    Polled,
    Refused,
    SubmissionOutcome,
)
from agent.bills.rows import CompanyKey, Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import Outcome

CONTEXT = SubmissionContext(CompanyKey("HMF"), None, others_passed=False, usage_patience_seconds=30)
FINISHED = accepted(stage=SubmissionStage.FINISHED, answered_at=NOW, due=NOW)
DOUBT = InDoubt("upload-in-doubt", "Not known.", "")
REFUSAL = UploadRefused("upload-refused", "No, said Nectar.", "Ask Nectar.", status=400)
RECORD = {"id": "u1", "usage": "77.10", "site": {"id": "site-7"}}


def decided(row: Submission, outcome: SubmissionOutcome, **members: Any) -> Submission:
    """Return the row after the outcome."""
    return the_submission(decide_submission(row, outcome, replace(CONTEXT, **members), NOW))


def fetched(*documents: FetchedDocument, **members: Any) -> Fetched:
    """Return what fetching gave."""
    given: dict[str, Any] = {
        "answers": Answers(a_job(), documents),
        "missing": (),
        "without_usage": 0,
        "fingerprint": "f",
    }
    return Fetched(**(given | members))


BILL = FetchedDocument("document-1", {"id": "document-1", "usageData": [RECORD]})
NO_USAGE = FetchedDocument("document-1", {"id": "document-1", "usageData": []})


def test_accepted() -> None:
    """A job is known: first looked at after two seconds, its age counted from the upload."""
    row = decided(begun(failures=2, refusals=1, doubt_ends=NOW), Accepted(a_job()))
    assert (row.stage, row.job_id, row.due) == (SubmissionStage.ACCEPTED, "job-1", NOW + 2)
    assert (row.sent_at, row.failures, row.refusals, row.doubt_ends) == (NOW - 10, 0, 0, None)


def test_what_was_not_sent_is_queued() -> None:
    """Surely not taken: sent again soon, or when Nectar says."""
    row = decided(begun(), NotSent(NoConnection("no-connection", "Down.")))
    assert row.stage is SubmissionStage.QUEUED
    assert row.due is not None
    assert NOW + 0.75 <= row.due <= NOW + 1.25
    told = NotSent(Transient("too-many-requests", "Slow.", retry_after=90.0))
    assert decided(begun(), told).due == NOW + 90


@pytest.mark.parametrize("outcome", [Doubtful(DOUBT), Bug("KeyError in send")])
def test_what_may_have_been_taken_is_looked_for(outcome: SubmissionOutcome) -> None:
    """A lost answer, or a mistake of ours in the middle, is never followed by a second upload."""
    row = decided(begun(), outcome, slowest_job=100.0)
    assert row.stage is SubmissionStage.BEGUN
    assert row.doubted_at == NOW - 10
    assert row.doubt_ends is not None
    assert row.doubt_ends >= NOW + 300


def test_doubt_counts_from_the_first_lost_upload() -> None:
    """A second lost answer does not hide the first upload."""
    assert decided(begun(doubted_at=NOW - 500), Doubtful(DOUBT)).doubted_at == NOW - 500


def test_refused_for_the_files_sake() -> None:
    """A refusal that is clearly about the file ends it, in Nectar's words."""
    error = Rejected("refused-by-nectar", "Too big.", "Make it smaller.")
    change = decide_submission(begun(), Refused(error, is_about_file=True), CONTEXT, NOW)
    row = the_submission(change)
    assert (row.stage, row.outcome) == (SubmissionStage.FAILED, Outcome.REJECTED)
    assert row.problem is not None
    assert (row.problem.code, row.problem.message) == ("refused-by-nectar", "Too big.")
    assert change.holds == ()


def test_refused_for_another_reason() -> None:
    """In doubt the company is on hold and the file waits; nothing is concluded about it."""
    change = decide_submission(begun(), Refused(REFUSAL, is_about_file=False), CONTEXT, NOW)
    row = the_submission(change)
    assert (row.stage, row.refusals, row.refused_at) == (SubmissionStage.QUEUED, 1, NOW)
    assert [(hold.code, hold.scope) for hold in change.holds] == [
        ("upload-refused", company_scope("HMF"))
    ]


def test_refused_twice_while_others_pass() -> None:
    """The second refusal while other files pass is about the file."""
    once = begun(refusals=1, refused_at=NOW - 60)
    refused = Refused(REFUSAL, is_about_file=False)
    assert decided(once, refused).stage is SubmissionStage.QUEUED
    ended = decided(once, refused, others_passed=True)
    assert ended.stage is SubmissionStage.FAILED
    assert decided(begun(), refused, others_passed=True).stage is SubmissionStage.QUEUED


def test_no_bytes() -> None:
    """No file could give the bytes: nothing was sent."""
    assert decided(begun(), NoBytes()).stage is SubmissionStage.QUEUED


@pytest.mark.parametrize("status", ["PENDING", "IN_REVIEW", "", "completed"])
def test_a_job_that_works_on(status: str) -> None:
    """A word nobody announced is no end; the next look comes later with the age."""
    row = decided(accepted(sent_at=NOW - 100, failures=3), Polled(a_job(status=status)))
    assert (row.stage, row.due, row.failures) == (SubmissionStage.ACCEPTED, NOW + 50, 0)


def test_a_completed_job() -> None:
    """Its documents are fetched next; its answer is kept as given."""
    change = decide_submission(accepted(not_there_since=NOW - 5), Polled(a_job()), CONTEXT, NOW)
    row = the_submission(change)
    assert (row.stage, row.due, row.not_there_since) == (SubmissionStage.FINISHED, NOW, None)
    assert change.answers == Answers(a_job())


@pytest.mark.parametrize(
    ("status", "code"), [("FAILED", "job-failed"), ("TERMINATED", "job-terminated")]
)
def test_a_failed_job(status: str, code: str) -> None:
    """The end is told with its code, and Nectar's answer is kept."""
    change = decide_submission(accepted(), Polled(a_job(status=status)), CONTEXT, NOW)
    row = the_submission(change)
    assert (row.stage, row.outcome, row.revision, row.due) == (
        SubmissionStage.FAILED,
        Outcome.FAILED,
        1,
        None,
    )
    assert row.problem is not None
    assert row.problem.code == code
    assert change.answers is not None


def test_a_job_that_cannot_be_asked_for_is_not_lost_yet() -> None:
    """404 is a reason to look elsewhere for seven days, never to send again."""
    row = decided(accepted(), JobNotThere())
    assert (row.stage, row.not_there_since) == (SubmissionStage.ACCEPTED, NOW)
    assert not is_long_not_there(row, NOW + 7 * 86400 - 1)
    assert is_long_not_there(row, NOW + 7 * 86400)
    assert (
        decided(replace(row, not_there_since=NOW - 50), JobNotThere()).not_there_since == NOW - 50
    )
    lost = the_submission(job_lost(row, NOW))
    assert lost.problem is not None
    assert (lost.stage, lost.problem.code) == (SubmissionStage.FAILED, "job-lost")


def test_fetched() -> None:
    """A bill with usage is processed, and all that was given is kept."""
    change = decide_submission(FINISHED, fetched(BILL), CONTEXT, NOW)
    row = the_submission(change)
    assert (row.stage, row.outcome, row.problem) == (
        SubmissionStage.FETCHED,
        Outcome.PROCESSED,
        None,
    )
    assert (row.revision, row.fingerprint) == (1, "f")
    assert change.answers == Answers(a_job(), (BILL,))


def test_a_document_that_is_not_there_yet() -> None:
    """It is tried again for up to an hour, then written with what there is."""
    missing = fetched(missing=("d1",))
    row, looks = FINISHED, 0
    now = NOW
    while row.stage is SubmissionStage.FINISHED:
        row = the_submission(decide_submission(row, missing, CONTEXT, now))
        now = row.due or now
        looks += 1
        assert looks < 100
    assert NOW + 3500 <= now <= NOW + 3700
    assert (row.outcome, row.stage) == (Outcome.NO_DATA, SubmissionStage.FETCHED)


def test_usage_that_is_not_there_yet() -> None:
    """A document without usage is looked at three times within the patience, then written."""
    row, now, looks = FINISHED, NOW, 0
    while row.stage is SubmissionStage.FINISHED:
        outcome = fetched(NO_USAGE, without_usage=1)
        row = the_submission(decide_submission(row, outcome, CONTEXT, now))
        now = row.due or now
        looks += 1
    assert looks == 3
    assert now - NOW == pytest.approx(30.0)


def duplicate(created: float | None, job_id: str | None = "job-0") -> Fetched:
    """Return a job that found the bill known, with the known document."""
    document: dict[str, Any] = {"id": "d0", "usageData": [RECORD], "jobId": job_id}
    if created is not None:
        document["created"] = utc_text(created)
    job = a_job(parsed_document_ids=(), duplicates=1, duplicate_document_ids=("d0",))
    return fetched(answers=Answers(job, (), (FetchedDocument("d0", document),)))


DOUBTED = replace(FINISHED, doubted_at=NOW - 3600)


@pytest.mark.parametrize(
    ("row", "outcome", "others", "result"),
    [
        (DOUBTED, duplicate(NOW - 3000), (), Outcome.PROCESSED),
        (DOUBTED, duplicate(NOW - 4000), (), Outcome.PROCESSED),  # clocks differ
        (DOUBTED, duplicate(NOW - 9000), (), Outcome.DUPLICATE),
        (DOUBTED, duplicate(None), (), Outcome.DUPLICATE),
        (DOUBTED, duplicate(NOW - 3000), ("job-0",), Outcome.DUPLICATE),
        (DOUBTED, duplicate(NOW - 3000, None), (), Outcome.PROCESSED),
        (FINISHED, duplicate(NOW - 3000), (), Outcome.DUPLICATE),
    ],
)
def test_the_duplicate_that_is_our_own_first_upload(
    row: Submission, outcome: Fetched, others: tuple[str, ...], result: Outcome
) -> None:
    """After a lost answer a bill made since then, by no other upload of ours, is our own."""
    assert decided(row, outcome, our_other_jobs=frozenset(others)).outcome is result


def test_a_persons_hold_counts_no_attempt() -> None:
    """A revoked key lets every row wait as it is; an upload returns to the queue."""
    error = Failed(NeedsAttention("key-refused", "No.", "Set another."))
    for row, stage in ((begun(), SubmissionStage.QUEUED), (accepted(), SubmissionStage.ACCEPTED)):
        change = decide_submission(row, error, CONTEXT, NOW)
        after = the_submission(change)
        assert (after.stage, after.failures, after.job_id) == (stage, 0, row.job_id)
        assert [(hold.code, hold.scope) for hold in change.holds] == [("key-refused", ACCOUNT)]


def test_a_failed_look_is_repeated_later() -> None:
    """Polling that fails never ends a job, and never sends it again."""
    row = accepted()
    for _ in range(30):
        row = decided(row, Failed(Transient("nectar-unavailable", "500.")))
        assert (row.stage, row.job_id) == (SubmissionStage.ACCEPTED, "job-1")
    assert row.failures == 30
    assert row.due is not None
    assert row.due <= NOW + 6 * 3600


def test_five_mistakes_of_ours_stop_a_row() -> None:
    """A row over which we stumble is not due any more after five times."""
    row = accepted()
    for _ in range(BUGS_UNTIL_SET_ASIDE):
        assert row.due is not None
        row = decided(row, Bug("KeyError in poll"))
    assert (row.due, row.stage) == (None, SubmissionStage.ACCEPTED)


def test_sent_again_needs_a_reason() -> None:
    """What is sent once more is due at once and says why, in its row and in its history."""
    change = sent_again(begun(doubt_ends=NOW, failures=4), "nothing was found", NOW)
    row = the_submission(change)
    assert (row.stage, row.due, row.reason, row.doubt_ends) == (
        SubmissionStage.QUEUED,
        NOW,
        "nothing was found",
        None,
    )
    assert "nothing was found" in change.events[0].what


outcomes = st.sampled_from(
    [
        Accepted(a_job(status="PENDING")),
        NotSent(NoConnection("no-connection", "")),
        Doubtful(DOUBT),
        Refused(REFUSAL, is_about_file=False),
        Refused(REFUSAL, is_about_file=True),
        NoBytes(),
        NotOurs(),
        Polled(a_job()),
        Polled(a_job(status="PENDING")),
        Polled(a_job(status="FAILED")),
        JobNotThere(),
        fetched(BILL),
        fetched(missing=("d1",)),
        Failed(Transient("nectar-unavailable", "")),
        Failed(NeedsAttention("key-refused", "", "")),
        Bug("KeyError"),
    ]
)


@given(st.sampled_from([begun(), accepted(), FINISHED]), outcomes, st.booleans())
def test_whatever_comes_back(row: Submission, outcome: SubmissionOutcome, passed: bool) -> None:
    """No outcome changes whose bytes these are, or leaves a row that nothing moves any more."""
    after = decided(row, outcome, others_passed=passed)
    assert (after.id, after.sha256, after.place) == (row.id, row.sha256, PLANT_07)
    moves = after.due is not None or after.doubt_ends is not None
    assert moves or after.stage.is_final
    assert after.stage is not SubmissionStage.QUEUED or not isinstance(outcome, Doubtful)
