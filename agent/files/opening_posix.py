"""Opening an original for reading on Linux and macOS, where opening locks nothing."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

assert sys.platform != "win32"

# A pipe or device that took the file's name must not block the opening, nor a link be followed.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def open_original(path: str) -> BinaryIO:
    """Open the file at ``path`` for unbuffered reading; the caller closes it at once."""
    descriptor = os.open(path, _FLAGS)
    try:
        return os.fdopen(descriptor, "rb", buffering=0)
    except OSError:  # a folder
        os.close(descriptor)
        raise
