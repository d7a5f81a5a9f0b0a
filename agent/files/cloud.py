"""The agent's side of the cloud: which files are only placeholders, and bringing their content."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Sequence

from agent.bills.cloud import waiting_for_cloud
from agent.bills.errors import NeedsAttention
from agent.files.bounds import bounds
from agent.files.helper import helper_command, helper_directory, helper_environment
from agent.files.recall_process import DONE, GONE
from agent.system.os_errors import naming_os_errors
from agent.system.placeholders import lies_elsewhere

RECALL_SECONDS = 300.0
"""So long may one file take to come; what has come by then is mostly kept by the provider."""
_DYING_SECONDS = 1.0


class Cloud:
    """Safe from any thread; brings one file at a time.

    ``command`` starts the process that reads the file; ``seconds`` is how long it may take.
    """

    def __init__(
        self, command: Sequence[str] | None = None, *, seconds: float = RECALL_SECONDS
    ) -> None:
        self._command = helper_command("_recall") if command is None else tuple(command)
        self._seconds = seconds
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def holds(self, path: str) -> bool:
        """Whether the content of the file at ``path`` is in the cloud. Reads nothing of it."""
        with naming_os_errors(path, of="file"):
            return lies_elsewhere(path)

    def bring(self, path: str) -> bool:
        """Bring the content of the file at ``path``; False where there is no such file.

        Raises ``waiting-for-cloud`` where it did not come, or not in time; nothing that was begun
        is left running then.
        """
        with self._one_at_a_time:
            try:
                process = subprocess.Popen(  # noqa: S603 - this very program
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    cwd=helper_directory(),
                    env=helper_environment(),
                    **bounds.DETACHED,
                )
            except OSError as error:
                raise _not_come(path, "its download could not be started") from error
            self._process = process
            if self._is_closed:
                process.kill()
            try:
                return self._ended(process, path)
            finally:
                self._process = None
                _end(process)

    def close(self) -> None:
        """End what is being brought; nothing is brought after that."""
        self._is_closed = True
        process = self._process
        if process is not None:
            process.kill()

    def _ended(self, process: subprocess.Popen[bytes], path: str) -> bool:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            # The pipe stays open: the process ends when this one does and the pipe with it.
            process.stdin.write(json.dumps(path).encode() + b"\n")
            process.stdin.flush()
            code = process.wait(self._seconds)
        except OSError:
            raise _not_come(path, "its download broke off") from None
        except subprocess.TimeoutExpired:
            why = f"it did not arrive within {self._seconds / 60:.0f} minutes, and is tried again"
            raise _not_come(path, why) from None
        if code in (DONE, GONE):
            return code == DONE
        reason = process.stdout.read(1000).decode("utf-8", "replace").strip().rstrip(".")
        raise _not_come(path, f"it cannot be downloaded ({reason or 'no reason was given'})")


def _not_come(path: str, why: str) -> NeedsAttention:
    problem = waiting_for_cloud(path, why)
    return NeedsAttention(problem.code, problem.message, problem.advice)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    # One that hangs in the kernel dies later; nobody waits for it here.
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_DYING_SECONDS)
