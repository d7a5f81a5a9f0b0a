"""Backups: whole, of one moment, made beside a working store, and never taken for one."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import damage
import pytest
from store_rows import NOW, a_file, a_folder, store_file

from agent.bills.errors import NeedsAttention
from agent.bills.stages import State
from agent.bills.values import FileId
from agent.store.backup import DAY_SECONDS, back_up, backup_path, is_due
from agent.store.beginning import open_or_begin_anew
from agent.store.naming import StoreDamagedError
from agent.store.opening import open_for_people
from agent.store.requests import leave_request
from agent.store.store import Store


def filled(folder: Path, files: int = 300) -> Store:
    """Return an open store with some files."""
    store = Store(store_file(folder))
    with store.transaction():
        store.save_folder(a_folder())
        for number in range(1, files + 1):
            file = a_file(id=FileId(number), path=f"/bills/Electricity bill {number:05}.pdf")
            store.save_file(file, State.WAITING, None)
    return store


def files_in(path: Path) -> int:
    """Return how many files a copy knows."""
    with closing(sqlite3.connect(path)) as copy:
        return int(copy.execute("SELECT count(*) FROM files").fetchone()[0])


def test_a_backup_is_one_whole_file(tmp_path: Path) -> None:
    """It holds what was committed, also what is in the log alone, and needs no other file."""
    with closing(filled(tmp_path)) as store:
        assert back_up(store.path, backup_path(store.path))
        moved = backup_path(store.path).rename(tmp_path / "moved")
        assert files_in(moved) == 300
        assert {path.name for path in tmp_path.iterdir()} == {
            "moved",
            *(f"store.sqlite3{end}" for end in ("", "-wal", "-shm")),
        }


def test_the_writer_goes_on_meanwhile(tmp_path: Path) -> None:
    """Commits during the copy neither wait for it nor make it begin again; it is of one moment."""
    with closing(filled(tmp_path, 6000)) as store:
        commits = parts = 0

        def commit_between() -> bool:
            nonlocal parts
            parts += 1
            begun.set()
            go_on.wait(20)
            return False

        begun, go_on = threading.Event(), threading.Event()
        made: list[bool] = []
        target = backup_path(store.path)
        thread = threading.Thread(
            target=lambda: made.append(back_up(store.path, target, commit_between)), daemon=True
        )
        thread.start()
        assert begun.wait(20), "the first part is copied, others are to come"
        while commits < 20:
            with store.transaction():
                file = a_file(id=FileId(9000 + commits), path=f"/bills/later {commits}.pdf")
                store.save_file(file, State.WAITING, None)
            commits += 1
        go_on.set()
        thread.join(20)
        assert made == [True]
        assert parts > 1, "it was copied at once, so nothing came between"
        assert files_in(target) == 6000
        assert len(store.files_in(a_folder().id)) == 6020


def test_given_up_when_the_agent_stops(tmp_path: Path) -> None:
    """The copy from before stays as it was, and nothing half done is left."""
    with closing(filled(tmp_path)) as store:
        target = backup_path(store.path)
        target.write_bytes(b"from yesterday")
        assert not back_up(store.path, target, lambda: True)
        assert target.read_bytes() == b"from yesterday"
        assert not list(tmp_path.glob("*.part*"))


def test_a_killed_backup_is_made_anew(tmp_path: Path) -> None:
    """What a killed run left half done does not disturb the next."""
    with closing(filled(tmp_path)) as store:
        target = backup_path(store.path)
        target.with_name(f"{target.name}.part").write_bytes(b"half")
        assert back_up(store.path, target)
        assert files_in(target) == 300
        assert not list(tmp_path.glob("*.part*"))


def test_a_damaged_store_is_found_by_its_backup(tmp_path: Path) -> None:
    """The copy is checked in full: damage is told, and the copy from before stays."""
    with closing(filled(tmp_path)) as store:
        target = backup_path(store.path)
        assert back_up(store.path, target)
        before = target.read_bytes()
        store.fold_journal()
        content = store.path.read_bytes()
        page = content.index(b"Electricity bill 00200.pdf") // damage.PAGE
        damage.zero_page(store.path, page)
        with pytest.raises(StoreDamagedError, match=r"store.sqlite3 is damaged"):
            back_up(store.path, target)
        assert target.read_bytes() == before
        assert not list(tmp_path.glob("*.part*"))


def test_where_no_copy_can_be_written(tmp_path: Path) -> None:
    """It is named, and the store is not called damaged for it."""
    with closing(filled(tmp_path)) as store:
        target = tmp_path / "gone" / "backup"
        with pytest.raises(NeedsAttention) as caught:
            back_up(store.path, target)
    assert not isinstance(caught.value, StoreDamagedError)


@pytest.mark.parametrize(
    ("begun", "made", "due"),
    [
        (NOW - 60, None, False),
        (NOW - DAY_SECONDS - 1, None, True),
        (NOW - 9 * DAY_SECONDS, NOW - 60, False),
        (NOW - 9 * DAY_SECONDS, NOW - DAY_SECONDS - 1, True),
        (NOW - 9 * DAY_SECONDS, NOW + 3 * DAY_SECONDS, True),
        (NOW + 3 * DAY_SECONDS, None, True),
    ],
)
def test_once_a_day(tmp_path: Path, begun: float, made: float | None, due: bool) -> None:
    """A day after the store's beginning, then a day after the last; clocks may have been set."""
    path = store_file(tmp_path)
    if made is not None:
        backup_path(path).touch()
        os.utime(backup_path(path), (made, made))
    assert is_due(path, begun, NOW) is due


def test_a_backup_in_the_stores_place(tmp_path: Path) -> None:
    """People can look things up in it; the agent refuses it, and nothing can be asked of it."""
    with closing(filled(tmp_path)) as store:
        back_up(store.path, tmp_path / "copy")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = (tmp_path / "copy").rename(store_file(elsewhere))
    before = path.read_bytes()
    with pytest.raises(NeedsAttention) as caught:
        open_or_begin_anew(path, NOW)
    assert "is a backup, which does not know what was sent since" in caught.value.message
    people = open_for_people(path)
    assert people is not None
    with closing(people):
        assert people.execute("SELECT count(*) FROM files").fetchone() == (300,)
        with pytest.raises(NeedsAttention):
            leave_request(people, "rescan", {}, NOW)
    assert path.read_bytes() == before
    assert [each.name for each in elsewhere.iterdir()] == [path.name]
