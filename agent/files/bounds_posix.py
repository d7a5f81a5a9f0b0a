"""Limits of the helper process that Linux and macOS keep alike."""

from __future__ import annotations

import resource
import signal
import sys
from typing import Any

assert sys.platform != "win32"

DETACHED: dict[str, Any] = {"start_new_session": True}
"""How the process is started: signals from the terminal are the agent's alone."""

OUT_OF_PROCESSOR_TIME: int | None = -signal.SIGXCPU
"""The return code of a process that used all it was allowed."""


def leave_no_core_file() -> None:
    """Let no memory of this process reach the disk when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_processor_time(seconds: int) -> None:
    """Let this process be ended (SIGXCPU) once it has used ``seconds`` more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    if most != resource.RLIM_INFINITY:
        soft = min(soft, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))
