"""What an OSError means that was met beside a bill: trouble of the folder, the file or the name.

Builds on `agent.system.os_errors`; here is what only the place of a result can tell. A missing
name is no trouble while its folder is there. A refused rename is no folder that cannot be written,
for the part was just written to it.
"""

from __future__ import annotations

import os

from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.bills.names import RESULT_ENDING
from agent.system.os_errors import Cause, cause_of, file_error, folder_error

_PATH_NOT_FOUND = 3
"""Windows' number for a place that is missing, and for a path too long for it to look at."""


def name_too_long(target: str) -> NeedsAttention:
    """Return the error of a bill whose name leaves no room for that of its result."""
    bill = os.path.basename(target).removesuffix(RESULT_ENDING)  # noqa: PTH119 — paths are text
    return NeedsAttention(
        "name-too-long",
        f"The name or the path of {bill} is so long that there is no room for its result's.",
        "Give the file, or the folders that it lies in, a shorter name.",
    )


def met_at_name(error: OSError, target: str) -> AgentError | None:
    """Return what it means that ``target`` could not even be looked up; None: it is not there."""
    folder = os.path.dirname(target)  # noqa: PTH120 — as it was given
    cause = cause_of(error)
    if cause is Cause.TOO_LONG:
        return name_too_long(target)
    if cause is not Cause.MISSING:
        return folder_error(error, folder)
    try:
        os.stat(folder)  # noqa: PTH116 — as it was given
    except OSError as of_folder:
        return folder_error(of_folder, folder)
    if isinstance(error, NotADirectoryError):
        return folder_error(error, folder)
    if getattr(error, "winerror", None) == _PATH_NOT_FOUND:
        return name_too_long(target)
    return None


def met_at_writing(error: OSError, target: str) -> AgentError:
    """Return what it means that ``target``, or the part for it, could not be written or removed."""
    if cause_of(error) is Cause.TOO_LONG:
        return name_too_long(target)
    if cause_of(error) is Cause.MISSING:
        return met_at_name(error, target) or snatched(target)
    return file_error(error, target, writing=True)


def met_at_placing(error: OSError, target: str) -> AgentError:
    """Return what it means that a part, once written, could not get the name ``target``."""
    if cause_of(error) is Cause.DENIED:
        return Transient(
            "result-in-use",
            f"The result {target} cannot be replaced: another program has it open, or it belongs "
            "to another user.",
            "Close it in the other program.",
        )
    return met_at_writing(error, target)


def snatched(target: str) -> Transient:
    """Return the error of a place where another program makes and removes files meanwhile."""
    return Transient(
        "result-not-written",
        f"The result {target} could not be put in its place: another program interfered.",
    )
