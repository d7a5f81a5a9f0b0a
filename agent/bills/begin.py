"""Whether and how an upload starts. ``begun`` is committed before the first byte leaves."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change, of_submission
from agent.bills.rows import Submission
from agent.bills.stages import SubmissionStage


def may_begin(row: Submission, same_bytes: tuple[Submission, ...]) -> bool:
    """Whether ``row`` may be sent now: not while the same bytes are or were sent for another site.

    A recorded reason (a person's answer, a lost upload) allows it.
    """
    if row.stage is not SubmissionStage.QUEUED:
        return False
    return row.reason is not None or not any(
        other.was_begun for other in same_bytes if other.id != row.id
    )


def begin(row: Submission, now: float) -> Change:
    """Return the change that must be committed before the upload goes out."""
    begun = replace(
        row, stage=SubmissionStage.BEGUN, since=now, begun_at=now, due=None, doubt_ends=None
    )
    return of_submission(begun, "upload begun", at=now)
