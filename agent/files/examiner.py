"""Examining one file: its fingerprint, its kind, and whether Nectar can read it.

In doubt a file is fit to be sent: only what is certain is told here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from agent.bills.errors import Transient
from agent.bills.values import Kind, Problem, Sha256, Signature
from agent.files import problems, wire
from agent.files.content import Changed, Content, read_content
from agent.files.end_mark import TAIL_BYTES, EndMark, end_mark_in
from agent.files.helper import Helper, HelperEnded, helper_command
from agent.files.kinds import HEAD_BYTES, kind_of
from agent.system.signs_of_life import waiting_for_no_disk

SECONDS_PER_FILE = 25.0
IDLE_SECONDS = 60.0
QUEUE_SECONDS = 8.0
"""How long a file waits for others that are being opened, before it is put off: a step of the
disk that takes a minute counts as one that hangs."""
_START_SECONDS = 30.0
_CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """The file can be sent. ``pages`` is 1 for a picture."""

    sha256: Sha256
    kind: Kind
    pages: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """The file can never be sent; ``problem`` says why."""

    sha256: Sha256
    problem: Problem


class Examiner:
    """Examines files with one long-lived helper process, one file at a time.

    Safe to use from several threads. ``command`` starts the helper; ``seconds_per_file`` is how
    long a file may take to open before it counts as one that cannot be; ``queue_seconds`` how long
    it waits for others.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        seconds_per_file: float = SECONDS_PER_FILE,
        idle_seconds: float = IDLE_SECONDS,
        queue_seconds: float = QUEUE_SECONDS,
    ) -> None:
        self._command = helper_command() if command is None else tuple(command)
        self._seconds_per_file = seconds_per_file
        self._idle_seconds = idle_seconds
        self._queue_seconds = queue_seconds
        self._lock = threading.Lock()
        self._helper: Helper | None = None
        self._asked = 0
        self._idle: tuple[int, float] | None = None
        self._is_closed = False

    def examine(self, path: str, expected: Signature) -> Fit | Unfit | Changed:
        """Read the file at ``path`` once and tell what it is.

        The file is closed before its bytes are parsed. Raises the named errors of a file where it
        cannot be read, ``Transient`` where the helper process cannot be started, or is busy with
        other files for too long.
        """
        content = read_content(path, expected)
        if isinstance(content, Changed):
            return content
        with waiting_for_no_disk():
            verdict = self._judge(content, os.path.basename(path))  # noqa: PTH119 - exact bytes
        if isinstance(verdict, Problem):
            return Unfit(content.sha256, verdict)
        kind, pages = verdict
        return Fit(content.sha256, kind, pages)

    def close_if_idle(self, monotonic: float) -> None:
        """End the helper if no file came for ``idle_seconds``; call it now and then."""
        if not self._lock.acquire(blocking=False):
            return  # at work
        try:
            if self._idle is None or self._idle[0] != self._asked:
                self._idle = (self._asked, monotonic)
            elif monotonic - self._idle[1] >= self._idle_seconds:
                self._end_helper()
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the helper at once, even while it opens a file; nothing is examined after that."""
        self._is_closed = True
        helper = self._helper
        if helper is not None:
            helper.kill()
        if self._lock.acquire(timeout=_CLOSE_SECONDS):
            self._end_helper()
            self._lock.release()

    def _judge(self, content: Content, name: str) -> Problem | tuple[Kind, int]:
        if content.size == 0:
            return problems.EMPTY
        head = content.data[:HEAD_BYTES]
        kind = kind_of(head)
        if kind is None:
            return problems.not_a_bill_file(head, name)
        if content.size > problems.LARGEST_BYTES:
            return problems.too_large(content.size)
        answer = self._opened(kind, content.data)
        if answer is None:
            return problems.not_openable_in_bounds(kind)
        match answer:
            case {"pages": 0}:
                return problems.NO_PAGES
            case {"pages": int(pages)} if pages > problems.MOST_PAGES:
                return problems.too_many_pages(pages)
            case {"pages": int(pages)}:
                return kind, pages
            case {"refused": wire.LOCKED}:
                return problems.PASSWORD_PROTECTED
            case {"refused": wire.TOO_MANY_PIXELS, "width": int(width), "height": int(height)}:
                return problems.too_many_pixels(width, height)
            case _:
                return problems.damaged(kind)

    def _opened(self, kind: Kind, data: bytes) -> dict[str, object] | None:
        """Return the helper's answer, or None where opening ends the helper each time."""
        end = end_mark_in(data[:HEAD_BYTES], data[-TAIL_BYTES:], len(data))
        request = {
            "kind": kind.value,
            "mayRepair": end is EndMark.PRESENT,
            "mostPixels": problems.MOST_PIXELS,
        }
        if not self._lock.acquire(timeout=self._queue_seconds):
            raise Transient("busy", "Other files take long to open; this one waits its turn.")
        try:
            self._asked += 1
            # A second try, by a fresh process: the first may have ended for a reason of its own.
            for _ in range(2):
                helper = self._helper_for_one_more()
                try:
                    return helper.ask(request, data, seconds=self._seconds_per_file)
                except HelperEnded as error:
                    self._end_helper()
                    if error.is_final:
                        break
        finally:
            self._lock.release()
        return None

    def _helper_for_one_more(self) -> Helper:
        if self._helper is not None and self._helper.asked >= wire.FILES_PER_PROCESS:
            self._end_helper()
        if self._is_closed:
            raise Transient("stopping", "The agent is stopping.")
        if self._helper is None:
            try:
                self._helper = Helper(self._command, start_seconds=_START_SECONDS)
            except (HelperEnded, OSError) as error:
                raise Transient(
                    "examiner-not-started",
                    "The program that opens PDFs and pictures could not be started.",
                    "Start the agent again; if that does not help, install it again.",
                ) from error
        return self._helper

    def _end_helper(self) -> None:
        if self._helper is not None:
            self._helper.close()
            self._helper = None
