"""Opening an original for reading on Windows, so that others may write, rename and delete it.

Python's own ``open`` denies deletion and renaming for as long as the file is open; a scanner or
a clerk would meet "the file is in use".
"""

from __future__ import annotations

import ctypes
import msvcrt
import os
import sys
from ctypes import wintypes
from typing import BinaryIO

assert sys.platform == "win32"

_GENERIC_READ = 0x80000000
_SHARE_READ_WRITE_DELETE = 0x7
_OPEN_EXISTING = 3
_SEQUENTIAL_SCAN = 0x08000000
_INVALID_HANDLE = ctypes.c_void_p(-1).value
_LONGEST_PLAIN_PATH = 247

_create_file = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
_create_file.argtypes = (
    wintypes.LPCWSTR,
    wintypes.DWORD,
    wintypes.DWORD,
    wintypes.LPVOID,
    wintypes.DWORD,
    wintypes.DWORD,
    wintypes.HANDLE,
)
_create_file.restype = wintypes.HANDLE


def open_original(path: str) -> BinaryIO:
    """Open the file at ``path`` for unbuffered reading; the caller closes it at once."""
    handle = _create_file(
        _of_any_length(path),
        _GENERIC_READ,
        _SHARE_READ_WRITE_DELETE,
        None,
        _OPEN_EXISTING,
        _SEQUENTIAL_SCAN,
        None,
    )
    if handle is None or handle == _INVALID_HANDLE:
        code = ctypes.get_last_error()
        raise OSError(0, ctypes.FormatError(code), path, code)
    return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb", buffering=0)


def _of_any_length(path: str) -> str:
    """Return ``path`` in the spelling that has no limit of 260 characters, where it needs it."""
    if len(path) <= _LONGEST_PLAIN_PATH or path.startswith("\\\\?\\"):
        return path
    if path.startswith("\\\\"):
        return "\\\\?\\UNC\\" + path[2:]
    return "\\\\?\\" + path
