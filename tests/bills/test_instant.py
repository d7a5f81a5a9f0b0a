"""Times as Nectar and file systems tell them, however odd."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.instant import Instant, local_day, utc_day, utc_seconds, utc_text

any_seconds = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e18, max_value=1e18)


@given(any_seconds)
def test_any_time_can_be_shown(seconds: float) -> None:
    """A file may claim to be from any time: it is shown, never refused."""
    text = utc_text(seconds)
    assert text.endswith("Z")
    assert utc_seconds(text) is not None


@given(any_seconds)
def test_any_time_has_a_day(seconds: float) -> None:
    """A file from the year 33658 is compared by day like any other, and stops no folder."""
    assert date(1, 1, 1) <= utc_day(seconds) <= date(9999, 12, 31)
    assert date(1, 1, 1) <= local_day(seconds) <= date(9999, 12, 31)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001 - UTC is added below
def test_days(moment: datetime) -> None:
    """Days are those of UTC, and those of the wall clock where people ask."""
    moment = moment.replace(tzinfo=UTC)
    assert utc_day(moment.timestamp()) == moment.date()
    assert local_day(moment.timestamp()) == moment.astimezone().date()


def test_days_before() -> None:
    """A list begins so many days before."""
    assert utc_day(1_770_836_400.0, days_before=2) == date(2026, 2, 9)


@given(st.integers(min_value=-62_000_000_000, max_value=253_000_000_000))
def test_text_and_back(seconds: int) -> None:
    """Whole seconds survive."""
    assert utc_seconds(utc_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-02-11T19:00:00Z", 1_770_836_400.0),
        ("2026-02-11T19:00:00", 1_770_836_400.0),
        ("2026-02-11T20:00:00+01:00", 1_770_836_400.0),
        ("2026-02-11T19:00:00.500000Z", 1_770_836_400.5),
        ("2026-02-11", 1_770_768_000.0),
        ("", None),
        ("yesterday", None),
        ("2026-13-01T00:00:00Z", None),
    ],
)
def test_times_of_nectar(text: str, seconds: float | None) -> None:
    """With or without zone and fractions; what is no time is none."""
    assert utc_seconds(text) == seconds


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Whatever stands where a time was due, nothing is raised."""
    found = utc_seconds(text)
    assert found is None or isinstance(found, float)


def test_later_on_both_clocks() -> None:
    """A later moment is later on both clocks."""
    assert Instant(100.0, 5.0).plus(2.5) == Instant(102.5, 7.5)
