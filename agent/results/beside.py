"""What lies beside a bill on the disk: looking at it, writing and removing our results.

Nothing is ever replaced or removed but bytes whose sha256 the caller names, or what is put back
byte for byte. Every OSError leaves as a named error; a reader never sees half a result.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.bills.names import PART_PATTERN, result_path
from agent.bills.values import Beside, BesideKind, Sha256, Signature
from agent.results.failures import (
    met_at_name,
    met_at_placing,
    met_at_writing,
    name_too_long,
    snatched,
)
from agent.results.placing import (
    part_path,
    place_new,
    place_over,
    removed_afterwards,
    sync_folder,
    write_part,
)
from agent.results.readers import readers_of
from agent.results.recognise import recognise, sha256_of
from agent.system.cautious_opening import open_cautiously
from agent.system.os_errors import Cause, cause_of, file_error

LARGEST_RESULT = 64 * 1024 * 1024
"""Bytes. What is larger is no result of ours and is not read."""

_LONGEST_NAME = 255
"""UTF-16 units, as Windows and macOS count; Linux counts bytes, of which there are no fewer."""
_LONG_PATH = 500
"""Characters. Shorter paths have room on every system but Windows, which says so by itself."""
_NOTHING = Beside(BesideKind.NOTHING)


@dataclass(frozen=True, slots=True)
class Written:
    """The result lies there now, whole and on the disk. ``signature`` is that of our bytes."""

    sha256: Sha256
    signature: Signature


@dataclass(frozen=True, slots=True)
class Kept:
    """Something else lies there; it was left as it is."""

    beside: Beside


def look(bill_path: str) -> Beside:
    """Return what lies at the place of the bill's result.

    FOREIGN for whatever is no regular file (links too), may not be read, is larger than
    `LARGEST_RESULT` or is no whole result. NOTHING only where the folder itself is there. Raises
    named errors; NeedsAttention ``name-too-long`` where the result's name has no room.
    """
    return _look(_target(bill_path))


def write(bill_path: str, content: bytes, may_replace: Sha256 | None) -> Written | Kept:
    """Make ``content`` the bill's result, whole or not at all.

    What lies there is replaced only if its sha256 is ``may_replace``; None: nothing may lie there.
    Where exactly ``content`` lies there already, nothing is written. Where the bytes to be
    replaced have gone meanwhile, the result is written anew. Raises named errors; the place is
    then as it was, or holds the whole result.
    """
    target, sha256 = _target(bill_path), sha256_of(content)
    there = _look(target)
    if there.kind is not BesideKind.NOTHING:
        if there.content_sha256 == sha256 and there.signature is not None:
            return Written(sha256, there.signature)
        if there.content_sha256 is None or there.content_sha256 != may_replace:
            return Kept(there)
    part = part_path(target)
    try:
        with removed_afterwards(part):
            signature = write_part(part, content, readers_of(bill_path))
            kept = _put(part, target, may_replace)
        if kept is None:
            sync_folder(target.parent)
    except OSError as error:
        raise met_at_writing(error, str(target)) from error
    return Written(sha256, signature) if kept is None else Kept(kept)


def remove(bill_path: str, expected: Sha256) -> bool:
    """Remove the bill's result if its sha256 is ``expected``.

    True when nothing lies there any more (also when nothing did), False when something else does;
    that stays. A change within the microseconds between reading and removing is lost. Raises
    named errors.
    """
    target = _target(bill_path)
    there = _look(target)
    if there.kind is BesideKind.NOTHING:
        return True
    if there.content_sha256 != expected:
        return False
    try:
        target.unlink(missing_ok=True)
        sync_folder(target.parent)
    except OSError as error:
        raise met_at_writing(error, str(target)) from error
    return True


def remove_leftovers(paths: Iterable[str]) -> int:
    """Remove those of the files at ``paths`` that a killed agent left; return how many.

    For a start, before anything is written, and only in a folder that this agent serves. What
    cannot be removed now is left for the next start.
    """
    count = 0
    for part in map(Path, paths):
        if PART_PATTERN.match(part.name):
            with suppress(OSError):
                part.unlink()
                count += 1
    return count


def _target(bill_path: str) -> Path:
    target = Path(result_path(bill_path))
    # No system has longer names; most say so themselves, Windows only sometimes.
    if sum(2 if character > "\uffff" else 1 for character in target.name) > _LONGEST_NAME:
        raise name_too_long(str(target))
    # A short name deep down may have room for its result, but not for the part before it.
    if len(str(target)) > _LONG_PATH and _is_too_long(part_path(target)):
        raise name_too_long(str(target))
    return target


def _is_too_long(path: Path) -> bool:
    try:
        path.lstat()
    except OSError as error:
        return cause_of(error) is Cause.TOO_LONG
    return False


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read at a result's place; ``content`` is None where there is nothing to read."""

    signature: Signature
    content: bytes | None


def _look(target: Path) -> Beside:
    read = _read(target)
    if read is None:
        return _NOTHING
    if read.content is None:
        return Beside(BesideKind.FOREIGN, signature=read.signature)
    return recognise(read.content, read.signature)


def _read(target: Path) -> _Read | None:
    try:
        status = target.lstat()
    except OSError as error:
        trouble = met_at_name(error, str(target))
        if trouble is not None:
            raise trouble from error
        return None
    unread = _Read(Signature.of(status), None)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_RESULT:
        return unread
    try:
        with open_cautiously(target) as file:
            # Taken before reading: a change after it gives another signature, and a new look.
            status = os.fstat(file.fileno())
            signature = Signature.of(status)
            if not stat.S_ISREG(status.st_mode):
                return _Read(signature, None)
            content = file.read(LARGEST_RESULT + 1)
    except OSError as error:
        cause = cause_of(error)
        if cause is Cause.MISSING:
            return None
        if cause is Cause.DENIED:
            return unread
        raise file_error(error, str(target)) from error
    return _Read(signature, content) if len(content) <= LARGEST_RESULT else unread


def _put(part: Path, target: Path, may_replace: Sha256 | None) -> Beside | None:
    """Put ``part`` in its place; return what lies there if that may not be replaced."""
    try:
        # Nothing stands between this look and the rename but the sha256: what another program
        # writes in between is lost.
        read = _read(target)
        if read is not None and read.content is not None and sha256_of(read.content) == may_replace:
            place_over(part, target)
            return None
        if read is None and place_new(part, target):
            return None
    except OSError as error:
        raise met_at_placing(error, str(target)) from error
    there = _look(target)
    if there.kind is BesideKind.NOTHING:
        raise snatched(str(target))
    return there
