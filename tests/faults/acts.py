"""What a process does to the world outside it, numbered as it does it; and its death at one act.

An act has a name that is the same in every run, such as
``commit submissions Bill.3f9ab2c41d7e.pdf: begun to accepted`` or
``link Plant 7/.nectar-….part to Plant 7/Bill.pdf.json``; acts of one name are counted.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_open, _write, _kill = os.open, os.write, os.kill
_OF_A_PART = re.compile(r"\.nectar-[0-9a-f]{12}\.part")
MISSED = "missed"
"""The kind of what was done and not numbered: then the ways to the outside are not all known."""
_LOGS = f"{os.sep}logs{os.sep}"


class Side(StrEnum):
    """When in an act the process dies."""

    BEFORE = "before"
    AFTER = "after"
    HALF = "half"
    """Before a file is synced, and half of it never reached the disk: a power cut."""


@dataclass(frozen=True, slots=True)
class Point:
    """One act of one run; ``number`` counts the acts of its name, from 1."""

    name: str
    number: int = 1

    @property
    def kind(self) -> str:
        """The first word: what sort of act it is."""
        return self.name.partition(" ")[0]

    @property
    def sides(self) -> tuple[Side, ...]:
        """Where in the act a process may die."""
        is_of_file = self.kind == "sync" and self.name.endswith(".part")
        return (Side.BEFORE, Side.HALF, Side.AFTER) if is_of_file else (Side.BEFORE, Side.AFTER)

    def __str__(self) -> str:
        return self.name if self.number == 1 else f"{self.name} ({self.number})"


@dataclass(frozen=True, slots=True)
class Told:
    """An act, and the thread that did it."""

    point: Point
    thread: int


@dataclass(frozen=True, slots=True)
class Death:
    """Where a process dies."""

    point: Point
    side: Side

    def __str__(self) -> str:
        return f"{self.side} {self.point}"


ANYWHERE_NEW = Death(Point("anything new"), Side.BEFORE)


class Acts:
    """The acts of one process in its home. Safe from any thread.

    Each is told in the file ``told`` before it is done. The process dies at ``death``. Where that
    is `ANYWHERE_NEW`, it dies before the first act at whose name none died before it in this home.
    """

    def __init__(self, home: Path, told: Path, death: Death | None) -> None:
        self._home = f"{home}{os.sep}"
        self._death = death
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._told = _append_to(told)
        self._died = home / "died"
        self._spared = set(names_of_deaths(home)) if death == ANYWHERE_NEW else None

    @contextmanager
    def act(
        self, name: str, *others: str, prepare: Callable[[Side], None] = lambda _: None
    ) -> Iterator[None]:
        """Do one act, told by its first name; ``prepare`` is called before a death in it."""
        self._of_thread.is_acting = True
        with self._lock:
            self._counts.update((name, *others))
            points = [Point(each, self._counts[each]) for each in (name, *others)]
            told = f"{threading.get_ident()} {points[0].number} {name}\n"
            _write(self._told, told.encode())
            if self._spared is not None and name not in self._spared:
                _write(_append_to(self._died), f"{name}\n".encode())
                _die()
        is_meant = self._death is not None and self._death.point in points
        side = self._death.side if self._death is not None and is_meant else None
        if side is not None and side is not Side.AFTER:
            prepare(side)
            _die()
        try:
            yield
        finally:
            self._of_thread.is_acting = False
            if side is Side.AFTER:
                _die()

    def miss(self, name: str) -> None:
        """Tell what was done to the outside and is no act, unless this thread is in one."""
        if not getattr(self._of_thread, "is_acting", False):
            _write(self._told, f"0 1 {MISSED} {name}\n".encode())

    def shown(self, path: Any) -> str | None:
        """Return how a path in the home is named, None for all others and for the log."""
        if isinstance(path, int):
            path = Path(f"/proc/self/fd/{path}").readlink()
        text = os.fsdecode(path)
        if not text.startswith(self._home) or _LOGS in text:
            return None
        return _OF_A_PART.sub(".nectar-….part", text.removeprefix(self._home))


def names_of_deaths(home: Path) -> list[str]:
    """Return the acts at which processes of this home died, when each was to die anywhere new."""
    died = home / "died"
    return died.read_text("utf-8").splitlines() if died.exists() else []


def _append_to(path: Path) -> int:
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def all_told(told: Path) -> tuple[Told, ...]:
    """Return the acts of a process, in their order."""
    acts = []
    for line in told.read_text("utf-8").splitlines():
        thread, number, name = line.split(" ", maxsplit=2)
        acts.append(Told(Point(name, int(number)), int(thread)))
    return tuple(acts)


def _die() -> None:
    _kill(os.getpid(), signal.SIGKILL)
