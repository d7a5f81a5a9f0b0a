"""Random days of two machines: however they meet, each bill is served once and one owner stays.

How many: ``pytest tests/journeys/test_pairs.py --pairs N --seed FIRST``.
"""

from __future__ import annotations

import pytest
from pairs import live_pair_of_seed

from agent.files.examiner import Examiner

PAIRS_A_TEST = 20


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of so many seeds each."""
    if "first_pair" in metafunc.fixturenames:
        first, count = metafunc.config.getoption("seed"), metafunc.config.getoption("pairs")
        metafunc.parametrize("first_pair", range(first, first + count, PAIRS_A_TEST))


def test_random_pairs(first_pair: int, examiner: Examiner, pytestconfig: pytest.Config) -> None:
    """One owner stays, each bill ends in its result, and what was sent twice has a reason."""
    end = pytestconfig.getoption("seed") + pytestconfig.getoption("pairs")
    for seed in range(first_pair, min(first_pair + PAIRS_A_TEST, end)):
        live_pair_of_seed(seed, examiner)
