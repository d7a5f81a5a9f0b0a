"""What follows from an outcome of a submission's step: the heart of "sent once".

Pure: ``(row, outcome, context, now) -> Change``. Read with the table in :mod:`agent.bills.stages`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from agent.bills import questions
from agent.bills.answers import Answers, Job
from agent.bills.backoff import (
    DOCUMENT_NOT_THERE_SECONDS,
    FIRST_LOOK_SECONDS,
    JOB_NOT_THERE_SECONDS,
    backoff,
    doubt_wait,
    poll_wait,
)
from agent.bills.change import Change, of_submission
from agent.bills.decide_file import BUGS_UNTIL_SET_ASIDE
from agent.bills.errors import NeedsAttention, Transient
from agent.bills.holds import ACCOUNT, company_scope, new_hold
from agent.bills.instant import utc_seconds
from agent.bills.outcomes import (
    Accepted,
    Bug,
    BytesInCloud,
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
from agent.bills.refreshing import refreshed
from agent.bills.rows import CompanyKey, Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import Outcome, Problem
from agent.bills.verdict import (
    JobFailure,
    Verdict,
    adopt_duplicate,
    failure_verdict,
    uploads_lost_verdict,
    verdict,
)

CLOCK_DIFFERENCE_SECONDS = 600.0
"""How far this machine's clock and Nectar's may differ when times are compared."""
_FAILED_STATUSES = {"FAILED": JobFailure.FAILED, "TERMINATED": JobFailure.TERMINATED}
_USAGE_LOOKS = 3
MOST_LOST_UPLOADS = 5
"""So many uploads of the same bytes, each looked for in vain; then a person is needed."""
MOST_LOST_IN_OUTAGE = 30
"""So many, about a week, where Nectar did not say that it took the last one: time may heal that."""


@dataclass(frozen=True, slots=True)
class SubmissionContext:
    """What deciding about a submission needs to know.

    ``company`` is the configuration's word for its company. ``others_passed`` is whether Nectar
    took another upload of the company since this one was refused. ``known_jobs`` are the ids among
    ``asked_jobs`` that belong to other submissions of ours. ``usage_patience_seconds`` is how long
    usage is waited for in all.
    """

    company: CompanyKey
    slowest_job: float | None
    others_passed: bool
    usage_patience_seconds: float
    our_other_jobs: frozenset[str] = frozenset()
    known_documents: frozenset[str] = frozenset()
    """The documents that its last result was made of."""


def decide_submission(
    row: Submission, outcome: SubmissionOutcome, context: SubmissionContext, now: float
) -> Change:
    """Return what must be written down after ``outcome``."""
    match outcome:
        case Accepted(job):
            return accepted(row, job, now)
        case NotSent(error):
            return _not_sent(row, error, now)
        case Doubtful(error):
            slowest = context.slowest_job
            return in_doubt(row, error.message, slowest, now, was_taken=error.was_taken)
        case Refused():
            return _refused(row, outcome, context, now)
        case NoBytes():
            return of_submission(_back_to_queue(row, now), "no present file has the bytes", at=now)
        case BytesInCloud():
            # Its files are fetched; when one is here, the submission is queued by itself.
            return of_submission(
                replace(row, stage=SubmissionStage.QUEUED, since=now, due=now),
                "not sent: its bytes are in the cloud",
                at=now,
            )
        case NotOurs():
            words = "not sent: the folder's mark is not this machine's"
            return of_submission(_back_to_queue(row, now), words, at=now)
        case Polled(job):
            return _polled(row, job, now)
        case JobNotThere():
            since = row.not_there_since if row.not_there_since is not None else now
            age = now - (row.sent_at or row.since)
            waiting = replace(
                row, not_there_since=since, due=now + poll_wait(age), failures=0, bugs=0
            )
            return Change(submission=waiting)
        case Fetched() if row.stage.is_final:
            return refreshed(row, outcome, context.known_documents, now)
        case Fetched():
            return _fetched(row, outcome, context, now)
        case Failed(error):
            return _failed(row, error, now)
        case Bug(text):
            return _bug(row, text, now)
        case _:
            assert_never(outcome)


def accepted(row: Submission, job: Job, now: float) -> Change:
    """Return the change when Nectar's job for the upload is known."""
    taken = replace(
        row,
        stage=SubmissionStage.ACCEPTED,
        since=now,
        due=now + FIRST_LOOK_SECONDS,
        failures=0,
        bugs=0,
        tries=0,
        sent_at=row.begun_at or now,
        answered_at=None,
        job_id=job.id,
        not_there_since=None,
        doubt_ends=None,
        refusals=0,
        refused_at=None,
    )
    return of_submission(taken, f"accepted as job {job.id}", at=now)


def in_doubt(
    row: Submission, why: str, slowest_job: float | None, now: float, *, was_taken: bool = False
) -> Change:
    """Return the change when an upload may have been taken: it is looked for, never resent.

    ``was_taken`` is whether Nectar said that it took it.
    """
    doubted = replace(
        row,
        stage=SubmissionStage.BEGUN,
        due=None,
        sent_at=row.begun_at if was_taken else None,
        doubted_at=row.doubted_at if row.doubted_at is not None else row.begun_at or now,
        doubt_ends=now + doubt_wait(slowest_job, row.tries),
    )
    return of_submission(doubted, f"upload in doubt: {why}", at=now)


def job_lost(row: Submission, now: float) -> Change:
    """Return the change when neither the job nor a document of it can be found any more."""
    return _ended(row, None, failure_verdict(None, JobFailure.LOST), now)


def upload_lost(row: Submission, now: float) -> Change:
    """Return the change when Nectar has no document of an upload whose answer was lost.

    The bytes are sent once more, up to ``MOST_LOST_UPLOADS`` or ``MOST_LOST_IN_OUTAGE``, then a
    person is needed: a Nectar that takes uploads, names no job and keeps no names would get them
    without end.
    """
    lost = row.tries + 1
    if lost < (MOST_LOST_UPLOADS if row.sent_at is not None else MOST_LOST_IN_OUTAGE):
        counted = replace(row, tries=lost)
        return sent_again(counted, "Nectar has no document of the upload in doubt", now)
    return _ended(replace(row, sent_at=row.begun_at), None, uploads_lost_verdict(lost), now)


def is_long_not_there(row: Submission, now: float) -> bool:
    """Whether a job could not be asked for so long that it counts as lost."""
    return row.not_there_since is not None and now - row.not_there_since >= JOB_NOT_THERE_SECONDS


def sent_again(row: Submission, reason: str, now: float) -> Change:
    """Return the change when the same bytes are to be sent once more, for a recorded reason."""
    queued = replace(
        _back_to_queue(row, now), reason=reason, due=now, failures=0, sent_at=None, doubt_ends=None
    )
    return of_submission(queued, f"to be sent once more: {reason}", at=now)


def _back_to_queue(row: Submission, now: float) -> Submission:
    failures = row.failures + 1
    return replace(
        row,
        stage=SubmissionStage.QUEUED,
        since=now,
        failures=failures,
        due=now + backoff(row.id, failures),
    )


def _not_sent(row: Submission, error: Transient, now: float) -> Change:
    queued = _back_to_queue(row, now)
    if error.retry_after is not None:
        queued = replace(queued, due=now + error.retry_after)
    return of_submission(queued, f"not sent: {error.message}", at=now)


def _refused(row: Submission, refused: Refused, context: SubmissionContext, now: float) -> Change:
    error = refused.error
    if refused.is_about_file or (row.refusals and context.others_passed):
        problem = Problem("refused-by-nectar", error.message, error.advice)
        return _ended(row, None, Verdict(Outcome.REJECTED, problem, ()), now)
    queued = replace(
        row,
        stage=SubmissionStage.QUEUED,
        since=now,
        due=now,
        refusals=row.refusals + 1,
        refused_at=now,
    )
    hold = new_hold(
        "upload-refused", company_scope(context.company), error.message, error.advice, now
    )
    change = of_submission(queued, f"refused: {error.message}", at=now)
    return replace(change, holds=(hold,))


def _polled(row: Submission, job: Job, now: float) -> Change:
    row = replace(row, failures=0, bugs=0, not_there_since=None)
    if job.status == "COMPLETED":
        finished = replace(
            row, stage=SubmissionStage.FINISHED, since=now, due=now, tries=0, answered_at=now
        )
        change = of_submission(finished, "job completed", at=now)
        return replace(change, answers=Answers(job))
    if job.status in _FAILED_STATUSES:
        return _ended(
            replace(row, answered_at=now),
            job,
            failure_verdict(job, _FAILED_STATUSES[job.status]),
            now,
        )
    age = now - (row.sent_at or row.since)
    return Change(submission=replace(row, due=now + poll_wait(age)))


def _fetched(row: Submission, fetched: Fetched, context: SubmissionContext, now: float) -> Change:
    waited = now - (row.answered_at or now)
    tries = row.tries + 1
    again = replace(row, tries=tries, failures=0, bugs=0)
    if fetched.missing and waited < DOCUMENT_NOT_THERE_SECONDS:
        left = DOCUMENT_NOT_THERE_SECONDS - waited
        wait = min(600.0, 2.0 ** min(tries, 12), max(left, 1.0))
        return Change(submission=replace(again, due=now + wait))
    if not fetched.missing and fetched.without_usage and tries < _USAGE_LOOKS:
        wait = context.usage_patience_seconds * tries / _USAGE_LOOKS
        return Change(submission=replace(again, due=now + wait))
    answers = _own_first_upload(row, fetched.answers, context) or fetched.answers
    found = verdict(answers, row.place.site_id)
    ended = _ended(replace(row, fingerprint=fetched.fingerprint), answers.job, found, now)
    return replace(ended, answers=answers)


def _own_first_upload(
    row: Submission, answers: Answers, context: SubmissionContext
) -> Answers | None:
    """Return the answers with our own first upload's documents, if that is the duplicate.

    Only after a lost answer: the document was made since then, under a job that is no other
    submission's.
    """
    if row.doubted_at is None or answers.documents:
        return None
    for duplicate in answers.duplicates:
        document = duplicate.document
        if document is None:
            continue
        created = utc_seconds(str(document.get("created") or ""))
        job_id = document.get("jobId")
        if created is None or created < row.doubted_at - CLOCK_DIFFERENCE_SECONDS:
            continue
        if isinstance(job_id, str) and job_id in context.our_other_jobs:
            continue
        return adopt_duplicate(answers)
    return None


def _ended(row: Submission, job: Job | None, found: Verdict, now: float) -> Change:
    is_failure = found.outcome in (Outcome.FAILED, Outcome.REJECTED)
    ended = replace(
        row,
        stage=SubmissionStage.FAILED if is_failure else SubmissionStage.FETCHED,
        since=now,
        due=None,
        failures=0,
        bugs=0,
        tries=0,
        doubt_ends=None,
        revision=row.revision + 1,
        revision_at=now,
        outcome=found.outcome,
        problem=found.problem,
        warnings=found.warnings,
    )
    text = found.outcome.value if found.problem is None else found.problem.message
    change = of_submission(ended, f"ended: {text}", at=now)
    return replace(change, answers=Answers(job)) if job is not None else change


def _failed(row: Submission, error: Transient | NeedsAttention, now: float) -> Change:
    is_upload = row.stage is SubmissionStage.BEGUN
    if isinstance(error, NeedsAttention):
        # Waits under the hold, and counts no attempt.
        stage = SubmissionStage.QUEUED if is_upload else row.stage
        hold = new_hold(error.code, ACCOUNT, error.message, error.advice, now)
        return Change(submission=replace(row, stage=stage, due=now), holds=(hold,))
    failures = row.failures + 1
    wait = error.retry_after if error.retry_after is not None else backoff(row.id, failures)
    stage = SubmissionStage.QUEUED if is_upload else row.stage
    waiting = replace(row, stage=stage, failures=failures, due=now + wait)
    if failures == 1:
        return of_submission(waiting, error.message, at=now)
    return Change(submission=waiting)


def _bug(row: Submission, text: str, now: float) -> Change:
    bugs = row.bugs + 1
    if row.stage is SubmissionStage.BEGUN:
        # What happened to the upload is not known: it is looked for like a lost answer.
        return in_doubt(replace(row, bugs=bugs), text, None, now)
    due = now + backoff(row.id, bugs) if bugs < BUGS_UNTIL_SET_ASIDE else None
    return of_submission(replace(row, bugs=bugs, due=due), f"internal error: {text}", at=now)


def set_aside_question(path: str, text: str) -> Problem:
    """Return the question put to a file whose submission failed five times by a mistake of ours."""
    return questions.internal_error(path, text)
