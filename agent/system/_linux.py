"""What is Linux's own, and a fair guess for other systems of its kind."""

from __future__ import annotations

import re
from pathlib import Path

from agent.system._mounts import file_system_without_events, network_file_system

__all__ = [
    "allow_recall",
    "ask_for_content",
    "file_system_without_events",
    "machine_id",
    "network_file_system",
]

_MACHINE_ID_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")


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


def allow_recall() -> None:
    """Do nothing: no file is a placeholder here."""


def ask_for_content(path: str) -> None:
    """Do nothing, for the same reason."""
