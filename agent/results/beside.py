"""What lies beside a bill on the disk: looking at it, writing and removing our results.

Nothing is ever replaced or removed but bytes whose sha256 the caller names, or what is put back
byte for byte. Every OSError leaves as a named error; a reader never sees half a result.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from agent.bills.errors import NeedsAttention, Transient
from agent.bills.names import PART_PATTERN, result_path
from agent.bills.values import Beside, BesideKind, Sha256, Signature
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

LARGEST_RESULT = 64 * 1024 * 1024
"""Bytes. What is larger is no result of ours and is not read."""

_LONGEST_NAME = 255
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
    target = _target(bill_path)
    try:
        return _look(target)
    except OSError as error:
        raise _named(error, target) from error


def write(bill_path: str, content: bytes, may_replace: Sha256 | None) -> Written | Kept:
    """Make ``content`` the bill's result, whole or not at all.

    What lies there is replaced only if its sha256 is ``may_replace``; None: nothing may lie there.
    Where exactly ``content`` lies there already, nothing is written. Where the bytes to be
    replaced have gone meanwhile, the result is written anew. Raises named errors, having changed
    nothing.
    """
    target, sha256 = _target(bill_path), sha256_of(content)
    try:
        there = _look(target)
        if there.kind is not BesideKind.NOTHING:
            if there.content_sha256 == sha256 and there.signature is not None:
                return Written(sha256, there.signature)
            if there.content_sha256 is None or there.content_sha256 != may_replace:
                return Kept(there)
        part = part_path(target)
        with removed_afterwards(part):
            signature = write_part(part, content, readers_of(bill_path))
            kept = _put(part, target, may_replace)
        if kept is not None:
            return Kept(kept)
        sync_folder(target.parent)
    except OSError as error:
        raise _named(error, target) from error
    return Written(sha256, signature)


def remove(bill_path: str, expected: Sha256) -> bool:
    """Remove the bill's result if its sha256 is ``expected``.

    True when nothing lies there any more (also when nothing did), False when something else does;
    that stays. A change within the microseconds between reading and removing is lost. Raises
    named errors.
    """
    target = _target(bill_path)
    try:
        there = _look(target)
        if there.kind is BesideKind.NOTHING:
            return True
        if there.content_sha256 != expected:
            return False
        target.unlink(missing_ok=True)
        sync_folder(target.parent)
    except OSError as error:
        raise _named(error, target) from error
    return True


def remove_leftovers(folder: str) -> int:
    """Remove the temporary files that a killed agent left in ``folder``; return how many.

    For a start, before anything is written, and only in a folder that this agent serves. Looks at
    this one folder, not below it. Raises named errors.
    """
    count = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if PART_PATTERN.match(entry.name) and not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink(missing_ok=True)
                    count += 1
    except OSError as error:
        raise _named(error, Path(folder)) from error
    return count


def _target(bill_path: str) -> Path:
    target = Path(result_path(bill_path))
    # No system has names of more than 255 units; most say so themselves, Windows only sometimes.
    if len(target.name.encode("utf-16-le", "surrogatepass")) // 2 > _LONGEST_NAME:
        raise _name_too_long(target)
    return target


def _look(target: Path) -> Beside:
    try:
        status = target.lstat()
    except FileNotFoundError:
        target.parent.stat()
        return _NOTHING
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_RESULT:
        return Beside(BesideKind.FOREIGN, signature=Signature.of(status))
    try:
        with target.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(LARGEST_RESULT + 1)
    except FileNotFoundError:
        return _look(target)
    except PermissionError:
        return Beside(BesideKind.FOREIGN, signature=Signature.of(status))
    if len(content) > LARGEST_RESULT:
        return Beside(BesideKind.FOREIGN, signature=Signature.of(status))
    return recognise(content, Signature.of(status))


def _put(part: Path, target: Path, may_replace: Sha256 | None) -> Beside | None:
    """Put ``part`` in its place; return what lies there if that may not be replaced."""
    there = _look(target)
    if there.kind is BesideKind.NOTHING:
        return None if place_new(part, target) else _look(target)
    if there.content_sha256 is None or there.content_sha256 != may_replace:
        return there
    place_over(part, target)
    return None


def _name_too_long(target: Path) -> NeedsAttention:
    return NeedsAttention(
        "name-too-long",
        f"The name of {target.name.removesuffix('.json')} is so long that its result has no room.",
        "Give the file a shorter name.",
    )


def _named(error: OSError, target: Path) -> NeedsAttention | Transient:
    return Transient("file-trouble", f"{target}: {error.strerror}.")
