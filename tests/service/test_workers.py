"""Threads that run steps: whatever a step does, the next one is run."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from agent.bills.errors import NotAnswering
from agent.bills.outcomes import Answered, Bug, Failed, StepOutcome
from agent.pipeline.work import Key, Kind, Lane, Report, Step
from agent.service import clock
from agent.service.workers import SILENT_SECONDS, Workers
from agent.system.signs_of_life import disk_answered, waiting_for_no_disk

LONGEST = 30.0


class Desk:
    """Workers, and the reports that they hand in."""

    def __init__(self) -> None:
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self.answered: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.workers = Workers(self._reports.put, most_requests=1, answered=self.answered.put)

    def start(self, run: Callable[[], StepOutcome], number: int, lane: Lane = Lane.DISK) -> None:
        """Give out a step about the row of this number."""
        self.workers.start(Step(Kind.EXAMINE, Key("files", number), lane, run))

    def start_waiting(
        self,
        lane: Lane = Lane.DISK,
        context: AbstractContextManager[None] = nullcontext(),  # noqa: B008 - it holds nothing
    ) -> tuple[Step, threading.Event]:
        """Give out a step that waits, in a context; return once it does, with what ends it."""
        begun, go_on = threading.Event(), threading.Event()

        def wait() -> StepOutcome:
            with context:
                begun.set()
                go_on.wait(LONGEST)
            return Answered()

        step = Step(Kind.EXAMINE, Key("files", 1), lane, wait, "/share", "/share/Bill.pdf")
        self.workers.start(step)
        assert begun.wait(LONGEST)
        return step, go_on

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
    """A share that stopped answering costs a thread, and what it says too late is not heard.

    The report says what was waited for; that the share answered at last is told.
    """
    step, go_on = desk.start_waiting()
    now = clock.now().monotonic
    assert desk.workers.write_off_hanging(now) == []
    assert desk.workers.silent(now + 1.0, 0.5) == [step]
    assert desk.workers.write_off_hanging(now + SILENT_SECONDS - 1) == []
    assert desk.workers.write_off_hanging(now + SILENT_SECONDS + 1) == [step]
    outcome = desk.outcome()
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NotAnswering)
    assert "/share does not answer: Bill.pdf has let us wait" in outcome.error.message
    go_on.set()
    assert desk.answered.get(timeout=LONGEST) == "/share"
    desk.start(Answered, 2)
    assert isinstance(desk.outcome(), Answered)
    assert desk._reports.empty()


def test_a_step_that_is_only_slow_is_let(desk: Desk) -> None:
    """A large folder on a slow share takes minutes: each answer of the disk counts."""
    may_end = threading.Event()
    has_answered: queue.SimpleQueue[None] = queue.SimpleQueue()

    def read() -> StepOutcome:
        while not may_end.wait(0.001):
            disk_answered()
            has_answered.put(None)
        return Answered()

    desk.start(read, 1)
    now = clock.now().monotonic
    for minute in range(10):
        while not has_answered.empty():
            has_answered.get()
        has_answered.get(timeout=LONGEST)
        assert desk.workers.write_off_hanging(now + 60.0 * minute) == []
    may_end.set()
    assert isinstance(desk.outcome(), Answered)


@pytest.mark.parametrize("why", ["the helper process", "Nectar"])
def test_who_waits_for_no_disk_is_let(desk: Desk, why: str) -> None:
    """A file that takes long to open, and a request, have limits of their own."""
    lane = Lane.NECTAR if why == "Nectar" else Lane.DISK
    context = nullcontext() if why == "Nectar" else waiting_for_no_disk()
    _, go_on = desk.start_waiting(lane, context)
    now = clock.now().monotonic
    for minute in range(10):
        assert desk.workers.write_off_hanging(now + 60.0 * minute) == []
    assert desk.workers.silent(now + 600.0, 0.5) == []
    go_on.set()
    assert isinstance(desk.outcome(), Answered)
