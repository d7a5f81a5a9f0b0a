"""What follows from an outcome of a file's step: the stage it is at from now on.

Pure: ``(row, outcome, context, now) -> Change``. Linking an examined file to a submission follows
in :mod:`agent.bills.linking`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from agent.bills import questions
from agent.bills.backoff import backoff
from agent.bills.change import Change, of_file
from agent.bills.cloud import IN_CLOUD, fetched, is_in_cloud, put_in_cloud, still_in_cloud
from agent.bills.errors import NeedsAttention, Transient
from agent.bills.holds import ACCOUNT, DISK_FULL, WRITE_HOLDS, folder_scope, new_hold
from agent.bills.outcomes import (
    Bug,
    BytesChanged,
    Examined,
    Failed,
    FileOutcome,
    Looked,
    ReadBack,
    Recalled,
    ResultKept,
    ResultRemoved,
    ResultSeen,
    ResultWritten,
    Unfit,
    Vanished,
)
from agent.bills.owing import rejection_token, with_result, without_result
from agent.bills.rows import Adoptable, File, Submission
from agent.bills.stages import FileStage, ResultFate
from agent.bills.values import Beside, BesideKind, Problem, Sha256

BUGS_UNTIL_SET_ASIDE = 5
OTHERS_PLACE_SECONDS = 900.0
"""A result whose place is taken, in a folder of another machine, is tried again after this long."""
_OWN_STEPS = frozenset({FileStage.FOUND, FileStage.SETTLED, FileStage.EXAMINED})


@dataclass(frozen=True, slots=True)
class FileContext:
    """What deciding about a file needs to know.

    ``quiet_for`` is how long, on the monotonic clock and in this run, the file has had the
    signature of its row. ``folder_path`` is its folder, ``is_watched`` whether that is watched
    still. ``is_write`` is whether the step was about its result. ``submission`` is what it is
    linked to. ``is_of_another`` is whether another machine serves the folder.
    """

    folder_path: str
    quiet_for: float
    quiet_seconds: float
    incomplete_seconds: float
    is_write: bool = False
    submission: Submission | None = None
    is_of_another: bool = False
    is_watched: bool = True


def decide_file(file: File, outcome: FileOutcome, context: FileContext, now: float) -> Change:
    """Return what must be written down after ``outcome``."""
    match outcome:
        case Looked():
            return _looked(file, outcome, context, now)
        case Vanished():
            # Readings conclude that a file is gone, never a single look.
            return Change(files=(replace(file, stage=FileStage.FOUND, due=None),))
        case Recalled():
            return of_file(fetched(file, now), "its content came from the cloud", at=now)
        case BytesChanged():
            again = now + context.quiet_seconds
            return of_file(
                replace(file, stage=FileStage.FOUND, due=again), "changed while read", at=now
            )
        case Examined():
            return _examined(file, outcome, now)
        case Unfit():
            return _unfit(file, outcome, now)
        case ResultWritten():
            written = replace(
                file,
                present=outcome.owed,
                present_sha256=outcome.sha256,
                present_signature=outcome.signature,
                present_at=now,
                fate=ResultFate.AS_WRITTEN,
                write_due=None,
                failures=0,
                bugs=0,
            )
            return of_file(written, "result written", at=now)
        case ResultRemoved():
            return of_file(without_result(file), "result of earlier bytes removed", at=now)
        case ResultKept(beside):
            return _kept(file, beside, context, now)
        case ResultSeen(beside):
            return _seen(file, beside, context.submission, now)
        case ReadBack():
            raise ValueError("a result read back is adopted by agent.bills.adopting")
        case Failed(error):
            return _failed(file, error, context, now)
        case Bug(text):
            return _bug(file, text, context, now)
        case _:
            assert_never(outcome)


def _looked(file: File, looked: Looked, context: FileContext, now: float) -> Change:
    if looked.signature != file.signature:
        moving = replace(
            file, signature=looked.signature, due=now + context.quiet_seconds, since=now
        )
        return Change(files=(moving,))
    remaining = context.quiet_seconds - context.quiet_for
    if remaining > 0:
        return Change(files=(replace(file, due=now + remaining),))
    patience = context.incomplete_seconds - context.quiet_for
    if not looked.is_complete and patience > 0:
        # Looked at as often as a moving file, so that the end mark is noticed soon.
        wait = min(max(context.quiet_seconds, 0.5), patience)
        return Change(files=(replace(file, due=now + wait),))
    return Change(files=(replace(file, stage=FileStage.SETTLED, due=now),))


def _examined(file: File, found: Examined, now: float) -> Change:
    is_same = found.sha256 == file.sha256
    first_seen = _bytes_first_seen(file, found.sha256)
    is_sought = is_same or file.sha256 is None
    file = replace(
        file,
        signature=found.signature,
        sha256=found.sha256,
        kind=found.kind,
        failures=0,
        bugs=0,
        due=None,
        question=None,
        adoptable=None,
        missing=0,
    )
    if is_same and file.submission_id is not None:
        linked = replace(file, stage=FileStage.LINKED)
        fate = _fate(file, found.beside)
        if fate is ResultFate.EDITED:
            # A newer result of ours, perhaps, whose writing was not noted: told once it is linked.
            return Change(files=(linked,), inspect=frozenset({file.id}))
        return Change(files=(replace(linked, fate=fate),))
    file = replace(
        file,
        stage=FileStage.EXAMINED,
        submission_id=None,
        problem=None,
        dismissed=False,
        since=now,
        first_seen=first_seen,
        may_go_elsewhere=file.may_go_elsewhere and is_same,
        sought_since=file.sought_since if is_sought else None,
    )
    met = _meet_beside(file, found.beside, now, is_same=is_same)
    if isinstance(met, Change):
        return met
    return of_file(met, f"examined: {found.kind.value}", at=now)


def _unfit(file: File, found: Unfit, now: float) -> Change:
    # A problem that let it wait, for the cloud say, is no rejection.
    is_same = (
        found.sha256 == file.sha256
        and file.problem is not None
        and file.problem.code == found.problem.code
    )
    first_seen = _bytes_first_seen(file, found.sha256)
    file = replace(
        file,
        signature=found.signature,
        sha256=found.sha256,
        kind=None,
        failures=0,
        bugs=0,
        due=None,
        question=None,
        adoptable=None,
        missing=0,
    )
    if is_same:
        return Change(files=(replace(file, stage=FileStage.REJECTED, problem=found.problem),))
    file = replace(
        file,
        stage=FileStage.REJECTED,
        submission_id=None,
        problem=found.problem,
        dismissed=False,
        since=now,
        first_seen=first_seen,
        asked_site=None,
    )
    beside = found.beside
    is_told_already = (
        beside.kind is BesideKind.OURS
        and beside.file_sha256 == found.sha256
        and not beside.was_sent
    )
    if is_told_already:
        return of_file(
            with_result(file, rejection_token(file), beside, now),
            "rejected; its result lies there",
            at=now,
        )
    met = _meet_beside(file, beside, now, is_same=False)
    if isinstance(met, Change):
        return met
    return of_file(replace(met, adoptable=None), f"rejected: {found.problem.message}", at=now)


def _bytes_first_seen(file: File, sha256: Sha256) -> float:
    """Return since when these bytes are there: a bill moved over another one is a rename too."""
    if file.sha256 is None or file.sha256 == sha256:
        return file.first_seen
    return file.since


def _meet_beside(file: File, beside: Beside, now: float, *, is_same: bool) -> Change | File:
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
    met = _meet_beside(unlinked, beside, now, is_same=True)
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


def _fate(file: File, beside: Beside) -> ResultFate:
    if not file.present:
        return file.fate
    if beside.kind is BesideKind.NOTHING:
        return ResultFate.REMOVED
    if beside.content_sha256 == file.present_sha256:
        return ResultFate.AS_WRITTEN
    return ResultFate.EDITED


def _kept(file: File, beside: Beside, context: FileContext, now: float) -> Change:
    submission = context.submission
    if file.present and file.owed and _is_owed(file, beside, submission):
        return of_file(with_result(file, file.owed, beside, now), "result written", at=now)
    if file.present and file.owed:
        edited = replace(
            file, fate=ResultFate.EDITED, present_signature=beside.signature, write_due=None
        )
        return of_file(edited, "result was edited: left as it is", at=now)
    if submission is not None and submission.stage.was_begun and not submission.stage.is_final:
        return Change(files=(without_result(file),))
    met = _meet_unknown(file, beside, submission, now)
    if context.is_of_another and (met is None or met.files[0].question is not None):
        # That machine's to ask about; a result of ours may still find its place.
        later = replace(without_result(file), write_due=now + OTHERS_PLACE_SECONDS)
        return Change(files=(later,))
    return met or _ask_for_place(file, beside, now)


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


def _seen(file: File, beside: Beside, submission: Submission | None, now: float) -> Change:
    if file.write_due is not None:
        # What is to be written looks itself. It may lie there already: killed before it was noted.
        return Change(files=(file,))
    if not file.present:
        met = None
        if beside.kind is not BesideKind.NOTHING:
            met = _meet_unknown(file, beside, submission, now)
        return met or Change(files=(file,))
    fate = _fate(file, beside)
    seen = replace(file, fate=fate)
    if beside.signature is not None:
        seen = replace(seen, present_signature=beside.signature)
    if fate is file.fate:
        return Change(files=(seen,))
    text = {
        ResultFate.REMOVED: "result was taken away",
        ResultFate.EDITED: "result was edited",
        ResultFate.AS_WRITTEN: "result is back as written",
    }[fate]
    return of_file(replace(seen, since=now), text, at=now)


def _failed(
    file: File, error: Transient | NeedsAttention, context: FileContext, now: float
) -> Change:
    if error.code == questions.NAME_TOO_LONG:
        return _set_aside(file, questions.name_too_long(error.message), now)
    if not context.is_write and file.stage not in _OWN_STEPS:
        return Change(files=(file,))  # its result was looked at; the next reading looks again
    if error.code == IN_CLOUD and not context.is_write:
        return _in_cloud(file, error, now)
    failures = file.failures + 1
    wait = max(1.0, backoff(file.id, failures))
    waiting = replace(file, failures=failures)
    if context.is_write:
        waiting = replace(waiting, write_due=now + wait)
    else:
        waiting = replace(waiting, due=now + wait)
    change = Change(files=(waiting,))
    if context.is_watched and isinstance(error, NeedsAttention) and error.code in WRITE_HOLDS:
        scope = ACCOUNT if error.code == DISK_FULL else folder_scope(context.folder_path)
        hold = new_hold(error.code, scope, error.message, error.advice, now)
        return replace(change, files=(replace(waiting, failures=0),), holds=(hold,))
    if failures == 1:
        return change.with_events(*of_file(file, error.message, at=now).events)
    return change


def _in_cloud(file: File, error: Transient | NeedsAttention, now: float) -> Change:
    if is_in_cloud(file):
        why = Problem(error.code, error.message, error.advice)
        return Change(files=(still_in_cloud(file, why, now),))
    waiting = put_in_cloud(file, now)
    return of_file(waiting, "its content is in the cloud", at=now)


def _bug(file: File, text: str, context: FileContext, now: float) -> Change:
    bugs = file.bugs + 1
    if bugs >= BUGS_UNTIL_SET_ASIDE:
        return _set_aside(replace(file, bugs=bugs), questions.internal_error(file.path, text), now)
    wait = backoff(file.id, bugs)
    if context.is_write:
        return Change(files=(replace(file, bugs=bugs, write_due=now + wait),))
    if file.stage not in _OWN_STEPS:
        return Change(files=(replace(file, bugs=bugs),))
    return Change(files=(replace(file, bugs=bugs, due=now + wait),))


def _set_aside(file: File, question: Problem, now: float) -> Change:
    aside = replace(file, question=question, due=None, write_due=None, since=now, dismissed=False)
    return of_file(aside, f"asks: {question.message}", at=now)
