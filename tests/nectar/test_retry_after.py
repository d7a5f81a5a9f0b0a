"""The header Retry-After."""

from __future__ import annotations

import pytest
from client_under_test import patient
from hypothesis import given
from hypothesis import strategies as st

from agent.nectar.retry_after import LONGEST_SECONDS, retry_after

DATE = "Wed, 11 Feb 2026 18:40:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("1.5", None, 1.5),
        ("99999999", None, LONGEST_SECONDS),
        ("Wed, 11 Feb 2026 18:41:30 GMT", DATE, 90.0),
        ("Wed, 11 Feb 2026 18:00:00 GMT", DATE, 0.0),
        ("Fri, 11 Feb 2028 18:00:00 GMT", DATE, LONGEST_SECONDS),
        ("Wed, 11 Feb 2026 18:41:30 GMT", None, None),
        ("Wed, 11 Feb 2026 18:41:30 GMT", "yesterday", None),
        ("-5", None, None),
        ("soon", DATE, None),
        ("inf", None, None),
        ("٣", None, None),
        ("", DATE, None),
        (None, DATE, None),
    ],
)
def test_seconds_and_dates_are_understood(
    value: str | None, date: str | None, seconds: float | None
) -> None:
    """A number of seconds, or a date counted from the answer's own date; else nothing."""
    assert retry_after(value, date) == seconds


@patient
@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_the_header_breaks_it(value: str, date: str) -> None:
    """Any text gives nothing, or a wait between none and six hours."""
    seconds = retry_after(value, date)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS
