"""One agent for each data directory, and who it is.

The lock is the system's own: it ends with the process, however that ends, so nobody ever has to
remove a stale one. Whether the agent is alive is asked by trying the lock and letting go at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.instant import utc_text
from agent.system.os_errors import Cause, cause_of, naming_os_errors

LOCK_FILE = "bill-agent.lock"
HOLDER_FILE = "bill-agent.lock.json"


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the lock; ``since`` in seconds since 1970."""

    pid: int
    since: float


class AlreadyRunning(AgentError):
    """Another agent serves this data directory. ``holder`` is None where it left no word yet."""

    def __init__(self, data_dir: str, holder: Holder | None) -> None:
        who = f" as process {holder.pid} since {utc_text(holder.since)}" if holder else ""
        super().__init__(
            "already-running",
            f"The agent runs already{who}, with the data directory {data_dir}.",
            'Ask it how things stand: "bill-agent status".',
        )
        self.holder = holder


class InstanceLock:
    """The lock on one data directory. Any thread may release it; use it as a context or by hand."""

    def __init__(self, data_dir: str) -> None:
        self._data_dir = data_dir
        self._holder_file = Path(data_dir, HOLDER_FILE)
        self._lock = _file_lock(data_dir)

    def acquire(self, *, timeout: float, now: float) -> None:
        """Take the lock within ``timeout`` seconds, making the data directory if need be.

        ``now``, in seconds since 1970, is what others read as the agent's start. Raises
        AlreadyRunning, or the named errors of a folder.
        """
        with _naming_errors(self._data_dir):
            Path(self._data_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=timeout)
            except Timeout:
                raise AlreadyRunning(self._data_dir, holder(self._data_dir)) from None
            self._write_holder(now)

    def release(self) -> None:
        """Let go; no harm where the lock is not held."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder_file.unlink(missing_ok=True)
            self._lock.release(force=True)

    def _write_holder(self, now: float) -> None:
        # It is for the words of a message alone; a full disk must not keep the agent from starting.
        try:
            self._replace_holder({"pid": os.getpid(), "since": now})
        except OSError:
            with suppress(OSError):  # better no word than that of one who was killed
                self._holder_file.unlink(missing_ok=True)

    def _replace_holder(self, told: dict[str, float]) -> None:
        temporary = self._holder_file.with_suffix(".part")
        temporary.write_text(json.dumps(told), encoding="ascii")
        temporary.replace(self._holder_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def is_held(data_dir: str) -> bool:
    """Whether an agent with this data directory is alive. Never waits, and makes no folder.

    Raises the named errors of a folder.
    """
    with naming_os_errors(data_dir, of="folder"):
        if not Path(data_dir, LOCK_FILE).exists():
            return False
        lock = _file_lock(data_dir)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False


def holder(data_dir: str) -> Holder | None:
    """Return who took the lock last and has not let go; ``is_held`` says whether it still lives."""
    try:
        told = json.loads(Path(data_dir, HOLDER_FILE).read_bytes())
        return Holder(pid=int(told["pid"]), since=float(told["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None  # none, or half a file from a disk that was full


@contextmanager
def _naming_errors(data_dir: str) -> Iterator[None]:
    with naming_os_errors(data_dir, of="folder", writing=True):
        try:
            yield
        except OSError as error:
            if cause_of(error) not in {Cause.DENIED, Cause.READ_ONLY}:
                raise
            raise NeedsAttention(
                "folder-not-writable",
                f"This user may not write to the data directory {data_dir}.",
                "Correct its permissions, or data_dir in [agent].",
            ) from error


def _file_lock(data_dir: str) -> FileLock:
    return FileLock(Path(data_dir, LOCK_FILE), thread_local=False)
