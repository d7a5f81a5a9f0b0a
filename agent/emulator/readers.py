"""Who reads the files: at once, or in a thread of its own so that no request waits for it."""

import hashlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from agent.emulator.pdf_text import Examination, examine, text_of
from agent.emulator.read_bill import read_bill
from agent.emulator.reading import Reading

_Task = Callable[[], None]


class Reader(Protocol):
    """Examines and reads files; asked again for the same bytes it remembers."""

    def examine(self, data: bytes) -> Examination:
        """Say what a file is and whether it can be taken."""
        ...

    def read(self, data: bytes) -> Reading | None:
        """Return what stands on the bill, or None while it is not read yet."""
        ...


class InlineReader:
    """Reads when asked, in the thread that asks."""

    def __init__(self) -> None:
        self._examined: dict[bytes, Examination] = {}
        self._readings: dict[bytes, Reading] = {}

    def examine(self, data: bytes) -> Examination:
        """Say what a file is and whether it can be taken."""
        name = _name(data)
        if name not in self._examined:
            self._examined[name] = examine(data)
        return self._examined[name]

    def read(self, data: bytes) -> Reading:
        """Return what stands on the bill."""
        name = _name(data)
        if name not in self._readings:
            self._readings[name] = read_bill(text_of(data))
        return self._readings[name]


class BackgroundReader:
    """Reads in one thread of its own; examining goes before reading.

    `examine` answers at once only for bytes that were given to `prepare` and reported ready.
    """

    def __init__(self) -> None:
        self._inline = InlineReader()
        self._tasks: queue.PriorityQueue[tuple[int, int, _Task | None]] = queue.PriorityQueue()
        self._asked = 0
        self._begun: set[bytes] = set()
        self._readings: dict[bytes, Reading] = {}
        self._examined: dict[bytes, Examination] = {}
        self._thread = threading.Thread(target=self._work, name="emulator-reader", daemon=True)
        self._thread.start()

    def prepare(self, data: bytes, ready: Callable[[], None]) -> None:
        """Examine a file in the thread, then call ``ready`` there."""

        def task() -> None:
            self._examined[_name(data)] = self._inline.examine(data)
            ready()

        self._put(0, task)

    def examine(self, data: bytes) -> Examination:
        """Say what a file is and whether it can be taken."""
        return self._examined[_name(data)]

    def read(self, data: bytes) -> Reading | None:
        """Return what stands on the bill, or have it read and return None."""
        name = _name(data)
        if name in self._readings:
            return self._readings[name]
        if name not in self._begun:
            self._begun.add(name)

            def task() -> None:
                self._readings[name] = self._inline.read(data)

            self._put(1, task)
        return None

    def close(self) -> None:
        """Stop after the task under way; what was not begun is dropped."""
        self._put(-1, None)
        self._thread.join(timeout=5)

    def _put(self, priority: int, task: _Task | None) -> None:
        self._asked += 1
        self._tasks.put((priority, self._asked, task))

    def _work(self) -> None:
        while True:
            task = self._tasks.get()[2]
            if task is None:
                return
            task()


def _name(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
