"""A world in which machine, disk, network and clock fail as they do in offices.

Beside what `World` has: things that happen later by themselves, a clock that is wrong, hints that
are lost, late or doubled, folders that nobody may write to, full disks, files that another program
has open, deaths around a commit.
"""

from __future__ import annotations

import errno
import heapq
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from journey_world import HOUR, Killed, MoodyDisk, World

from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.instant import Instant
from agent.bills.outcomes import Examined, Looked, Unfit
from agent.bills.plan import FolderPlan
from agent.bills.values import Beside, Reading, Sha256, Signature
from agent.files.examiner import Examiner
from agent.store.connecting import store_path
from agent.store.store import Store
from agent.system.os_errors import naming_os_errors

LATE_HINT_SECONDS = 40.0
FULL_STORE_RETRY_SECONDS = 5.0
SLOW_READING_SECONDS = 3.0


class Hints(StrEnum):
    """What becomes of the watcher's hints."""

    COME = "come"
    LOST = "lost"
    LATE = "late"
    DOUBLED = "doubled"


class Death(StrEnum):
    """Where, around the next commit, the process dies."""

    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"


class InUse(PermissionError):
    """What Windows says of a file that another program has open: a sharing violation."""

    winerror = 32


class TroubledDisk(MoodyDisk):
    """A disk as offices have it.

    With read-only folders, full volumes, files that are in use, and mount points that show another
    volume.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.read_only: set[str] = set()
        self.is_full = False
        self.unmounted: set[str] = set()
        """Roots whose volume is away: what lies there is the empty mount point."""
        self.in_use: set[str] = set()
        """Files that another program has open, and lets nobody read."""
        self.opened = 0
        """How often a file was opened, or somebody tried to."""
        self.is_slow: Callable[[str], bool] = lambda _: False
        """Whether reading a folder takes long."""

    def read(
        self, folder: FolderPlan, *, claim: float | None, take: float | None, tidy: bool
    ) -> Reading:
        """Read a folder as it shows itself now."""
        is_writable = not self._is_read_only(folder.path)
        if not is_writable:
            claim = take = None
        reading = super().read(folder, claim=claim, take=take, tidy=tidy)
        if folder.path in self.unmounted:
            reading = replace(reading, volume=f"mount point of {reading.volume}")
        if self.is_slow(folder.path):
            reading = replace(reading, seconds=SLOW_READING_SECONDS)
        if not self.read_only:
            return reading
        holding = {os.path.dirname(each.path) for each in reading.seen} - {folder.path}  # noqa: PTH120  # exact names
        closed = tuple(sorted(each for each in holding if self._is_read_only(each)))
        return replace(reading, writable=reading.writable and is_writable, closed=closed)

    def look(self, path: str) -> Looked | None:
        """Look at a file that nobody has open."""
        self._open(path)
        return super().look(path)

    def examine(self, path: str, expected: Signature) -> Examined | Unfit | None:
        """Examine a file that nobody has open."""
        self._open(path)
        return super().examine(path, expected)

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Read a file that nobody has open."""
        self._open(path)
        return super().bytes_of(path, sha256)

    def write_result(
        self, path: str, content: bytes, may_replace: Sha256 | None
    ) -> tuple[Sha256, Signature] | Beside:
        """Write a result where there is leave and room."""
        self._refuse(path)
        return super().write_result(path, content, may_replace)

    def remove_result(self, path: str, expected: Sha256) -> bool:
        """Remove a result where there is leave."""
        if self._is_read_only(path):
            self._refuse(path)
        return super().remove_result(path, expected)

    def _open(self, path: str) -> None:
        self.opened += 1
        if path in self.in_use:
            with naming_os_errors(path, of="file"):
                raise InUse(errno.EACCES, "used by another program")

    def _is_read_only(self, path: str) -> bool:
        return any(Path(path).is_relative_to(root) for root in self.read_only)

    def _refuse(self, path: str) -> None:
        number = errno.EROFS if self._is_read_only(path) else errno.ENOSPC if self.is_full else 0
        if number:
            with naming_os_errors(os.path.dirname(path), of="folder", writing=True):  # noqa: PTH120  # exact names
                raise OSError(number, os.strerror(number))


class CommitRefused(NeedsAttention):  # named as it is told
    """One commit is refused, as by a disk that is full for a moment."""

    def __init__(self) -> None:
        super().__init__("disk-full", "There is no space left.", "Make room.")


class MortalStore(Store):
    """The real store; the process may die around a commit, and one commit may be refused."""

    death: Death | None = None
    commits_left = 0
    until_refusal: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction, or die around its commit, or refuse it."""
        self.commits_left -= 1
        is_last = self.death is not None and self.commits_left < 0
        with super().transaction():
            yield
            if is_last and self.death is Death.BEFORE_COMMIT:
                raise Killed
            if self.until_refusal is not None:
                self.until_refusal -= 1
                if self.until_refusal < 0:
                    self.until_refusal = None
                    raise CommitRefused
        if is_last:
            raise Killed


class TroubledWorld(World):
    """A `World` whose troubles come and go while time passes."""

    disk: TroubledDisk
    store: MortalStore

    def __init__(self, place: Path, examiner: Examiner, **settings: Any) -> None:
        self.clock_error = 0.0
        self.hints = Hints.COME
        self.is_store_full = False
        self.store_deaths: tuple[Death, int] | None = None
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._number = count()
        super().__init__(place, examiner, **settings)

    # --- time ---------------------------------------------------------------------------------

    def time_at_nectar(self) -> float:
        """Return the true time; this machine's clock may be wrong."""
        return self.now.utc - self.clock_error

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so much true time, whether the machine sleeps or not."""
        heapq.heappush(self._later, (self.time_at_nectar() + seconds, next(self._number), act))

    def advance(self, seconds: float = 0.0, *, hours: float = 0.0, days: float = 0.0) -> None:
        """Let time pass; what was put off happens in its course."""
        end = self.time_at_nectar() + seconds + hours * HOUR + days * 24 * HOUR
        while self._later and self._later[0][0] <= end:
            at, _, act = heapq.heappop(self._later)
            super().advance(max(at - self.time_at_nectar(), 0.0))
            act()
        super().advance(max(end - self.time_at_nectar(), 0.0))

    def wake_after_sleep(self, hours: float) -> None:
        """Sleep; other machines go on, and what they were to do is done on waking."""
        end = self.time_at_nectar() + hours * HOUR
        while self._later and self._later[0][0] <= end:
            at, _, act = heapq.heappop(self._later)
            self._sleep_until(at)
            act()
        self._sleep_until(end)
        self._hints.clear()  # the watcher saw nothing of it

    def _sleep_until(self, true_time: float) -> None:
        missing = max(true_time - self.time_at_nectar(), 0.0)
        self.now = Instant(self.now.utc + missing, self.now.monotonic)

    def set_clock(self, error: float) -> None:
        """Set this machine's clock wrong by so many seconds, or right with 0."""
        self.now = Instant(self.now.utc + error - self.clock_error, self.now.monotonic)
        self.clock_error = error

    # --- troubles -----------------------------------------------------------------------------

    def turn(self) -> float | None:
        """Do one turn; a store that cannot grow is tried again later, as the service does."""
        try:
            return super().turn()
        except CommitRefused:
            return self.now.utc + FULL_STORE_RETRY_SECONDS
        except AgentError:
            if not self.is_store_full:
                raise
            return self.now.utc + FULL_STORE_RETRY_SECONDS

    def die_at_commit(self, death: Death, commits: int) -> None:
        """Let the agent die at a commit from now on, so many commits later."""
        self.store_deaths = (death, commits)
        self.store.death, self.store.commits_left = self.store_deaths

    def fill_store(self, *, is_full: bool) -> None:
        """Let the store's file grow no more, or grow again."""
        self.is_store_full = is_full
        limit = 1 if is_full else 2**31
        self.store._connection.execute(f"PRAGMA max_page_count = {limit}").fetchone()

    def restart(self) -> None:
        """Start the agent again; its watcher saw nothing meanwhile."""
        self._hints.clear()
        self.is_store_full = False
        super().restart()

    def configure(
        self, folders: Mapping[str, str | dict[str, Any]] | None = None, **settings: Any
    ) -> None:
        """Put a changed configuration in force; the agent may die in it and start with it."""
        try:
            super().configure(folders, **settings)
        except CommitRefused:
            self.configure(folders, **settings)
        except Killed:
            self.deaths += 1
            self.restart()

    def _make_disk(self, examiner: Examiner) -> TroubledDisk:
        disk = TroubledDisk(examiner, self.identity, lambda: self.now)
        disk.is_slow = self._is_unheard
        return disk

    def _is_unheard(self, path: str) -> bool:
        # Read every few seconds for a day, as a fast one would be, it would cost a minute of ours.
        return self.scheduler._readings.hearing.is_unheard(path)

    def _open_store(self) -> MortalStore:
        self.store_deaths = None
        return MortalStore(store_path(self._data))

    def _hint(self, path: Path) -> None:
        if self.hints is Hints.LOST:
            return
        if self.hints is not Hints.LATE:
            super()._hint(path)
        if self.hints is not Hints.COME:
            self.later(LATE_HINT_SECONDS, lambda: super(TroubledWorld, self)._hint(path))


MakeTroubledWorld = Callable[..., TroubledWorld]
"""Makes a world of the settings of `TroubledWorld`, beside its place and its examiner."""
