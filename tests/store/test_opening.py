"""Opening a store: made, recognised, refused with a sentence, and never harmed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_rows import a_file, a_folder, store_file

from agent.bills.errors import NeedsAttention
from agent.bills.stages import State
from agent.bills.values import FileId
from agent.store.checking import THOROUGH_BYTES
from agent.store.connecting import APPLICATION_ID
from agent.store.naming import StoreDamagedError, StoreNewerError
from agent.store.opening import open_for_people, open_for_service
from agent.store.store import Store


def filled(folder: Path) -> Path:
    """Return a closed store with some hundred files."""
    path = store_file(folder)
    store = Store(path)
    with store.transaction():
        store.save_folder(a_folder())
        for number in range(1, 400):
            file = a_file(id=FileId(number), path=f"/bills/Electricity bill {number:05}.pdf")
            store.save_file(file, State.WAITING, None)
    store.close()
    return path


def refused(path: Path) -> NeedsAttention:
    """Return the error with which the store is refused; the file is as it was."""
    before = path.read_bytes()
    with pytest.raises(NeedsAttention) as caught:
        open_for_service(path)
    assert path.read_bytes() == before
    error = caught.value
    assert error.code == "store-damaged"
    assert str(path) in error.message
    assert error.advice.endswith(".")
    return error


def test_a_new_store(tmp_path: Path) -> None:
    """It bears our mark, journals ahead and waits for the disk at each commit."""
    with closing(open_for_service(store_file(tmp_path))) as store:
        facts = {
            name: store.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode", "synchronous")
        }
    assert facts == {
        "application_id": APPLICATION_ID,
        "user_version": 1,
        "journal_mode": "wal",
        "synchronous": 2,
    }


def test_opened_again(tmp_path: Path) -> None:
    """What was stored is there, and every row can be read."""
    store = Store(filled(tmp_path))
    assert len(store.files_in(a_folder().id)) == 399
    store.close()


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """A file of no bytes, as a killed first start leaves it, is made into a store."""
    store_file(tmp_path).touch()
    assert open_for_people(store_file(tmp_path)) is None
    Store(store_file(tmp_path)).close()
    people = open_for_people(store_file(tmp_path))
    assert people is not None
    people.close()


def test_killed_in_the_migration(tmp_path: Path) -> None:
    """A migration that did not end is done again from the beginning."""
    with closing(sqlite3.connect(store_file(tmp_path), isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("BEGIN IMMEDIATE")
        store.execute("CREATE TABLE meta (x TEXT)")
    Store(store_file(tmp_path)).close()


def test_nobody_made_one(tmp_path: Path) -> None:
    """People who look where no agent ever ran see that, and make nothing."""
    assert open_for_people(store_file(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_newer_schema(tmp_path: Path) -> None:
    """A store of a newer version is refused, naming both; the service and people alike."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 99")
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for opens in (open_for_service, open_for_people):
        with pytest.raises(StoreNewerError) as caught:
            opens(path)
        assert "99" in caught.value.message
        assert caught.value.advice


def test_another_programs_database(tmp_path: Path) -> None:
    """It is never touched."""
    path = store_file(tmp_path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
    assert "another program" in refused(path).message
    with pytest.raises(NeedsAttention):
        open_for_people(path)


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\0" * 2000])
def test_what_is_no_database(tmp_path: Path, content: bytes) -> None:
    """A file that is no database at all is called damaged, and left alone."""
    store_file(tmp_path).write_bytes(content)
    assert "puts the store aside" in refused(store_file(tmp_path)).advice


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_store(tmp_path: Path, share: float) -> None:
    """A store that lost its end is refused before anything is believed of it."""
    path = filled(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refused(path).message


def test_a_zeroed_page(tmp_path: Path) -> None:
    """A page that a disk forgot is noticed at the start, wherever it lies among the files."""
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    at = content.index(b"Electricity bill 00200.pdf") // page * page
    content[at : at + page] = b"\0" * page
    path.write_bytes(content)
    assert "damaged" in refused(path).message


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A data directory that is not there, or none, is named; that is no damage."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(NeedsAttention) as caught:
            open_for_service(store_file(folder))
        assert "cannot be opened" in caught.value.message
        assert "data_dir" in caught.value.advice


def test_trouble_that_is_no_damage(tmp_path: Path) -> None:
    """Nobody is told to move a good store away because something else is in its way."""
    path = filled(tmp_path)
    path.with_name(f"{path.name}-wal").mkdir()
    error = refused(path)
    assert "damaged" not in error.message
    assert "Move" not in error.advice


def test_another_process_reads_and_asks(tmp_path: Path) -> None:
    """The command line is another process: it reads beside the writer and leaves requests."""
    path = store_file(tmp_path)
    store = Store(path)
    code = (
        "import sys, pathlib\n"
        "from agent.store.opening import open_for_people\n"
        "from agent.store.requests import leave_request\n"
        "people = open_for_people(pathlib.Path(sys.argv[1]))\n"
        "print(leave_request(people, 'rescan', {}, 1.0))\n"
        "people.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert [str(one.id) for one in store.requests()] == [done.stdout.strip()]
    store.close()


def test_killed_while_writing(tmp_path: Path) -> None:
    """A process that dies in a transaction leaves what was committed before, and only that."""
    path = filled(tmp_path)
    code = (
        "import os, sys, pathlib\n"
        "from agent.store.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "with store.transaction():\n"
        "    store.set_meta('kept', '1')\n"
        "with store.transaction():\n"
        "    store.set_meta('lost', '1')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    assert done.returncode == 9
    store = Store(path)
    assert (store.meta("kept"), store.meta("lost")) == ("1", None)
    store.close()


def test_a_store_that_was_begun_and_not_made_is_none_yet(tmp_path: Path) -> None:
    """People see an agent that has no store."""
    path = store_file(tmp_path)
    path.touch()
    assert open_for_people(path) is None


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + b"\0" * 2000])
def test_people_are_told_that_it_is_no_database(tmp_path: Path, content: bytes) -> None:
    """Who looks at a file that is none is told so, and it is left as it is."""
    store_file(tmp_path).write_bytes(content)
    with pytest.raises(StoreDamagedError):
        open_for_people(store_file(tmp_path))
    assert store_file(tmp_path).read_bytes() == content


def test_a_database_that_lost_its_tables(tmp_path: Path) -> None:
    """Room for tables and none of them: that was something once, and is no new store."""
    path = store_file(tmp_path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.execute("DROP TABLE theirs")
    assert "has room for tables, and has none" in refused(path).message


def test_a_large_store_keeps_no_start_waiting(tmp_path: Path) -> None:
    """Its pages are looked at, its rows only once something in it could not be read."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute(
            "INSERT INTO meta (name, value) VALUES ('ballast', ?)", ("x" * THOROUGH_BYTES,)
        )
        store.execute("UPDATE files SET file_number = 'no number' WHERE id = 1")
        store.commit()
    open_for_service(path).close()
    with pytest.raises(StoreDamagedError):
        open_for_service(path, is_suspect=True)
