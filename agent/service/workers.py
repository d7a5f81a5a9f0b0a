"""Threads that run steps, in two lanes; a stuck one is written off, never waited for.

Named daemon threads and no ``ThreadPoolExecutor``: at exit that one waits for all of its threads.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from agent.bills.errors import Transient
from agent.bills.outcomes import Bug, Failed
from agent.pipeline.work import Lane, Report, Step
from agent.service import clock

STUCK_SECONDS = 60.0
"""A disk step that takes longer hangs, on a share that stopped answering."""

_log = logging.getLogger(__name__)


class Workers:
    """Runs steps and reports what they learned.

    ``report`` is called from the workers' threads. Threads are started when first needed.
    ``most_requests`` is how many steps that talk to Nectar run at once; further ones wait for a
    thread. How many disk steps run at once is for whoever starts them.
    """

    def __init__(self, report: Callable[[Report], None], most_requests: int) -> None:
        self._report = report
        self.most_requests = most_requests
        self._talking = 0
        self._queues: dict[Lane, queue.SimpleQueue[Step | None]] = {
            lane: queue.SimpleQueue() for lane in Lane
        }
        self._lock = threading.Lock()
        self._idle = dict.fromkeys(Lane, 0)
        self._running: dict[int, tuple[Step, float]] = {}
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

    def write_off_stuck(self, monotonic: float) -> list[Step]:
        """Report disk steps that hang as failed, and let new threads take their place."""
        stuck: list[Step] = []
        with self._lock:
            for ident, (step, since) in list(self._running.items()):
                if step.lane is Lane.DISK and monotonic - since > STUCK_SECONDS:
                    self._written_off.add(ident)
                    del self._running[ident]
                    stuck.append(step)
        for step in stuck:
            _log.warning("%s hangs for %d s and is written off", step.kind, STUCK_SECONDS)
            error = Transient("away", "The disk or share does not answer.", "It is tried again.")
            self._report(Report(step, Failed(error)))
        return stuck

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
            self._running[ident] = (step, clock.now().monotonic)
        report = self._bulkhead(step)
        with self._lock:
            self._running.pop(ident, None)
            if ident in self._written_off:
                self._written_off.discard(ident)
                return False
        self._report(report)
        return True

    def _bulkhead(self, step: Step) -> Report:
        try:
            return Report(step, step.run())
        except Exception as error:  # noqa: BLE001  # the bulkhead: a bug in one step stops no other
            _log.exception("internal error in step: %s", step.kind)
            return Report(step, Bug(f"{type(error).__name__} in {step.kind}"))
