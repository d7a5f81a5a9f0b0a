"""Limits of the helper process on macOS, where the kernel ignores a memory limit.

The parent watches instead: it asks a few times a second while a file is being opened.
"""

from __future__ import annotations

import ctypes
import functools
import subprocess

from agent.files.bounds_posix import (
    DETACHED,
    OUT_OF_PROCESSOR_TIME,
    allow_processor_time,
    leave_no_core_file,
)

__all__ = [
    "DETACHED",
    "OUT_OF_PROCESSOR_TIME",
    "allow_processor_time",
    "bind",
    "bind_itself",
    "exceeds",
]

_TASK_INFO = 4  # PROC_PIDTASKINFO in sys/proc_info.h


class _TaskInfo(ctypes.Structure):
    """``struct proc_taskinfo``; only the resident size is read."""

    _fields_ = (
        ("virtual_size", ctypes.c_uint64),
        ("resident_size", ctypes.c_uint64),
        ("times", ctypes.c_uint64 * 4),
        ("counts", ctypes.c_int32 * 12),
    )


def bind_itself(memory_bytes: int) -> None:
    """Let this process leave no core file; its memory is the parent's to watch."""
    del memory_bytes
    leave_no_core_file()


def bind(process: subprocess.Popen[bytes], memory_bytes: int) -> object:
    """Nothing can be set from outside."""
    del process, memory_bytes
    return None


def exceeds(process_id: int, memory_bytes: int) -> bool:
    """Whether the process holds more memory than it may. False where it has ended."""
    info = _TaskInfo()
    size = ctypes.sizeof(info)
    written = _libproc().proc_pidinfo(process_id, _TASK_INFO, 0, ctypes.byref(info), size)
    return written == size and int(info.resident_size) > memory_bytes


@functools.cache
def _libproc() -> ctypes.CDLL:
    return ctypes.CDLL("/usr/lib/libproc.dylib")
