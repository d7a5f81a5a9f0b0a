"""Random worlds by the thousand: whatever happens, every bill is accounted for.

How many: ``pytest tests/journeys --worlds N``. ``python tests/journeys --seed S --shrink`` shows a
failing one; with ``--keep NAME`` its days are kept here for good.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import KEPT, WORLDS_A_TEST, kept, live, live_seed

from agent.files.examiner import Examiner


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of so many seeds each."""
    if "first_seed" in metafunc.fixturenames:
        first, count = metafunc.config.getoption("seed"), metafunc.config.getoption("worlds")
        metafunc.parametrize("first_seed", range(first, first + count, WORLDS_A_TEST))


def test_random_worlds(first_seed: int, examiner: Examiner, pytestconfig: pytest.Config) -> None:
    """Each bill ends in its result, is sent once, whole and for its own site; nothing is harmed."""
    end = pytestconfig.getoption("seed") + pytestconfig.getoption("worlds")
    for seed in range(first_seed, min(first_seed + WORLDS_A_TEST, end)):
        live_seed(seed, examiner)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_days_that_failed_once(path: Path, examiner: Examiner) -> None:
    """What was wrong once is right now, whatever the seeds make of later."""
    live(kept(path), examiner)
