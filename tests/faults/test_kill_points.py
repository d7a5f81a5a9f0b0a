"""Kill -9 just before and just after everything that an agent does outside itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acts import ANYWHERE_NEW, names_of_deaths
from kill_points import Stage, survey
from kill_scenes import NEEDS_PERSON, ONE, OTHER, PROCESSED, SCENES, Scene
from life import Life
from nursery import Nursery

IS_LONG = "SLOW_TESTS" in os.environ
PLAYED = [scene for scene in SCENES if IS_LONG or not scene.is_slow]
MOST_DEATHS = 300
TITLE = "agents killed at every point they reach"
Tell = Callable[[str, str], None]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Where the agents of these tests are started."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scene", PLAYED, ids=[scene.name for scene in PLAYED])
def test_killed_at_every_point(scene: Scene, nursery: Nursery, tmp_path: Path, tell: Tell) -> None:
    """Nothing is lost, doubled or left over, and all ends as if nobody had killed the agent."""
    found = survey(scene, [Stage(tmp_path / "stage", nursery, is_long=IS_LONG)])
    tell(TITLE, found.summary())
    print(*found.table(), sep="\n")
    assert found.troubles() == []


@pytest.mark.timeout(1800)
def test_killed_at_one_point_after_another(nursery: Nursery, tmp_path: Path, tell: Tell) -> None:
    """Killed again while it recovers, each time a step further: every bill has its result."""
    with Life(tmp_path / "life", nursery) as life:
        life.put("Plant 7/One.pdf", ONE)
        life.put("Plant 7/Other.pdf", OTHER)
        life.put("Plant 7 scans/Copy.pdf", ONE)
        life.put("Plant 7 scans/Letter.pdf", b"To whom it may concern")
        for _ in range(MOST_DEATHS):
            ended = life.run("once", death=ANYWHERE_NEW)
            if not ended.was_killed:
                break
        tell(TITLE, f"one life: {len(names_of_deaths(life.home))} kills")
        assert ended.code == NEEDS_PERSON, life.output()
        life.check()
        standing = life.standing(ended.code)
        assert sorted(standing.accepted.values()) == [1, 1]
        assert {
            place: text.split('"outcome": "')[1].partition('"')[0]
            for place, text in standing.results.items()
        } == {
            "Plant 7/One.pdf.json": PROCESSED,
            "Plant 7/Other.pdf.json": PROCESSED,
            "Plant 7 scans/Copy.pdf.json": PROCESSED,
            "Plant 7 scans/Letter.pdf.json": "rejected",
        }
