"""What steps tell of the account: whether Nectar answers, and takes the key."""

from __future__ import annotations

from collections.abc import Iterable

from agent.bills.errors import AgentError, NeedsAttention, NoConnection, Transient
from agent.bills.holds import ACCOUNT, new_hold
from agent.bills.instant import Instant
from agent.bills.outcomes import (
    Answered,
    Bug,
    BytesInCloud,
    Doubtful,
    Failed,
    NoBytes,
    NotOurs,
    NotSent,
    StepOutcome,
)
from agent.pipeline.holding import HoldBook
from agent.pipeline.looking_again import LookingAgain
from agent.pipeline.memory import Memory
from agent.pipeline.recording import Recorder

NOT_THERE = "not-there"
"""The code of an object that Nectar does not have, or that this key may not see."""
OUTAGE_CONNECTION_FAILURES = 3
OUTAGE_OTHER_FAILURES = 6
"""So many failures in a row, with nothing answered between, are an outage."""
_ACCOUNT_CODES = (
    "key-missing",
    "key-refused",
    "no-connection",
    "tls-not-trusted",
)


class Account:
    """Begins and ends the holds of the whole account."""

    def __init__(
        self, holds: HoldBook, recorder: Recorder, memory: Memory, looking_again: LookingAgain
    ) -> None:
        self._holds = holds
        self._recorder = recorder
        self._memory = memory
        self._looking_again = looking_again

    def note_connection(self, outcome: StepOutcome, now: Instant) -> None:
        """Notice outages: connection failures in a row, or anything but answers for longer."""
        memory = self._memory
        if isinstance(outcome, NotSent) and not outcome.was_tried:
            return
        error = outcome.error if isinstance(outcome, Failed | NotSent | Doubtful) else None
        if error is None or error.code == NOT_THERE:  # that is an answer, too
            if not isinstance(outcome, Bug | Answered | NoBytes | BytesInCloud | NotOurs):
                memory.failures_in_a_row = 0
                memory.is_proving = False
            return
        if isinstance(error, Transient) and error.retry_after:
            memory.not_before = max(memory.not_before, now.utc + error.retry_after)
        if isinstance(error, NeedsAttention):
            return
        is_unreached = isinstance(error, NoConnection)
        weight = OUTAGE_OTHER_FAILURES if is_unreached else OUTAGE_CONNECTION_FAILURES
        memory.failures_in_a_row += weight
        if memory.failures_in_a_row < OUTAGE_CONNECTION_FAILURES * OUTAGE_OTHER_FAILURES:
            return
        self._begin_no_connection(error, now)

    def conclude(self, outcome: StepOutcome, now: Instant) -> None:
        """Write down what asking whether Nectar is there has shown."""
        if isinstance(outcome, Answered):
            if self._end_holds(_ACCOUNT_CODES, now):
                self._memory.is_proving = True
                self._memory.not_before = 0.0
                self._looking_again.everywhere(now)
        elif isinstance(outcome, Failed) and isinstance(outcome.error, NeedsAttention):
            # Another cause than before: the old hold would hide it.
            error = outcome.error
            self._end_holds([code for code in _ACCOUNT_CODES if code != error.code], now)
            self.begin_hold(error.code, error.message, error.advice, now)
        elif isinstance(outcome, Failed):
            # There is a key, whatever became of it; an answer came over a trusted line.
            is_reached = not isinstance(outcome.error, NoConnection)
            disproved = ("key-missing", "tls-not-trusted") if is_reached else ("key-missing",)
            self._end_holds(disproved, now)
            self._begin_no_connection(outcome.error, now)

    def begin_hold(self, code: str, message: str, advice: str, now: Instant) -> None:
        """Let everything wait until its cause is gone; it is looked for from time to time."""
        hold = new_hold(code, ACCOUNT, message, advice, now.utc)
        self._recorder.notices += self._holds.begin(hold, now.utc)
        self._memory.failures_in_a_row = 0

    def _end_holds(self, codes: Iterable[str], now: Instant) -> bool:
        ended = [notice for code in codes for notice in self._holds.end(ACCOUNT, code, now.utc)]
        self._recorder.notices += ended
        return bool(ended)

    def _begin_no_connection(self, error: AgentError, now: Instant) -> None:
        self.begin_hold(
            "no-connection",
            f"Nectar does not answer: {error.message}",
            "Nothing is lost and nothing to do; it goes on by itself when Nectar answers.",
            now,
        )
