"""Threads that run steps, in lanes; one that hangs is written off, never waited for.

Named daemon threads and no ``ThreadPoolExecutor``: at exit that one waits for all of its threads.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.bills.outcomes import Bug, Failed
from agent.pipeline.work import Lane, Report, Step
from agent.service import clock
from agent.service.patience import not_answering
from agent.system import signs_of_life

SILENT_SECONDS = 20.0
"""A disk that lets a step wait for longer hangs: nothing that spins up takes so long."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    """A step under way: what the disk had answered its thread at the last look, and since when."""

    step: Step
    since: float
    answers: int | None = None


class Workers:
    """Runs steps and reports what they learned.

    ``report`` is called from the workers' threads, and so is ``answered``, with a path, when a
    step that was written off ended after all. Threads are started when first needed.
    ``most_requests`` is how many steps that talk to Nectar run at once; further ones wait for a
    thread. How many disk steps run at once is for whoever starts them. ``silent_seconds`` is how
    long a disk may let a step wait for one answer.
    """

    def __init__(
        self,
        report: Callable[[Report], None],
        most_requests: int,
        *,
        answered: Callable[[str], object] = lambda _: None,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._report = report
        self._answered = answered
        self._silent_seconds = silent_seconds
        self.most_requests = most_requests
        self._talking = 0
        self._queues: dict[Lane, queue.SimpleQueue[Step | None]] = {
            lane: queue.SimpleQueue() for lane in Lane
        }
        self._lock = threading.Lock()
        self._idle = dict.fromkeys(Lane, 0)
        self._running: dict[int, _Run] = {}
        self._written_off: set[int] = set()
        self._count = 0

    def start(self, step: Step) -> None:
        """Give a step to a free thread of its lane, or to a new one."""
        with self._lock:
            needs_thread = self._idle[step.lane] <= self._queues[step.lane].qsize()
            if step.lane is Lane.NECTAR:
                needs_thread = needs_thread and self._talking < self.most_requests
                self._talking += needs_thread
        self._queues[step.lane].put(step)
        if needs_thread:
            self._start_thread(step.lane)

    def write_off_hanging(self, monotonic: float) -> list[Step]:
        """Report steps whose disk does not answer, and let new threads take their place.

        To be called about once a second.
        """
        hanging: list[Step] = []
        with self._lock:
            self._look_for_answers(monotonic)
            for ident, run in list(self._running.items()):
                if monotonic - run.since >= self._silent_seconds:
                    self._written_off.add(ident)
                    del self._running[ident]
                    hanging.append(run.step)
        for step in hanging:
            place = step.folder or step.about
            error = not_answering(place, self._silent_seconds, step.waits_for)
            _log.warning("%s: %s", step.kind, error.message)
            self._report(Report(step, Failed(error)))
        return hanging

    def silent(self, monotonic: float, seconds: float) -> list[Step]:
        """Return the steps whose disk has not answered for so long; see `write_off_hanging`."""
        with self._lock:
            self._look_for_answers(monotonic)
            return [run.step for run in self._running.values() if monotonic - run.since >= seconds]

    def withdraw(self) -> list[Step]:
        """Take back the steps that no thread has begun."""
        waiting: list[Step] = []
        for waits in self._queues.values():
            with contextlib.suppress(queue.Empty):
                while (step := waits.get_nowait()) is not None:
                    waiting.append(step)
        return waiting

    def close(self) -> None:
        """Let idle threads end. Those at work are daemons and end with the process."""
        for lane in Lane:
            for _ in range(self._count):
                self._queues[lane].put(None)

    def _look_for_answers(self, monotonic: float) -> None:
        """Note of which steps the disk has answered something since the last look."""
        for ident, run in self._running.items():
            answers = signs_of_life.answers(ident)
            if run.step.lane is Lane.NECTAR or answers is None or answers != run.answers:
                run.answers, run.since = answers, monotonic

    def _start_thread(self, lane: Lane) -> None:
        self._count += 1
        thread = threading.Thread(
            target=self._work, args=(lane,), name=f"{lane.value}-{self._count}", daemon=True
        )
        thread.start()

    def _work(self, lane: Lane) -> None:
        ident = threading.get_ident()
        while True:
            with self._lock:
                if lane is Lane.NECTAR and self._talking > self.most_requests:
                    self._talking -= 1  # fewer are wanted now
                    return
                self._idle[lane] += 1
            step = self._queues[lane].get()
            with self._lock:
                self._idle[lane] -= 1
            if step is None:
                return
            if not self._run(ident, step):
                return

    def _run(self, ident: int, step: Step) -> bool:
        """Run one step; False where this thread was written off meanwhile."""
        with self._lock:
            self._running[ident] = _Run(step, clock.now().monotonic)
        report = self._bulkhead(step)
        with self._lock:
            self._running.pop(ident, None)
            is_late = ident in self._written_off
            self._written_off.discard(ident)
        if is_late:
            self._answered(step.folder or step.about)
            return False
        self._report(report)
        return True

    def _bulkhead(self, step: Step) -> Report:
        try:
            return Report(step, step.run())
        except Exception as error:  # noqa: BLE001  # the bulkhead: a bug in one step stops no other
            _log.exception("internal error in step: %s", step.kind)
            return Report(step, Bug(f"{type(error).__name__} in {step.kind}"))
