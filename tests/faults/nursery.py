"""Agents as processes that are there at once: forked from one that has imported everything.

Run as a program this is the parent: it reads what to start from standard input, a JSON object a
line, and answers with the process's number and, when that ended, with how. `Nursery` is the test's
side. Of a killed agent nothing may live on: the parent inherits what it left and tells.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import quick_time
import reaching_out
from acts import Acts, Death, Point, Side

TIME = "time"
"""The file of an agent's own time, in its home."""
_REPOSITORY = Path(__file__).parents[2]
_INHERIT_ORPHANS = 36
"""Linux' PR_SET_CHILD_SUBREAPER."""
_ORPHAN_SECONDS = 10.0
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and what it left alive."""

    code: int
    left: int

    @property
    def was_killed(self) -> bool:
        """Whether it ended by a kill."""
        return self.code == -signal.SIGKILL


class Nursery:
    """Starts agents, one at a time."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, __file__],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._pid: int | None = None

    def start(
        self,
        arguments: tuple[str, ...],
        environ: dict[str, str],
        *,
        home: Path,
        output: Path,
        told: Path | None = None,
        death: Death | None = None,
    ) -> int:
        """Start a command in its home and return its process number."""
        assert self._pid is None, "one at a time"
        assert self._parent.stdin is not None
        order = {
            "arguments": arguments,
            "environ": environ,
            "home": str(home),
            "output": str(output),
            "told": str(told) if told is not None else None,
            "death": asdict(death) if death is not None else None,
        }
        self._parent.stdin.write(json.dumps(order).encode() + b"\n")
        self._parent.stdin.flush()
        self._pid = int(self._answer(_START_SECONDS)["pid"])
        return self._pid

    def wait(self, seconds: float) -> Ended | None:
        """Wait until the process ends; None where it did not in time."""
        answer = self._answer(seconds) if self._is_told(seconds) else None
        if answer is None:
            return None
        self._pid = None
        return Ended(**answer)

    def kill(self) -> Ended:
        """Kill the process that runs, at once; it may have ended already."""
        assert self._pid is not None
        os.kill(self._pid, signal.SIGKILL)  # the parent keeps its number until it told
        ended = self.wait(_START_SECONDS)
        assert ended is not None
        return ended

    def close(self) -> None:
        """End the process that runs, if any, and the parent."""
        if self._pid is not None:
            self.kill()
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait(_START_SECONDS)

    def _is_told(self, seconds: float) -> bool:
        assert self._parent.stdout is not None
        return bool(select.select([self._parent.stdout], [], [], seconds)[0])

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._parent.stdout is not None
        assert self._is_told(seconds), "the parent of the agents does not answer"
        line = self._parent.stdout.readline()
        assert line, "the parent of the agents ended"
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer


def _parent() -> None:
    # Before the product: what it is given at import has to be what numbers the acts.
    reaching_out.install()
    quick_time.install()
    _import_everything()
    ctypes.CDLL(None).prctl(_INHERIT_ORPHANS, 1, 0, 0, 0)
    gc.freeze()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(order)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"code": os.waitstatus_to_exitcode(status), "left": _left_alive()})


def _import_everything() -> None:
    """Import what the agent needs, and what commands import only when they need it."""
    import agent.service.agent  # noqa: F401, PLC0415

    sys.argv = ["bill-agent", "schema", "config"]
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        _main()


def _child(order: dict[str, Any]) -> NoReturn:
    """Be the agent, and end with its exit code."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["bill-agent", *order["arguments"]]
    home = Path(order["home"])
    quick_time.put_in_force(home / TIME)
    if order["told"] is not None:
        reaching_out.put_in_force(Acts(home, Path(order["told"]), _death(order["death"])))
    code = 1
    try:
        code = _main()
    except BaseException:  # noqa: BLE001 - as the interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _death(told: dict[str, Any] | None) -> Death | None:
    return None if told is None else Death(Point(**told["point"]), Side(told["side"]))


def _main() -> int:
    from agent.__main__ import main  # noqa: PLC0415

    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _left_alive() -> int:
    """Return how many processes the one that ended left, once they had time to end too."""
    ends = time.monotonic() + _ORPHAN_SECONDS
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid == 0 and time.monotonic() > ends:
            return 1
        if pid == 0:
            time.sleep(0.002)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _parent()
