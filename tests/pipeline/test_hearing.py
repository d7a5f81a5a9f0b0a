"""Whether events come of a folder is judged by the files that readings find."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.bills.instant import Instant
from agent.bills.rows import Folder
from agent.bills.values import FolderId
from agent.pipeline.hearing import FORGIVEN_SECONDS, LATEST_SECONDS, Hearing
from agent.store.store import Store

FOLDER = Folder(FolderId(1), "/bills")


class Listened:
    """A folder that is read every minute, and what is thought of its events."""

    def __init__(self, store: Store) -> None:
        self.hearing = Hearing(store)
        self.now = Instant(1_000_000.0, 0.0)
        self.read()

    def read(self, *, has_arrivals: bool = False, later: float = 60.0) -> bool:
        """Read once more; return whether files arrive without events, as far as is known."""
        self.now = self.now.plus(later)
        self.hearing.judge(FOLDER, self.now.utc - 1.0, self.now, has_arrivals=has_arrivals)
        return self.hearing.is_unheard(FOLDER.path)

    def hear(self, later: float = 0.0) -> None:
        """Let an event come."""
        self.now = self.now.plus(later)
        self.hearing.heard(FOLDER, self.now)


@pytest.fixture
def listened(tmp_path: Path) -> Listened:
    """A folder of which no event came yet."""
    return Listened(Store(tmp_path / "store.sqlite3"))


def test_a_file_that_no_event_told_of_is_noticed(listened: Listened) -> None:
    """It is certain with the reading after that, for its event may be late."""
    assert not listened.read(has_arrivals=True)
    assert not listened.read(later=LATEST_SECONDS / 2)
    assert listened.read(later=LATEST_SECONDS)


def test_a_late_event_is_an_event(listened: Listened) -> None:
    """It proves that events come, before or just after its file was seen."""
    listened.read(has_arrivals=True)
    listened.hear(later=1.0)
    assert not listened.read()
    listened.hear()
    assert not listened.read(has_arrivals=True)
    assert not listened.read()


def test_what_came_while_nobody_listened_proves_nothing(listened: Listened) -> None:
    """After a start, a sleep or a failure the first reading may find anything."""
    listened.hearing.start_anew(FOLDER)
    listened.read(has_arrivals=True)
    assert not listened.read()


def test_an_event_ends_it(listened: Listened) -> None:
    """Once one comes, events count again."""
    listened.read(has_arrivals=True)
    assert listened.read()
    listened.hear()
    assert not listened.read()


def test_after_a_day_it_is_tried(listened: Listened) -> None:
    """Without another such file events may come by now; with one it is certain."""
    listened.read(has_arrivals=True)
    assert listened.read()
    assert listened.read(later=FORGIVEN_SECONDS / 2)
    listened.read(has_arrivals=True)
    assert listened.read(later=FORGIVEN_SECONDS / 2)
    assert not listened.read(later=FORGIVEN_SECONDS)


def test_the_next_run_knows_it(listened: Listened) -> None:
    """It is kept in the store, for the next run and for `doctor`."""
    listened.read(has_arrivals=True)
    listened.read()
    store = listened.hearing._store
    assert Hearing(store).is_unheard(FOLDER.path)
    listened.hear()
    assert not Hearing(store).is_unheard(FOLDER.path)
