"""A process whose tray stands on a desk that hangs: it is asked to end, and never does by itself.

Run as ``python hanging_desk.py FOLDER``.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.tray.seen import Seen
from agent.tray.tray import Tray
from agent.tray.wishes import Wish


class Nobody:
    """An agent of which nothing is known."""

    def look(self, finished_after: float | None) -> Seen | None:
        """Return nothing new."""
        del finished_after
        return None

    def act(self, wish: Wish) -> str:
        """Do nothing."""
        del wish
        return ""


class Hanging:
    """An icon whose loop never ends and cannot be stopped, as pystray's are in bad moments."""

    def __init__(self, *arguments: Any) -> None:
        del arguments
        self.visible = False
        self._never = threading.Event()

    def run(self, setup: Callable[[Any], None]) -> None:
        """Call back, then hang."""
        setup(self)
        self._never.wait()

    def stop(self) -> None:
        """Hang."""
        self._never.wait()


if __name__ == "__main__":
    tray = Tray(Nobody(), Path(sys.argv[1]), print)
    threading.Timer(0.2, tray.stop).start()
    tray.run(Hanging)
