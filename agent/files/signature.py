"""What ``lstat`` tells of a file."""

from __future__ import annotations

import os
import stat

from agent.bills.values import Signature


def signature(path: str) -> Signature | None:
    """Return the signature of the file at ``path``, or None where no regular file lies.

    Links and junctions are not followed, so they count as nothing. Nothing is opened: a file
    whose content is still in the cloud stays there. Raises ``OSError`` for every failure but
    absence.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Signature.of(status) if stat.S_ISREG(status.st_mode) else None
