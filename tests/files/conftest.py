"""The sample bills, and one examiner for each test module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.files.examiner import Examiner

_BILLS = Path(__file__).parents[3] / "shared" / "bills"


@pytest.fixture
def bills() -> Path:
    """The folder of sample bills; without it the test is skipped."""
    if not _BILLS.is_dir():
        pytest.skip("the sample bills are not beside the checkout")
    return _BILLS


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """An examiner with the real helper process."""
    examiner = Examiner()
    yield examiner
    examiner.close()
