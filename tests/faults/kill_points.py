"""An agent killed at every point: ``python tests/faults/kill_points.py [WORDS OF A SCENE]``.

A first life of a scene tells which acts there are: every commit of the store, every name and byte
that reaches the disk, every piece of a request, every answer. Then there is one life for each of
them and each side of it: the agent is killed there, is started again, comes to rest, and all has to
stand as in a life that nobody disturbed.
"""

from __future__ import annotations

import difflib
import logging
import os
import pprint
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from acts import MISSED, Death, Point, Side, Told
from kill_scenes import SCENES, Scene
from life import Life, Standing
from nursery import Ended, Nursery

_TRIES = 3
"""A life in which the act does not come is lived again: threads do not take turns alike."""
_BY_CHANCE = "commit only moments"
"""A commit that tells nothing new; how many there are depends on how the threads take turns."""
_MOST_OF_A_NAME = 3
_MOST_LINES = 20
_NOT_MET = "not met"
_KINDS = {"commit": "commits", "send": "requests", "receive": "answers", "start": "processes"}


@dataclass(slots=True)
class Survey:
    """What became of one scene."""

    scene: Scene
    points: dict[Point, dict[Side, str]] = field(default_factory=dict)
    """For each side of each act what happened to the agent killed there: "" where all is well."""
    seconds: float = 0.0

    def summary(self) -> str:
        """Return one line for people."""
        kinds = Counter(_KINDS.get(point.kind, "on disk") for point in self.points)
        kills = sum(len(sides) for sides in self.points.values())
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        return f"{self.scene.name}: {len(self.points)} points ({told}), {kills} kills"

    def table(self) -> Iterator[str]:
        """Yield a line for each act."""
        yield f"{self.summary()}, {self.seconds:.0f} s"
        for point, sides in self.points.items():
            words = ", ".join(f"{side} {sides[side] or 'ok'}" for side in Side if side in sides)
            yield f"  {str(point)[:92]:92}  {words}"

    def troubles(self) -> list[str]:
        """Return what went wrong."""
        return [
            f"killed {Death(point, side)}: {trouble}"
            for point, sides in self.points.items()
            for side, trouble in sides.items()
            if trouble and not (trouble == _NOT_MET and self._is_by_chance(point))
        ]

    def _is_by_chance(self, point: Point) -> bool:
        return self.scene.is_by_chance(point) or point.name == _BY_CHANCE


class Stage:
    """Plays scenes, each life in a home of its own below ``place``."""

    def __init__(self, place: Path, nursery: Nursery, *, is_long: bool) -> None:
        place.mkdir()
        self._place = place
        self._nursery = nursery
        self._is_long = is_long
        self._lives = 0

    def deaths(self, scene: Scene) -> tuple[tuple[Death, ...], Standing]:
        """Return where an agent is to die in a scene, and how all stands if it does not.

        What an agent does also when nothing happens is left out, but where that is the scene.
        """
        known = self._at_rest(scene)
        with self._life(scene) as life:
            code = self._happens(life, scene, None).code
            acts = life.told()
            standing = self._checked(life, scene, code)
        missed = [act.point.name for act in acts if act.point.kind == MISSED]
        assert missed == [], "there are ways to the outside that are not numbered"
        found: list[Death] = []
        previous: Told | None = None
        for act in acts:
            point = act.point
            if point not in known and self._is_wanted(scene, point):
                found += [Death(point, side) for side in self._sides(act, previous, found)]
            previous = act
        return tuple(found), standing

    def _at_rest(self, scene: Scene) -> frozenset[Point]:
        if scene.before is None or scene.happens is None:
            return frozenset()
        with self._life(scene) as life:
            if not scene.is_at_rest:
                life.run("once")
            life.run("once")
            return frozenset(act.point for act in life.told())

    def _is_wanted(self, scene: Scene, point: Point) -> bool:
        """Whether an agent is to die there; the short run spares what others do, or is repeated."""
        if not scene.is_of_interest(point):
            return False
        if self._is_long:
            return True
        is_sent = point.kind in ("send", "receive")
        most = 1 if point.name == _BY_CHANCE else _MOST_OF_A_NAME
        return point.number <= most and not (is_sent and scene.sends_as_others)

    def _sides(self, act: Told, previous: Told | None, found: list[Death]) -> tuple[Side, ...]:
        """Return where in an act to die.

        The short run leaves out "before" where the same thread did the act before this one: the
        world is as it was after that. An answer comes by itself, so there it is not.
        """
        sides = act.point.sides
        is_as_before = (
            previous is not None
            and previous.thread == act.thread
            and Death(previous.point, Side.AFTER) in found[-1:]
            and act.point.kind != "receive"
        )
        return sides[1:] if is_as_before and not self._is_long else sides

    def killed(self, scene: Scene, death: Death, undisturbed: Standing) -> str:
        """Live the scene with one death; return what is wrong then, "" if nothing is."""
        for _ in range(_TRIES):
            with self._life(scene) as life:
                if not self._happens(life, scene, death).was_killed:
                    continue
                try:
                    code = life.run("once").code
                    standing = self._checked(life, scene, code)
                except AssertionError as error:
                    return f"{error}"
                return "" if standing == undisturbed else _difference(standing, undisturbed)
        return _NOT_MET

    @contextmanager
    def _life(self, scene: Scene) -> Iterator[Life]:
        self._lives += 1
        home = self._place / f"life-{self._lives}"
        with Life(home, self._nursery, scene.behaviour, **scene.settings) as life:
            if scene.before is not None:
                scene.before(life)
            yield life

    def _happens(self, life: Life, scene: Scene, death: Death | None) -> Ended:
        if scene.happens is not None:
            scene.happens(life)
        return life.run("once", death=death)

    def _checked(self, life: Life, scene: Scene, code: int) -> Standing:
        standing = life.standing(code)
        accepted = sum(standing.accepted.values())
        more = accepted - scene.accepted
        assert 0 <= more <= scene.unfindable, f"{accepted} uploads were accepted"
        again = accepted - len(standing.accepted) - more
        assert again == scene.again, "the same bytes were sent twice"
        assert code == scene.code, f"exit {code}: {life.output()}"
        life.check()
        assert standing.results.keys() == scene.results.keys(), f"results {[*standing.results]}"
        for place, outcome in scene.results.items():
            assert f'"outcome": "{outcome}"' in standing.results[place], f"{place}: not {outcome}"
        return replace(standing, accepted={}) if scene.unfindable else standing


def _difference(standing: Standing, undisturbed: Standing) -> str:
    """Return the lines in which two endings differ."""
    first, second = (pprint.pformat(asdict(each)).splitlines() for each in (undisturbed, standing))
    lines = [line for line in difflib.ndiff(first, second) if line[0] in "+-"]
    return "\n".join(["it stands otherwise:", *lines[:_MOST_LINES]])


def survey(scene: Scene, stages: list[Stage]) -> Survey:
    """Kill an agent at every point of a scene, in as many lives at once as there are stages."""
    began = time.monotonic()
    deaths, undisturbed = stages[0].deaths(scene)
    found = Survey(scene, {death.point: {} for death in deaths})
    free = list(stages)

    def die(death: Death) -> None:
        stage = free.pop()
        try:
            found.points[death.point][death.side] = stage.killed(scene, death, undisturbed)
        finally:
            free.append(stage)

    with ThreadPoolExecutor(len(stages)) as lanes:
        list(lanes.map(die, deaths))
    found.seconds = time.monotonic() - began
    return found


def main() -> int:
    """Survey the scenes whose names hold the words given, or all; print their tables."""
    logging.disable()  # Nectar's stand-in complains of clients that die
    wanted = " ".join(sys.argv[1:])
    is_long = "SLOW_TESTS" in os.environ
    troubles = 0
    nurseries = [Nursery() for _ in range(os.cpu_count() or 1)]
    with tempfile.TemporaryDirectory() as place:
        stages = [
            Stage(Path(place, str(number)), nursery, is_long=is_long)
            for number, nursery in enumerate(nurseries)
        ]
        for scene in SCENES:
            if wanted in scene.name and (is_long or wanted or not scene.is_slow):
                found = survey(scene, stages)
                print(*found.table(), sep="\n", flush=True)
                troubles += len(found.troubles())
    for nursery in nurseries:
        nursery.close()
    return min(troubles, 1)


if __name__ == "__main__":
    raise SystemExit(main())
