"""What the system's errors mean for a folder or a file: one table, by who can heal them.

``OSError`` carries an errno everywhere and Windows' own number on Windows. The latter is looked at
first, for Windows folds "used by another program" and "not allowed" into one errno, and a share
that is away into "no such file".
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Literal

from agent.bills.cloud import waiting_for_cloud
from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.bills.folder_health import not_writable
from agent.bills.unreadable import NOT_READABLE


class Cause(Enum):
    """What an error of the system comes down to."""

    BUSY = "another program has it open, or the system is short of something"
    AWAY = "the drive or the share does not answer"
    MISSING = "there is no such place"
    DENIED = "this user may not"
    READ_ONLY = "nobody may write there"
    FULL = "no space"
    TOO_LONG = "the name is longer than the file system takes"
    CLOUD = "the file has yet to come from the cloud"
    OTHER = "none of these"


def _errnos(cause: Cause, *names: str) -> dict[int, Cause]:
    # Not every system has every name.
    return {number: cause for name in names if (number := getattr(errno, name, None)) is not None}


BY_ERRNO: dict[int, Cause] = {
    **_errnos(Cause.BUSY, "EBUSY", "ETXTBSY", "EAGAIN", "EWOULDBLOCK", "EDEADLK", "EINTR"),
    **_errnos(Cause.BUSY, "EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "ENOLCK", "ECANCELED"),
    **_errnos(Cause.AWAY, "EIO", "ESTALE", "ETIMEDOUT", "ENODEV", "ENXIO", "ENOTCONN", "EREMOTEIO"),
    **_errnos(Cause.AWAY, "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET"),
    **_errnos(Cause.AWAY, "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ESHUTDOWN"),
    **_errnos(Cause.AWAY, "ENOMEDIUM", "ENOLINK", "ECOMM", "EPROTO", "ETIME"),
    **_errnos(Cause.MISSING, "ENOENT", "ENOTDIR"),
    **_errnos(Cause.DENIED, "EACCES", "EPERM", "ELOOP", "EAUTH", "ENEEDAUTH", "ENOKEY"),
    **_errnos(Cause.READ_ONLY, "EROFS"),
    **_errnos(Cause.FULL, "ENOSPC", "EDQUOT"),
    **_errnos(Cause.TOO_LONG, "ENAMETOOLONG"),
}
if sys.platform == "darwin":
    # What a process gets that may not bring the content of a dataless file.
    BY_ERRNO |= _errnos(Cause.CLOUD, "EDEADLK")

BY_WINDOWS_NUMBER: dict[int, Cause] = {
    2: Cause.MISSING,  # file not found
    3: Cause.MISSING,  # path not found
    5: Cause.DENIED,  # access denied
    15: Cause.MISSING,  # invalid drive
    19: Cause.READ_ONLY,  # write protected
    21: Cause.AWAY,  # not ready
    31: Cause.AWAY,  # general failure
    32: Cause.BUSY,  # sharing violation
    33: Cause.BUSY,  # lock violation
    39: Cause.FULL,  # handle disk full
    51: Cause.AWAY,  # remote computer not available
    53: Cause.AWAY,  # network path not found
    54: Cause.AWAY,  # network busy
    55: Cause.AWAY,  # network resource no longer available
    58: Cause.AWAY,  # bad network response
    59: Cause.AWAY,  # unexpected network error
    64: Cause.AWAY,  # network name deleted
    65: Cause.DENIED,  # network access denied
    67: Cause.AWAY,  # network name not found
    71: Cause.BUSY,  # too many connections
    112: Cause.FULL,  # disk full
    121: Cause.AWAY,  # semaphore time-out
    170: Cause.BUSY,  # busy
    206: Cause.TOO_LONG,  # file name too long
    303: Cause.BUSY,  # delete pending
    362: Cause.CLOUD,  # cloud file provider not running
    377: Cause.CLOUD,  # not in sync
    386: Cause.CLOUD,  # not signed in
    387: Cause.CLOUD,  # provider short of something
    388: Cause.CLOUD,  # no network
    389: Cause.CLOUD,  # without success
    391: Cause.CLOUD,  # in use by the provider
    393: Cause.CLOUD,  # request aborted
    395: Cause.CLOUD,  # provider refuses
    398: Cause.CLOUD,  # request cancelled
    404: Cause.CLOUD,  # provider ended
    426: Cause.CLOUD,  # request timed out
    1117: Cause.AWAY,  # device error
    1167: Cause.AWAY,  # device not connected
    1203: Cause.AWAY,  # no network provider for the path
    1219: Cause.DENIED,  # another user is connected already
    1224: Cause.BUSY,  # user-mapped section open
    1231: Cause.AWAY,  # network not reachable
    1232: Cause.AWAY,  # host not reachable
    1236: Cause.AWAY,  # connection aborted
    1295: Cause.FULL,  # quota
    1326: Cause.DENIED,  # wrong user name or password
    1450: Cause.BUSY,  # no system resources
    1920: Cause.AWAY,  # cannot be accessed by the system
}


def cause_of(error: OSError) -> Cause:
    """Return what ``error`` comes down to."""
    windows_number = getattr(error, "winerror", None)
    if windows_number in BY_WINDOWS_NUMBER:
        return BY_WINDOWS_NUMBER[windows_number]
    return BY_ERRNO.get(error.errno or 0, Cause.OTHER)


def folder_error(error: OSError, folder: str, *, writing: bool = False) -> AgentError:
    """Return what ``error``, met at ``folder`` itself, is called, with the sentence for people."""
    cause = cause_of(error)
    if isinstance(error, FileExistsError):  # met while it was made
        return NeedsAttention(
            "folder-missing",
            f"{folder} is a file, not a folder.",
            "Correct its path in the configuration.",
        )
    if cause is Cause.MISSING:
        return NeedsAttention(
            "folder-missing",
            f"The folder {folder} is missing.",
            "Put it back, connect its drive, or take it out of the configuration.",
        )
    if cause is Cause.READ_ONLY or (cause is Cause.DENIED and writing):
        return not_writable(folder)
    if cause is Cause.DENIED:
        return NeedsAttention(
            "folder-not-readable",
            f"The folder {folder} may not be read by this user.",
            "Give this user the permission to read it.",
        )
    return _other(cause, error, folder, "The folder")


def file_error(error: OSError, file: str, *, writing: bool = False) -> AgentError:
    """Return what ``error``, met at ``file``, is called, with the sentence for people.

    Where a file cannot be written it is the folder that needs attention; one that cannot be read
    may be held by another program, so that it is looked at again.
    """
    cause = cause_of(error)
    folder = os.path.dirname(file)  # noqa: PTH120 - as it was given
    if writing and cause in {Cause.DENIED, Cause.READ_ONLY}:
        return not_writable(folder)
    if writing and cause is Cause.MISSING:
        return folder_error(error, folder, writing=True)
    if cause is Cause.MISSING:
        return Transient("file-gone", f"The file {file} is not there any more.")
    if cause is Cause.DENIED:
        return Transient(
            NOT_READABLE,
            f"The file {file} may not be read by this user.",
            "Give this user the permission to read it.",
        )
    return _other(cause, error, file, "The file")


def _other(cause: Cause, error: OSError, path: str, noun: str) -> AgentError:
    match cause:
        case Cause.FULL:
            return NeedsAttention(
                "disk-full", f"There is no space left on the disk that holds {path}.", "Make room."
            )
        case Cause.TOO_LONG:
            return NeedsAttention(
                "name-too-long",
                f"{noun} {path} has a longer name than its disk takes.",
                "Give it a shorter name.",
            )
        case Cause.CLOUD:
            why = waiting_for_cloud(path, "its provider does not deliver it")
            return NeedsAttention(why.code, why.message, why.advice)
        case Cause.BUSY:
            return Transient("busy", f"{noun} {path} is used by another program.")
        case Cause.AWAY:
            return Transient("away", f"{noun} {path} cannot be reached: its drive is away.")
        case _:
            reason = error.strerror or type(error).__name__
            return Transient("system-error", f"{noun} {path} gave an error: {reason}.")


@contextmanager
def naming_os_errors(
    path: str, *, of: Literal["folder", "file"], writing: bool = False
) -> Iterator[None]:
    """Raise the named error in place of an ``OSError`` that the block meets at ``path``."""
    try:
        yield
    except OSError as error:
        name = folder_error if of == "folder" else file_error
        raise name(error, path, writing=writing) from error
