"""PDFs opened in a process of its own, so that none of them can stop the emulator.

A page may show itself ten times in itself, ten times over: to read it takes years, and the library
cannot be told to stop. The process is started with the first PDF, serves the emulators of this
program one after the other, is ended where a file takes too long, and ends with this program.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

import agent
from agent.emulator import pdf_text
from agent.emulator.pdf_text import Examination, Kind

READ = "_read"
"""The first argument that makes a process of this program the reader of PDFs."""
SECONDS = 10.0
_MEMORY_BYTES = 2 << 30
_KEY = "NECTAR_API_KEY"
_UNREADABLE = "The PDF cannot be opened."


class PdfProcess:
    """Examines and reads files like `agent.emulator.pdf_text`, in bounded time.

    Safe to use from several threads. ``seconds`` is how long one file may take.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def examine(self, data: bytes) -> Examination:
        """Say what a file is and whether it can be taken."""
        kind = pdf_text.kind_of(data)
        if kind is not Kind.PDF:
            return pdf_text.examine(data)
        answer = self._ask("examine", data)
        return Examination(kind, _UNREADABLE if answer is None else answer["refusal"])

    def text_of(self, data: bytes) -> str:
        """Return the text of the first pages; empty where there is none, or it takes too long."""
        if pdf_text.kind_of(data) is not Kind.PDF:
            return ""
        answer = self._ask("read", data)
        return "" if answer is None else str(answer["text"])

    def close(self) -> None:
        """End the process; it is started anew where another file comes."""
        with self._lock:
            self._end()

    def _ask(self, what: str, data: bytes) -> dict[str, Any] | None:
        """Return the answer about one file, None where there is none in time."""
        with self._lock:
            # A second try, by a fresh process: the first may have ended for a reason of its own.
            for _ in range(2):
                process = self._process or self._started()
                is_late = threading.Event()
                timer = threading.Timer(self._seconds, _end_late, (process, is_late))
                timer.daemon = True
                timer.start()
                try:
                    return _answer(process, what, data)
                except (OSError, ValueError):  # it was ended, or ended by itself
                    self._end()
                finally:
                    timer.cancel()
                if is_late.is_set():
                    break
        return None

    def _started(self) -> subprocess.Popen[bytes]:
        is_frozen = bool(getattr(sys, "frozen", False))
        program = (sys.executable,) if is_frozen else (sys.executable, "-m", "agent")
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            (*program, READ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=None if is_frozen else Path(agent.__file__).parent.parent,
            env={name: value for name, value in os.environ.items() if name != _KEY},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", pipe).close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5.0)


def _end_late(process: subprocess.Popen[bytes], is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _answer(process: subprocess.Popen[bytes], what: str, data: bytes) -> dict[str, Any]:
    """Ask the process; raises OSError or ValueError where it ends instead of answering."""
    requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    requests.write(json.dumps({"do": what, "size": len(data)}).encode() + b"\n" + data)
    requests.flush()
    return dict(json.loads(answers.readline()))


SHARED = PdfProcess()
"""The one that every emulator of this program uses."""
atexit.register(SHARED.close)


def main() -> None:
    """Answer the requests of `PdfProcess` until they end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        if request["do"] == "examine":
            answer = {"refusal": pdf_text.examine(data).refusal}
        else:
            answer = {"text": pdf_text.text_of(data)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
