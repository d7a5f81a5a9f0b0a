"""What is Windows' own."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import winreg
from collections.abc import Callable
from ctypes import wintypes

assert sys.platform == "win32"  # tells the type checker, too

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGBREAK)
"""Signals that ask a process to stop: Ctrl-C and Ctrl-Break; SIGTERM only from within."""

_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN
_NO_ATTRIBUTES = 0xFFFFFFFF  # INVALID_FILE_ATTRIBUTES
_REMOTE = 4  # DRIVE_REMOTE
_CLOSING = frozenset({2, 5, 6})  # CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT
_CLOSING_SECONDS = 4.0  # the system ends the process after about five

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.GetFileAttributesW.argtypes = [wintypes.LPCWSTR]
_kernel32.GetFileAttributesW.restype = wintypes.DWORD
_kernel32.SetFileAttributesW.argtypes = [wintypes.LPCWSTR, wintypes.DWORD]
_kernel32.GetVolumePathNameW.argtypes = [wintypes.LPCWSTR, wintypes.LPWSTR, wintypes.DWORD]
_kernel32.GetDriveTypeW.argtypes = [wintypes.LPCWSTR]
_kernel32.GetDriveTypeW.restype = wintypes.UINT
_ConsoleHandler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
_kernel32.SetConsoleCtrlHandler.argtypes = [_ConsoleHandler, wintypes.BOOL]


def hide(path: str) -> None:
    """Give the file at ``path`` the hidden attribute. Raises OSError where that is refused.

    A hidden file cannot be opened for writing anew: write first, then hide, or replace it.
    """
    attributes = _kernel32.GetFileAttributesW(path)
    if attributes == _NO_ATTRIBUTES or not _kernel32.SetFileAttributesW(path, attributes | _HIDDEN):
        raise ctypes.WinError(ctypes.get_last_error())


def readable_by_others(status: os.stat_result) -> bool:  # noqa: ARG001 - as in every branch
    """Return False: access lists decide here, and a user's own folders are the user's."""
    return False


def user_name() -> str:
    """Return who this process runs as, whatever the environment claims."""
    size = wintypes.DWORD(257)  # the longest name and its end
    buffer = ctypes.create_unicode_buffer(size.value)
    advapi32 = ctypes.WinDLL("advapi32", use_last_error=True)
    if not advapi32.GetUserNameW(buffer, ctypes.byref(size)):
        return os.environ.get("USERNAME", "")
    return buffer.value


def machine_id() -> str | None:
    """Return the id the system gave this installation, or None where it has none."""
    try:
        with winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE,
            r"SOFTWARE\Microsoft\Cryptography",
            access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY,
        ) as key:
            value, _ = winreg.QueryValueEx(key, "MachineGuid")
    except OSError:
        return None
    return str(value).lower()


def network_file_system(path: str) -> str | None:
    """Return ``network drive`` where another machine holds ``path``; None for a local disk."""
    absolute = os.path.realpath(path)
    root = ctypes.create_unicode_buffer(len(absolute) + 2)
    if not _kernel32.GetVolumePathNameW(absolute, root, len(root)):
        return None
    return "network drive" if _kernel32.GetDriveTypeW(root.value) == _REMOTE else None


def file_system_without_events(path: str) -> str | None:
    """Return the same, for the events of a share are not this machine's."""
    return network_file_system(path)


def allow_recall() -> None:
    """Do nothing: whoever opens a placeholder here gets its content."""


def ask_for_content(path: str) -> None:
    """Do nothing: opening the file asks."""


def watch_console_closing(
    on_closing: Callable[[], None], finished: threading.Event
) -> Callable[[], None]:
    """Call ``on_closing`` when the console closes, the user logs off or the machine stops.

    The process lives on until ``finished`` is set, or four seconds. Returns what undoes it.
    """

    def handle(event: int) -> bool:
        if event not in _CLOSING:
            return False  # Ctrl-C and Ctrl-Break go on to Python's own handler
        on_closing()
        finished.wait(_CLOSING_SECONDS)
        return True

    handler = _ConsoleHandler(handle)  # the closure below keeps it alive, as the system must
    _kernel32.SetConsoleCtrlHandler(handler, True)

    def undo() -> None:
        _kernel32.SetConsoleCtrlHandler(handler, False)

    return undo
