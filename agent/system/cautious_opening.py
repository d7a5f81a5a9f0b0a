"""Opening for reading what a stranger may exchange at any moment."""

from __future__ import annotations

import os
from typing import BinaryIO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)


def open_cautiously(path: str | os.PathLike[str]) -> BinaryIO:
    """Open the file at ``path`` for reading; the caller looks whether it is a regular one.

    A pipe or device that took its place meanwhile does not block the opening, and no link is
    followed: that raises ``OSError``.
    """
    return os.fdopen(os.open(path, _FLAGS), "rb")
