"""Random worlds: run one, shrink one that fails, keep it as a regression test."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hands import EVENTS, FOLDERS, Hands
from journey_world import DAY
from random_days import Event, random_days
from troubled_world import TroubledWorld
from witness import Witness

from agent.emulator import changes
from agent.emulator.world import HARBOR_MILL_FOODS
from agent.files.examiner import Examiner

LENGTH = 14
"""Events in a world."""
WORLDS_A_TEST = 25
"""So few that one test never comes near its time limit, so many that pytest costs little."""
KEPT = Path(__file__).parent / "kept"
"""Days that failed once, as JSON."""
_MEMORY = Path("/dev/shm")  # noqa: S108  # used only where it is there


def live(events: Iterable[Event], examiner: Examiner) -> TroubledWorld:
    """Live through days until everything is still; AssertionError where a promise broke.

    The world is ended, what it tells remains.
    """
    with place_in_memory() as place:
        world = TroubledWorld(
            place, examiner, folders=FOLDERS, longest_jump=3600.0, scan_seconds=3600.0,
            refresh_hours=6.0,
        )  # fmt: skip
        try:
            nectar = world.emulator.world
            changes.add_site(nectar, world.now.utc, HARBOR_MILL_FOODS.id, "Plant 8", "PLANT-08")
            witness = Witness(world)
            hands = Hands(world, witness)
            for event in events:
                EVENTS[event.name](hands, *event.arguments)
                witness.look()
                world.advance(event.pause)
                witness.look()
            hands.mend_all()
            world.advance(days=1)
            world.run_until_still(limit=12 * DAY)
            witness.look_at_the_end()
        finally:
            world.close()
    return world


def live_seed(seed: int, examiner: Examiner, length: int = LENGTH) -> None:
    """Live through the days of a seed; the error names the seed and how to see it again."""
    try:
        live(random_days(seed, length), examiner)
    except Exception as error:
        error.add_note(f"seed {seed}: python tests/journeys --seed {seed} --shrink")
        raise


def failure_of(events: Iterable[Event], examiner: Examiner) -> str | None:
    """Return how days fail, in words without names; None where they go well."""
    try:
        live(events, examiner)
    except Exception as error:  # noqa: BLE001  # whatever breaks is what is looked for
        words = str(error).splitlines()
        return f"{type(error).__name__}: {words[0] if words else ''}"
    return None


def shrunk(events: list[Event], examiner: Examiner) -> list[Event]:
    """Return fewest events that still fail in the same kind of way."""
    kind = _kind_of(failure_of(events, examiner))
    size = max(len(events) // 2, 1)
    while kind is not None:
        at = 0
        while at < len(events):
            fewer = events[:at] + events[at + size :]
            if _kind_of(failure_of(fewer, examiner)) == kind:
                events = fewer
            else:
                at += size
        if size == 1:
            return events
        size //= 2
    return events


def keep(name: str, found: str, events: Iterable[Event]) -> Path:
    """Keep days as a regression test; ``found`` says what went wrong in them."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{name}.json"
    lines = ",\n  ".join(json.dumps(event.as_json()) for event in events)
    path.write_text(f'{{"found": {json.dumps(found)},\n "events": [\n  {lines}\n]}}\n')
    return path


def kept(path: Path) -> list[Event]:
    """Return days that were kept."""
    said: dict[str, Any] = json.loads(path.read_text())
    return [Event(name, tuple(arguments), pause) for name, arguments, pause in said["events"]]


def _kind_of(failure: str | None) -> str | None:
    if failure is None:
        return None
    words = failure.replace("/", " ").split()
    return " ".join(word for word in words if word.strip(":").isalpha())[:60]


@contextmanager
def place_in_memory() -> Iterator[Path]:
    """A folder in memory where the system has one: waiting for disks proves nothing here."""
    base = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    place = Path(tempfile.mkdtemp(prefix="world-", dir=base))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
