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
    yield from _makers(World, tmp_path, examiner, check)


@pytest.fixture
def make_hold_world(tmp_path: Path, examiner: Examiner) -> Iterator[MakeHoldWorld]:
    """Make worlds in which every hold can be brought about; see `hold_world.HoldWorld`."""
    yield from _makers(HoldWorld, tmp_path, examiner, check)


@pytest.fixture
def make_troubled_world(tmp_path: Path, examiner: Examiner) -> Iterator[MakeTroubledWorld]:
    """Make worlds that fail as offices do; see `troubled_world.TroubledWorld`."""
    yield from _makers(TroubledWorld, tmp_path, examiner, check)


@pytest.fixture
def make_two(tmp_path: Path, examiner: Examiner) -> Iterator[MakeTwo]:
    """Make pairs of machines; see `two_machines.TwoMachines`."""
    yield from _makers(TwoMachines, tmp_path, examiner, _check_both)


def _check_both(two: TwoMachines) -> None:
    for machine in two.machines:
        check(machine.world, is_alone=False)


Made = TypeVar("Made", World, HoldWorld, TroubledWorld, TwoMachines)


def _makers(
    kind: type[Made], tmp_path: Path, examiner: Examiner, check_one: Callable[[Made], None]
) -> Iterator[Callable[..., Made]]:
    made: list[Made] = []

    def make(**settings: Any) -> Made:
        place = tmp_path / f"world-{len(made)}"
        place.mkdir()
        one = kind(place, examiner, **settings)
        made.append(one)
        return one

    yield make
    try:
        for one in made:
            check_one(one)
    finally:
        for one in made:
            one.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world with one folder, ``Plant 7``, for the site PLANT-07."""
    return make_world()
