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

from agent.tray.menu import NAME
from agent.tray.notices import Notice

_SECONDS = 3.0
"""A notification service that hangs is waited for so long."""


class Notifier:
    """Sends notifications from a thread of its own, made with the first one."""

    def __init__(self, icon: Path) -> None:
        self._icon = icon
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notifier: DesktopNotifier | None = None
        # The library would write a traceback to standard error where nobody shows notifications.
        logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)

    def send(self, notice: Notice) -> bool:
        """Show a notification; return whether somebody took it. Never raises."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(
                target=self._loop.run_forever, name="notifications", daemon=True
            ).start()
        sending = asyncio.run_coroutine_threadsafe(self._send(notice), self._loop)
        done, _ = concurrent.futures.wait([sending], _SECONDS + 1.0)
        return bool(done) and sending.exception() is None and sending.result()

    async def _send(self, notice: Notice) -> bool:
        if self._notifier is None:
            self._notifier = DesktopNotifier(NAME, Icon(path=self._icon))
        is_elsewhere = sys.platform in ("win32", "darwin")
        # On Linux the text, not the title, is a little language of its own.
        text = notice.text if is_elsewhere else html.escape(notice.text, quote=False)
        identifier = await asyncio.wait_for(self._notifier.send(notice.title, text), _SECONDS)
        if is_elsewhere:
            return True
        # The library raises nothing; it remembers what was taken.
        return identifier in await self._notifier.get_current_notifications()
