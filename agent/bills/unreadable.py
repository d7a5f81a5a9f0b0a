"""Files that may not be read: each waits by itself, and is told with its sentence, without a code.

No hold is made of it. Another program may keep the file for a moment, and it is looked at again.
"""

from __future__ import annotations

from dataclasses import replace

from agent.bills.errors import NeedsAttention, Transient
from agent.bills.rows import File
from agent.bills.values import Problem

NOT_READABLE = "file-not-readable"
"""How adapters call it. People never see the code, and no result carries it."""


def with_reason(file: File, error: Transient | NeedsAttention) -> File:
    """Return a file whose look failed, as one that says why where nobody may read it."""
    if error.code != NOT_READABLE:
        return without_reason(file)
    return replace(file, problem=Problem(error.code, error.message, error.advice))


def without_reason(file: File) -> File:
    """Return a file that could be read, as one that no longer says that it cannot be."""
    if file.problem is None or file.problem.code != NOT_READABLE:
        return file
    return replace(file, problem=None)
