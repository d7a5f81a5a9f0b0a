"""What follows when the documents of an ended submission were fetched once more."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change, of_submission
from agent.bills.corrections import job_without
from agent.bills.outcomes import Fetched
from agent.bills.rows import Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import Outcome, Problem
from agent.bills.verdict import verdict

SECOND_LOOK_SECONDS = 3600.0
"""A document that was there counts as deleted when it is missing after this long again."""

_DELETED = Problem(
    "no-data",
    "Nectar deleted the bill that it had made of this file; an earlier result had it.",
    "Look in Nectar whether that was meant. If not, have it put back, or: bill-agent retry FILE.",
)


def refreshed(
    row: Submission, fetched: Fetched, known_documents: frozenset[str], now: float
) -> Change:
    """Return the change after the documents of an ended submission were fetched once more.

    A new revision only where something changed. What the last result was made of
    (``known_documents``) counts as deleted when it was missing twice. Where nothing can be fetched
    that ever could, nothing is concluded.
    """
    rested = replace(row, due=None, failures=0, bugs=0, tries=0)
    answers = fetched.answers
    deleted = known_documents.intersection(fetched.missing)
    if not answers.documents and not answers.duplicates and not deleted:
        return Change(submission=rested)
    if fetched.fingerprint == row.fingerprint:
        return Change(submission=rested)
    if deleted and not row.tries:
        again = replace(row, due=now + SECOND_LOOK_SECONDS, failures=0, bugs=0, tries=1)
        return Change(submission=again)
    found = verdict(
        replace(answers, job=job_without(answers.job, frozenset(fetched.missing))),
        row.place.site_id,
    )
    if deleted and found.outcome is Outcome.NO_DATA:
        found = replace(found, problem=_DELETED)
    is_failure = found.outcome in (Outcome.FAILED, Outcome.REJECTED)
    revised = replace(
        rested,
        stage=SubmissionStage.FAILED if is_failure else SubmissionStage.FETCHED,
        since=now,
        revision=row.revision + 1,
        revision_at=now,
        outcome=found.outcome,
        problem=found.problem,
        warnings=found.warnings,
        fingerprint=fetched.fingerprint,
        answered_at=row.answered_at if row.answered_at is not None else now,
    )
    what = "a document was deleted" if deleted else "corrected"
    change = of_submission(revised, f"{what} at Nectar: {found.outcome.value}", at=now)
    return replace(change, answers=fetched.answers)
