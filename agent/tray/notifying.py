"""Sending notifications by desktop-notifier, which must never hurt the tray."""

from __future__ import annotations

import asyncio
import concurrent.futures
import html
import logging
import sys
import threading
from pathlib import Path

from desktop_notifier import DesktopNotifier, Icon

from agent.tray.leaving import leave
from agent.tray.menu import NAME
from agent.tray.notices import Notice

_SECONDS = 3.0
"""A notification service that hangs is waited for so long."""
_MORE_SECONDS = 2.0
"""To clean up after it."""


class Notifier:
    """Sends notifications from a thread of its own, made with the first one."""

    def __init__(self, icon: Path) -> None:
        self._icon = icon
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._notifier: DesktopNotifier | None = None
        # The library would write a traceback to standard error where nobody shows notifications.
        logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)

    def send(self, notice: Notice) -> bool:
        """Show a notification; return whether somebody took it. Never raises."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="notifications", daemon=True
            )
            self._thread.start()
        sending = asyncio.run_coroutine_threadsafe(self._send(notice), self._loop)
        concurrent.futures.wait([sending], _SECONDS + _MORE_SECONDS)
        return sending.done() and sending.exception() is None and sending.result()

    def end(self) -> None:
        """Leave the bus and end the thread."""
        if self._loop is not None and self._thread is not None:
            ending = asyncio.run_coroutine_threadsafe(self._begin_anew(), self._loop)
            concurrent.futures.wait([ending], _MORE_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_MORE_SECONDS)
            if not self._loop.is_running():
                self._loop.close()
            self._loop = None

    async def _begin_anew(self) -> None:
        """Drop a sender that failed; it would keep a connection open for each of its tries."""
        backend = getattr(self._notifier, "_backend", None)
        bus = getattr(backend, "bus", None)
        if bus is not None:
            await leave(bus)
        self._notifier = None

    async def _send(self, notice: Notice) -> bool:
        is_taken = False
        try:
            is_taken = await asyncio.wait_for(self._is_taken(notice), _SECONDS)
        finally:
            if not is_taken:
                await self._begin_anew()
        return is_taken

    async def _is_taken(self, notice: Notice) -> bool:
        if self._notifier is None:
            self._notifier = DesktopNotifier(NAME, Icon(path=self._icon))
        is_elsewhere = sys.platform in ("win32", "darwin")
        # On Linux the text, not the title, is a little language of its own.
        text = notice.text if is_elsewhere else html.escape(notice.text, quote=False)
        identifier = await self._notifier.send(notice.title, text)
        # The library raises nothing; on Linux it remembers what was taken.
        return is_elsewhere or identifier in await self._notifier.get_current_notifications()
