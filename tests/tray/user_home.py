"""The environment of a user of a test: a home of its own, and no screen unless there is one."""

from __future__ import annotations

import os
from pathlib import Path

PLACES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")
"""The variables that say where a user's things lie."""
_NOT_OURS = ("DISPLAY", "WAYLAND_DISPLAY", "PYSTRAY_BACKEND", "BILL_AGENT_CONFIG")


def without_screen(folder: Path, address: str) -> dict[str, str]:
    """Return the environment of a user whose home is ``folder``, on a bus and without a screen."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    return kept | dict.fromkeys(PLACES, str(folder)) | {"DBUS_SESSION_BUS_ADDRESS": address}
