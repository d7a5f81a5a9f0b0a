"""Who may read a bill may read its result: owner, group, modes and the access list carried over.

Where the system has none of these (Windows), and for access lists of other kinds (macOS, NFS),
the result inherits what its folder gives to every new file.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass

_ACCESS_LIST = "system.posix_acl_access"
_OWNER_READS_AND_WRITES = 0o600
_OTHERS_READ = 0o044


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read a file, as far as the system tells. ``access_list`` as the system keeps it."""

    mode: int
    owner: int
    group: int
    access_list: bytes | None


def readers_of(path: str) -> Readers | None:
    """Return who may read the file at ``path``; None where it cannot be asked, or is gone."""
    try:
        status = os.stat(path)  # noqa: PTH116 — bills are text paths everywhere
    except OSError:
        return None
    return Readers(status.st_mode, status.st_uid, status.st_gid, _access_list(path))


def let_read(descriptor: int, readers: Readers) -> None:
    """Let ``readers`` read the open file, as far as this user and the volume allow.

    Never lets anybody write it but its owner and whom the bill's access list lets write the bill.
    """
    if sys.platform != "win32":
        ours = os.fstat(descriptor)
        if (ours.st_uid, ours.st_gid) != (readers.owner, readers.group):
            try:
                os.fchown(descriptor, readers.owner, readers.group)
            except OSError:
                # Only the superuser gives files away; a group that we are in we may set.
                with suppress(OSError):
                    os.fchown(descriptor, -1, readers.group)
        # A volume without modes (FAT) shows all its files to the same people and may refuse.
        with suppress(OSError):
            os.fchmod(descriptor, _OWNER_READS_AND_WRITES | (readers.mode & _OTHERS_READ))
        if sys.platform == "linux" and readers.access_list is not None:
            with suppress(OSError):
                os.setxattr(descriptor, _ACCESS_LIST, readers.access_list)


def _access_list(path: str) -> bytes | None:
    if sys.platform == "linux":
        with suppress(OSError):
            return os.getxattr(path, _ACCESS_LIST)
    return None
