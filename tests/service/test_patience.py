"""Who has other things to do waits for a disk for a while, and no longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from agent.bills.errors import NotAnswering, Transient
from agent.service.patience import Patience
from agent.system.signs_of_life import disk_answered, waiting_for_no_disk

SECONDS = 0.2
LONGEST = 20.0


class Disk:
    """A disk that answers once it is told to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked = 0

    def read(self) -> str:
        """Return once the disk answers."""
        self.asked += 1
        self.answers.wait(LONGEST)
        return "read"


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that answers at the latest when the test ends."""
    disk = Disk()
    yield disk
    disk.answers.set()


def test_what_hangs_is_left_behind_and_not_asked_again(disk: Disk) -> None:
    """The caller goes on; the same place is not asked again until it answered, another one is."""
    patience = Patience(SECONDS)
    with pytest.raises(NotAnswering, match="/share does not answer"):
        patience.wait_for("/share", disk.read)
    for _ in range(3):
        with pytest.raises(NotAnswering):
            patience.wait_for("/share", disk.read)
    assert disk.asked == 1
    assert patience.wait_for("/local", lambda: "local") == "local"
    disk.answers.set()
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        try:
            assert patience.wait_for("/share", disk.read) == "read"
        except NotAnswering:
            time.sleep(0.01)
            continue
        return
    pytest.fail("the place is never asked again")


def test_what_is_slow_is_waited_for() -> None:
    """However long an action takes: as long as the disk answers now and then it is let."""

    def read_slowly() -> str:
        for _ in range(8):
            time.sleep(SECONDS / 3)
            disk_answered()
        with waiting_for_no_disk():
            time.sleep(2 * SECONDS)
        return "read"

    assert Patience(SECONDS).wait_for("/share", read_slowly) == "read"


def test_named_errors_come_through() -> None:
    """What the action raises is raised to who waits."""

    def fail() -> None:
        raise Transient("away", "It is away.")

    with pytest.raises(Transient, match="It is away"):
        Patience(SECONDS).wait_for("/share", fail)


def test_closing_frees_who_waits(disk: Disk) -> None:
    """At the end nobody waits for a disk any more."""
    patience = Patience(LONGEST)
    errors: list[Transient] = []

    def wait() -> None:
        try:
            patience.wait_for("/share", disk.read)
        except Transient as error:
            errors.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    while not disk.asked:
        time.sleep(0.001)
    patience.close()
    waiter.join(LONGEST)
    assert [error.code for error in errors] == ["stopped"]
