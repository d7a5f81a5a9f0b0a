"""What single answers tell of the whole account."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from agent.bills.errors import NoConnection, Transient
from agent.bills.holds import ACCOUNT
from agent.bills.instant import Instant
from agent.bills.outcomes import Answered, Bug, Failed, NotSent
from agent.pipeline.account import Account
from agent.pipeline.holding import HoldBook
from agent.pipeline.looking_again import LookingAgain
from agent.pipeline.memory import Memory
from agent.pipeline.recording import Recorder
from agent.store.store import Store

NOW = Instant(1_000_000.0, 0.0)


class Looking:
    """Counts how often everything is looked at again."""

    times = 0

    def everywhere(self, now: Instant) -> None:
        """Count it."""
        assert now == NOW
        self.times += 1


class Told:
    """An account, and what is known of it."""

    def __init__(self, store: Store) -> None:
        self.holds = HoldBook(store)
        self.memory = Memory()
        self.looking = Looking()
        recorder = Recorder(store, self.holds)
        again = cast("LookingAgain", self.looking)
        self.account = Account(self.holds, recorder, self.memory, again)

    def codes(self) -> set[str]:
        """Return the codes of the holds in force."""
        return {hold.code for hold in self.holds.all()}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """An account of which nothing is known."""
    return Told(Store(tmp_path / "store.sqlite3"))


def test_an_upload_that_was_not_tried_tells_nothing(told: Told) -> None:
    """Its bytes could not be had: that is the disk's trouble, and no outage."""
    for _ in range(20):
        trouble = NotSent(Transient("away", "The share is away."), was_tried=False)
        told.account.note_connection(trouble, NOW)
    assert told.codes() == set()


def test_an_answer_ends_the_hold_and_everything_is_looked_at_once(told: Told) -> None:
    """Where nothing was held, an answer is no news; a mistake of ours is none ever."""
    told.account.conclude(Answered(), NOW)
    assert told.looking.times == 0
    told.account.begin_hold("key-refused", "Nectar refuses the key.", "Set another.", NOW)
    told.account.conclude(Bug("a mistake"), NOW)
    assert (told.codes(), told.looking.times) == ({"key-refused"}, 0)
    told.account.conclude(Answered(), NOW)
    told.account.conclude(Answered(), NOW)
    assert (told.codes(), told.looking.times) == (set(), 1)


def test_no_connection_leaves_the_key_in_doubt(told: Told) -> None:
    """Only an answer tells whether a refused key is good again."""
    told.account.begin_hold("key-refused", "Nectar refuses the key.", "Set another.", NOW)
    told.account.conclude(Failed(NoConnection("no-connection", "It cannot be reached.")), NOW)
    assert told.codes() == {"key-refused", "no-connection"}


def test_a_probe_that_is_due_is_not_put_off(told: Told) -> None:
    """Hastening a hold only ever brings its probe nearer."""
    told.account.begin_hold("key-refused", "Nectar refuses the key.", "Set another.", NOW)
    hold = told.holds.find(ACCOUNT, ("key-refused",))
    assert hold is not None
    assert hold.due is not None
    told.holds.hasten_one(hold, hold.due + 5.0)
    assert told.holds.find(ACCOUNT, ("key-refused",)) == hold
    told.holds.hasten_one(hold, NOW.utc)
    hastened = told.holds.find(ACCOUNT, ("key-refused",))
    assert hastened is not None
    assert hastened.due == NOW.utc
