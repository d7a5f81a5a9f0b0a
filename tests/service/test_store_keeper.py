"""The service's care for its store: a copy a day, one word about each trouble, damage found."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import damage
import pytest

from agent.bills.errors import NeedsAttention, Transient
from agent.bills.instant import Instant
from agent.pipeline.notices import HoldBegan, HoldEnded, StoreBegunAnew
from agent.service.keeping import LOOK_SECONDS, RETRY_SECONDS, StoreKeeper
from agent.service.trouble import noted_trouble
from agent.store.backup import DAY_SECONDS, backup_path
from agent.store.naming import StoreDamagedError

FULL = NeedsAttention("disk-full", "There is no space left.", "Make room.")


class Keeping:
    """A keeper in time that the test gives."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.now = Instant(1_770_836_400.0, 50.0)
        self.keeper = StoreKeeper(data_dir, self.now)
        self.backup = backup_path(self.keeper.path)

    def look(self, after: float) -> None:
        """Let time pass, let the keeper look, and let it end what it began."""
        self.now = self.now.plus(after)
        self.keeper.look(self.now)
        self.keeper.finish()

    def date_backup(self, age: float) -> None:
        """Let the copy be so old; the system dates it by its own time."""
        os.utime(self.backup, (self.now.utc - age, self.now.utc - age))


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    """Keep a new store."""
    keeping = Keeping(tmp_path)
    yield keeping
    keeping.keeper.close()


def test_a_copy_a_day(keeping: Keeping) -> None:
    """The first a day after the store began, the next a day after the last; none between."""
    keeping.look(LOOK_SECONDS)
    assert not keeping.backup.exists()
    keeping.look(DAY_SECONDS)
    assert keeping.backup.exists()
    for age, is_made_anew in ((0.0, False), (DAY_SECONDS, True)):
        keeping.look(DAY_SECONDS)
        keeping.backup.write_bytes(b"the last")
        keeping.date_backup(age)
        keeping.look(LOOK_SECONDS)
        assert (keeping.backup.read_bytes() != b"the last") is is_made_anew


def test_damage_that_no_query_met(keeping: Keeping) -> None:
    """The daily copy finds it: the next look stops the agent, and the good copy stays."""
    keeping.look(DAY_SECONDS)
    before = keeping.backup.read_bytes()
    keeping.date_backup(DAY_SECONDS)
    with keeping.keeper.store.transaction():
        keeping.keeper.store.set_meta("something", "new")
    keeping.keeper.store.fold_journal()
    pages = keeping.keeper.path.stat().st_size // damage.PAGE
    damage.zero_page(keeping.keeper.path, pages - 1)
    keeping.look(LOOK_SECONDS)
    with pytest.raises(StoreDamagedError):
        keeping.look(1.0)
    assert keeping.backup.read_bytes() == before


def test_an_internal_error_is_looked_into(keeping: Keeping) -> None:
    """Where the store is to blame the agent stops; it is not looked at again and again."""
    keeping.keeper.suspect()
    keeping.look(1.0)
    keeping.look(1.0)
    store = keeping.keeper.store
    with store.transaction():
        store._connection.execute(
            "INSERT INTO requests (at, kind, payload) VALUES (1.0, 'rescan', 'no JSON')"
        )
    keeping.keeper.suspect()
    keeping.look(1.0)
    keeping.look(1.0)
    keeping.look(RETRY_SECONDS)
    with pytest.raises(StoreDamagedError, match="a request that was never written"):
        keeping.look(1.0)


def test_a_store_that_is_replaced(keeping: Keeping) -> None:
    """Another file under its name is another store: the agent stops."""
    keeping.keeper.path.rename(keeping.data_dir / "moved")
    with closing(sqlite3.connect(keeping.keeper.path)) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(StoreDamagedError, match="taken away"):
        keeping.look(1.0)


def test_a_trouble_is_told_once_and_ends(keeping: Keeping) -> None:
    """One hold for one cause, readable beside the store as long as it lasts."""
    keeper, now = keeping.keeper, keeping.now
    (began,) = keeper.failed(FULL, now)
    assert isinstance(began, HoldBegan)
    assert keeper.failed(FULL, now.plus(5)) == []
    noted = noted_trouble(keeping.data_dir)
    assert noted is not None
    assert (noted.code, noted.message, noted.advice) == (FULL.code, FULL.message, FULL.advice)
    pages = keeper.store._connection.execute("PRAGMA page_count").fetchone()[0]
    keeper.store._connection.execute(f"PRAGMA max_page_count = {pages}")
    assert keeper.went_well(now.plus(10)) == [], "an idle turn needs no room"
    keeper.store._connection.execute("PRAGMA max_page_count = 100000")
    assert [type(each) for each in keeper.went_well(now.plus(20))] == [HoldEnded]
    assert keeper.went_well(now.plus(30)) == []
    assert noted_trouble(keeping.data_dir) is None
    assert keeper.store.meta("trial") is None


def test_what_passes_is_nobodys_trouble(keeping: Keeping) -> None:
    """A store that is locked for a moment, or an internal error, is no hold."""
    assert keeping.keeper.failed(Transient("store-busy", "It is locked."), keeping.now) == []
    assert keeping.keeper.went_well(keeping.now) == []


def test_that_it_was_begun_anew_is_told_once(tmp_path: Path) -> None:
    """The first run of the new store tells it, and the next does not."""
    (tmp_path / "store.sqlite3").write_bytes(b"garbage" * 100)
    for told in (1, 0):
        keeping = Keeping(tmp_path)
        notices = keeping.keeper.first_notices()
        keeping.keeper.close()
        assert [type(each) for each in notices] == [StoreBegunAnew] * told
