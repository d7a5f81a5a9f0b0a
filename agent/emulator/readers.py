"""Who reads the files: at once, or in a thread of its own so that no request waits for it."""

import hashlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from agent.emulator.pdf_process import SHARED, PdfProcess
from agent.emulator.pdf_text import Examination, examine, text_of
from agent.emulator.read_bill import read_bill
from agent.emulator.reading import Illegible, Reading

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
    """Reads when asked, in the thread that asks: by ``examine_file`` and ``text_of_file``."""

    def __init__(
        self,
        examine_file: Callable[[bytes], Examination] = examine,
        text_of_file: Callable[[bytes], str] = text_of,
    ) -> None:
        self._examine_file = examine_file
        self._text_of_file = text_of_file
        self._examined: dict[bytes, Examination] = {}
        self._readings: dict[bytes, Reading] = {}

    def examine(self, data: bytes) -> Examination:
        """Say what a file is and whether it can be taken."""
        name = _name(data)
        if name not in self._examined:
            self._examined[name] = self._examine_file(data)
        return self._examined[name]

    def read(self, data: bytes) -> Reading:
        """Return what stands on the bill."""
        name = _name(data)
        if name not in self._readings:
            self._readings[name] = read_bill(self._text_of_file(data))
        return self._readings[name]


class BackgroundReader:
    """Reads in one thread of its own; examining goes before reading.

    `examine` answers at once only for bytes that were given to `prepare` and reported ready.
    A file on which the reading breaks, or that takes too long, is refused or illegible; the next
    one is read all the same.
    """

    def __init__(self, process: PdfProcess = SHARED) -> None:
        self._inline = InlineReader(process.examine, process.text_of)
        self._tasks: queue.PriorityQueue[tuple[int, int, _Task | None]] = queue.PriorityQueue()
        self._asked = 0
        self._begun: set[bytes] = set()
        self._examined: dict[bytes, Examination] = {}
        self._readings: dict[bytes, Reading] = {}
        self._thread = self._started()

    def prepare(self, data: bytes, ready: Callable[[], None]) -> None:
        """Examine a file in the thread, then call ``ready`` there."""

        def task() -> None:
            examination = Examination(None, "The file cannot be read.")
            try:
                examination = self._inline.examine(data)
            finally:
                self._examined[_name(data)] = examination
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
            self._put(1, lambda: self._read(name, data))
        return None

    def close(self) -> None:
        """Stop after the task under way; what was not begun is dropped."""
        self._put(-1, None)
        self._thread.join(timeout=5)

    def _read(self, name: bytes, data: bytes) -> None:
        reading: Reading = Illegible()
        try:
            reading = self._inline.read(data)
        finally:
            self._readings[name] = reading

    def _put(self, priority: int, task: _Task | None) -> None:
        self._asked += 1
        self._tasks.put((priority, self._asked, task))

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="emulator-reader", daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        is_closing = False
        try:
            while not is_closing:
                task = self._tasks.get()[2]
                is_closing = task is None
                if task is not None:
                    task()
        finally:
            if not is_closing:  # a task broke: Python reports it, the next thread carries on
                self._thread = self._started()


def _name(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
