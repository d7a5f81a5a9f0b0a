"""What ``lstat`` tells of a file."""

from __future__ import annotations

import os
import stat

from agent.bills.values import Signature
from agent.system.os_errors import Cause, cause_of, file_error


def signature(path: str) -> Signature | None:
    """Return the signature of the file at ``path``, or None where no regular file lies.

    Links and junctions are not followed, so they count as nothing. Nothing is opened: a file
    whose content is still in the cloud stays there. Raises the named errors of a file for every
    failure but absence.
    """
    try:
        status = os.lstat(path)
    except OSError as error:
        # Not FileNotFoundError: Windows raises that for a share that is away, too.
        if cause_of(error) is Cause.MISSING:
            return None
        raise file_error(error, path) from error
    return Signature.of(status) if stat.S_ISREG(status.st_mode) else None
