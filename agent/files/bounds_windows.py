"""Limits of the helper process on Windows: a job object that also ends it with the agent."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from ctypes import wintypes
from typing import Any

assert sys.platform == "win32"

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_LIMIT_PROCESS_MEMORY = 0x100
_DIE_ON_UNHANDLED_EXCEPTION = 0x400  # no crash dialog that waits for a person
_KILL_ON_JOB_CLOSE = 0x2000
_MAY_BE_ASSIGNED = 0x0101  # PROCESS_SET_QUOTA and PROCESS_TERMINATE

DETACHED: dict[str, Any] = {
    "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
}
"""How the process is started: no console window, and Ctrl-C is the agent's alone."""

OUT_OF_PROCESSOR_TIME: int | None = None
"""Processor time has no limit here that starts anew with each file."""


class _BasicLimits(ctypes.Structure):
    """``JOBOBJECT_BASIC_LIMIT_INFORMATION``."""

    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", wintypes.DWORD),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority_class", wintypes.DWORD),
        ("scheduling_class", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
_kernel.CreateJobObjectW.restype = wintypes.HANDLE
_kernel.SetInformationJobObject.argtypes = (
    wintypes.HANDLE,
    ctypes.c_int,
    wintypes.LPVOID,
    wintypes.DWORD,
)
_kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
_kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
_kernel.OpenProcess.restype = wintypes.HANDLE
_kernel.CloseHandle.argtypes = (wintypes.HANDLE,)


class _Job:
    """One job object; when the agent lets go of it, in whatever way, its process ends."""

    def __init__(self) -> None:
        self._handle = _kernel.CreateJobObjectW(None, None)

    def limit(self, process: subprocess.Popen[bytes], memory_bytes: int) -> None:
        limits = _ExtendedLimits()
        limits.basic.flags = (
            _LIMIT_PROCESS_MEMORY | _DIE_ON_UNHANDLED_EXCEPTION | _KILL_ON_JOB_CLOSE
        )
        limits.process_memory = memory_bytes
        _kernel.SetInformationJobObject(
            self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        handle = _kernel.OpenProcess(_MAY_BE_ASSIGNED, False, process.pid)
        _kernel.AssignProcessToJobObject(self._handle, handle)
        _kernel.CloseHandle(handle)

    def __del__(self) -> None:
        if self._handle:
            _kernel.CloseHandle(self._handle)


def bind_itself(memory_bytes: int) -> None:
    """Nothing is left to do for the process itself."""
    del memory_bytes


def allow_processor_time(seconds: int) -> None:
    """Nothing: the parent's time limit is all there is."""
    del seconds


def bind(process: subprocess.Popen[bytes], memory_bytes: int) -> object:
    """Limit the process's memory, and its life to that of the object returned."""
    job = _Job()
    job.limit(process, memory_bytes)
    return job


def exceeds(process_id: int, memory_bytes: int) -> bool:
    """Nothing is left to watch for the parent."""
    del process_id, memory_bytes
    return False
