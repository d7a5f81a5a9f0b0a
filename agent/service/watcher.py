"""Watching the folders in a thread of its own: one may lie on a share that hangs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from agent.system.volumes import file_system_without_events
from agent.watch.folders import WatchedFolder
from agent.watch.mailbox import Mailbox
from agent.watch.observer import FolderObserver

WATCH_SECONDS = 3.0
"""How long a start waits until every folder is watched; the readings see all in any case."""

_log = logging.getLogger(__name__)


class Watcher:
    """Puts the folders in which something moved into ``mailbox``; ``wake`` is called then."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.mailbox = Mailbox(wake)
        self._observer = FolderObserver(self.mailbox.put, without_events=file_system_without_events)
        self._thread: threading.Thread | None = None
        self._watched: frozenset[str] = frozenset()
        self._closing = threading.Thread(target=self._observer.close, name="closing", daemon=True)

    def events_come(self, path: str) -> bool:
        """Whether changes in the folder are noticed at once, and not by reading it on a timer."""
        return path not in self._observer.on_timer()

    def why_on_timer(self, path: str) -> str | None:
        """Return why a folder is read on a timer, "" where it is not; None where none is watched.

        Safe from any thread.
        """
        if path not in self._watched:
            return None
        reason = self._observer.on_timer().get(path)
        return reason.message if reason is not None else ""

    def watch(self, watched: Mapping[str, WatchedFolder]) -> None:
        """Watch the folders; one on a share that hangs keeps nobody waiting for long."""
        folders = tuple(watched.values())
        self._watched = frozenset(watched)
        self._thread = threading.Thread(
            target=self._observer.watch, args=(folders,), name="watcher", daemon=True
        )
        self._thread.start()
        self._thread.join(WATCH_SECONDS)

    def rearm(self) -> None:
        """Watch anew what is not watched any more, without waiting for it."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(target=self._rearm_blind, name="watcher", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Begin to end the watching, without waiting for it."""
        self._closing.start()

    def wait_until_closed(self, seconds: float) -> None:
        """Wait until nothing is watched any more, for so long at most."""
        self._closing.join(seconds)

    def _rearm_blind(self) -> None:
        blind = self._observer.blind()
        if blind:
            _log.info("watching anew: %s", ", ".join(sorted(blind)))
            self._observer.rearm(blind)
