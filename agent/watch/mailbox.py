"""Hints from the file system's events, which cannot pile up."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Mailbox:
    """Which folders to look at: each once, however many hints came. Safe from any thread.

    ``wake`` is called when the first hint comes into the empty mailbox; it must not raise, and
    ``threading.Event.set`` is meant.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._lock = threading.Lock()
        self._folders: set[str] = set()
        self._wake = wake

    def put(self, folder: str) -> None:
        """Note that something moved in ``folder``."""
        with self._lock:
            is_first = not self._folders
            self._folders.add(folder)
        if is_first:
            self._wake()

    def take(self) -> frozenset[str]:
        """Return the folders hinted at since the last time, and forget them."""
        with self._lock:
            folders = frozenset(self._folders)
            self._folders.clear()
        return folders
