"""The one place that asks the system for the time, or waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.bills.instant import Instant


def now() -> Instant:
    """Return this moment on both clocks."""
    return Instant(time.time(), time.monotonic())


def wait(event: threading.Event, seconds: float) -> bool:
    """Wait until the event is set, at most ``seconds``; return whether it is."""
    return event.wait(max(0.0, seconds))


def sleep(seconds: float) -> None:
    """Wait, with nothing to be woken by: for commands that watch the store from outside."""
    time.sleep(seconds)


@contextmanager
def alarm(seconds: float | None, ring: Callable[[], None]) -> Iterator[None]:
    """Call ``ring`` in a thread of its own after so long in this context; None: never."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
