"""Telling the service manager how the service is: ready, alive, about to end (sd_notify(3)).

It is one datagram to a socket that systemd names; where none is named, nothing is told.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress

_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_OFTEN = 4
"""Word is given so many times as often as it is asked for."""


class ServiceNotifier:
    """Words to whoever started this process. No failure of it hinders the service."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Take the variables out of ``environ``: processes that we start are not the service."""
        address, limit, pid = (environ.pop(name, "") for name in _VARIABLES)
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        is_ours = pid in ("", str(os.getpid()))
        self._every = int(limit) / 1e6 / _OFTEN if is_ours and limit.isdecimal() else None
        self._next = 0.0

    def ready(self) -> None:
        """Say that the folders are watched."""
        self._tell("READY=1")

    def alive(self, monotonic: float) -> None:
        """Say that the main loop has turned; to be called after each turn."""
        if self._every is not None and monotonic >= self._next:
            self._next = monotonic + self._every
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the end has begun: from now on the time to stop counts, not the watchdog."""
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(1.0)
            line.sendto(word.encode(), self._address)
