"""How long a row waits. Jitter comes from the row's id, so that nothing here is random."""

from __future__ import annotations

LONGEST_WAIT_SECONDS = 6 * 3600.0
LONGEST_POLL_SECONDS = 600.0
FIRST_LOOK_SECONDS = 2.0
JOB_NOT_THERE_SECONDS = 7 * 86400.0
DOCUMENT_NOT_THERE_SECONDS = 3600.0

_DOCUMENT_LIST_WAITS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)


def backoff(row_id: int, failures: int) -> float:
    """Return the seconds to wait after ``failures`` failures in a row: 1 s, doubling to 6 h."""
    spread = 0.75 + 0.5 * ((row_id * 2654435761) % 1024) / 1024
    return min(LONGEST_WAIT_SECONDS, spread * 2.0 ** min(max(failures - 1, 0), 20))


def poll_wait(age_seconds: float) -> float:
    """Return the seconds until a job of this age is asked for again: 2 s, growing to 10 min.

    A job sent before the clock was set back has an age below zero. It is no young one: it would be
    asked for every 2 s until the clock is where it was.
    """
    return min(LONGEST_POLL_SECONDS, max(FIRST_LOOK_SECONDS, abs(age_seconds) / 2))


def document_list_wait(tries: int) -> float:
    """Return the seconds until the documents are read once more for uploads in doubt."""
    return _DOCUMENT_LIST_WAITS[min(tries, len(_DOCUMENT_LIST_WAITS) - 1)]


def doubt_wait(slowest_job_seconds: float | None, lost_before: int = 0) -> float:
    """Return how long a lost upload's document is waited for before absence is believed.

    Three times the slowest of the company's last jobs, between 1 min and 6 h; 30 min where
    nothing is known. Documents appear only after processing, so an early look proves nothing. Four
    times as long for each of ``lost_before``, the uploads of the same bytes that left no document.
    """
    known = 1800.0 if slowest_job_seconds is None else max(60.0, 3 * slowest_job_seconds)
    return min(LONGEST_WAIT_SECONDS, known * 4.0 ** min(lost_before, 10))
