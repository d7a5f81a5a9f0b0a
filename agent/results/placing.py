"""Putting one file in its place whole or not at all, through kill -9 and power loss.

A part is written beside the place, synced, and then gets its name in one step of the file system;
then the folder is synced. `place_new` never replaces anything: a hard link and, on Windows, a
rename refuse a name that is taken. Where a volume has neither (FAT, some shares) there is a window
of microseconds between looking and renaming; another program that creates the very file in it is
overwritten. `place_over` has the same window by nature.

OSErrors pass through; `beside` names them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from agent.bills.values import Signature

_RENAME_REFUSES_TAKEN_NAMES = sys.platform == "win32"
_CREATE_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""Creates or fails, and never follows a link that somebody laid there."""

_OWNER_READS_AND_WRITES = 0o600
_OTHERS_READ = 0o044
_FOLDERS_THAT_CANNOT_BE_SYNCED = frozenset(
    {errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
)


def part_path(path: Path) -> Path:
    """Return the temporary file for ``path``: always the same one, and short enough anywhere.

    Named by a hash of the file's name, so that after a kill it is overwritten, never piled up.
    """
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()
    return path.with_name(f".nectar-{digest[:12]}.part")


def write_part(part: Path, content: bytes, readable_like: os.stat_result | None) -> Signature:
    """Write ``content`` to the new file ``part``, on the disk once this returns.

    Whatever lay there is removed first, a link too. Readable by whoever can read the file that
    ``readable_like`` is the stat of; by the system's default where it is None.
    """
    part.unlink(missing_ok=True)
    # Closed to others until it has its owner and group.
    mode = 0o666 if readable_like is None else _OWNER_READS_AND_WRITES
    with os.fdopen(os.open(part, _CREATE_ANEW, mode), "wb") as file:
        file.write(content)
        file.flush()
        if readable_like is not None:
            _make_readable(file, readable_like)
        _sync(file)
        return Signature.of(os.fstat(file.fileno()))


def place_new(part: Path, target: Path) -> bool:
    """Give ``part`` the name ``target`` unless that is taken; tell whether it has it now.

    ``part`` may be left as a second name of the same file.
    """
    if not _RENAME_REFUSES_TAKEN_NAMES:
        try:
            target.hardlink_to(part)
        except FileExistsError:
            # A share may have done it and lost the answer.
            return _are_one_file(part, target)
        except OSError:
            # No hard links here, or a true failure: then the rename meets it too.
            if os.path.lexists(target):
                return False
        else:
            return True
    try:
        part.rename(target)
    except FileExistsError:
        return False
    return True


def place_over(part: Path, target: Path) -> None:
    """Give ``part`` the name ``target``, whatever lies there."""
    part.replace(target)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut, where the system lets one ask for that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except PermissionError:
        return  # Windows opens no folders; others may not let us list this one
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _FOLDERS_THAT_CANNOT_BE_SYNCED:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def removed_afterwards(part: Path) -> Iterator[None]:
    """Leave no ``part`` behind, however the block ends. A later start removes what stays stuck."""
    try:
        yield
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _make_readable(file: IO[bytes], like: os.stat_result) -> None:
    """Let whoever may read the file of ``like`` read ``file``, as far as this user may decide it.

    Only where the system has owners and modes; elsewhere the folder's rules are inherited.
    """
    if not hasattr(os, "fchmod"):
        return
    descriptor = file.fileno()
    ours = os.fstat(descriptor)
    if (ours.st_uid, ours.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        except OSError:
            # Only the superuser gives files away; a group that is ours we may set.
            with suppress(OSError):
                os.fchown(descriptor, -1, like.st_gid)
    os.fchmod(descriptor, _OWNER_READS_AND_WRITES | (like.st_mode & _OTHERS_READ))


def _sync(file: IO[bytes]) -> None:
    os.fsync(file.fileno())


def _are_one_file(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(one.lstat(), other.lstat())
    return False
