"""Whether results can be written into a folder on Windows.

``os.access`` reads only the attribute "read-only" there, which for a folder means nothing. Opening
the folder with the right to add files asks the permissions, of a share too, and writes nothing.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

assert sys.platform == "win32"

_ADD_FILE = 0x2
_SHARE_READ_WRITE_DELETE = 0x7
_OPEN_EXISTING = 3
_BACKUP_SEMANTICS = 0x02000000  # needed to open a folder at all
_REFUSALS = (5, 19)  # access denied, write-protected
_INVALID_HANDLE = ctypes.c_void_p(-1).value

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.CreateFileW.argtypes = (
    wintypes.LPCWSTR,
    wintypes.DWORD,
    wintypes.DWORD,
    wintypes.LPVOID,
    wintypes.DWORD,
    wintypes.DWORD,
    wintypes.HANDLE,
)
_kernel.CreateFileW.restype = wintypes.HANDLE
_kernel.CloseHandle.argtypes = (wintypes.HANDLE,)


def is_writable(folder: str) -> bool:
    """Whether this user may make files in ``folder``; in doubt yes, and writing will tell."""
    handle = _kernel.CreateFileW(
        folder, _ADD_FILE, _SHARE_READ_WRITE_DELETE, None, _OPEN_EXISTING, _BACKUP_SEMANTICS, None
    )
    if handle is None or handle == _INVALID_HANDLE:
        return ctypes.get_last_error() not in _REFUSALS
    _kernel.CloseHandle(handle)
    return True
