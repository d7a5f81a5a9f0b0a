"""What watchdog does not tell about its threads and limits on Linux.

Its observers look alive when they are not: one thread reads for all folders and is not the
observer, and a volume that was unmounted leaves a live emitter that watches nothing. Where a
version of watchdog keeps these things elsewhere, the functions say that all is well, and the
regular readings remain.
"""

from __future__ import annotations

import errno
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, EventEmitter

from agent.bills.values import Problem
from agent.watch.reasons import WATCH_LIMIT

_LIMITS = Path("/proc/sys/fs/inotify")


def reader_is_dead(observer: BaseObserver) -> bool:
    """Whether the thread that reads the kernel's events for all folders has ended."""
    reader = getattr(observer, "_inotify_fd", None)
    return reader is not None and not reader.is_alive()


def watches_nothing(emitter: EventEmitter) -> bool:
    """Whether the kernel has dropped every watch of the emitter, as after an unmount."""
    group = getattr(emitter, "_inotify", None)
    watched = getattr(group, "_active_callbacks_by_path", None)
    return watched is not None and not watched


def has_room(observer: BaseObserver) -> bool:
    """Whether one more folder could be watched.

    Only the root of a tree that could not be watched raises; subfolders over the limit are
    passed over in silence. So after a tree was added, one more is tried.
    """
    if reader_is_dead(observer) or not _LIMITS.exists():
        return True
    try:
        watch = observer.schedule(FileSystemEventHandler(), "/", event_filter=[])
    except OSError as error:
        return error.errno != errno.ENOSPC
    observer.unschedule(watch)
    return True


def limit_reached(error_number: int | None, limits: Path = _LIMITS) -> Problem | None:
    """Return the sentence for an exhausted limit of inotify, None for any other error.

    ``limits`` is the folder in which Linux tells them; a container may not have it.
    """
    match error_number:
        case errno.ENOSPC:
            name, use = "max_user_watches", "watch {} folders and subfolders"
        case errno.EMFILE:
            name, use = "max_user_instances", "run {} programs that watch folders"
        case _:
            return None
    try:
        number = f"{int((limits / name).read_text()):,}"
    except (OSError, ValueError):
        number = "so many"
    return Problem(
        WATCH_LIMIT,
        f"Linux lets each user {use.format(number)}, all taken together, and no more is left."
        " The folder is read every few seconds instead.",
        f"An administrator can raise the limit: sysctl fs.inotify.{name}",
    )
