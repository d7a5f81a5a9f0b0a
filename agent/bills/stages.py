"""Stages: facts that are true of a row, never activities; and the words that people see for them.

A kill at any moment leaves only facts behind, so nothing has to be repaired at the next start.
"""

from __future__ import annotations

from enum import StrEnum


class FileStage(StrEnum):
    """What is true of one candidate in a watched folder."""

    FOUND = "found"
    """Seen; its bytes may still be changing."""
    SETTLED = "settled"
    """Unchanged for the quiet time, and complete as far as its end mark tells."""
    EXAMINED = "examined"
    """Readable, its sha256 known; waits for its company and site."""
    LINKED = "linked"
    """Its submission goes on; nothing of its own to do."""
    LEFT = "left"
    """Left alone on purpose: it was there before the folder was watched."""
    REJECTED = "rejected"
    """Never to be sent, for these bytes."""
    GONE = "gone"
    """No such file any more."""


class SubmissionStage(StrEnum):
    """What is true of the bytes handed to Nectar for one site."""

    QUEUED = "queued"
    """Surely not sent, or to be sent once more with a recorded reason."""
    BEGUN = "begun"
    """An upload was begun; what came of it is not known."""
    ACCEPTED = "accepted"
    """Nectar gave a job id."""
    FINISHED = "finished"
    """The job is completed; its documents are not fetched yet."""
    FETCHED = "fetched"
    """All that Nectar gave is in the store."""
    FAILED = "failed"
    """The job failed, was terminated or lost, or Nectar refused the file."""
    WITHDRAWN = "withdrawn"
    """Not sent, and no present file holds these bytes."""

    @property
    def was_begun(self) -> bool:
        """Whether Nectar may know these bytes by us."""
        return self not in (SubmissionStage.QUEUED, SubmissionStage.WITHDRAWN)

    @property
    def is_final(self) -> bool:
        """Whether a result can be built from the row."""
        return self in (SubmissionStage.FETCHED, SubmissionStage.FAILED)


class State(StrEnum):
    """The states that people and scripts see (contract, section 4)."""

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    REJECTED = "rejected"
    ASKS = "asks"
    LEFT = "left"
    GONE = "gone"


class ResultFate(StrEnum):
    """What people did to a result that we wrote."""

    AS_WRITTEN = ""
    REMOVED = "result-removed"
    EDITED = "result-edited"
