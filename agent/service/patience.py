"""Waiting for a disk for a while, and no longer, in threads that have other things to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from agent.bills.errors import AgentError, NotAnswering, Transient
from agent.system import signs_of_life

Found = TypeVar("Found")


class Patience:
    """Runs actions that use a disk, each in a thread of its own. Safe from any thread.

    ``seconds`` is how long a disk may let it wait for one answer; an action may need many. An
    action that hangs is left behind, and while it does no other is begun at the same place.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._hanging: set[str] = set()
        self._waited_for: set[_Attempt[Any]] = set()
        self._is_closed = False

    def close(self) -> None:
        """Let nobody wait any more: who does, and who would, meets ``stopped``."""
        self._is_closed = True
        for attempt in tuple(self._waited_for):
            attempt.is_over.set()

    def wait_for(self, place: str, action: Callable[[], Found]) -> Found:
        """Return what ``action`` returns, or raise the named error that it raises.

        Raises `NotAnswering` where the disk at ``place`` does not answer, nor has answered one
        that was begun before.
        """
        if place in self._hanging:
            raise not_answering(place, self._seconds)
        attempt = _Attempt(action, lambda: self._hanging.discard(place))
        self._waited_for.add(attempt)
        attempt.start()
        answers: int | None = -1
        try:
            while not self._is_closed and not attempt.is_over.wait(self._seconds / 2):
                before, answers = answers, attempt.answers()
                if answers == before and answers is not None:
                    self._hanging.add(place)
                    if attempt.is_over.is_set():
                        self._hanging.discard(place)
                    raise not_answering(place, self._seconds)
        finally:
            self._waited_for.discard(attempt)
        return attempt.result()


def not_answering(place: str, seconds: float, waits_for: str = "") -> NotAnswering:
    """Return the error of a folder whose disk does not answer; ``waits_for`` is what was asked."""
    what = waits_for or "its drive or share"
    return NotAnswering(
        "folder-missing",
        f"{place} does not answer: {what} has let us wait for {seconds:.0f} seconds.",
        "Look at its drive or share; it goes on by itself. "
        "To try again at once, run: bill-agent rescan",
    )


class _Attempt(threading.Thread, Generic[Found]):
    """One action under way; ``on_end`` is called when it ends, however late."""

    def __init__(self, action: Callable[[], Found], on_end: Callable[[], None]) -> None:
        super().__init__(name="wait for a disk", daemon=True)
        self.is_over = threading.Event()
        self._action = action
        self._on_end = on_end
        self._found: list[Found] = []
        self._error: AgentError | None = None

    def run(self) -> None:
        try:
            self._found.append(self._action())
        except AgentError as error:
            self._error = error
        finally:
            self.is_over.set()
            self._on_end()

    def answers(self) -> int | None:
        """Return what changes as long as disks answer."""
        return signs_of_life.answers(self.ident or 0)

    def result(self) -> Found:
        """Return or raise what came of it."""
        if self._error is not None:
            raise self._error
        if not self._found:
            raise Transient("stopped", "The agent is stopping.")
        return self._found[0]
