"""Leaving a D-Bus connection, so that nothing of it stays open and nothing is said of it."""

from __future__ import annotations

import asyncio
from typing import Any

_SECONDS = 1.0


async def leave(bus: Any, lost: asyncio.Future[Any] | None = None) -> None:
    """Leave the bus, and wait until its socket is closed; ``lost`` waits for that already."""
    lost = lost or asyncio.ensure_future(bus.wait_for_disconnect())
    bus.disconnect()
    await asyncio.wait([lost], timeout=_SECONDS)
    if lost.done():
        lost.exception()  # looked at, so that nothing is said of it
