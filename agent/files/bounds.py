"""Limits of the helper process: the module that keeps them on this system."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from agent.files import bounds_windows as bounds
elif sys.platform == "darwin":
    from agent.files import bounds_macos as bounds
else:
    from agent.files import bounds_linux as bounds

__all__ = ["bounds"]
