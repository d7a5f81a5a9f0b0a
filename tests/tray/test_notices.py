"""Notifications: one for each new trouble, one for a batch of finished bills, never a flood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from seen_here import NOW, failed, held, read, seen

from agent.bills.holds import Scope, ScopeKind
from agent.store.views import FinishedBills, ServiceState
from agent.tray.notices import Gathering, Notice, Told, next_notices
from agent.tray.seen import Seen
from agent.tray.told import TOLD_FILE, load_told, save_told

NEEDS = ServiceState.NEEDS_YOU


class Listener:
    """Who looks once a second and hears what is told, over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = load_told(folder)
        self._gathering = Gathering()
        self.now = NOW
        self.heard: list[Notice] = []

    def live(self, seconds: float, **what: Any) -> list[Notice]:
        """See the same for so long; return what is told meanwhile."""
        before = len(self.heard)
        look, began, ends = seen(**what), self.now, self.now + seconds
        while self.now < ends:
            is_near_an_end = self.now < began + 60.0 or self.now > ends - 60.0
            self.see(look, 1.0 if is_near_an_end else 20.0)
        return self.heard[before:]

    def see(self, look: Seen, seconds: float = 1.0) -> None:
        """See something for a second, or for longer."""
        self.now += seconds
        coming = next_notices(self._told, self._gathering, replace(look, now=self.now))
        self._told, self._gathering = coming.told, coming.gathering
        self.heard += coming.notices

    def restart(self) -> None:
        """Be killed and started again."""
        save_told(self._folder, self._told)
        self._told, self._gathering = load_told(self._folder), Gathering()


def test_two_hundred_failures_at_once_are_one_notification(tmp_path: Path) -> None:
    """Of all of them, as they come within seconds; the 201st, an hour later, is one more."""
    burst = Listener(tmp_path)
    for number in range(10, 201, 10):
        burst.see(seen(NEEDS, concerns=(failed(number),)))
    burst.live(3600, state=NEEDS, concerns=(failed(200),))
    assert [each.title for each in burst.heard] == ["200 bills: no data"]
    (more,) = burst.live(3600, state=NEEDS, concerns=(failed(201),))
    assert more.title == "201 bills: no data (1 more)"


def test_failures_that_trickle_in_are_told_of_twice(tmp_path: Path) -> None:
    """For minutes, and whatever their reasons: the first soon, the rest half an hour later."""
    one = Listener(tmp_path)
    for number in range(1, 201):
        one.see(seen(NEEDS, concerns=(failed(number), failed(1 + number // 2, "damaged"))))
    rest = one.live(3600, state=NEEDS, concerns=(failed(200), failed(101, "damaged")))
    assert len(one.heard) == 1 + len(rest) <= 2
    assert "things need you" in one.heard[0].title


def test_a_restart_repeats_nothing(tmp_path: Path) -> None:
    """What was told is kept; only what is new is told of."""
    one = Listener(tmp_path)
    one.live(60, state=NEEDS, concerns=(failed(3),))
    one.restart()
    assert one.live(7200, state=NEEDS, concerns=(failed(3),)) == []
    one.restart()
    new = one.live(60, state=NEEDS, concerns=(failed(3),), holds=(held("key-refused"),))
    assert [each.title for each in new] == ["Key refused"]


def test_a_broken_memory_is_no_harm(tmp_path: Path) -> None:
    """A file that nobody can read costs one repetition, never the tray."""
    for content in (b"", b"[]", b'{"troubles": 1}', b"\xff", b'{"troubles": {"a": 1}}', b"null"):
        (tmp_path / TOLD_FILE).write_bytes(content)
        assert load_told(tmp_path) == Told()
    save_told(tmp_path / "not there", Told())


def test_what_comes_back_soon_is_not_told_again(tmp_path: Path) -> None:
    """A hold that comes and goes every few minutes is told of at most twice an hour."""
    one = Listener(tmp_path)
    for _ in range(15):
        one.live(120, state=NEEDS, holds=(held("key-refused"),))
        one.live(120, state=ServiceState.IDLE)
    assert 1 <= len(one.heard) <= 2


def test_what_was_solved_and_failed_again_is_told(tmp_path: Path) -> None:
    """After 200 were dismissed, a single failure is news again."""
    one = Listener(tmp_path)
    one.live(60, state=NEEDS, concerns=(failed(200),))
    one.live(600, state=ServiceState.IDLE)
    assert len(one.live(2400, state=NEEDS, concerns=(failed(1),))) == 1


def test_what_needs_no_person_is_not_told(tmp_path: Path) -> None:
    """A folder that is missing for less than half an hour needs nobody yet, nor does the network.

    Which holds need a person, and from when on, `bills/holds.py` says.
    """
    one = Listener(tmp_path)
    missing = held("folder-missing", Scope(ScopeKind.FOLDER, "/bills/seven"), needs_person=False)
    assert one.live(600, holds=(missing, held("no-connection", needs_person=False))) == []
    (told,) = one.live(60, state=NEEDS, holds=(replace(missing, needs_person=True),))
    assert told.title == "Folder missing: seven"


def test_a_killed_service_has_time_to_come_back(tmp_path: Path) -> None:
    """Its manager starts it again within seconds; only if nobody does, a person hears of it."""
    one = Listener(tmp_path)
    stopped = ServiceState.STOPPED
    assert one.live(100, state=stopped, was_killed=True) == []
    assert one.live(3600, state=ServiceState.IDLE) == []
    assert len(one.live(200, state=stopped, was_killed=True)) == 1


def test_a_batch_of_bills_is_one_notification(tmp_path: Path) -> None:
    """Told once nothing moves any more; the next ones are told of together, too."""
    one = Listener(tmp_path)
    one.live(1, state=ServiceState.IDLE)
    first = one.now
    for number in range(1, 600):
        finished = FinishedBills(number, first, one.now)
        one.see(seen(ServiceState.WORKING, finished=finished))
    assert one.heard == []
    over = one.live(30, state=ServiceState.IDLE, finished=FinishedBills(599, first, one.now))
    assert [each.title for each in over] == ["599 bills are read"]


def test_a_single_bill_is_told_by_its_name(tmp_path: Path) -> None:
    """A person who drops one bill hears of that bill."""
    one = Listener(tmp_path)
    one.live(400, state=ServiceState.IDLE)
    finished = FinishedBills(1, one.now, one.now)
    (told,) = one.live(30, state=ServiceState.IDLE, finished=finished, recent=(read("a\nb.pdf"),))
    assert (told.title, told.text) == ("A bill is read", "The result of a\\nb.pdf lies beside it.")


def test_bills_of_before_are_not_told() -> None:
    """The first tray of all tells of nothing that was finished before it looked."""
    told = next_notices(Told(), Gathering(), seen()).told
    assert told.finished_until == NOW


def test_the_setting_turns_them_off(tmp_path: Path) -> None:
    """Nothing is told, and nothing is caught up on when they are turned on again."""
    one = Listener(tmp_path)
    assert one.live(60, state=NEEDS, concerns=(failed(9),), may_notify=False) == []
    assert one.live(7200, state=NEEDS, concerns=(failed(9),)) == []


def test_a_clock_that_is_set_back_silences_nothing(tmp_path: Path) -> None:
    """What was told in a wrong year is not waited for."""
    one = Listener(tmp_path)
    one.live(60, state=NEEDS, concerns=(failed(1),))
    one.now -= 10 * 365 * 86_400.0
    one.live(3600, state=NEEDS, concerns=(failed(1),))
    (more,) = one.live(60, state=NEEDS, concerns=(failed(2),))
    assert more.title == "2 bills: no data (1 more)"
    assert len(one.live(60, state=ServiceState.IDLE, finished=FinishedBills(2, one.now, one.now)))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.booleans()), max_size=60))
def test_never_a_flood(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever comes and goes for hours, at most two notifications of a trouble in half an hour."""
    told, gathering, now = Told(), Gathering(), NOW
    at: list[float] = []
    for number, other, is_held in steps:
        look = seen(
            NEEDS,
            concerns=tuple(failed(n, c) for n, c in ((number, "no-data"), (other, "damaged")) if n),
            holds=(held("key-refused"),) if is_held else (),
        )
        for _ in range(20):
            now += 15.0
            coming = next_notices(told, gathering, replace(look, now=now))
            told, gathering = coming.told, coming.gathering
            at += [now] * len(coming.notices)
    for moment in at:
        assert sum(moment <= each < moment + 1800.0 for each in at) <= 3
