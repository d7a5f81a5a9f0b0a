"""Opening an original for reading, so that nobody else is kept from it."""

from __future__ import annotations

import errno
import sys

from agent.system.os_errors import Cause, cause_of

if sys.platform == "win32":
    from agent.files.opening_windows import open_original
else:
    from agent.files.opening_posix import open_original

__all__ = ["is_no_original", "open_original"]


def is_no_original(error: OSError) -> bool:
    """Whether opening failed because no file lies there any more, or a link in its place."""
    return cause_of(error) is Cause.MISSING or error.errno == errno.ELOOP
