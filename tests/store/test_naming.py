"""What SQLite's errors are called, and what a full disk leaves of a turn."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from store_rows import a_file, a_folder, store_file

from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.bills.stages import State
from agent.bills.values import FileId
from agent.store.naming import StoreDamagedError, UnreadableRowError, naming_store_errors
from agent.store.store import Store

PATH = Path("/data/store.sqlite3")
DAMAGED, NEEDS, PASSES = StoreDamagedError, NeedsAttention, Transient
BY_CODE: dict[int, tuple[type[AgentError], str]] = {
    sqlite3.SQLITE_CORRUPT: (DAMAGED, "store-damaged"),
    sqlite3.SQLITE_NOTADB: (DAMAGED, "store-damaged"),
    sqlite3.SQLITE_FULL: (NEEDS, "disk-full"),
    sqlite3.SQLITE_IOERR: (NEEDS, "store-damaged"),
    sqlite3.SQLITE_IOERR_READ: (NEEDS, "store-damaged"),
    sqlite3.SQLITE_READONLY: (NEEDS, "store-damaged"),
    sqlite3.SQLITE_CANTOPEN: (NEEDS, "store-damaged"),
    sqlite3.SQLITE_BUSY: (PASSES, "store-busy"),
    sqlite3.SQLITE_LOCKED: (PASSES, "store-busy"),
}


@pytest.mark.parametrize("code", BY_CODE)
def test_each_cause_has_its_name(code: int) -> None:
    """Damage is put aside, a person looks at the disk, and what passes is tried again."""
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    with pytest.raises(AgentError) as caught, naming_store_errors(PATH):
        raise error
    assert (type(caught.value), caught.value.code) == BY_CODE[code]
    assert str(PATH) in caught.value.message
    if isinstance(caught.value, NeedsAttention):
        assert caught.value.advice.endswith(".")


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("Could not decode to UTF-8 column"),
        UnicodeDecodeError("utf-8", b"\xd3", 0, 1, "invalid continuation byte"),
        UnreadableRowError("it holds a file that was never written there"),
    ],
)
def test_what_no_code_tells(error: Exception) -> None:
    """A text that is none, and a value that was never written, are damage too."""
    with pytest.raises(StoreDamagedError), naming_store_errors(PATH):
        raise error


def test_a_broken_rule_stays_a_bug() -> None:
    """A row that may not be is a mistake of this program, and is named as such elsewhere."""
    with pytest.raises(sqlite3.IntegrityError), naming_store_errors(PATH):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


def test_a_full_disk_takes_a_turn_back(tmp_path: Path) -> None:
    """All of the turn or nothing; once there is room it is written, and nothing is damaged."""
    store = Store(store_file(tmp_path))
    with store.transaction():
        store.save_folder(a_folder())
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]

    def write() -> None:
        with store.transaction():
            for number in range(1, 400):
                file = a_file(id=FileId(number), path=f"/bills/Electricity bill {number:05}.pdf")
                store.save_file(file, State.WAITING, None)

    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NeedsAttention) as caught:
        write()
    assert caught.value.code == "disk-full"
    store.make_room()
    assert store.files_in(a_folder().id) == []
    store._connection.execute("PRAGMA max_page_count = 1000000")
    write()
    assert len(store.files_in(a_folder().id)) == 399
    store.close()
    Store(store_file(tmp_path)).close()
