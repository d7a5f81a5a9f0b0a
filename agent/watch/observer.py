"""The adapter of watchdog: events become hints to look at a folder, and blindness is noticed.

An event is never more than a hint. What an event handler does here cannot raise, since whatever
it raised would end watchdog's thread for all folders in silence; and threads are looked after all
the same, because they die in other ways too. Network shares get no watch: the kernel does not see
what others write there.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, EventEmitter, ObservedWatch

from agent.bills.values import Problem
from agent.watch import inotify, reasons
from agent.watch.folders import WatchedFolder
from agent.watch.hints import Hints
from agent.watch.roots import Root, RootLooks

# Linux tells when a file that was written is closed; elsewhere each write has to do. Reading is
# announced too, and must not be heard: we read ourselves.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent if sys.platform == "linux" else FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
# watchdog falls back to polling, which costs half a processor, where it finds none of these.
_NATIVE = ("inotify", "fsevents", "read_directory_changes")
_STOP_SECONDS = 2.0
PATIENCE_SECONDS = 2.0
"""How long roots that hang are waited for, all together."""


@dataclass(frozen=True, slots=True)
class _Armed:
    """One watch, and the root (device and number) that it was made for."""

    watch: ObservedWatch
    root: tuple[int, int]


class FolderObserver:
    """Watches folders and calls ``on_hint`` with the path of each in which something moved.

    ``on_hint`` is called from other threads and must not raise; ``Mailbox.put`` is meant.
    ``without_events`` returns the type of a file system at or below a path that tells of no
    changes, None where there is none; it must not touch that. Methods may be called from any
    thread; ``watch``, ``rearm`` and ``blind`` look at the roots and can take
    ``patience_seconds``, however many of them hang; ``on_timer`` and ``close`` do not.
    """

    def __init__(
        self,
        on_hint: Callable[[str], object],
        *,
        without_events: Callable[[str], str | None],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._on_hint = on_hint
        self._looks = RootLooks(without_events, patience_seconds=patience_seconds)
        self._lock = threading.RLock()
        self._observer: BaseObserver | None = None
        self._folders: Mapping[str, WatchedFolder] = {}
        self._armed: dict[str, _Armed] = {}
        self._on_timer: Mapping[str, Problem] = {}
        self._complaints = _Complaints(self._hint_all)
        logging.getLogger("watchdog").addHandler(self._complaints)

    def watch(self, folders: Iterable[WatchedFolder]) -> None:
        """Watch exactly these folders from now on. One that is missing is watched once it is back.

        Nothing is hinted for folders that were watched before and did not change.
        """
        with self._lock:
            wanted = {folder.path: folder for folder in folders}
            for path, folder in self._folders.items():
                if path not in wanted or not _is_watched_alike(wanted[path], folder):
                    self._disarm(path)
                    self._read_on_timer(path, None)
            self._folders = wanted
            left = [path for path in wanted if path not in self._armed]
        self._arm(left)

    def rearm(self, paths: Iterable[str]) -> None:
        """Watch the folders anew, and hint at them: what moved meanwhile was not seen."""
        with self._lock:
            is_dead = self._observer is not None and _is_dead(self._observer)
            if is_dead:
                self._stop()
            wanted = [path for path in self._folders if is_dead or path in paths]
            for path in wanted:
                self._disarm(path)
        self._arm(wanted)
        for path in wanted:
            self._on_hint(path)

    def blind(self) -> frozenset[str]:
        """Return the folders that are there and that no live watch looks at: ``rearm`` them.

        A folder that was replaced by another of the same name counts, one that came back, and
        one of which events can come by now. Once, so does one that is there no more: a folder
        that was moved away tells of nothing.
        """
        with self._lock:
            folders = tuple(self._folders)
        found = self._looks.at(folders)
        with self._lock:
            is_dead = self._observer is not None and _is_dead(self._observer)
            alive = (
                {}
                if self._observer is None
                else {emitter.watch: emitter for emitter in self._observer.emitters}
            )
            return frozenset(
                path
                for path in folders
                if path in self._folders
                and (root := found.get(path)) is not None
                and self._is_blind(path, root, alive, is_dead=is_dead)
            )

    def on_timer(self) -> Mapping[str, Problem]:
        """Return the folders for which no events come, each with the reason."""
        return self._on_timer

    def close(self) -> None:
        """Stop watching; no hint comes after it returns."""
        logging.getLogger("watchdog").removeHandler(self._complaints)
        self._folders = {}
        # A thread that hangs while it adds a watch keeps the lock; the process ends without it.
        if self._lock.acquire(timeout=_STOP_SECONDS):
            self._stop()
            self._lock.release()

    def _arm(self, paths: Sequence[str]) -> None:
        """Watch these folders where that is possible; note where no events will come of one."""
        with self._lock:
            inner = {each for path in paths for each in self._folders[path].nested}
        found = self._looks.at(dict.fromkeys((*paths, *inner)))
        with self._lock:
            for path in paths:
                folder = self._folders.get(path)
                if folder is not None and path not in self._armed:
                    self._read_on_timer(path, self._armed_or_why_not(folder, found))

    def _armed_or_why_not(self, folder: WatchedFolder, found: Mapping[str, Root]) -> Problem | None:
        """Watch the folder if it is there; return why no events will come of it, if so."""
        root = found.get(folder.path)
        if root is None:
            return reasons.HANGS
        if root.without_events is not None:
            return reasons.on_share(root.without_events)
        if not _events_are_native():
            return reasons.NO_EVENTS
        if root.identity is None:
            return None  # missing or closed to us: the reading says so
        try:
            observer = self._started()
            watch = observer.schedule(
                _Handler(_hints(folder, root, found), self._on_hint),
                root.real,
                recursive=folder.recursive,
                event_filter=_EVENTS,
            )
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return None  # it went away, or was closed to us, just now
        except (OSError, RuntimeError) as error:
            return inotify.limit_reached(getattr(error, "errno", None)) or reasons.NO_EVENTS
        self._armed[folder.path] = _Armed(watch, root.identity)
        if folder.recursive and not inotify.has_room(observer):
            # Half a tree watched would keep other programs from watching theirs.
            self._disarm(folder.path)
            return inotify.limit_reached(errno.ENOSPC)
        return None

    def _read_on_timer(self, path: str, reason: Problem | None) -> None:
        # A new mapping each time: it is read without the lock.
        others = {each: why for each, why in self._on_timer.items() if each != path}
        self._on_timer = others if reason is None else {**others, path: reason}

    def _disarm(self, path: str) -> None:
        armed = self._armed.pop(path, None)
        if armed is None or self._observer is None:
            return
        # Its books may be behind the kernel's after folders moved about; it is gone either way.
        with contextlib.suppress(KeyError, OSError):
            self._observer.unschedule(armed.watch)

    def _is_blind(
        self,
        path: str,
        root: Root,
        alive: Mapping[ObservedWatch, EventEmitter],
        *,
        is_dead: bool,
    ) -> bool:
        reason = self._on_timer.get(path)
        if reason is not None and reason.code in reasons.LASTING:
            return False
        if root.without_events is not None:
            return reason is None or reason.code != reasons.ON_SHARE
        armed = self._armed.get(path)
        if root.identity is None:
            return armed is not None
        if is_dead or armed is None or armed.root != root.identity:
            return True
        emitter = alive.get(armed.watch)
        return emitter is None or not emitter.is_alive() or inotify.watches_nothing(emitter)

    def _hint_all(self) -> None:
        for path in tuple(self._folders):
            self._on_hint(path)

    def _started(self) -> BaseObserver:
        if self._observer is None:
            observer = Observer()
            observer.start()
            self._observer = observer
        return self._observer

    def _stop(self) -> None:
        observer, self._observer = self._observer, None
        self._armed.clear()
        if observer is not None:
            with contextlib.suppress(KeyError, OSError):
                observer.stop()
            observer.join(_STOP_SECONDS)


class _Handler(FileSystemEventHandler):
    """Turns the events of one folder into hints, and nothing else: nothing here can raise."""

    def __init__(self, hints: Hints, on_hint: Callable[[str], object]) -> None:
        self._hints = hints
        self._on_hint = on_hint

    def dispatch(self, event: FileSystemEvent) -> None:
        source = os.fsdecode(event.src_path)
        for folder in self._hints.folders(source, os.fsdecode(event.dest_path)):
            self._on_hint(folder)


class _Complaints(logging.Handler):
    """Listens to what watchdog warns of, such as lost events, which it tells nowhere else."""

    def __init__(self, on_complaint: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._on_complaint = on_complaint

    def emit(self, record: logging.LogRecord) -> None:
        del record  # whatever it is, events may be missing
        self._on_complaint()


def _hints(folder: WatchedFolder, root: Root, found: Mapping[str, Root]) -> Hints:
    reals = {inner: each.real for inner in folder.nested if (each := found.get(inner)) is not None}
    return Hints(folder.path, root.real, {real or inner: inner for inner, real in reals.items()})


def _is_watched_alike(one: WatchedFolder, other: WatchedFolder) -> bool:
    return (one.recursive, one.nested) == (other.recursive, other.nested)


def _is_dead(observer: BaseObserver) -> bool:
    return not observer.is_alive() or inotify.reader_is_dead(observer)


def _events_are_native() -> bool:
    return getattr(Observer, "__module__", "").rpartition(".")[2] in _NATIVE
