"""What Linux and macOS have in common."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import sys
import threading
from collections.abc import Callable

assert sys.platform != "win32"  # tells the type checker, too

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that ask a process to stop: the service manager, Ctrl-C, the terminal that closes."""


def hide(path: str) -> None:
    """Do nothing: a name that begins with a dot is hidden already."""


def readable_by_others(status: os.stat_result) -> bool:
    """Whether somebody but this user may read a file.

    A file of another owner may be readable by its group, for that is how this user reads it.
    """
    beyond_owner = stat.S_IRGRP | stat.S_IROTH if status.st_uid == os.geteuid() else stat.S_IROTH
    return bool(status.st_mode & beyond_owner)


def user_name() -> str:
    """Return who this process runs as, whatever the environment claims."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run as a number without a name
        return str(os.geteuid())


def watch_console_closing(
    on_closing: Callable[[], None],  # noqa: ARG001 - the signature of every branch
    finished: threading.Event,  # noqa: ARG001 - the signature of every branch
) -> Callable[[], None]:
    """Do nothing, and return what undoes it: a terminal that closes sends a signal here."""
    return lambda: None
