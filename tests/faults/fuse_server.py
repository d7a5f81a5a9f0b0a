"""A file system that passes everything on to a folder, until it is told to let a call hang.

Run as a process: ``fuse_server.py FOLDER MOUNTPOINT MOOD``. While the file MOOD holds the name of
a call below, or ``all``, such calls wait; once it says something else they go on.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import mfusepy

_STAT = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_ino")


Call = TypeVar("Call", bound=Callable[..., Any])


def waits(call: Call) -> Call:
    """Let a call of the file system wait while the mood says so."""

    @functools.wraps(call)
    def waiting(self: Passing, *arguments: Any, **named: Any) -> Any:
        while self.mood.read_text(encoding="ascii") in (call.__name__, "all"):
            time.sleep(0.02)
        return call(self, *arguments, **named)

    return cast("Call", waiting)


class Passing(mfusepy.Operations):  # type: ignore[misc]  # the library has no types
    """Passes every call on."""

    use_ns = True

    def __init__(self, folder: str, mood: Path) -> None:
        self._folder = folder
        self.mood = mood

    @waits
    def getattr(self, path: str, fh: Any = None) -> dict[str, int]:
        """Stat."""
        del fh
        status = os.lstat(self._folder + path)
        times = {
            "st_mtime": status.st_mtime_ns,
            "st_atime": status.st_atime_ns,
            "st_ctime": status.st_ctime_ns,
        }
        return {name: getattr(status, name) for name in _STAT} | times

    @waits
    def readdir(self, path: str, fh: Any) -> list[str]:
        """List."""
        del fh
        return [".", "..", *os.listdir(self._folder + path)]

    @waits
    def access(self, path: str, mode: int) -> int:
        """Allow everything."""
        del path, mode
        return 0

    @waits
    def open(self, path: str, flags: int) -> int:
        """Open."""
        return os.open(self._folder + path, flags & ~os.O_NOFOLLOW)

    @waits
    def create(self, path: str, mode: int, fi: Any = None) -> int:
        """Create."""
        del fi
        return os.open(self._folder + path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    @waits
    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read."""
        del path
        return os.pread(fh, size, offset)

    @waits
    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write."""
        del path
        return os.pwrite(fh, data, offset)

    @waits
    def truncate(self, path: str, length: int, fh: Any = None) -> None:
        """Cut."""
        del fh
        os.truncate(self._folder + path, length)

    @waits
    def flush(self, path: str, fh: int) -> int:
        """Do nothing."""
        del path, fh
        return 0

    @waits
    def fsync(self, path: str, datasync: int, fh: int) -> None:
        """Sync."""
        del path, datasync
        os.fsync(fh)

    @waits
    def release(self, path: str, fh: int) -> None:
        """Close."""
        del path
        os.close(fh)

    @waits
    def unlink(self, path: str) -> None:
        """Remove a file."""
        os.unlink(self._folder + path)

    @waits
    def rename(self, old: str, new: str, flags: int = 0) -> None:
        """Rename."""
        del flags
        os.rename(self._folder + old, self._folder + new)

    @waits
    def link(self, target: str, source: str) -> None:
        """Give a file a second name."""
        os.link(self._folder + source, self._folder + target)

    @waits
    def chmod(self, path: str, mode: int) -> None:
        """Change permissions."""
        os.chmod(self._folder + path, mode)

    @waits
    def chown(self, path: str, uid: int, gid: int) -> None:
        """Change the owner."""
        os.chown(self._folder + path, uid, gid)


if __name__ == "__main__":
    folder, mountpoint, mood = sys.argv[1:]
    mfusepy.FUSE(
        Passing(folder, Path(mood)),
        mountpoint,
        foreground=True,
        nothreads=False,
        attr_timeout=0,
        entry_timeout=0,
    )
