"""Noticing that the configuration file was edited: once it has been still for a moment."""

from __future__ import annotations

import os
from pathlib import Path

STILL_SECONDS = 2.0


class FileWatch:
    """Tells once for each edit that a file changed and has been unchanged for two seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._stamp()
        self._changed: tuple[tuple[int, ...] | None, float] | None = None

    def is_edited(self, monotonic: float) -> bool:
        """Whether there is a new, still version to be read. One ``stat`` a call."""
        stamp = self._stamp()
        if stamp == self._known:
            self._changed = None
            return False
        if self._changed is None or self._changed[0] != stamp:
            self._changed = (stamp, monotonic)
            return False
        if monotonic - self._changed[1] < STILL_SECONDS:
            return False
        self._known = stamp
        self._changed = None
        return True

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            status = os.stat(self._path)  # noqa: PTH116  # one call a second
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
