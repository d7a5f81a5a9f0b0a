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
from agent.bills.holds import (
    ACCOUNT,
    DISK_FULL,
    SLOWEST_PROBE_SECONDS,
    WRITE_HOLDS,
    folder_scope,
    new_hold,
)
from agent.bills.meeting_results import fate_of, kept, meet_beside, seen
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
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate
from agent.bills.unreadable import NOT_READABLE, with_reason, without_reason
from agent.bills.values import BesideKind, Problem, Sha256

BUGS_UNTIL_SET_ASIDE = 5
_OWN_STEPS = frozenset({FileStage.FOUND, FileStage.SETTLED, FileStage.EXAMINED})


@dataclass(frozen=True, slots=True)
class FileContext:
    """What deciding about a file needs to know.

    ``quiet_for`` is how long, on the monotonic clock and in this run, the file has had the
    signature of its row. ``written_to`` is what waits where its result cannot be written: its
    folder, or one directory of it. ``is_watched`` is whether its folder is watched still.
    ``is_write`` is whether the step was about its result. ``submission`` is what it is linked to.
    ``is_of_another`` is whether another machine serves the folder.
    """

    written_to: str
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
            return kept(file, beside, context.submission, now, is_of_another=context.is_of_another)
        case ResultSeen(beside):
            return seen(file, beside, context.submission, now)
        case ReadBack():
            raise ValueError("a result read back is adopted by agent.bills.adopting")
        case Failed(error):
            return _failed(file, error, context, now)
        case Bug(text):
            return _bug(file, text, context, now)
        case _:
            assert_never(outcome)


def _looked(file: File, looked: Looked, context: FileContext, now: float) -> Change:
    file = without_reason(file)
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
        without_reason(file),
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
        fate = fate_of(file, found.beside)
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
    met = meet_beside(file, found.beside, now, is_same=is_same)
    if isinstance(met, Change):
        return met
    return of_file(met, f"examined: {found.kind.value}", at=now)


def _unfit(file: File, found: Unfit, now: float) -> Change:
    # A problem that let it wait, for the cloud say, is no rejection: its result still tells that.
    was = file.problem.code if file.problem is not None else ""
    rejected = replace(file, sha256=found.sha256, problem=found.problem)
    is_same = found.sha256 == file.sha256 and (
        was == found.problem.code or file.present == rejection_token(rejected)
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
    met = meet_beside(file, beside, now, is_same=False)
    if isinstance(met, Change):
        return met
    return of_file(replace(met, adoptable=None), f"rejected: {found.problem.message}", at=now)


def _bytes_first_seen(file: File, sha256: Sha256) -> float:
    """Return since when these bytes are there: a bill moved over another one is a rename too."""
    if file.sha256 is None or file.sha256 == sha256:
        return file.first_seen
    return file.since


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
        if error.code == NOT_READABLE:
            wait = min(wait, SLOWEST_PROBE_SECONDS)  # nothing tells when it may be read
        waiting = with_reason(replace(waiting, due=now + wait), error)
    change = Change(files=(waiting,))
    if context.is_watched and isinstance(error, NeedsAttention) and error.code in WRITE_HOLDS:
        scope = ACCOUNT if error.code == DISK_FULL else folder_scope(context.written_to)
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
