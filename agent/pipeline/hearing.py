"""Folders whose files arrive although no event told of them: they are read on a timer.

Some file systems look like those of this machine and tell of no changes: of containers and
virtual machines, or of a kind that nobody knew. A reading that finds a new file shows it.
"""

from __future__ import annotations

from agent.bills.instant import Instant
from agent.bills.rows import Folder
from agent.bills.values import FolderId
from agent.store.remembered import UNHEARD
from agent.store.store import Store

LATEST_SECONDS = 5.0
"""An event may come so long after a reading found the file that it tells of."""
FORGIVEN_SECONDS = 86400.0
"""Events may have come back without a file to tell of them: after a day it is tried."""


class Hearing:
    """Compares what readings find with the hints that came.

    That a folder is not heard of is in the store, since when, for the next run and for `doctor`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heard: dict[FolderId, float] = {}
        self._last_began: dict[FolderId, float] = {}
        self._doubts: dict[FolderId, tuple[float, float]] = {}
        """Since when a hint is missing, and when that was found."""
        self._unheard: dict[str, float] = {
            name.removeprefix(UNHEARD): float(since)
            for name, since in store.meta_beginning(UNHEARD)
        }

    def is_unheard(self, path: str) -> bool:
        """Whether files arrive in the folder at ``path`` without events."""
        return path in self._unheard

    def heard(self, folder: Folder, now: Instant) -> None:
        """Take a hint: events of the folder come."""
        self._heard[folder.id] = now.utc
        self._doubts.pop(folder.id, None)
        self._note(folder.path, None)

    def judge(self, folder: Folder, began: float, now: Instant, *, has_arrivals: bool) -> None:
        """Take a reading that ``began`` at a moment; ``has_arrivals``: it found new files.

        A file that came since the reading before that one was to be told of.
        """
        doubt = self._doubts.get(folder.id)
        if doubt is not None and now.utc - doubt[1] >= LATEST_SECONDS:
            del self._doubts[folder.id]
            self._note(folder.path, now.utc)
        since = self._unheard.get(folder.path)
        if since is not None and now.utc - since >= FORGIVEN_SECONDS:
            self._note(folder.path, None)
        before = self._last_began.get(folder.id)
        self._last_began[folder.id] = began
        if has_arrivals and before is not None and self._heard.get(folder.id, 0.0) < before:
            self._doubts.setdefault(folder.id, (before, now.utc))

    def start_anew(self, folder: Folder) -> None:
        """Expect no hints of what came until now: it was not watched, or the machine slept."""
        self._last_began.pop(folder.id, None)
        self._doubts.pop(folder.id, None)

    def _note(self, path: str, since: float | None) -> None:
        if since is None and path not in self._unheard:
            return
        if since is None:
            del self._unheard[path]
        else:
            self._unheard[path] = since
        self._store.set_meta(f"{UNHEARD}{path}", None if since is None else str(since))
