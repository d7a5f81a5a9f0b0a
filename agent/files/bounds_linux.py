"""Limits of the helper process on Linux: the kernel keeps them."""

from __future__ import annotations

import resource
import subprocess
import sys

from agent.files.bounds_posix import (
    DETACHED,
    OUT_OF_PROCESSOR_TIME,
    allow_processor_time,
    leave_no_core_file,
)

assert sys.platform != "win32"

__all__ = [
    "DETACHED",
    "OUT_OF_PROCESSOR_TIME",
    "allow_processor_time",
    "bind",
    "bind_itself",
    "exceeds",
]


def bind_itself(memory_bytes: int) -> None:
    """Limit this process's memory for good, and let it leave no core file."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    leave_no_core_file()


def bind(process: subprocess.Popen[bytes], memory_bytes: int) -> object:
    """Nothing is left to do for the parent."""
    del process, memory_bytes
    return None


def exceeds(process_id: int, memory_bytes: int) -> bool:
    """Nothing is left to watch for the parent."""
    del process_id, memory_bytes
    return False
