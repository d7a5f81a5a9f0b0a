"""Waits grow, stay within their bounds, and are the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.backoff import (
    FIRST_LOOK_SECONDS,
    LONGEST_POLL_SECONDS,
    LONGEST_WAIT_SECONDS,
    backoff,
    document_list_wait,
    doubt_wait,
    poll_wait,
)

rows = st.integers(min_value=1, max_value=2**62)
counts = st.integers(min_value=0, max_value=10_000)


@given(rows, counts)
def test_backoff_is_bounded_and_repeats(row: int, failures: int) -> None:
    """A failing row waits from about a second to six hours, and equally long when asked again."""
    wait = backoff(row, failures)
    assert 0.75 <= wait <= LONGEST_WAIT_SECONDS
    assert wait == backoff(row, failures)


@given(rows, counts)
def test_backoff_never_shrinks(row: int, failures: int) -> None:
    """Each further failure waits at least as long; the first ones twice as long."""
    assert backoff(row, failures + 1) >= backoff(row, failures)
    assert backoff(row, 2) == 2 * backoff(row, 1)


def test_backoff_spreads_rows() -> None:
    """Rows that failed together do not all come back in the same moment."""
    waits = {backoff(row, 5) for row in range(1, 101)}
    assert len(waits) > 90
    assert max(waits) / min(waits) > 1.4


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_poll_wait_grows_with_the_age(age: float, more: float) -> None:
    """A job is asked for after 2 s at first, then less and less, and at least every 10 min."""
    assert FIRST_LOOK_SECONDS <= poll_wait(age) <= LONGEST_POLL_SECONDS
    assert poll_wait(age + more) >= poll_wait(age)


@given(st.floats(0, 1e9))
def test_a_job_sent_in_the_future_is_no_young_one(age: float) -> None:
    """After the clock was set back a job is asked for as seldom as one of that age."""
    assert poll_wait(-age) == poll_wait(age)


@given(st.integers(0, 10_000))
def test_document_lists_are_read_less_and_less(tries: int) -> None:
    """Uploads in doubt are looked for after 15 s at first, and at last every hour."""
    assert 15.0 <= document_list_wait(tries) <= document_list_wait(tries + 1) <= 3600.0


@pytest.mark.parametrize(
    ("slowest", "wait"),
    [(None, 1800.0), (0.0, 60.0), (19.0, 60.0), (100.0, 300.0), (1e6, LONGEST_WAIT_SECONDS)],
)
def test_doubt_wait(slowest: float | None, wait: float) -> None:
    """Absence is believed after three of the slowest jobs, a minute to six hours."""
    assert doubt_wait(slowest) == wait


@given(st.one_of(st.none(), st.floats(0, 1e6)), st.integers(0, 1000))
def test_doubt_lasts_longer_each_time(slowest: float | None, lost: int) -> None:
    """The more uploads left no trace, the longer the next is looked for, up to six hours."""
    again = doubt_wait(slowest, lost + 1)
    assert again == min(LONGEST_WAIT_SECONDS, 4 * doubt_wait(slowest, lost))
