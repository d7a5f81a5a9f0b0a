"""The table of mounts on Linux: what kind of file system a path lies on.

It is read as a text, so that a share that hangs is known without being touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset(
    {
        *("9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2"),
        *("glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "smb2"),
        *("smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
    }
)
"""File systems whose files another machine may change, or that lie in the host of this one."""

_NETWORK_FUSE = re.compile(
    r"fuse\.(?:sshfs|rclone|s3fs|goofys|gcsfuse|blobfuse2?|davfs2?|curlftpfs|smbnetfs|cifs"
    r"|glusterfs|ceph|ceph-fuse|mfs|moosefs|juicefs|lizardfs|gvfsd-fuse|kio-fuse|vmhgfs-fuse"
    r"|google-drive-ocamlfuse|onedriver|onedrive)"
)
_MOST_LINKS = 40


def network_file_system(path: str) -> str | None:
    """Return the type of network file system that holds ``path``; None for a local disk.

    None as well where the system does not tell. Links in ``path`` are followed.
    """
    mounts = _mounts()
    kind = file_system_type(mounts, followed(mounts, os.fsencode(path)))
    return kind if kind in NETWORK_FILE_SYSTEMS or _NETWORK_FUSE.fullmatch(kind) else None


def file_system_without_events(path: str) -> str | None:
    """Return the type of a file system at or below ``path`` that tells of no changes.

    That is one of a network, and one that some program serves (FUSE): it may hang, and with it
    whoever watches it. None where there is none, or the system does not tell.
    """
    mounts = _mounts()
    return kind_without_events(mounts, followed(mounts, os.fsencode(path)))


def kind_without_events(mounts: bytes, path: bytes) -> str | None:
    """Return the same by ``mounts``, the text of /proc/mounts, for a path without links."""
    kind = file_system_type(mounts, path)
    if _is_remote(kind):
        return kind
    start = path.rstrip(b"/") + b"/"
    below = (kind for place, kind in _table(mounts) if place.startswith(start))
    return next((kind for kind in below if _is_remote(kind)), None)


def file_system_type(mounts: bytes, path: bytes) -> str:
    """Return the type of the file system of ``path`` in ``mounts``, the text of /proc/mounts.

    Of several mounted on one place the last counts. Empty where none fits.
    """
    longest, found = b"", ""
    for place, kind in _table(mounts):
        below = path == place or path.startswith(place.rstrip(b"/") + b"/")
        if below and len(place) >= len(longest):
            longest, found = place, kind
    return found


def followed(mounts: bytes, path: bytes) -> bytes:
    """Return ``path`` with its links followed, but for those on a remote file system.

    Nothing there is looked at, for that could hang. A circle of links is left as it is.
    """
    done, links = b"/", 0
    left = os.path.abspath(path).split(b"/")[::-1]  # noqa: PTH100 - links must stay
    while left:
        name = left.pop()
        if name in (b"", b"."):
            continue
        if name == b"..":
            done = os.path.dirname(done)  # noqa: PTH120 - bytes
            continue
        place = os.path.join(done, name)  # noqa: PTH118 - bytes
        if _is_remote(file_system_type(mounts, place)):
            return os.path.join(place, *left[::-1])  # noqa: PTH118 - bytes
        try:
            target = os.readlink(place)  # noqa: PTH115 - bytes
        except OSError:
            done = place
            continue
        links += 1
        if links > _MOST_LINKS:
            return path
        done = b"/" if target.startswith(b"/") else done
        left += target.split(b"/")[::-1]
    return done


def _is_remote(kind: str) -> bool:
    return kind in NETWORK_FILE_SYSTEMS or kind == "fuse" or kind.startswith("fuse.")


def _mounts() -> bytes:
    try:
        return Path("/proc/mounts").read_bytes()
    except OSError:
        return b""


def _table(mounts: bytes) -> Iterator[tuple[bytes, str]]:
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split(b" ")
        yield _unescaped(place), kind.decode("ascii", "replace")


def _unescaped(place: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), place)
