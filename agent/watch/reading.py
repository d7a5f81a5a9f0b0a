"""Reading one folder: one walk over its tree that notes what is there and concludes nothing.

Names and stats are all it takes; no candidate is opened, so nothing is downloaded or locked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from agent.bills.errors import NeedsAttention, Transient
from agent.bills.names import MARK_NAME, PART_PATTERN, RESULT_ENDING
from agent.bills.owing import name_key
from agent.bills.values import Reading, Seen, Signature
from agent.system.os_errors import Cause, cause_of, naming_os_errors
from agent.system.placeholders import evicted_name, is_placeholder
from agent.system.signs_of_life import disk_answered
from agent.watch.candidates import Sort
from agent.watch.folders import WatchedFolder
from agent.watch.mark import read_mark
from agent.watch.writable import is_writable

_NAME_SURROGATE = 0x20000000  # the bit of Windows' reparse tags that links and junctions carry


def read_folder(folder: WatchedFolder, clock: Callable[[], float]) -> Reading:
    """Return everything that lies in ``folder``; ``clock`` counts the seconds it takes.

    Links and junctions inside are not followed, watched folders inside are left to their own
    reading, and what vanishes meanwhile is left out. Raises ``NeedsAttention`` where the folder
    is missing or not readable or its mark is damaged, ``Transient`` where it cannot be read now.
    """
    started = clock()
    with naming_os_errors(folder.path, of="folder"):
        before = _identity(folder.path)
        walk = _Walk(folder)
        walk.read()
        mark = read_mark(folder.path)
        writable = is_writable(folder.path)
        after = _identity(folder.path)
    if before != after:
        raise Transient(
            "folder-changed", f"The folder {folder.path} was replaced while it was read."
        )
    return Reading(
        seen=tuple(walk.seen),
        unreadable=tuple(walk.unreadable),
        unsupported=tuple(walk.unsupported),
        placeholders=tuple(walk.placeholders),
        others=walk.others,
        mark=mark,
        volume=before,
        writable=writable,
        seconds=clock() - started,
        has_other_marks=walk.has_other_marks,
        leftovers=tuple(walk.leftovers),
        closed=tuple(walk.closed),
    )


def _identity(root: str) -> str:
    """Return device and number of the root: an unmounted share looks like an empty folder."""
    status = os.stat(root)  # noqa: PTH116 - the root itself may be a link; exact bytes
    if not stat.S_ISDIR(status.st_mode):
        raise NeedsAttention(
            "folder-missing",
            f"{root} is a file, not a folder.",
            "Correct its path in the configuration.",
        )
    return f"{status.st_dev:x}:{status.st_ino:x}"


class _Walk:
    """One walk under way; it keeps its own stack, so no depth can overflow it."""

    def __init__(self, folder: WatchedFolder) -> None:
        self.seen: list[Seen] = []
        self.unreadable: list[str] = []
        self.unsupported: list[str] = []
        self.placeholders: list[str] = []
        self.others = 0
        self.has_other_marks = False
        self.leftovers: list[str] = []
        self.closed: list[str] = []
        self._folder = folder
        self._rules = folder.rules
        self._key: Callable[[str], str] = name_key if folder.folds else str
        self._nested = frozenset(map(self._key, folder.nested))
        self._left: list[tuple[str, str]] = []

    def read(self) -> None:
        """Read the root, then all below it. Raises ``OSError`` of the root alone."""
        self._read_directory(self._folder.path, "")
        while self._left:
            directory, above = self._left.pop()
            try:
                self._read_directory(directory, above)
            except OSError as error:
                self._note_failure(error, directory)

    def _read_directory(self, directory: str, above: str) -> None:
        candidates: list[os.DirEntry[str]] = []
        stubs: dict[str, os.DirEntry[str]] = {}
        beside: dict[str, os.DirEntry[str]] = {}
        with os.scandir(directory) as entries:
            for entry in entries:
                disk_answered()
                try:
                    if entry.is_file(follow_symlinks=False):
                        sort = self._rules.sort(entry.name, above)
                        if sort is Sort.CANDIDATE:
                            candidates.append(entry)
                        else:
                            self._note_no_candidate(entry, sort, above, stubs)
                    elif entry.is_dir(follow_symlinks=False):
                        self._note_folder(entry, above)
                    else:
                        self.others += 1  # a link, a pipe, a device
                except OSError as error:
                    self._note_failure(error, entry.path)
                if not above and MARK_NAME in entry.name and entry.name != MARK_NAME:
                    self.has_other_marks = True
                if entry.name[-5:].lower() == RESULT_ENDING:
                    beside[self._key(entry.name)] = entry
        for entry in candidates:
            stubs.pop(entry.path, None)
            disk_answered()
            try:
                self.seen.append(self._seen(entry, beside))
            except OSError as error:
                self._note_failure(error, entry.path)
        for path, entry in stubs.items():
            try:
                signature = Signature.of(entry.stat(follow_symlinks=False))
                self.seen.append(Seen(path, signature, None, is_stub=True))
                self.placeholders.append(path)
            except OSError as error:
                self._note_failure(error, entry.path)
        if above and (candidates or stubs) and not is_writable(directory):
            self.closed.append(directory)

    def _note_failure(self, error: OSError, path: str) -> None:
        # What went away meanwhile is left out. Windows raises FileNotFoundError for a share that
        # is away, too, so the class of the error does not tell.
        if cause_of(error) is not Cause.MISSING:
            self.unreadable.append(path)

    def _seen(self, entry: os.DirEntry[str], beside: dict[str, os.DirEntry[str]]) -> Seen:
        status = entry.stat(follow_symlinks=False)
        if is_placeholder(status):
            self.placeholders.append(entry.path)
        result = beside.get(self._key(entry.name + RESULT_ENDING)) if beside else None
        found = None if result is None else _signature(result)
        return Seen(entry.path, Signature.of(status), found)

    def _note_folder(self, entry: os.DirEntry[str], above: str) -> None:
        if not self._folder.recursive or self._key(entry.path) in self._nested:
            return
        if not self._rules.enters(entry.name, above):
            return
        status = entry.stat(follow_symlinks=False)
        if not leads_elsewhere(status):
            self._left.append((entry.path, f"{above}{entry.name}/"))

    def _note_no_candidate(
        self,
        entry: os.DirEntry[str],
        sort: Sort,
        above: str,
        stubs: dict[str, os.DirEntry[str]],
    ) -> None:
        if sort is Sort.UNSUPPORTED:
            self.unsupported.append(entry.path)
        elif sort is Sort.OTHER:
            self.others += 1
        elif PART_PATTERN.match(entry.name):
            self.leftovers.append(entry.path)
        elif (name := evicted_name(entry.name)) and self._rules.sort(name, above) is Sort.CANDIDATE:
            stubs[entry.path[: -len(entry.name)] + name] = entry


def leads_elsewhere(status: os.stat_result) -> bool:
    """Whether a folder is a junction, or another of Windows' links to folders.

    A folder of OneDrive carries a reparse tag, too, and is none.
    """
    return bool(getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE)


def _signature(entry: os.DirEntry[str]) -> Signature | None:
    try:
        return Signature.of(entry.stat(follow_symlinks=False))
    except OSError as error:
        if cause_of(error) is Cause.MISSING:
            return None
        raise
