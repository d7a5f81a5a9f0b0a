"""What follows from what lies beside a file, where its result is or is to be.

Pure, as :mod:`agent.bills.decide_file`, of which this is a part.
"""

from __future__ import annotations

from dataclasses import replace

from agent.bills import questions
from agent.bills.change import Change, of_file
from agent.bills.owing import (
    earlier_result,
    has_result,
    rejection_token,
    with_result,
    without_result,
)
from agent.bills.rows import Adoptable, File, Submission
from agent.bills.stages import FileStage, ResultFate
from agent.bills.values import Beside, BesideKind

OTHERS_PLACE_SECONDS = 900.0
"""A result whose place is taken, in a folder of another machine, is tried again after this long."""


def meet_beside(file: File, beside: Beside, now: float, *, is_same: bool) -> Change | File:
    """Return the file that may go on beside what lies there, or the question that it raises.

    A bill moved over another one brings its result along: what we wrote there is gone then.
    ``is_same`` is whether the file has the bytes that it had when we wrote.
    """
    if file.present and beside.content_sha256 == file.present_sha256 and file.present_sha256:
        return file  # ours, unedited: replaced or removed once the new bytes are decided
    if beside.kind is BesideKind.NOTHING:
        return without_result(file)
    if _is_about(beside, file) and (not file.present or not is_same):
        file = without_result(file)
        assert beside.content_sha256 is not None
        assert beside.signature is not None
        found = Adoptable(
            beside.content_sha256,
            beside.signature,
            beside.api,
            beside.environment,
            beside.company_id,
            beside.site_id,
            beside.site_words,
            beside.was_sent,
        )
        # What was never sent is adopted by its bytes alone; the rest once company and site are
        # known.
        return replace(file, adoptable=found, due=None if beside.was_sent else now)
    return _ask_for_place(file, beside, now)


def kept(
    file: File, beside: Beside, submission: Submission | None, now: float, *, is_of_another: bool
) -> Change:
    """Return what follows where a result could not be written, since something lies there.

    ``is_of_another`` is whether another machine serves the folder.
    """
    if file.present and file.owed and _is_owed(file, beside, submission):
        return of_file(with_result(file, file.owed, beside, now), "result written", at=now)
    if file.present and file.owed:
        edited = replace(
            file,
            fate=ResultFate.EDITED,
            present=file.present if has_result(file) else earlier_result(file.owed),
            present_signature=beside.signature,
            write_due=None,
        )
        return of_file(edited, "result was edited: left as it is", at=now)
    if submission is not None and submission.stage.was_begun and not submission.stage.is_final:
        return Change(files=(without_result(file),))
    met = _meet_unknown(file, beside, submission, now)
    if is_of_another and (met is None or met.files[0].question is not None):
        # That machine's to ask about; a result of ours may still find its place.
        later = replace(without_result(file), write_due=now + OTHERS_PLACE_SECONDS)
        return Change(files=(later,))
    return met or _ask_for_place(file, beside, now)


def seen(file: File, beside: Beside, submission: Submission | None, now: float) -> Change:
    """Return what follows from a look at what lies there, while nothing is to be written."""
    if file.write_due is not None:
        # What is to be written looks itself. It may lie there already: killed before it was noted.
        return Change(files=(file,))
    if not file.present:
        met = None
        if beside.kind is not BesideKind.NOTHING:
            met = _meet_unknown(file, beside, submission, now)
        return met or Change(files=(file,))
    fate = fate_of(file, beside)
    looked_at = replace(file, fate=fate)
    if beside.signature is not None:
        looked_at = replace(looked_at, present_signature=beside.signature)
    if fate is file.fate:
        return Change(files=(looked_at,))
    text = {
        ResultFate.REMOVED: "result was taken away",
        ResultFate.EDITED: "result was edited",
        ResultFate.AS_WRITTEN: "result is back as written",
    }[fate]
    return of_file(replace(looked_at, since=now), text, at=now)


def fate_of(file: File, beside: Beside) -> ResultFate:
    """Return what became of the result that we wrote."""
    if not file.present:
        return file.fate
    if beside.kind is BesideKind.NOTHING:
        return ResultFate.REMOVED
    if beside.content_sha256 == file.present_sha256:
        return ResultFate.AS_WRITTEN
    return ResultFate.EDITED


def _is_about(beside: Beside, file: File) -> bool:
    """Whether a result of ours lies there, and is about the bytes of the file."""
    return (
        beside.kind is BesideKind.OURS
        and beside.file_sha256 == file.sha256
        and beside.content_sha256 is not None
        and beside.signature is not None
    )


def _meet_unknown(
    file: File, beside: Beside, submission: Submission | None, now: float
) -> Change | None:
    """Return what follows where a result lies that we did not write: another machine's, say.

    One about these bytes is adopted. Anything else is somebody's: a bill that was not sent asks,
    and is not. None where there is nothing to say yet, or anything else to do than ask.
    """
    if submission is not None and submission.stage.was_begun and not submission.stage.is_final:
        return None  # it is met again when its own result is to be written
    is_about = _is_about(beside, file)
    if file.stage is FileStage.REJECTED:
        if not is_about or beside.was_sent:
            return None
        told = with_result(file, rejection_token(file), beside, now)
        return of_file(told, "rejected; its result lies there", at=now)
    if file.stage not in (FileStage.LINKED, FileStage.EXAMINED):
        return None
    is_final = submission is not None and submission.stage.is_final
    if is_final and not (is_about and _is_of(beside, submission)):
        return None
    unlinked = replace(
        without_result(file), stage=FileStage.EXAMINED, submission_id=None, due=None, since=now
    )
    met = meet_beside(unlinked, beside, now, is_same=True)
    return met if isinstance(met, Change) else of_file(met, "a result lies beside it", at=now)


def _is_of(beside: Beside, submission: Submission | None) -> bool:
    """Whether a result is of the place and the world of a submission."""
    return submission is not None and (
        (beside.api, beside.environment) == (submission.world.api, submission.world.environment)
        and (beside.company_id, beside.site_id)
        == (submission.place.company_id, submission.place.site_id)
    )


def _ask_for_place(file: File, beside: Beside, now: float) -> Change:
    question = questions.name_taken(file.path, beside)
    asked = replace(
        without_result(file),
        question=question,
        present_signature=beside.signature,
        due=None,
        since=now,
        dismissed=False,
    )
    return of_file(asked, f"asks: {question.message}", at=now)


def _is_owed(file: File, beside: Beside, submission: Submission | None) -> bool:
    """Whether the very revision that is to be written lies there already.

    Only an agent counts revisions: this one, killed before it was noted and with another time of
    the bill, or one on another machine.
    """
    return (
        submission is not None
        and _is_about(beside, file)
        and _is_of(beside, submission)
        and beside.revision == submission.revision
        and file.present == f"{submission.id}.{submission.revision - 1}"
    )
