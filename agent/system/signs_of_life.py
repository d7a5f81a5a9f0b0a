"""Signs of life of threads that use disks: how one that is slow is told from one that hangs.

A large folder on a slow share is read for minutes, and a call to a share that hangs never
returns; from outside both look alike. So whoever makes many calls says after each that the disk
answered, and whoever waits for something else says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_answers: dict[int, int] = {}
"""How often a disk answered, by thread. An id is used again once its thread has ended."""
_elsewhere: set[int] = set()


def disk_answered() -> None:
    """Say that a disk has just answered this thread."""
    thread = threading.get_ident()
    _answers[thread] = _answers.get(thread, 0) + 1


@contextmanager
def waiting_for_no_disk() -> Iterator[None]:
    """Say that this thread waits for something other than a disk meanwhile."""
    thread = threading.get_ident()
    _elsewhere.add(thread)
    try:
        yield
    finally:
        _elsewhere.discard(thread)
        disk_answered()


def answers(thread: int) -> int | None:
    """Return a number that changes as long as disks answer a thread; None: it waits for none."""
    return None if thread in _elsewhere else _answers.get(thread, 0)
