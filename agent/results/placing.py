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
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agent.bills.values import Signature
from agent.results.readers import Readers, let_read

if sys.platform == "darwin":
    import fcntl

_MACHINE = socket.gethostname()
_CREATE_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""Creates or fails, and never follows a link that somebody laid there."""

_FOLDERS_THAT_CANNOT_BE_SYNCED = frozenset(
    {errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
)


def part_path(path: Path, machine: str = _MACHINE) -> Path:
    """Return the temporary file for ``path``: always the same one, and short enough anywhere.

    Named by a hash of the file's name, so that after a kill it is overwritten, never piled up; and
    of this machine's, for two that write one result at once must not write into one file.
    """
    digest = hashlib.sha256(os.fsencode(f"{machine}/{path.name}")).hexdigest()
    return path.with_name(f".nectar-{digest[:12]}.part")


def write_part(part: Path, content: bytes, readers: Readers | None) -> Signature:
    """Write ``content`` to the new file ``part``, on the disk once this returns.

    Whatever lay there is removed first, a link too. Readable by ``readers``; by the system's
    default where they are None.
    """
    part.unlink(missing_ok=True)
    # Closed to others until it has its readers.
    mode = 0o666 if readers is None else 0o600
    with os.fdopen(os.open(part, _CREATE_ANEW, mode), "wb") as file:
        file.write(content)
        file.flush()
        if readers is not None:
            let_read(file.fileno(), readers)
        _sync(file.fileno())
        return Signature.of(os.fstat(file.fileno()))


def place_new(
    part: Path, target: Path, *, rename_refuses_taken_names: bool = sys.platform == "win32"
) -> bool:
    """Give ``part`` the name ``target`` unless that is taken; tell whether it has it now.

    ``part`` may be left as a second name of the same file.
    """
    if not rename_refuses_taken_names:
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


def sync_folder(folder: Path, sync: Callable[[int], None] | None = None) -> None:
    """Make the names in ``folder`` survive a power cut, where the system lets one ask for that.

    ``sync`` is how a descriptor is synced; None: as this system does it.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except PermissionError:
        return  # Windows opens no folders; others may not let us list this one
    try:
        (sync or os.fsync)(descriptor)
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


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        # fsync leaves the bytes in the drive's own memory there. Shares know no full sync.
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def _are_one_file(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(one.lstat(), other.lstat())
    return False
