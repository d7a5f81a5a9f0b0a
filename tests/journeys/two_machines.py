"""Two machines that watch one folder tree and send to one Nectar, in one virtual time.

Either both see the same tree (a share), or each has a copy and a sync program carries changes from
one to the other, later. A machine may be off or asleep while the other works on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from journey_world import DAY, HOUR, KEY, LONGEST_JUMP_SECONDS, START, World

from agent.bills.instant import Instant
from agent.bills.names import MARK_NAME
from agent.emulator.behaviour import Behaviour
from agent.emulator.nectar import Emulator
from agent.files.examiner import Examiner
from agent.pipeline.work import Kind, Report, Step


@dataclass
class Machine:
    """One machine: its world, and whether it works, is off, or sleeps."""

    world: World
    state: Literal["on", "off", "asleep"] = "on"
    caught: list[Step] = field(default_factory=list)
    """Steps that its workers had in hand when it fell asleep."""
    sleeps_in: Kind | None = None
    """It falls asleep in the next step of this kind, just before the step does anything."""

    def owns(self, folder: str = "Plant 7") -> bool:
        """Whether the mark in the folder, as this machine sees it, is its own."""
        path = self.world.root / folder / MARK_NAME
        return path.exists() and self.world.identity.id in path.read_text(encoding="utf-8")

    def is_held(self) -> bool:
        """Whether it says that another machine serves the folder."""
        return "folder-taken" in self.world.holds()


class TwoMachines:
    """Two agents, ``first`` and ``second``. Only the first begins by itself; see `start`."""

    def __init__(
        self,
        place: Path,
        examiner: Examiner,
        *,
        copies: bool = False,
        behaviour: Behaviour | None = None,
        longest_jump: float = LONGEST_JUMP_SECONDS,
        **settings: Any,
    ) -> None:
        self._longest_jump = longest_jump
        self.emulator = Emulator(behaviour or Behaviour(keys=(KEY,)))
        self.now = START
        self.sync: SyncProgram | None = None
        worlds: list[World] = []
        for name in ("one", "two"):
            (place / name).mkdir()
            root = place / (name if copies else "one") / "bills"
            world = World(
                place / name,
                examiner,
                root=root,
                emulator=self.emulator,
                machine=name.upper(),
                **settings,
            )
            # What a power cut leaves is not asked here, and the disk's time would be most of it.
            world.store._connection.execute("PRAGMA synchronous=OFF")
            worlds.append(world)
        self.first, self.second = (Machine(world) for world in worlds)
        self.machines = (self.first, self.second)
        self.second.state = "off"
        if copies:
            self.sync = SyncProgram(self.first.world, self.second.world)
        else:
            self.second.world.originals = self.first.world.originals

    # --- the machines' life -------------------------------------------------------------------

    def start(self, machine: Machine) -> None:
        """Switch a machine on: its agent starts."""
        machine.state = "on"
        machine.caught = []
        machine.sleeps_in = None
        world = machine.world
        world.held = None
        world.now = Instant(self.now, world.now.monotonic + 60.0)
        world.restart()
        world.store._connection.execute("PRAGMA synchronous=OFF")

    def switch_off(self, machine: Machine) -> None:
        """Let a machine lose its power: nothing of its agent goes on."""
        machine.state = "off"

    def fall_asleep(self, machine: Machine, within: Kind | None = None) -> None:
        """Let a machine sleep, at once or just before it does its next step of a kind."""
        if within is None:
            machine.state = "asleep"
        else:
            machine.sleeps_in = within
            machine.world.held = machine.caught = []

    def wake(self, machine: Machine) -> None:
        """Wake a machine: what its workers had in hand goes on before anything else."""
        machine.state = "on"
        machine.sleeps_in = None
        world = machine.world
        world.now = Instant(self.now, world.now.monotonic + 0.1)
        world.held = None
        caught, machine.caught = machine.caught, []
        for step in caught:
            world.scheduler.report(Report(step, step.run()))

    # --- time ---------------------------------------------------------------------------------

    def advance(self, seconds: float = 0.0, *, hours: float = 0.0) -> None:
        """Let time pass."""
        end = self.now + seconds + hours * HOUR
        while self.now < end:
            self._pass(end)

    def run_until_still(self, limit: float = 3 * DAY) -> None:
        """Let time pass until neither machine moves by itself and no change is on its way."""
        end = self.now + limit
        while True:
            # What people and the sync program changed is met by the next reading of each folder.
            self.advance(self.first.world.settings.detection.scan_seconds + 5.0)
            if not self.is_moving():
                return
            while self.is_moving():
                assert self.now < end, [machine.world.bills() for machine in self.machines]
                self._pass(end)

    def is_moving(self) -> bool:
        """Whether a machine that is on has something to do, or a change is on its way."""
        working = (one for one in self.machines if one.state == "on")
        if any(one.world.scheduler.is_anything_moving() for one in working):
            return True
        return self.sync is not None and self.sync.has_work()

    def _pass(self, end: float) -> None:
        wait = min(self._longest_jump, end - self.now)
        for machine in self.machines:
            if machine.state != "on":
                continue
            due = machine.world.turn()
            self._let_caught_go(machine)
            if machine.world.scheduler._reports:
                wait = 0.001
            elif due is not None:
                wait = min(wait, due - self.now)
        if self.sync is not None:
            due = self.sync.work(self.now)
            wait = wait if due is None else min(wait, due - self.now)
        wait = max(wait, 0.001)
        self.now += wait
        for machine in self.machines:
            if machine.state == "on":
                machine.world.now = Instant(self.now, machine.world.now.monotonic + wait)

    def _let_caught_go(self, machine: Machine) -> None:
        """Do the steps at once that are caught, but the one in which the machine falls asleep."""
        if machine.sleeps_in is None:
            return
        for step in tuple(machine.caught):
            if step.kind is machine.sleeps_in:
                machine.state = "asleep"
            else:
                machine.caught.remove(step)
                machine.world.scheduler.report(Report(step, step.run()))

    # --- people -------------------------------------------------------------------------------

    def take(self, machine: Machine, folder: str = "Plant 7") -> dict[str, Any]:
        """Let a person run ``take`` on a machine that is on."""
        answer = machine.world.ask("take", folder=machine.world.path(folder))
        self.now = max(self.now, machine.world.now.utc)
        return answer

    def close(self) -> None:
        """End both agents."""
        for machine in self.machines:
            machine.world.close()


MakeTwo = Callable[..., TwoMachines]
"""Makes two machines of the settings of `TwoMachines`, beside its place and its examiner."""


Content = tuple[int, int, int] | None
"""What a scan tells of a file: size, time of change, number; None where there is none."""


class SyncProgram:
    """Carries changes between the copies of two worlds, each ``delay`` seconds after it was seen.

    Where both copies changed, the one that is carried first stays under the name, and the other
    becomes a conflicted copy, as sync programs do it. ``is_paused`` stops it for a while.
    """

    def __init__(self, one: World, two: World) -> None:
        self.worlds = (one, two)
        self.is_paused = False
        self.delay: Callable[[str], float] = lambda _: 5.0
        self._known: tuple[dict[str, Content], dict[str, Content]] = ({}, {})
        self._waiting: list[tuple[float, int, str]] = []
        """Changes that were seen: when to carry them, from which side, and the file's name."""

    def has_work(self) -> bool:
        """Whether a change is on its way, or not seen yet."""
        return bool(self._waiting) or any(self._changes(side) for side in (0, 1))

    def work(self, now: float) -> float | None:
        """Notice and carry changes; return when the next one is due."""
        for side in (0, 1):
            for name in self._changes(side):
                if not any(each[1:] == (side, name) for each in self._waiting):
                    self._waiting.append((now + self.delay(name), side, name))
        if self.is_paused:
            return None
        for change in sorted(self._waiting):
            if change[0] <= now:
                self._waiting.remove(change)
                self._carry(*change[1:])
        return min((each[0] for each in self._waiting), default=None)

    def _changes(self, side: int) -> list[str]:
        known, found = self._known[side], self._scan(side)
        return sorted(
            name for name in known.keys() | found.keys() if known.get(name) != found.get(name)
        )

    def _scan(self, side: int) -> dict[str, Content]:
        root = str(self.worlds[side].root)
        return {
            f"{folder}/{name}"[len(root) + 1 :]: _content(f"{folder}/{name}")
            for folder, _, names in os.walk(root)
            for name in names
            if not name.endswith(".part")
        }

    def _carry(self, side: int, name: str) -> None:
        other = 1 - side
        source, target = (self.worlds[each].root / name for each in (side, other))
        was_changed = _content(target) != self._known[other].get(name)
        is_same = source.exists() and target.exists() and source.read_bytes() == target.read_bytes()
        if not is_same:
            if was_changed and target.exists() and source.exists():
                aside = target.with_name(conflicted(target.name))
                target.rename(aside)
                self._follow(other, target, aside)
            if source.exists():
                self._copy(source, target, side, other)
            elif not was_changed:
                target.unlink(missing_ok=True)
                self.worlds[other].originals.pop(target, None)
        self._known[side][name] = _content(source)
        if source.exists() or not was_changed:
            self._known[other][name] = _content(target)

    def _copy(self, source: Path, target: Path, side: int, other: int) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(".sync.part")
        part.write_bytes(source.read_bytes())
        status = source.stat()
        os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
        part.replace(target)
        self.worlds[other]._hint(target)
        self.worlds[other].originals.pop(target, None)
        sha256 = self.worlds[side].originals.get(source)
        if sha256 is not None:
            self.worlds[other].originals[target] = sha256

    def _follow(self, side: int, old: Path, new: Path) -> None:
        sha256 = self.worlds[side].originals.pop(old, None)
        if sha256 is not None:
            self.worlds[side].originals[new] = sha256


def _content(path: Path | str) -> Content:
    try:
        status = os.stat(path)  # noqa: PTH116  # thousands of times
    except FileNotFoundError:
        return None
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def conflicted(name: str) -> str:
    """Return the name under which a sync program keeps the copy that lost."""
    if name == MARK_NAME:
        return f"{name} (conflicted copy)"
    stem, dot, ending = name.rpartition(".")
    return f"{stem} (conflicted copy){dot}{ending}"
