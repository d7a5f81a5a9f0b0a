"""What a company's document list tells about lost uploads and lost jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bill_rows import NOW, OTHER_SHA, SHA, a_submission, accepted, begun, the_submission
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.documents import conclude, is_sought, sent_by_another
from agent.bills.listed import ListedDocument, listed
from agent.bills.rows import Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import SubmissionId

DOUBTED = begun(doubted_at=NOW - 60, doubt_ends=NOW - 5)
NOT_THERE = accepted(not_there_since=NOW - 60)


def a_document(**members: Any) -> ListedDocument:
    """Return a listed document of the upload in doubt."""
    given: dict[str, Any] = {
        "id": "d1",
        "file_name": "Bill.3f9ab2c41d7e.pdf",
        "job_id": "job-1",
        "created": NOW - 30,
    }
    return ListedDocument(**(given | members))


def concluded(*documents: ListedDocument, row: Submission = DOUBTED, **given: Any) -> Any:
    """Return the change for the one row that is looked for."""
    arguments: dict[str, Any] = {"our_jobs": frozenset(), "started": NOW - 1, "now": NOW}
    (change,) = conclude(documents, (row,), **(arguments | given))
    return change


def test_found_by_name() -> None:
    """The upload was taken: its job is followed, nothing is sent."""
    row = the_submission(concluded(a_document()))
    assert (row.stage, row.job_id, row.doubt_ends) == (SubmissionStage.ACCEPTED, "job-1", None)
    assert row.doubted_at == NOW - 60


def test_of_several_the_earliest_is_taken() -> None:
    """The others are noted in the history."""
    change = concluded(
        a_document(id="d2", job_id="job-2", created=NOW - 10), a_document(created=NOW - 40)
    )
    assert the_submission(change).job_id == "job-1"
    assert any("job-2" in event.what for event in change.events)


def test_a_document_without_a_job() -> None:
    """It is fetched as it is."""
    change = concluded(a_document(job_id=None))
    assert the_submission(change).stage is SubmissionStage.FINISHED
    assert change.answers.job.parsed_document_ids == ("d1",)


def test_jobs_that_are_ours_already_do_not_count() -> None:
    """Another submission's bill is never taken for the lost one."""
    change = concluded(a_document(), our_jobs=frozenset({"job-1"}))
    assert the_submission(change).stage is SubmissionStage.QUEUED


def test_two_lost_uploads_never_share_a_job() -> None:
    """The same bytes for two sites, both lost, one found: one job, one still looked for."""
    other = replace(DOUBTED, id=SubmissionId(6), begun_at=NOW - 5, doubt_ends=NOW + 60)
    changes = conclude((a_document(),), (other, DOUBTED), frozenset(), NOW - 1, NOW)
    assert [one.submission and (one.submission.id, one.submission.job_id) for one in changes] == [
        (5, "job-1"),
        None,
    ]


@pytest.mark.parametrize(
    ("started", "is_believed"), [(NOW - 6, False), (NOW - 5, True), (NOW, True)]
)
def test_absence_is_believed_after_the_wait(started: float, *, is_believed: bool) -> None:
    """Only a list begun after the wait proves that nothing came; then it is sent once more."""
    change = concluded(started=started)
    if is_believed:
        row = the_submission(change)
        assert row.stage is SubmissionStage.QUEUED
        assert row.reason
    else:
        assert change.submission is None


def test_a_job_found_by_its_document() -> None:
    """A job that cannot be asked for is finished where its documents are."""
    change = concluded(a_document(file_name=""), a_document(id="d2", file_name=""), row=NOT_THERE)
    assert the_submission(change).stage is SubmissionStage.FINISHED
    assert change.answers.job.parsed_document_ids == ("d1", "d2")


def test_a_lost_job() -> None:
    """After seven days without job and document it is lost, and not before."""
    week = 7 * 86400
    assert concluded(row=NOT_THERE).submission is None
    row = replace(NOT_THERE, not_there_since=NOW - week - 1)
    assert the_submission(concluded(row=row)).stage is SubmissionStage.FAILED


def test_a_job_that_was_never_ours_is_found_by_the_name() -> None:
    """An upload whose answer named a wrong job: before it is given up, its own name counts."""
    row = replace(NOT_THERE, not_there_since=NOW - 7 * 86400 - 1)
    change = concluded(a_document(job_id="job-7"), row=row)
    assert the_submission(change).stage is SubmissionStage.FINISHED
    assert change.answers.job.parsed_document_ids == ("d1",)
    assert concluded(a_document(job_id="job-7"), row=NOT_THERE).submission is None
    of_another = concluded(
        a_document(job_id="job-7"), row=row, our_jobs=frozenset({"job-1", "job-7"})
    )
    assert the_submission(of_another).stage is SubmissionStage.FAILED


def test_rows_that_are_not_looked_for_are_left_alone() -> None:
    """An upload under way, or a job that answers, is no business of the list."""
    assert conclude((a_document(),), (begun(), accepted()), frozenset(), NOW, NOW) == ()


names = st.sampled_from(["Bill.3f9ab2c41d7e.pdf", "Other.pdf", ""])
documents = st.lists(
    st.builds(
        a_document,
        id=st.sampled_from(["d1", "d2", "d3"]),
        file_name=names,
        job_id=st.sampled_from([None, "job-1", "job-2"]),
        created=st.floats(NOW - 100, NOW),
    ),
    max_size=5,
)


@given(documents, st.floats(NOW - 100, NOW))
def test_never_resent_while_something_is_there(
    given_documents: list[ListedDocument], started: float
) -> None:
    """An upload is sent once more only if no document bears its name and the wait is over."""
    change = concluded(*given_documents, started=started)
    row = change.submission
    if row is not None and row.stage is SubmissionStage.QUEUED:
        assert started >= NOW - 5
        assert not any("3f9ab2c41d7e" in one.file_name for one in given_documents)


D1 = ListedDocument("d1", "", None, 0.0)


@pytest.mark.parametrize(
    ("given_document", "found"),
    [
        ({}, None),
        ({"id": ""}, None),
        ({"id": 7}, None),
        ({"id": "d\ud800"}, None),
        ({"id": "d1", "jobId": "\udfff", "revisedDocumentId": "\0"}, D1),
        ({"id": "d1", "updated": "\ud800"}, replace(D1, updated="?")),
        ({"id": "d1"}, ListedDocument("d1", "", None, 0.0)),
        (
            {"id": "d1", "fileName": None, "jobId": 5, "created": "yesterday"},
            ListedDocument("d1", "", None, 0.0),
        ),
        (
            {"id": "d1", "fileName": "a.pdf", "jobId": "j", "created": "2026-02-11T19:00:00Z"},
            ListedDocument("d1", "a.pdf", "j", NOW),
        ),
    ],
)
def test_listed(given_document: dict[str, Any], found: ListedDocument | None) -> None:
    """Nothing is expected of a list's documents but an id."""
    assert listed(given_document) == found


def test_is_sought() -> None:
    """A document matters by its name or by its job."""
    assert is_sought(a_document(), (DOUBTED,))
    assert is_sought(a_document(file_name=""), (NOT_THERE,))
    assert not is_sought(a_document(file_name="", job_id=None), (DOUBTED, NOT_THERE))
    assert not is_sought(a_document(job_id="job-9"), (replace(DOUBTED, sha256=OTHER_SHA),))
    assert SHA.startswith("3f9ab2c41d7e")


def test_what_another_machine_sent_is_taken_for_the_upload() -> None:
    """Found by the name's digits under a job that is not ours; the earliest of several counts."""
    waiting = a_submission()
    assert sent_by_another(waiting, (), frozenset(), NOW) is None
    assert sent_by_another(waiting, (a_document(),), frozenset({"job-1"}), NOW) is None
    assert sent_by_another(waiting, (a_document(job_id=None),), frozenset(), NOW) is None
    assert sent_by_another(waiting, (a_document(file_name="Bill.pdf"),), frozenset(), NOW) is None
    later = a_document(id="d2", job_id="job-2", created=NOW - 5)
    change = sent_by_another(waiting, (later, a_document()), frozenset(), NOW)
    assert change is not None
    row = the_submission(change)
    assert (row.stage, row.job_id, row.begun_at) == (SubmissionStage.ACCEPTED, "job-1", NOW - 30)
    assert row.reason is None
    assert "another machine" in change.events[-1].what
