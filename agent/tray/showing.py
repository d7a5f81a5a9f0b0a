"""How the icon comes on the screen: over D-Bus, else by a backend of pystray's own, else not."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from agent.service import clock
from agent.tray.loading import CHOSEN, backends, has_x11_tray, icon_class

NO_TRAY = (
    "There is no tray here that could show the icon; these commands do the same: bill-agent "
    "status --watch, bills, pause, resume, rescan, config path, service start and service stop."
)
_LOOK_EVERY_SECONDS = 0.5
_PREFERENCE_SECONDS = 5.0
"""A panel that shows icons of the old kind may show those of the new kind a little later."""


def icon_to_use(seconds: float, stopping: threading.Event) -> Any | None:
    """Return the class of icon that this desk can show, None where it shows none.

    Waits so long for a panel that may just be starting, or until it is to stop.
    """
    if not sys.platform.startswith("linux") or CHOSEN is not None:
        return _of_pystray()
    # The library is there on Linux alone.
    from agent.tray.status_notifier import Host, NotifierIcon, host  # noqa: PLC0415 - see above

    began = clock.now().monotonic
    while True:
        found = host()
        if found is Host.THERE:
            return NotifierIcon
        waited = clock.now().monotonic - began
        if waited >= min(seconds, _PREFERENCE_SECONDS) and has_x11_tray():
            return _of_pystray()
        has_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if waited >= seconds or (found is Host.NO_BUS and not has_screen):
            return None
        if clock.wait(stopping, _LOOK_EVERY_SECONDS):
            return None


def _of_pystray() -> Any | None:
    for backend in backends():
        found = icon_class(backend)
        if found is not None:
            return found
    return None
