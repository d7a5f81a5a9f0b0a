"""Time that passes quickly while nobody works, for agents in processes of their own.

The agent's loop waits for what time brings: a file to be quiet, a job to be done, an upload in
doubt to be given up. Where every worker rests, such a wait costs a moment here, and both clocks are
set forward by all of it instead. Work takes as long as it takes: a request or a write never meets
a clock that runs. The agent, its successor after a kill and Nectar share one time, which lies in a
file.
"""

from __future__ import annotations

import mmap
import struct
import sys
import threading
import time
from pathlib import Path

MOMENT_SECONDS = 0.004
"""How long a wait lasts before time is made to pass."""
_LONGEST_TURN_SECONDS = 0.9
"""A wait that is shorter ends when something is due: time passes no further than that."""
_MOST_DOUBLINGS = 5
_RESTING = "_work"
"""Where a worker that has no step waits for one (``agent.service.workers``)."""
_WORKERS = ("disk-", "nectar-")

_real_time = time.time
_real_monotonic = time.monotonic
_real_wait = threading.Event.wait


class QuickTime:
    """Seconds that were skipped, in a file that processes share."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._skipped = mmap.mmap(file.fileno(), 8)
        self._waits = 0

    def skipped(self) -> float:
        """Return by how much the time is ahead of the system's."""
        seconds: float = struct.unpack("d", self._skipped[:])[0]
        return seconds

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return _real_time() + self.skipped()

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._skipped[:] = struct.pack("d", self.skipped() + seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event; where nobody works, for a moment only."""
        ends = _real_monotonic() + seconds
        while (left := ends - _real_monotonic()) > 0:
            if _real_wait(event, min(MOMENT_SECONDS, left)):
                self._waits = 0
                return True
            if _nobody_works():
                self._skip(left)
                return event.is_set()
            self._waits = 0
        return event.is_set()

    def _skip(self, left: float) -> None:
        if left < _LONGEST_TURN_SECONDS:
            self.pass_by(left)
            return
        self.pass_by(left * 2 ** min(self._waits, _MOST_DOUBLINGS))
        self._waits += 1


_in_force: QuickTime | None = None


def install() -> None:
    """Let Python's clocks and waits heed the quick time once one is put in force."""
    time.time = lambda: _real_time() + _ahead()
    time.monotonic = lambda: _real_monotonic() + _ahead()
    threading.Event.wait = _wait  # type: ignore[method-assign]


def put_in_force(path: Path) -> None:
    """Let this process live in the time of the file."""
    global _in_force  # noqa: PLW0603 - a process has one time
    _in_force = QuickTime(path)


def _ahead() -> float:
    return _in_force.skipped() if _in_force is not None else 0.0


def _wait(self: threading.Event, timeout: float | None = None) -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    if _in_force is None or timeout is None or not is_main:
        return _real_wait(self, timeout)
    return _in_force.wait(self, timeout)


def _nobody_works() -> bool:
    frames = sys._current_frames()
    return all(
        thread.ident not in frames or frames[thread.ident].f_code.co_name == _RESTING
        for thread in threading.enumerate()
        if thread.name.startswith(_WORKERS)
    )
