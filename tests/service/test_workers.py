"""Threads that run steps: whatever a step does, the next one is run."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from agent.bills.outcomes import Answered, Bug, Failed, StepOutcome
from agent.pipeline.work import Key, Kind, Lane, Report, Step
from agent.service import clock
from agent.service.workers import STUCK_SECONDS, Workers

LONGEST = 30.0


class Desk:
    """Workers, and the reports that they hand in."""

    def __init__(self) -> None:
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self.workers = Workers(self._reports.put, most_requests=1)

    def start(self, run: Callable[[], StepOutcome], number: int, lane: Lane = Lane.DISK) -> None:
        """Give out a step about the row of this number."""
        self.workers.start(Step(Kind.EXAMINE, Key("files", number), lane, run))

    def outcome(self) -> StepOutcome:
        """Return what the next report says."""
        return self._reports.get(timeout=LONGEST).outcome


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Workers that end with the test."""
    desk = Desk()
    yield desk
    desk.workers.close()


@pytest.mark.parametrize("lane", Lane)
def test_a_mistake_in_one_step_stops_no_other(desk: Desk, lane: Lane) -> None:
    """What a step raises is reported as a mistake of ours, and the same thread goes on."""

    def mistake() -> StepOutcome:
        raise ZeroDivisionError

    for number in range(3):
        desk.start(mistake, number, lane)
        outcome = desk.outcome()
        assert isinstance(outcome, Bug)
        assert "ZeroDivisionError" in outcome.text
    desk.start(Answered, 9, lane)
    assert isinstance(desk.outcome(), Answered)


def test_a_step_that_hangs_is_written_off(desk: Desk) -> None:
    """A share that stopped answering costs a thread, and what it says too late is not heard."""
    go_on = threading.Event()
    begun = threading.Event()

    def hang() -> StepOutcome:
        begun.set()
        go_on.wait(LONGEST)
        return Answered()

    desk.start(hang, 1)
    assert begun.wait(LONGEST)
    now = clock.now().monotonic
    assert desk.workers.write_off_stuck(now) == []
    assert len(desk.workers.write_off_stuck(now + STUCK_SECONDS + 1)) == 1
    outcome = desk.outcome()
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "away"
    go_on.set()
    desk.start(Answered, 2)
    assert isinstance(desk.outcome(), Answered)
    assert desk._reports.empty()
