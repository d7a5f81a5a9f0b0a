"""What should lie beside a file, and what people see, follow from the facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bill_rows import EMPTY, NO_DATA, NOW, OTHER_SHA, SHA, a_file, a_submission, accepted, begun
from hypothesis import given
from hypothesis import strategies as st

from agent.bills import questions
from agent.bills.owing import (
    KEPT,
    TO_GO,
    orphaned,
    owe,
    public_code,
    public_state,
    rejection_token,
    result_token,
)
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate, State, SubmissionStage
from agent.bills.values import FileId, Outcome, Problem, SubmissionId

DONE = accepted(stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1, due=None)
FAILED = replace(DONE, outcome=Outcome.NO_DATA, problem=NO_DATA)
LINKED = a_file(stage=FileStage.LINKED, submission_id=SubmissionId(5))
WRITTEN = replace(LINKED, present="5.1", owed="5.1")
REJECTED = a_file(stage=FileStage.REJECTED, problem=EMPTY)
asking = st.sampled_from(
    [
        None,
        questions.first_look("/bills"),
        Problem("asks-other-site", "", ""),
        Problem("result-name-taken", "", ""),
        questions.internal_error("/bills/a", "x"),
    ]
)
files = st.builds(
    lambda stage, present, fate, question, write_due: a_file(
        stage=stage,
        present=present,
        fate=fate,
        question=question,
        write_due=write_due,
        submission_id=SubmissionId(5) if stage is FileStage.LINKED else None,
        problem=EMPTY if stage is FileStage.REJECTED else None,
    ),
    st.sampled_from(FileStage),
    st.sampled_from(["", "5.1", "5.2", "4.1", KEPT, TO_GO, rejection_token(REJECTED)]),
    st.sampled_from(ResultFate),
    asking,
    st.sampled_from([None, NOW - 5]),
)
submissions = st.sampled_from([None, a_submission(), begun(), accepted(), DONE, FAILED])


@given(files, submissions)
def test_owing_twice_is_owing_once(file: File, submission: Submission | None) -> None:
    """What is owed follows from the row: said again, nothing changes."""
    once = owe(file, submission, NOW)
    assert owe(once, submission, NOW + 60) == once


@given(files, submissions)
def test_what_lies_there_as_owed_is_not_written(file: File, submission: Submission | None) -> None:
    """A write is due exactly where owed and present differ and nobody's hand is in between."""
    owing = owe(file, submission, NOW)
    if owing.owed == owing.present or file.fate is ResultFate.EDITED:
        assert owing.write_due is None
    if owing.owed != owing.present and file.fate is not ResultFate.EDITED and not file.question:
        assert owing.write_due is not None


@given(files, submissions)
def test_states_say_done_only_with_a_result(file: File, submission: Submission | None) -> None:
    """`done` and `rejected` are said once the result lies there; a question is always seen."""
    owing = owe(file, submission, NOW)
    state = public_state(owing, submission)
    if state in (State.DONE, State.REJECTED):
        assert owing.present not in ("", TO_GO, KEPT)
        assert owing.present.partition(".")[0] == owing.owed.partition(".")[0]
    if file.question is not None and file.stage is not FileStage.GONE:
        assert state is State.ASKS
        assert public_code(owing, submission) == file.question.code
    assert (state is State.GONE) == (file.stage is FileStage.GONE)


@pytest.mark.parametrize(
    ("file", "submission", "owed"),
    [
        (a_file(stage=FileStage.FOUND, present="5.1"), None, "5.1"),
        (a_file(stage=FileStage.GONE, present="5.1"), None, "5.1"),
        (a_file(stage=FileStage.FOUND, present=TO_GO), None, ""),
        (a_file(present="4.2"), None, ""),
        (a_file(present=KEPT), None, KEPT),
        (LINKED, accepted(), ""),
        (LINKED, DONE, "5.1"),
        (replace(LINKED, present="5.1"), replace(DONE, revision=2), "5.2"),
        (replace(LINKED, present=KEPT), DONE, "5.1"),
        (REJECTED, None, f"rejected.{SHA[:16]}.empty"),
    ],
)
def test_owed(file: File, submission: Submission | None, owed: str) -> None:
    """Found and gone files keep what lies there; decided ones are owed their own."""
    assert owe(file, submission, NOW).owed == owed


@pytest.mark.parametrize(
    ("file", "submission", "state", "code"),
    [
        (a_file(stage=FileStage.FOUND), None, State.WAITING, None),
        (a_file(), None, State.WAITING, None),
        (LINKED, a_submission(), State.WAITING, None),
        (LINKED, begun(), State.SENT, None),
        (LINKED, begun(doubt_ends=NOW + 60), State.SENT, "upload-in-doubt"),
        (LINKED, accepted(), State.SENT, None),
        (LINKED, DONE, State.SENT, None),
        (WRITTEN, DONE, State.DONE, None),
        (WRITTEN, replace(DONE, revision=2), State.DONE, None),
        (WRITTEN, FAILED, State.REJECTED, "no-data"),
        (replace(WRITTEN, fate=ResultFate.REMOVED), DONE, State.DONE, "result-removed"),
        (replace(WRITTEN, fate=ResultFate.EDITED), DONE, State.DONE, None),
        (
            replace(WRITTEN, fate=ResultFate.EDITED),
            replace(DONE, revision=2),
            State.DONE,
            "result-edited",
        ),
        (REJECTED, None, State.WAITING, None),
        (replace(REJECTED, present=rejection_token(REJECTED)), None, State.REJECTED, "empty"),
        (a_file(stage=FileStage.LEFT), None, State.LEFT, None),
        (a_file(stage=FileStage.GONE, present="5.1"), None, State.GONE, None),
        (
            a_file(stage=FileStage.FOUND, question=questions.first_look("/bills")),
            None,
            State.ASKS,
            "first-look",
        ),
    ],
)
def test_states(file: File, submission: Submission | None, state: State, code: str | None) -> None:
    """The states and codes of the contract."""
    owing = owe(file, submission, NOW)
    assert (public_state(owing, submission), public_code(owing, submission)) == (state, code)


def test_a_written_off_place_is_left_alone() -> None:
    """Nothing is written where a person's question or edit stands in the way."""
    taken = Problem("result-name-taken", "", "")
    assert owe(replace(LINKED, question=taken), DONE, NOW).write_due is None
    assert owe(replace(WRITTEN, fate=ResultFate.EDITED), FAILED, NOW).write_due is None
    other_site = Problem("asks-other-site", "", "")
    assert owe(a_file(present="4.1", question=other_site), None, NOW).write_due == NOW


GONE = replace(WRITTEN, stage=FileStage.GONE, last_seen=NOW - 60)
MOVED = replace(WRITTEN, id=FileId(2), path="/bills/Plant 7/Renamed.pdf", first_seen=NOW - 30)


def test_a_result_moves_on_with_its_bytes() -> None:
    """After a rename the old result may go: the same bytes have theirs at the new place."""
    assert orphaned(GONE, [GONE, MOVED])


@pytest.mark.parametrize(
    ("gone", "other"),
    [
        (replace(GONE, stage=FileStage.LINKED), MOVED),
        (replace(GONE, present=""), MOVED),
        (replace(GONE, present=TO_GO), MOVED),
        (replace(GONE, fate=ResultFate.EDITED), MOVED),
        (GONE, replace(MOVED, first_seen=NOW - 90)),
        (GONE, replace(MOVED, present="")),
        (GONE, replace(MOVED, present="5.0")),
        (GONE, replace(MOVED, sha256=OTHER_SHA)),
        (GONE, replace(MOVED, submission_id=SubmissionId(6))),
        (GONE, replace(MOVED, stage=FileStage.FOUND)),
        (GONE, replace(MOVED, path="/bills/Plant 7/BILL.pdf")),
        (
            replace(GONE, path="/bills/Plant 7/Bu\u0308ro.pdf"),
            replace(MOVED, path="/bills/Plant 7/Büro.pdf"),
        ),
    ],
)
def test_a_result_stays(gone: File, other: File) -> None:
    """A result whose file is gone stays unless all of a rename is certain."""
    assert not orphaned(gone, [gone, other])


def test_tokens_name_one_thing() -> None:
    """Revisions and rejections never share a name."""
    assert result_token(DONE) == "5.1"
    assert rejection_token(REJECTED) != rejection_token(replace(REJECTED, sha256=OTHER_SHA))
    other = replace(REJECTED, problem=Problem("damaged", "", ""))
    assert rejection_token(REJECTED) != rejection_token(other)
