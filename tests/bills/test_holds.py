"""Holds: probed less and less, needing a person only where one can help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.holds import (
    ACCOUNT,
    Scope,
    ScopeKind,
    company_scope,
    folder_scope,
    new_hold,
    probe_wait,
    site_scope,
)


def test_a_new_hold_is_probed_after_a_minute() -> None:
    """The first look whether the cause is gone comes after a minute."""
    hold = new_hold("key-refused", ACCOUNT, "No.", "Set another.", 1000.0)
    assert (hold.since, hold.due, hold.tries) == (1000.0, 1060.0, 0)


@given(st.integers(0, 10_000))
def test_probes_come_every_15_minutes_at_last(tries: int) -> None:
    """Waits double up to a quarter of an hour."""
    assert 60.0 <= probe_wait(tries) <= probe_wait(tries + 1) <= 900.0


def test_probing_keeps_since() -> None:
    """A hold says since when it is there, however often it was looked at."""
    hold = new_hold("site-missing", site_scope("HMF", "X"), "No.", "Set it.", 1000.0)
    again = hold.probed(1060.0).probed(1180.0)
    assert (again.since, again.tries, again.due) == (1000.0, 2, 1180.0 + 240.0)


@pytest.mark.parametrize(
    ("code", "after", "needs"),
    [
        ("no-connection", 1e6, False),
        ("waiting-for-cloud", 1e6, False),
        ("folder-missing", 1799.0, False),
        ("folder-missing", 1800.0, True),
        ("key-refused", 0.0, True),
        ("first-look", 0.0, True),
    ],
)
def test_who_is_needed(code: str, after: float, *, needs: bool) -> None:
    """Every hold but the quiet ones needs a person, a missing folder only after 30 minutes."""
    assert new_hold(code, ACCOUNT, "", "", 0.0).needs_person(after) is needs


def test_scopes_are_told_apart() -> None:
    """The same word as company, site or folder is never mixed up; the status names each."""
    scopes = [
        ACCOUNT,
        company_scope("X"),
        site_scope("", "X"),
        site_scope("C", "X"),
        folder_scope("X"),
        Scope(ScopeKind.FILE, "X"),
    ]
    assert len(set(scopes)) == len({scope.words for scope in scopes}) == len(scopes)
    assert ACCOUNT.words == "account"
    assert site_scope("HMF", "PLANT-07").words == "site: HMF/PLANT-07"
