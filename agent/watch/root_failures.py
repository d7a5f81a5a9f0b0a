"""What a failure to read a watched folder means, and who can heal it."""

from __future__ import annotations

import errno

from agent.bills.errors import AgentError, NeedsAttention, Transient


def named_root_failure(error: OSError, path: str) -> AgentError:
    """Return the named error for ``error``, met at the root of the watched folder ``path``."""
    match error.errno:
        case errno.ENOENT:
            return NeedsAttention(
                "folder-missing",
                f"The folder {path} is not there.",
                "Connect the drive or share it lies on, or correct its path in the settings.",
            )
        case errno.ENOTDIR:
            return NeedsAttention(
                "folder-missing",
                f"{path} is not a folder.",
                "Correct its path in the settings.",
            )
        case errno.EACCES | errno.EPERM:
            return NeedsAttention(
                "folder-not-readable",
                f"The folder {path} may not be read by this user.",
                "Ask whoever owns it for the right to read it.",
            )
        case _:
            return Transient(
                "folder-not-readable-now",
                f"The folder {path} cannot be read now: {error.strerror}.",
            )
