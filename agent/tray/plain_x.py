"""pystray's icon for plain X, mended: it takes clicks, and lets one thread alone speak to X.

As it comes, it forgets to ask the screen for clicks, and asks the panel twice to take it in. Other
threads send it X messages while it waits for X, after which now and then both wait for ever.
"""

from __future__ import annotations

import importlib
import queue
import select
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

_CALLED_FROM_ANYWHERE = ("_show", "_hide", "_update_icon", "_update_title", "_stop")


def mended(icon: Any) -> Any:
    """Return the class ``pystray._xorg.Icon``, mended. It is to be made in the main thread."""

    class Mended(icon):  # type: ignore[misc]  # pystray ships no types
        """It has no menu; a click does what the default entry says."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._thread = threading.current_thread()
            self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
            self._woken, self._waker = socket.socketpair()
            for name in _CALLED_FROM_ANYWHERE:
                itself = getattr(icon, name).__get__(self)
                setattr(self, name, partial(self._in_its_thread, itself))
            x = importlib.import_module("Xlib.X")
            mask = x.ExposureMask | x.StructureNotifyMask | x.ButtonPressMask
            self._window.change_attributes(event_mask=mask)

        def _assert_docked(self) -> None:
            # A panel that is asked a second time while it takes the icon in may drop it.
            if not self._systray_manager:
                super()._assert_docked()

        def _in_its_thread(self, what: Callable[[], None]) -> None:
            if threading.current_thread() is self._thread:
                what()
            else:
                self._jobs.put(what)
                self._waker.send(b"\0")

        def _events(self) -> Iterator[Any]:
            while True:
                while self._display.pending_events():
                    yield self._display.next_event()
                while not self._jobs.empty():
                    self._jobs.get()()
                if not self._display.pending_events():
                    ready, _, _ = select.select([self._display, self._woken], [], [])
                    if self._woken in ready:
                        self._woken.recv(64)

    return Mended
