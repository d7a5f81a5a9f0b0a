"""The agent's side of one helper process: started, asked, and ended when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import agent
from agent.files import wire
from agent.files.bounds import bounds
from agent.system import api_key
from agent.system.service_manager import WINDOWED, WITH_CONSOLE

_WATCH_SECONDS = 0.1
_LONGEST_ANSWER = 4096


class HelperEnded(Exception):
    """The helper ended, or was ended, without a usable answer.

    ``is_final`` says that a second try would end the same way.
    """

    def __init__(self, *, is_final: bool = False) -> None:
        super().__init__("the helper process ended without an answer")
        self.is_final = is_final


def helper_command(task: str = "_examine") -> tuple[str, ...]:
    """Return the command that starts a helper process of this very program for one task."""
    is_frozen = bool(getattr(sys, "frozen", False))
    return (*program_with_streams(Path(sys.executable), is_frozen=is_frozen), task)


def program_with_streams(executable: Path, *, is_frozen: bool) -> tuple[str, ...]:
    """Return how a program is started that reads requests and writes answers.

    Packaged, it is the executable itself; on Windows the one with a console, for the one without,
    which the service is, has no streams to rely on.
    """
    if not is_frozen:
        return (str(executable), "-m", "agent")
    if executable.name.lower() == WINDOWED:
        executable = executable.with_name(WITH_CONSOLE)
    return (str(executable),)


class Helper:
    """One helper process. Not for two threads at once; ``kill`` may come from any."""

    def __init__(self, command: Sequence[str], *, start_seconds: float) -> None:
        """Start it and wait until it is ready.

        Raises ``HelperEnded`` where it is not within ``start_seconds``, ``OSError`` where the
        system cannot start it.
        """
        self.asked = 0
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=helper_directory(),
            env=helper_environment(),
            **bounds.DETACHED,
        )
        self._bond = bounds.bind(self._process, wire.MEMORY_BYTES)
        with self._ended_after(start_seconds):
            ready = self._answer()
        if ready != {"ready": True}:
            self.close()
            raise HelperEnded

    @property
    def process_id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def ask(self, request: dict[str, Any], data: bytes, *, seconds: float) -> dict[str, Any]:
        """Return the answer to one request; a helper that takes longer is ended.

        Raises ``HelperEnded``; the helper must not be asked again after that.
        """
        self.asked += 1
        requests = cast("BinaryIO", self._process.stdin)
        line = json.dumps({**request, "size": len(data)}).encode() + b"\n"
        with self._ended_after(seconds):
            try:
                requests.write(line)
                requests.write(data)
                requests.flush()
            except OSError as error:  # it ended while we wrote
                raise HelperEnded(is_final=self._ran_out_of_processor_time()) from error
            answer = self._answer()
        if answer is None:
            raise HelperEnded(is_final=self._ran_out_of_processor_time())
        return answer

    def kill(self) -> None:
        """End the process, whatever it is doing; who waits for its answer learns it."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of its pipes. Not while it is being asked."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written is of no use
                    pipe.close()
        # A process that hangs in the kernel dies later; nobody waits for it here.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._bond = None

    def _answer(self) -> dict[str, Any] | None:
        answers = cast("BinaryIO", self._process.stdout)
        line = answers.readline(_LONGEST_ANSWER)
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        return answer if isinstance(answer, dict) else None

    def _ran_out_of_processor_time(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(1.0)
            return code == bounds.OUT_OF_PROCESSOR_TIME
        return False

    @contextlib.contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        """Kill the process if the block takes longer, or the process too much memory."""
        is_done = threading.Event()
        guard = threading.Thread(
            target=self._guard, args=(is_done, seconds), name="examine-guard", daemon=True
        )
        guard.start()
        try:
            yield
        finally:
            is_done.set()

    def _guard(self, is_done: threading.Event, seconds: float) -> None:
        for _ in range(max(1, round(seconds / _WATCH_SECONDS))):
            if is_done.wait(_WATCH_SECONDS):
                return
            if bounds.exceeds(self._process.pid, wire.MEMORY_BYTES):
                break
        self._process.kill()


def helper_environment() -> dict[str, str]:
    """Return this process's environment without the API key: the helper has no use for it."""
    return {name: value for name, value in os.environ.items() if name != api_key.VARIABLE}


def helper_directory() -> str | None:
    """Return where the helper finds this program, and no other module of somebody's folder."""
    if getattr(sys, "frozen", False):
        return None
    return str(Path(agent.__file__).parent.parent)
