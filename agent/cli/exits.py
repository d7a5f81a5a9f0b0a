"""Exit codes (contract, section 1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit tells."""

    WELL = 0
    FAILED = 1
    """The command itself failed."""
    USAGE = 2
    NEEDS_PERSON = 3
    """Something undismissed needs a person (`status` and `once` only)."""
    NOT_RUNNING = 4
    GAVE_UP = 75
    CONFIGURATION = 78


_ORDER = (
    ExitCode.CONFIGURATION,
    ExitCode.USAGE,
    ExitCode.NOT_RUNNING,
    ExitCode.GAVE_UP,
    ExitCode.FAILED,
    ExitCode.NEEDS_PERSON,
)


def first_of(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the one that counts where several are true."""
    true = set(codes)
    return next((code for code in _ORDER if code in true), ExitCode.WELL)
