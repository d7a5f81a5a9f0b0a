"""What is macOS's own: it is asked through its commands, which need no private structures."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess

_LIMIT_SECONDS = 5.0

# From <sys/resource.h>: what reading a file without its content does in this process.
_MATERIALIZE_DATALESS_FILES = 3
_OF_THE_PROCESS = 0
_BRING_THEM = 2


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


def file_system_without_events(path: str) -> str | None:
    """Return the same, for the events of a share are not this machine's."""
    return network_file_system(path)


def allow_recall() -> None:
    """Let reading a file bring its content, also in a process that launchd started."""
    set_policy = getattr(ctypes.CDLL(None), "setiopolicy_np", None)
    if set_policy is not None:
        set_policy(_MATERIALIZE_DATALESS_FILES, _OF_THE_PROCESS, _BRING_THEM)


def ask_for_content(path: str) -> None:
    """Ask iCloud for a file of which only the stub is here; it comes under its own name."""
    _output("/usr/bin/brctl", "download", path)


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
