"""Opening an original for reading, so that nobody else is kept from it."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from agent.files.opening_windows import open_original
else:
    from agent.files.opening_posix import open_original

__all__ = ["open_original"]
