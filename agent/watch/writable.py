"""Whether results can be written beside the files of a folder, asked without writing anything."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    from agent.watch.writable_windows import is_writable
else:

    def is_writable(folder: str) -> bool:
        """Whether this user may make files in ``folder``; read-only volumes count."""
        return os.access(folder, os.W_OK | os.X_OK)


__all__ = ["is_writable"]
