"""What follows from a step of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bill_rows import (
    EMPTY,
    LATER_SIGNATURE,
    NOTHING_BESIDE,
    NOW,
    OTHER_SHA,
    SHA,
    SIGNATURE,
    WORLD,
    a_file,
    a_submission,
    accepted,
    only_file,
)

from agent.bills import questions
from agent.bills.decide_file import BUGS_UNTIL_SET_ASIDE, FileContext, decide_file
from agent.bills.errors import NeedsAttention, Transient
from agent.bills.holds import ACCOUNT, folder_scope
from agent.bills.outcomes import (
    Bug,
    BytesChanged,
    Examined,
    Failed,
    Looked,
    ResultKept,
    ResultRemoved,
    ResultSeen,
    ResultWritten,
    Unfit,
    Vanished,
)
from agent.bills.owing import rejection_token
from agent.bills.rows import Submission
from agent.bills.stages import FileStage, ResultFate, SubmissionStage
from agent.bills.values import (
    Beside,
    BesideKind,
    Kind,
    Outcome,
    Problem,
    Sha256,
    SubmissionId,
)

QUIET = FileContext("/bills/Plant 7", quiet_for=10.0, quiet_seconds=10.0, incomplete_seconds=600.0)
WRITING = replace(QUIET, is_write=True)
FOUND = a_file(stage=FileStage.FOUND, due=NOW, sha256=None, kind=None)
SETTLED = replace(FOUND, stage=FileStage.SETTLED)
RESULT_SHA = Sha256("bb" * 32)
LINKED = a_file(
    stage=FileStage.LINKED,
    submission_id=SubmissionId(5),
    owed="5.1",
    present="5.1",
    present_sha256=RESULT_SHA,
    present_signature=SIGNATURE,
)
UNEDITED = Beside(BesideKind.OURS, content_sha256=RESULT_SHA, signature=SIGNATURE)
EDITED = Beside(BesideKind.OURS, content_sha256=OTHER_SHA, signature=LATER_SIGNATURE)
FOREIGN = Beside(BesideKind.FOREIGN, content_sha256=OTHER_SHA, signature=LATER_SIGNATURE)
ABOUT_THESE_BYTES = Beside(
    BesideKind.OURS,
    content_sha256=RESULT_SHA,
    signature=SIGNATURE,
    file_sha256=SHA,
    was_sent=True,
    site_id="site-7",
)


def examined(beside: Beside = NOTHING_BESIDE, sha256: Sha256 = SHA) -> Examined:
    """Return an examination that found a readable PDF."""
    return Examined(LATER_SIGNATURE, sha256, Kind.PDF, beside)


def unfit(beside: Beside = NOTHING_BESIDE, problem: Problem = EMPTY) -> Unfit:
    """Return an examination that found an empty file."""
    return Unfit(LATER_SIGNATURE, SHA, problem, beside)


@pytest.mark.parametrize(
    ("looked", "quiet_for", "stage", "wait"),
    [
        (Looked(SIGNATURE, is_complete=True), 10.0, FileStage.SETTLED, 0.0),
        (Looked(SIGNATURE, is_complete=True), 4.0, FileStage.FOUND, 6.0),
        (Looked(LATER_SIGNATURE, is_complete=True), 10.0, FileStage.FOUND, 10.0),
        (Looked(SIGNATURE, is_complete=False), 10.0, FileStage.FOUND, 10.0),
        (Looked(SIGNATURE, is_complete=False), 595.0, FileStage.FOUND, 5.0),
        (Looked(SIGNATURE, is_complete=False), 600.0, FileStage.SETTLED, 0.0),
    ],
)
def test_settling(looked: Looked, quiet_for: float, stage: FileStage, wait: float) -> None:
    """A file settles after the quiet time, a cut one only after the time for incomplete ones."""
    after = only_file(decide_file(FOUND, looked, replace(QUIET, quiet_for=quiet_for), NOW))
    assert (after.stage, after.due, after.signature) == (stage, NOW + wait, looked.signature)


def test_one_look_never_concludes_that_a_file_is_gone() -> None:
    """What vanished for a moment is left to the readings, and no step of its own is due."""
    after = only_file(decide_file(SETTLED, Vanished(), QUIET, NOW))
    assert (after.stage, after.due) == (FileStage.FOUND, None)


def test_a_file_that_changed_while_read_settles_anew() -> None:
    """The quiet time begins again."""
    after = only_file(decide_file(SETTLED, BytesChanged(), QUIET, NOW))
    assert (after.stage, after.due) == (FileStage.FOUND, NOW + 10)


def test_examined_for_the_first_time() -> None:
    """Bytes and kind are known from now on; it waits for its place."""
    after = only_file(decide_file(SETTLED, examined(), QUIET, NOW))
    assert (after.stage, after.sha256, after.kind) == (FileStage.EXAMINED, SHA, Kind.PDF)
    assert (after.signature, after.due) == (LATER_SIGNATURE, None)


def test_the_same_bytes_keep_their_submission() -> None:
    """A touched file is the same bill: nothing is sent, its result stays."""
    again = replace(LINKED, stage=FileStage.SETTLED)
    after = only_file(decide_file(again, examined(UNEDITED), QUIET, NOW))
    assert (after.stage, after.submission_id, after.present) == (FileStage.LINKED, 5, "5.1")
    assert after.fate is ResultFate.AS_WRITTEN


@pytest.mark.parametrize(
    ("beside", "fate"),
    [(NOTHING_BESIDE, ResultFate.REMOVED), (EDITED, ResultFate.EDITED)],
)
def test_the_same_bytes_and_what_people_did_to_the_result(beside: Beside, fate: ResultFate) -> None:
    """A result that was taken away or edited meanwhile is noticed, and not written over."""
    again = replace(LINKED, stage=FileStage.SETTLED)
    change = decide_file(again, examined(beside), QUIET, NOW)
    after = only_file(change)
    if change.inspect:
        after = only_file(decide_file(after, ResultSeen(beside), QUIET, NOW))
    assert after.fate is fate


def test_other_bytes_are_a_new_bill() -> None:
    """Other bytes under the same name lose submission, answers and sight of the old."""
    before = replace(
        LINKED, stage=FileStage.SETTLED, may_go_elsewhere=True, dismissed=True, sought_since=1.0
    )
    after = only_file(decide_file(before, examined(UNEDITED, OTHER_SHA), QUIET, NOW))
    assert (after.stage, after.submission_id, after.sha256) == (
        FileStage.EXAMINED,
        None,
        OTHER_SHA,
    )
    assert (after.may_go_elsewhere, after.dismissed, after.sought_since) == (False, False, None)
    assert after.first_seen == before.since
    assert after.present == "5.1"  # ours and unedited: goes when the new one is decided


@pytest.mark.parametrize("beside", [EDITED, FOREIGN])
def test_the_place_of_the_result_is_taken(beside: Beside) -> None:
    """What is not ours, or was edited, is never touched: a person is asked, nothing is sent."""
    for before in (SETTLED, replace(LINKED, stage=FileStage.SETTLED)):
        after = only_file(decide_file(before, examined(beside, OTHER_SHA), QUIET, NOW))
        assert after.question is not None
        assert after.question.code == questions.RESULT_NAME_TAKEN
        assert (after.present, after.write_due, after.due) == ("", None, None)


def test_our_result_for_these_bytes_is_adoptable() -> None:
    """A result that a lost store wrote is remembered for adoption, never asked about."""
    after = only_file(decide_file(SETTLED, examined(ABOUT_THESE_BYTES), QUIET, NOW))
    assert after.question is None
    assert after.adoptable is not None
    assert (after.adoptable.content_sha256, after.adoptable.was_sent) == (RESULT_SHA, True)


def test_rejected() -> None:
    """Bytes that can never be sent are rejected with the reason."""
    after = only_file(decide_file(SETTLED, unfit(), QUIET, NOW))
    assert (after.stage, after.problem, after.due) == (FileStage.REJECTED, EMPTY, None)


def test_rejected_again_stays_seen() -> None:
    """A rejected file that was touched is not new: a dismissal holds."""
    before = a_file(stage=FileStage.SETTLED, problem=EMPTY, dismissed=True)
    after = only_file(decide_file(before, unfit(), QUIET, NOW))
    assert (after.stage, after.dismissed, after.since) == (
        FileStage.REJECTED,
        True,
        before.since,
    )


def test_a_reason_to_wait_is_no_rejection() -> None:
    """A rejected file that came back from the cloud is rejected for what it is."""
    waited = Problem("waiting-for-cloud", "Not here yet.", "")
    before = a_file(stage=FileStage.SETTLED, problem=waited)
    assert only_file(decide_file(before, unfit(), QUIET, NOW)).problem == EMPTY


def test_a_rejection_that_lies_there_already() -> None:
    """After a lost store a rejection is recognised, and not written again."""
    told = replace(ABOUT_THESE_BYTES, was_sent=False)
    after = only_file(decide_file(SETTLED, unfit(told), QUIET, NOW))
    assert after.present == rejection_token(after)
    assert after.present_sha256 == RESULT_SHA


def test_written() -> None:
    """What was written is remembered with its bytes, and failures are forgotten."""
    before = replace(LINKED, present="", write_due=NOW, failures=3, bugs=2)
    outcome = ResultWritten("5.1", RESULT_SHA, SIGNATURE)
    after = only_file(decide_file(before, outcome, QUIET, NOW))
    assert (after.present, after.present_sha256, after.present_at) == ("5.1", RESULT_SHA, NOW)
    assert (after.write_due, after.failures, after.bugs) == (None, 0, 0)


def test_removed() -> None:
    """Nothing of ours lies there any more."""
    after = only_file(decide_file(replace(LINKED, write_due=NOW), ResultRemoved(), QUIET, NOW))
    assert (after.present, after.present_sha256, after.write_due) == ("", None, None)


def test_an_edited_result_is_kept() -> None:
    """A revision that met an edited result waits, and is not tried again by itself."""
    after = only_file(decide_file(replace(LINKED, write_due=NOW), ResultKept(EDITED), QUIET, NOW))
    assert (after.fate, after.write_due, after.question) == (ResultFate.EDITED, None, None)


def test_a_foreign_file_in_the_place_asks() -> None:
    """A first result that meets another's file asks for the place."""
    before = replace(LINKED, present="", present_sha256=None, write_due=NOW)
    after = only_file(decide_file(before, ResultKept(FOREIGN), QUIET, NOW))
    assert after.question is not None
    assert after.question.code == questions.RESULT_NAME_TAKEN
    assert after.present_signature == FOREIGN.signature


@pytest.mark.parametrize(
    ("beside", "fate"),
    [
        (NOTHING_BESIDE, ResultFate.REMOVED),
        (EDITED, ResultFate.EDITED),
        (UNEDITED, ResultFate.AS_WRITTEN),
    ],
)
def test_seen(beside: Beside, fate: ResultFate) -> None:
    """What people do to a result is noticed, also that it is back as written."""
    for before in (ResultFate.AS_WRITTEN, ResultFate.REMOVED, ResultFate.EDITED):
        file = replace(LINKED, fate=before)
        assert only_file(decide_file(file, ResultSeen(beside), QUIET, NOW)).fate is fate


@pytest.mark.parametrize("beside", [NOTHING_BESIDE, EDITED])
def test_seen_while_a_result_is_to_be_written(beside: Beside) -> None:
    """A newer result of ours, put in place before a kill, is not taken for a person's edit."""
    file = replace(LINKED, owed="5.2", write_due=NOW)
    assert only_file(decide_file(file, ResultSeen(beside), QUIET, NOW)) == file


def test_a_touched_file_beside_another_result_is_linked_before_an_edit_is_told() -> None:
    """What lies there may be a newer result of ours: it is looked at once that is known."""
    touched = replace(SETTLED, sha256=SHA, submission_id=LINKED.submission_id, present="5.1")
    touched = replace(touched, present_sha256=RESULT_SHA)
    change = decide_file(touched, Examined(SIGNATURE, SHA, Kind.PDF, EDITED), QUIET, NOW)
    after = only_file(change)
    assert (after.stage, after.fate) == (FileStage.LINKED, ResultFate.AS_WRITTEN)
    assert change.inspect == {after.id}


def test_failures_wait_longer_each_time() -> None:
    """A file in use elsewhere is tried again, later each time; one line of history tells it."""
    file, waits, lines = SETTLED, [], 0
    for _ in range(6):
        error = Transient("busy", "In use.", "Close it.")
        change = decide_file(file, Failed(error), QUIET, NOW)
        file = only_file(change)
        assert file.stage is FileStage.SETTLED
        assert file.due is not None
        waits.append(file.due - NOW)
        lines += len(change.events)
    assert waits == sorted(waits)
    assert waits[0] >= 1.0
    assert lines == 1


def test_a_failed_write_waits_as_a_write() -> None:
    """The step of the file itself is not touched by a write that failed."""
    before = replace(LINKED, write_due=NOW)
    after = only_file(decide_file(before, Failed(Transient("busy", "", "")), WRITING, NOW))
    assert after.due is None
    assert after.write_due is not None
    assert after.write_due > NOW


@pytest.mark.parametrize("outcome", [Failed(Transient("away", "", "")), Bug("ValueError")])
def test_a_look_at_a_result_that_failed_changes_nothing(outcome: Failed | Bug) -> None:
    """Where the result could not be looked at, the file keeps its problem and asks for no step."""
    problem = Problem("not-a-bill-file", "No.", "Do.")
    before = replace(LINKED, stage=FileStage.REJECTED, problem=problem)
    after = only_file(decide_file(before, outcome, QUIET, NOW))
    assert after.problem == problem
    assert after.due is None


@pytest.mark.parametrize("code", ["folder-not-writable", "disk-full"])
def test_a_folder_that_cannot_be_written_holds_all(code: str) -> None:
    """One hold, of the folder or for a disk of all; no file counts an attempt."""
    error = NeedsAttention(code, "No.", "Do.")
    change = decide_file(replace(LINKED, write_due=NOW), Failed(error), WRITING, NOW)
    scope = ACCOUNT if code == "disk-full" else folder_scope("/bills/Plant 7")
    assert [(hold.code, hold.scope) for hold in change.holds] == [(code, scope)]
    assert only_file(change).failures == 0


def test_a_name_without_room_asks() -> None:
    """A name that leaves no room for `.json` is a person's to shorten."""
    error = NeedsAttention("name-too-long", "Too long.", "")
    after = only_file(decide_file(SETTLED, Failed(error), QUIET, NOW))
    assert after.question is not None
    assert (after.question.code, after.due) == ("name-too-long", None)


def test_five_mistakes_of_ours_set_a_file_aside() -> None:
    """A file over which we stumble is set aside with a question and stops no other."""
    file = SETTLED
    for count in range(1, BUGS_UNTIL_SET_ASIDE + 1):
        file = only_file(decide_file(file, Bug("KeyError in examine"), QUIET, NOW))
        assert (file.question is None) == (count < BUGS_UNTIL_SET_ASIDE)
    assert file.question is not None
    assert (file.question.code, file.due, file.write_due) == ("internal-error", None, None)


# --- a result that another machine wrote --------------------------------------------------------

QUEUED = a_submission()
ENDED = accepted(stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1, due=None)
OF_ANOTHER = replace(
    ABOUT_THESE_BYTES, api=WORLD.api, environment=WORLD.environment, company_id="company-1"
)
WAITING = a_file(stage=FileStage.LINKED, submission_id=SubmissionId(5))


@pytest.mark.parametrize("submission", [QUEUED, ENDED])
@pytest.mark.parametrize("outcome", [ResultSeen(OF_ANOTHER), ResultKept(OF_ANOTHER)])
def test_a_result_of_another_machine_is_adopted(
    submission: Submission, outcome: ResultSeen | ResultKept
) -> None:
    """Before it is sent, or when its own result was to be written: it is read back, not sent."""
    context = replace(QUIET, submission=submission)
    after = only_file(decide_file(WAITING, outcome, context, NOW))
    assert (after.stage, after.submission_id, after.question) == (FileStage.EXAMINED, None, None)
    assert after.adoptable is not None


def test_a_foreign_file_that_comes_before_the_bill_is_sent() -> None:
    """It asks, and the bill is taken out of the queue."""
    context = replace(QUIET, submission=QUEUED)
    after = only_file(decide_file(WAITING, ResultSeen(FOREIGN), context, NOW))
    assert (after.stage, after.submission_id) == (FileStage.EXAMINED, None)
    assert after.question is not None
    assert after.question.code == questions.RESULT_NAME_TAKEN


@pytest.mark.parametrize("beside", [OF_ANOTHER, FOREIGN])
def test_what_is_under_way_is_not_disturbed(beside: Beside) -> None:
    """Whatever comes beside a bill that is at Nectar is met when its result is written."""
    context = replace(QUIET, submission=accepted())
    assert only_file(decide_file(WAITING, ResultSeen(beside), context, NOW)) == WAITING


def test_a_result_for_another_place_is_nobodys_to_adopt() -> None:
    """An ended bill meets a result for another site: it asks for its place."""
    other = replace(OF_ANOTHER, site_id="site-8")
    context = replace(WRITING, submission=ENDED)
    after = only_file(decide_file(WAITING, ResultKept(other), context, NOW))
    assert (after.stage, after.submission_id) == (FileStage.LINKED, 5)
    assert after.question is not None


def test_a_rejection_that_another_machine_wrote() -> None:
    """The same rejection lies there already: it counts as ours, byte for byte as it is."""
    rejected = a_file(stage=FileStage.REJECTED, kind=None, problem=EMPTY)
    told = replace(OF_ANOTHER, was_sent=False)
    after = only_file(decide_file(rejected, ResultKept(told), WRITING, NOW))
    assert (after.present, after.question) == (rejection_token(rejected), None)
    assert after.present_sha256 == RESULT_SHA


def test_a_revision_that_lies_there_already_was_written_and_not_edited() -> None:
    """Killed before it was noted, or written by another machine: only an agent counts up."""
    ended = replace(ENDED, revision=2)
    file = replace(LINKED, owed="5.2", write_due=NOW)
    context = replace(WRITING, submission=ended)
    newer = replace(OF_ANOTHER, content_sha256=OTHER_SHA, revision=2)
    after = only_file(decide_file(file, ResultKept(newer), context, NOW))
    assert (after.present, after.present_sha256, after.fate) == (
        "5.2",
        OTHER_SHA,
        ResultFate.AS_WRITTEN,
    )
    edited = replace(newer, revision=1)
    assert only_file(decide_file(file, ResultKept(edited), context, NOW)).fate is ResultFate.EDITED
