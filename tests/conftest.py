"""What holds for every test: bounded, and the same on a slow machine as on a fast one."""

import pytest
from hypothesis import settings

# Each example's time says more about the machine than about the code; pytest-timeout bounds all.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let more random worlds be asked for (tests/journeys/test_worlds.py)."""
    parser.addoption("--worlds", type=int, default=1000, help="random worlds to live through")
    parser.addoption("--seed", type=int, default=0, help="the first world's seed")
