"""Worlds for journeys: each is checked against the promises that always hold, then ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hold_world import HoldWorld, MakeHoldWorld
from invariants import check
from journey_world import MakeWorld, World
from troubled_world import MakeTroubledWorld, TroubledWorld
from two_machines import MakeTwo, TwoMachines

from agent.files.examiner import Examiner


@pytest.fixture(scope="session")
def examiner() -> Iterator[Examiner]:
    """One helper process for all journeys."""
    examiner = Examiner()
    yield examiner
    examiner.close()


@pytest.fixture
def make_world(tmp_path: Path, examiner: Examiner) -> Iterator[MakeWorld]:
    """Make worlds; see `journey_world.World`."""
    yield from _makers(World, tmp_path, examiner)


@pytest.fixture
def make_hold_world(tmp_path: Path, examiner: Examiner) -> Iterator[MakeHoldWorld]:
    """Make worlds in which every hold can be brought about; see `hold_world.HoldWorld`."""
    yield from _makers(HoldWorld, tmp_path, examiner)


@pytest.fixture
def make_troubled_world(tmp_path: Path, examiner: Examiner) -> Iterator[MakeTroubledWorld]:
    """Make worlds that fail as offices do; see `troubled_world.TroubledWorld`."""
    yield from _makers(TroubledWorld, tmp_path, examiner)


AnyWorld = TypeVar("AnyWorld", bound=World)


def _makers(
    kind: type[AnyWorld], tmp_path: Path, examiner: Examiner
) -> Iterator[Callable[..., AnyWorld]]:
    made: list[AnyWorld] = []

    def make(**settings: Any) -> AnyWorld:
        place = tmp_path / f"world-{len(made)}"
        place.mkdir()
        world = kind(place, examiner, **settings)
        made.append(world)
        return world

    yield make
    try:
        for world in made:
            check(world)
    finally:
        for world in made:
            world.close()


@pytest.fixture
def make_two(tmp_path: Path, examiner: Examiner) -> Iterator[MakeTwo]:
    """Make pairs of machines; see `two_machines.TwoMachines`."""
    made: list[TwoMachines] = []

    def make(**settings: Any) -> TwoMachines:
        place = tmp_path / f"pair-{len(made)}"
        place.mkdir()
        two = TwoMachines(place, examiner, **settings)
        made.append(two)
        return two

    yield make
    try:
        for two in made:
            for machine in two.machines:
                check(machine.world, is_alone=False)
    finally:
        for two in made:
            two.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world with one folder, ``Plant 7``, for the site PLANT-07."""
    return make_world()
