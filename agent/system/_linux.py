"""What is Linux's own, and a fair guess for other systems of its kind."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MACHINE_ID_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")

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


def machine_id() -> str | None:
    """Return the id the system gave this installation, or None where it has none."""
    for name in _MACHINE_ID_FILES:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if re.fullmatch("[0-9a-f]{32}", text):  # the file may say "uninitialized"
            return text
    return None


def network_file_system(path: str) -> str | None:
    """Return the type of network file system that holds ``path``; None for a local disk.

    None as well where the system does not tell. Links in ``path`` are followed.
    """
    try:
        mounts = Path("/proc/mounts").read_bytes()
    except OSError:
        return None
    kind = file_system_type(mounts, os.fsencode(os.path.realpath(path)))
    return kind if kind in NETWORK_FILE_SYSTEMS or _NETWORK_FUSE.fullmatch(kind) else None


def allow_recall() -> None:
    """Do nothing: no file is a placeholder here."""


def ask_for_content(path: str) -> None:
    """Do nothing, for the same reason."""


def file_system_type(mounts: bytes, path: bytes) -> str:
    """Return the type of the file system of ``path`` in ``mounts``, the text of /proc/mounts.

    Of several mounted on one place the last counts. Empty where none fits.
    """
    longest, found = b"", b""
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split(b" ")
        place = _unescaped(place)
        below = path == place or path.startswith(place.rstrip(b"/") + b"/")
        if below and len(place) >= len(longest):
            longest, found = place, kind
    return found.decode("ascii", "replace")


def _unescaped(place: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), place)
