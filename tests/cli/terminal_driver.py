"""`bill-agent` on a real pseudo terminal, as a person has it: what is typed, what is shown."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

SECONDS = 60.0
"""A slow machine gets this long before a test calls something missing."""
AGAIN_SECONDS = 3.0
_MAIN = (
    "import fcntl, runpy, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "runpy.run_module('agent', run_name='__main__')"
)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r")


class Terminal:
    """One command on a terminal of its own; a context that ends what still runs."""

    def __init__(
        self, *arguments: str, environ: Mapping[str, str], size: tuple[int, int] = (40, 100)
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-c", _MAIN, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "TERM": "xterm", "PYTHONPATH": paths, **environ},
        )
        os.close(slave)
        self.raw = b""
        self._read_up_to = 0
        self._is_over = False

    @property
    def text(self) -> str:
        """Everything shown so far, without colours and movements."""
        return _CONTROL.sub("", self.raw.decode("utf-8", "replace"))

    def wait_for(self, words: str) -> str:
        """Wait until ``words`` are shown, after what was waited for last; return what came."""
        ends = time.monotonic() + SECONDS
        while words not in self.text[self._read_up_to :]:
            if not self._read(ends - time.monotonic()):
                raise AssertionError(f"{words!r} was not shown:\n{self.text}")
        at = self.text.index(words, self._read_up_to) + len(words)
        came = self.text[self._read_up_to : at]
        self._read_up_to = at
        return came

    def type(self, text: str) -> None:
        """Type a line, with Enter."""
        os.write(self._master, text.encode() + b"\n")

    def answer(self, question: str, text: str) -> str:
        """Wait for a question, answer it, and return what was shown before."""
        came = self.wait_for(question)
        self.type(text)
        return came

    def interrupt(self) -> None:
        """Press Ctrl-C, and again where nothing comes of it.

        The interpreter overlooks one that comes just before it begins to wait for a line.
        """
        os.write(self._master, b"\x03")
        while not self._is_over:
            if not self._read(AGAIN_SECONDS) and not self._is_over:
                os.write(self._master, b"\x03")

    def press_end(self) -> None:
        """Press Ctrl-D."""
        os.write(self._master, b"\x04")

    def end(self) -> int:
        """Wait for the end of the command; return its exit code."""
        ends = time.monotonic() + SECONDS
        while self._read(ends - time.monotonic()):
            pass
        return self.process.wait(SECONDS)

    def _read(self, seconds: float) -> bool:
        """Read what comes; False where nothing comes any more."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        with contextlib.suppress(OSError):  # the other side was closed
            if came := os.read(self._master, 65536):
                self.raw += came
                return True
        self._is_over = True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        os.close(self._master)
