"""What is macOS's own: it is asked through its commands, which need no private structures."""

from __future__ import annotations

import os
import re
import subprocess

_LIMIT_SECONDS = 5.0


def machine_id() -> str | None:
    """Return the machine's hardware UUID, or None where the system does not tell."""
    match = re.search(
        r'"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"',
        _output("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"),
    )
    return match[1].lower() if match else None


def network_file_system(path: str) -> str | None:
    """Return the type of network file system that holds ``path``; None for a local disk.

    None as well where the system does not tell. Links in ``path`` are followed.
    """
    return network_mount(_output("/sbin/mount"), os.path.realpath(path))


def network_mount(mounts: str, path: str) -> str | None:
    """Return the type of the file system of ``path`` in ``mounts``, what ``mount`` prints.

    A line is ``//mara@nas/bills on /Volumes/bills (smbfs, nodev)``; local ones say ``local``.
    """
    longest, found = "", None
    for match in re.finditer(r"^.*? on (/.*) \(([^()]*)\)$", mounts, re.MULTILINE):
        place, (kind, *options) = match[1], match[2].split(", ")
        below = path == place or path.startswith(place.rstrip("/") + "/")
        if below and len(place) >= len(longest):
            longest, found = place, None if "local" in options else kind
    return found


def _output(*command: str) -> str:
    try:
        finished = subprocess.run(  # noqa: S603 - fixed commands of the system, by their full path
            command, capture_output=True, check=False, timeout=_LIMIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.decode("utf-8", "surrogateescape")
