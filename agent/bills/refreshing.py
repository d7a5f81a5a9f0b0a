"""What follows when the documents of an ended submission were fetched once more."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change, of_submission
from agent.bills.outcomes import Fetched
from agent.bills.rows import Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import Outcome
from agent.bills.verdict import verdict


def refreshed(row: Submission, fetched: Fetched, now: float) -> Change:
    """Return the change after the documents of an ended submission were fetched once more.

    A new revision only where something changed. Where nothing at all can be fetched, nothing is
    concluded.
    """
    rested = replace(row, due=None, failures=0, bugs=0, tries=0)
    if not fetched.answers.documents and not fetched.answers.duplicates:
        return Change(submission=rested)
    if fetched.fingerprint == row.fingerprint:
        return Change(submission=rested)
    found = verdict(fetched.answers, row.place.site_id)
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
    change = of_submission(revised, f"corrected at Nectar: {found.outcome.value}", at=now)
    return replace(change, answers=fetched.answers)
