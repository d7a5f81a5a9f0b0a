"""What a turn tells people, in one line each."""

from __future__ import annotations

import pytest

from agent.bills.holds import ACCOUNT, new_hold
from agent.bills.stages import State
from agent.pipeline.notices import (
    HoldBegan,
    HoldEnded,
    Notice,
    StateChanged,
    StoreBegunAnew,
    line_of,
)
from agent.pipeline.work import Key, Kind, Lane, Step

HOLD = new_hold("key-refused", ACCOUNT, "Nectar refuses the key.", "Set another one.", 0.0)


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (HoldBegan(HOLD), ["key-refused", "refuses the key", "Set another one"]),
        (HoldEnded(HOLD), ["key-refused", "ended"]),
        (StoreBegunAnew("A new store was begun."), ["A new store was begun."]),
        (StateChanged("/b/Bill.pdf", None, State.WAITING, None, ""), ["waiting /b/Bill.pdf"]),
        (
            StateChanged("/b/Bill.pdf", State.WAITING, State.REJECTED, "empty", "It is empty."),
            ["rejected (empty) /b/Bill.pdf: It is empty."],
        ),
    ],
)
def test_a_notice_is_one_line(notice: Notice, words: list[str]) -> None:
    """It says what happened, to what, why, and what to do."""
    line = line_of(notice)
    assert "\n" not in line
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("kind", "about", "words"),
    [
        (Kind.READ_FOLDER, "/bills", "the list of its files"),
        (Kind.WRITE, "/bills/Bill.pdf", "the result of Bill.pdf"),
        (Kind.INSPECT, "/bills/Bill.pdf", "the result of Bill.pdf"),
        (Kind.EXAMINE, "/bills/Bill.pdf", "Bill.pdf"),
    ],
)
def test_what_a_disk_is_asked_is_named(kind: Kind, about: str, words: str) -> None:
    """So that a person knows which file a share hangs on."""
    step = Step(kind, Key("files", 1), Lane.DISK, lambda: pytest.fail("not run"), None, about)
    assert step.waits_for == words
