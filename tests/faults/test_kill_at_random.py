"""Kill -9 at any moment, under load, with a Nectar that often fails."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killable_agent import bill_pdf
from life import Life
from nursery import Nursery

from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.requests import Cut

IS_LONG = "SLOW_TESTS" in os.environ
BILLS, KILLS = (200, 30) if IS_LONG else (40, 6)
MOST_ACTS = 400
"""About so many belong to a dozen bills: the moments do not depend on how fast the machine is."""
MOST_STARTS = 20
BUSY = Fault(times=None, probability=0.1, status=503)
LOST_ANSWER = Fault(times=None, probability=0.05, cut=Cut.AFTER_BODY)
"""What was asked is done, and nobody is told."""


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """Where the agents of a test are started."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(1, 11) if IS_LONG else [1])
def test_killed_at_random_under_load(
    nursery: Nursery, tmp_path: Path, seed: int, tell: Callable[[str, str], None]
) -> None:
    """Every bill has its result at last, and none was accepted twice."""
    chance = random.Random(seed)  # noqa: S311 - repeatable moments, guards nothing
    behaviour = Behaviour(faults=(BUSY, LOST_ANSWER), seed=seed)
    with Life(tmp_path / "life", nursery, behaviour) as life:
        names = [f"Plant 7/Bill {number:03}.pdf" for number in range(BILLS)]
        for number, name in enumerate(names):
            life.put(name, bill_pdf(number))
        kills = 0
        for _ in range(KILLS):
            life.start("once")
            kills += life.kill_after(chance.randrange(MOST_ACTS)).was_killed
        assert kills >= KILLS // 2
        # An outage ends `once`, as people want it; the next one goes on.
        codes = [life.run("once").code]
        while codes[-1] and len(codes) < MOST_STARTS:
            codes.append(life.run("once").code)
        counts = life.nectar.call(lambda emulator: emulator.log.counts)
        tell(
            "agents killed at random",
            f"seed {seed}: {BILLS} bills, {kills} kills, {len(codes)} runs to the end, "
            f"{sum(counts.values())} requests, {counts['POST /job/company/{}']} of them uploads",
        )
        assert codes[-1] == 0, life.output()
        life.check()
        standing = life.standing(0)
        assert standing.results.keys() == {f"{name}.json" for name in names}
        assert {state for state, _ in standing.states.values()} == {"done"}
        assert all('"outcome": "processed"' in text for text in standing.results.values())
        assert len(standing.accepted) == BILLS
        assert set(standing.accepted.values()) == {1}
