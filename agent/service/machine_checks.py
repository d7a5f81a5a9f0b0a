"""The checks of `doctor` that ask this machine: folders, disk space, the data directory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from agent.bills.errors import AgentError
from agent.bills.instant import utc_text
from agent.bills.values import Reading
from agent.config import Settings
from agent.service import clock
from agent.service.check import Check, counted, failed, passed
from agent.service.patience import Patience
from agent.service.places import data_dir_of
from agent.service.planning import watched_folders
from agent.system.identity import agent_identity
from agent.system.volumes import file_system_without_events, free_bytes, network_file_system
from agent.watch import reasons
from agent.watch.folders import WatchedFolder
from agent.watch.observer import FolderObserver
from agent.watch.reading import read_folder

LEAST_FREE_BYTES = 100_000_000
"""Room for the store, the logs and thousands of results."""
_ANSWER_SECONDS = 20.0
"""A share that is away can let a call wait for minutes."""
_AT_ONCE = 8


def patience() -> Patience:
    """Return what the checks of one run wait with: a folder that hangs is waited for once."""
    return Patience(_ANSWER_SECONDS)


def folders(
    settings: Settings,
    unheard_since: Mapping[str, float],
    patience: Patience,
    why_on_timer: Callable[[str], str | None] = lambda _: None,
) -> Iterator[Check]:
    """Check each folder: there, readable, writable, ours, and how changes are noticed.

    ``unheard_since`` is since when the service found files there that no event had told of.
    ``why_on_timer`` is what whoever watches a folder knows of it; where it says None, it is tried.
    """
    agent_id = agent_identity(str(data_dir_of(settings))).id
    for path, looked in _at_once(watched_folders(settings), patience, why_on_timer).items():
        try:
            reading, timer = looked.result()
        except AgentError as error:
            yield failed("folder", error.message, error.advice, about=path)
            continue
        if not timer and path in unheard_since:
            timer = reasons.unheard(utc_text(unheard_since[path])).message
        yield _folder(path, reading, timer, agent_id)


def _at_once(
    watched: Mapping[str, WatchedFolder],
    patience: Patience,
    why_on_timer: Callable[[str], str | None],
) -> dict[str, Future[tuple[Reading, str]]]:
    """Look at the folders, some at a time: each that hangs takes all the patience there is."""
    looks = {path: Future[tuple[Reading, str]]() for path in watched}
    waiting = SimpleQueue[str]()
    for path in watched:
        waiting.put(path)

    def work() -> None:
        with suppress(Empty):
            while True:
                path = waiting.get_nowait()
                try:
                    found = patience.wait_for(
                        path, partial(_looked_at, watched[path], why_on_timer)
                    )
                    looks[path].set_result(found)
                except AgentError as error:
                    looks[path].set_exception(error)

    for _ in range(min(_AT_ONCE, len(watched))):
        threading.Thread(target=work, name="look at a folder", daemon=True).start()
    return looks


def _looked_at(
    watched: WatchedFolder, why_on_timer: Callable[[str], str | None]
) -> tuple[Reading, str]:
    """Read the folder, and return why it is read on a timer, "" where events come."""
    reading = read_folder(watched, lambda: clock.now().monotonic)
    known = why_on_timer(watched.path)
    if known is not None:
        return reading, known
    observer = FolderObserver(lambda _: None, without_events=file_system_without_events)
    with closing(observer):
        observer.watch([watched])
        reason = observer.on_timer().get(watched.path)
    return reading, reason.message if reason is not None else ""


def _folder(path: str, reading: Reading, timer: str, agent_id: str) -> Check:
    if reading.mark is not None and reading.mark.agent_id != agent_id:
        return failed(
            "folder",
            f"{path} is served by the agent on {reading.mark.machine}.",
            f'If this machine should serve it, run: bill-agent take "{path}"',
            about=path,
        )
    if not reading.writable:
        return failed(
            "folder",
            f"Nothing can be written to {path}, so no results.",
            "Give this user the permission to write there.",
            about=path,
        )
    if reading.unreadable:
        return failed(
            "folder",
            f"In {path}, {len(reading.unreadable)} files or subfolders cannot be read, "
            f"such as {reading.unreadable[0]}.",
            "Give this user the permission to read them.",
            about=path,
        )
    how = timer or "Changes are noticed at once."
    return passed(
        "folder",
        f"{path} can be read and written, and holds {counted(len(reading.seen), 'bill')}. {how}",
        about=path,
    )


def disk_space(settings: Settings, patience: Patience) -> Iterator[Check]:
    """Check the disks of the data directory and of each folder."""
    free: dict[str, int] = {}
    for path in dict.fromkeys((str(data_dir_of(settings)), *(f.path for f in settings.folders))):
        try:
            free[path] = patience.wait_for(path, partial(free_bytes, path))
        except AgentError as error:
            # A folder that is away has its own check; the data directory has not.
            if not free:
                yield failed("disk-space", error.message, error.advice, about=path)
    for path, left in free.items():
        if left < LEAST_FREE_BYTES:
            yield failed(
                "disk-space",
                f"Only {_megabytes(left)} are free on the disk of {path}.",
                "Make room.",
                about=path,
            )
    if free and min(free.values()) >= LEAST_FREE_BYTES:
        words = f"At least {_megabytes(min(free.values()))} are free wherever something is written."
        yield passed("disk-space", words)


def data_dir_problem(data_dir: Path) -> Check | None:
    """Return what is wrong with the data directory, None where it will do."""
    nearest = data_dir
    while not os.path.exists(nearest) and nearest != nearest.parent:  # noqa: PTH110  # never raises
        nearest = nearest.parent
    kind = network_file_system(str(nearest))
    if kind is not None:
        return failed(
            "store",
            f"The data directory {data_dir} is on a network drive ({kind}), where a store breaks.",
            "Set data_dir in [agent] to a folder on this machine.",
        )
    if not os.access(nearest, os.W_OK):
        return failed(
            "store",
            f"This user may not write to the data directory {data_dir}.",
            "Correct its permissions, or data_dir in [agent].",
        )
    return None


def _megabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
