"""A store that cannot be believed is put aside and begun anew, or refused: nothing in between."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import damage
import pytest
from other_user import without_rights
from store_rows import NOW, a_file, a_folder, a_submission, store_file

from agent.bills.errors import NeedsAttention
from agent.bills.stages import State
from agent.bills.values import FileId, Sha256, SubmissionId
from agent.store.beginning import KEPT_ASIDE, make_store, note_suspicion, open_or_begin_anew
from agent.store.connecting import migrations
from agent.store.naming import StoreDamagedError, StoreNewerError
from agent.store.opening import migrate, open_for_people
from agent.store.remembered import STORE_LOST
from agent.store.snapshot import snapshot
from agent.store.store import Store
from agent.store.views import BillFilter

FILES = 40
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="rights are told by POSIX modes")


def filled(folder: Path) -> Path:
    """Return a closed store with some files and submissions."""
    path = store_file(folder)
    store, _ = open_or_begin_anew(path, NOW)
    with store.transaction():
        store.save_folder(a_folder())
        for number in range(1, FILES + 1):
            row = a_submission(id=SubmissionId(number), sha256=Sha256(f"{number:064}"))
            store.save_submission(row)
            file = a_file(id=FileId(number), path=f"/bills/Electricity bill {number:05}.pdf")
            store.save_file(file, State.WAITING, None)
    store.close()
    return path


def killed(folder: Path) -> Path:
    """Return a store whose agent was killed: its last commits are in the write-ahead log alone."""
    path = filled(folder)
    store = Store(path)
    for number in range(3):
        with store.transaction():
            store.set_meta("last", str(number))
    left = {each: each.read_bytes() for each in (path, damage.journal(path))}
    store.close()
    for each, content in left.items():
        each.write_bytes(content)
    return path


def opened(path: Path) -> str | None:
    """Open the store as the agent does and close it; return why it was begun anew.

    It can be used then, and holds all that it held, or nothing.
    """
    store, lost = open_or_begin_anew(path, NOW)
    with closing(store):
        assert len(store.files_in(a_folder().id)) == (0 if lost else FILES)
        with store.transaction():
            store.set_meta("works", "1")
        assert store.meta(STORE_LOST) == lost
    with closing(Store(path)) as store:
        assert store.meta("works") == "1"
    return lost


def aside(path: Path) -> list[Path]:
    """Return the damaged stores that were put aside."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def refused(path: Path) -> NeedsAttention:
    """Return the error with which the agent refuses the store, of which nothing is changed."""
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(NeedsAttention) as caught:
        open_or_begin_anew(path, NOW)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert aside(path) == []
    assert str(path) in caught.value.message
    assert caught.value.advice.endswith(".")
    return caught.value


# --- put aside -----------------------------------------------------------------------------------


def test_put_aside_in_one_sentence(tmp_path: Path) -> None:
    """It names the file, what is wrong with it, where it lies now, and what follows."""
    path = filled(tmp_path)
    damage.overwrite(path, 0, b"garbage")
    lost = opened(path)
    assert lost is not None
    assert lost.startswith(f"{path} is damaged: file is not a database.")
    assert "store.sqlite3.damaged-20260211T190000Z" in lost
    assert "nothing else that was there before is sent without your answer" in lost
    assert [each.name for each in aside(path)] == ["store.sqlite3.damaged-20260211T190000Z"]
    store, lost = open_or_begin_anew(path, NOW)
    store.close()
    assert lost is None, "it is told once"


def test_any_cut(tmp_path: Path) -> None:
    """Wherever the file ends, it is noticed."""
    whole = filled(tmp_path).read_bytes()
    for size in sorted({1, 99, 100, 511, 512, *range(4095, len(whole), 8192), len(whole) - 1}):
        (tmp_path / f"{size}").mkdir()
        path = store_file(tmp_path / f"{size}")
        path.write_bytes(whole[:size])
        assert opened(path), f"cut after {size} bytes"
        assert aside(path)[0].read_bytes() == whole[:size]


def test_any_zeroed_page(tmp_path: Path) -> None:
    """Whichever page a disk forgot, it is noticed."""
    whole = filled(tmp_path)
    for page in range(whole.stat().st_size // damage.PAGE):
        (tmp_path / f"{page}").mkdir()
        path = store_file(tmp_path / f"{page}")
        shutil.copy(whole, path)
        damage.zero_page(path, page)
        assert opened(path), f"page {page}"


def test_a_store_without_one_of_its_indexes(tmp_path: Path) -> None:
    """A schema that is not the program's is not believed, though the file is whole in itself."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("DROP INDEX files_by_bytes")
    assert "files_by_bytes" in str(opened(path))


def test_a_word_that_was_never_written(tmp_path: Path) -> None:
    """A value that no program of ours writes is damage, though SQLite takes it."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE files SET fate = 'as-writteo' WHERE id = 7")
    assert "a file that was never written there" in str(opened(path))


def test_no_schema_number(tmp_path: Path) -> None:
    """A store of ours that forgot its schema's number is not made anew on top of its tables."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 0")
    assert "which schema" in str(opened(path))


def test_put_aside_with_its_log(tmp_path: Path) -> None:
    """What was put aside can be opened for support, the commits of its log included."""
    path = killed(tmp_path)
    damage.zero_page(path, path.stat().st_size // damage.PAGE - 1)
    assert opened(path)
    main, log = aside(path)
    assert log == damage.journal(main)
    with closing(sqlite3.connect(main)) as store:
        assert store.execute("SELECT value FROM meta WHERE name = 'last'").fetchone() == ("2",)


def test_few_are_kept(tmp_path: Path) -> None:
    """A disk that damages one store after the other is not filled with them."""
    for number in range(KEPT_ASIDE + 2):
        path = store_file(tmp_path)
        path.write_bytes(b"garbage %d" % number)
        store, lost = open_or_begin_anew(path, NOW + number)
        store.close()
        assert lost
    kept = [each.read_bytes() for each in aside(path)]
    assert kept == [b"garbage %d" % number for number in range(2, KEPT_ASIDE + 2)]


def test_in_the_same_second(tmp_path: Path) -> None:
    """Nothing that was put aside is overwritten."""
    for number in range(2):
        store_file(tmp_path).write_bytes(b"garbage %d" % number)
        store, lost = open_or_begin_anew(store_file(tmp_path), NOW)
        store.close()
        assert lost
    assert {each.read_bytes() for each in aside(store_file(tmp_path))} == {
        b"garbage 0",
        b"garbage 1",
    }


def test_killed_between_putting_aside_and_beginning(tmp_path: Path) -> None:
    """The new store knows that it is not the first, by what lies beside it."""
    path = filled(tmp_path)
    path.rename(path.with_name(f"{path.name}.damaged-20260101T000000Z"))
    assert "was missing, though store.sqlite3.damaged-20260101T000000Z was" in str(opened(path))


def test_a_store_made_for_requests_knows_too(tmp_path: Path) -> None:
    """Whoever makes the new store: the agent that begins with it tells that it is not the first."""
    path = store_file(tmp_path)
    path.with_name(f"{path.name}.backup").touch()
    make_store(path)
    for told in (True, False):
        store, lost = open_or_begin_anew(path, NOW)
        store.close()
        assert ("store.sqlite3.backup" in str(lost)) is told


def test_an_empty_file_with_a_log(tmp_path: Path) -> None:
    """A file that lost all its bytes is damaged; one that never had any is a store to be made."""
    path = killed(tmp_path)
    path.write_bytes(b"")
    assert "it is empty" in str(opened(path))
    (tmp_path / "new").mkdir()
    store_file(tmp_path / "new").touch()
    store, lost = open_or_begin_anew(store_file(tmp_path / "new"), NOW)
    store.close()
    assert lost is None


# --- the write-ahead log -------------------------------------------------------------------------


def test_killed_with_a_log(tmp_path: Path) -> None:
    """What a killed agent had committed is there, and nothing is called damaged."""
    path = killed(tmp_path)
    store, lost = open_or_begin_anew(path, NOW)
    with closing(store):
        assert (lost, store.meta("last")) == (None, "2")


@pytest.mark.parametrize(
    "act",
    [
        lambda log: log.unlink(),
        lambda log: log.write_bytes(b""),
        lambda log: damage.cut(log, 20),
        lambda log: damage.cut(log, 9000),
        lambda log: damage.overwrite(log, 0, b"garbage"),
        lambda log: damage.overwrite(log, 5000, b"garbage"),
    ],
    ids=["missing", "empty", "header cut", "cut", "header garbage", "garbage"],
)
def test_a_log_that_lost_its_end(tmp_path: Path, act: Callable[[Path], object]) -> None:
    """The store goes on from what it has: all uploads that were begun are in the file itself."""
    path = killed(tmp_path)
    act(damage.journal(path))
    assert opened(path) is None


def test_a_log_of_another_store(tmp_path: Path) -> None:
    """Pages of another store are never mixed into this one."""
    (tmp_path / "other").mkdir()
    other = killed(tmp_path / "other")
    path = filled(tmp_path)
    shutil.copy(damage.journal(other), damage.journal(path))
    assert "store.sqlite3-wal does not belong to it" in str(opened(path))


def test_a_log_of_another_program(tmp_path: Path) -> None:
    """A log that was whole in itself elsewhere is not replayed here."""
    elsewhere = tmp_path / "elsewhere.db"
    with closing(sqlite3.connect(elsewhere)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
        path = filled(tmp_path)
        shutil.copy(damage.journal(elsewhere), damage.journal(path))
    assert opened(path)


def test_an_older_log_of_the_same_store(tmp_path: Path) -> None:
    """A log that somebody put back would undo what was committed since: it is noticed."""
    path = killed(tmp_path)
    old = damage.journal(path).read_bytes()
    store = Store(path)
    with store.transaction():
        store.set_meta("last", "3")
    store.close()
    damage.journal(path).write_bytes(old)
    assert "does not belong to it" in str(opened(path))


def test_what_was_folded_survives_the_loss_of_the_log(tmp_path: Path) -> None:
    """Folding puts every commit into the file, while the store stays open."""
    path = store_file(tmp_path)
    store = Store(path)
    with store.transaction():
        store.save_folder(a_folder())
        store.save_submission(a_submission())
    store.fold_journal()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(path, copy)
    store.close()
    with closing(Store(store_file(copy))) as found:
        assert found.submission(a_submission().id) == a_submission()


# --- refused -------------------------------------------------------------------------------------


def test_a_newer_schema(tmp_path: Path) -> None:
    """A store of a newer version is left to that version."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 99")
    error = refused(path)
    assert isinstance(error, StoreNewerError)
    assert "99" in error.message


def test_another_programs_database(tmp_path: Path) -> None:
    """It is never put aside: its owner would miss it."""
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA application_id = 12345")
    assert "another program" in refused(path).message


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """It is named as what it is."""
    store_file(tmp_path).mkdir()
    assert "is a folder" in refused(store_file(tmp_path)).message


def start_as_another_user(path: Path) -> str:
    """Return what a start on the store ends with, for somebody who is not root."""
    with without_rights():
        try:
            migrations()
        except PermissionError:
            pytest.skip("another user may not read this program")
        with pytest.raises(NeedsAttention) as failure:
            open_or_begin_anew(path, 0.0)
    return f"{failure.value.code} {failure.value}"


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that any user may enter; pytest's own are for one alone."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        yield Path(place)
        Path(place).chmod(0o777)


@posix_only
def test_a_read_only_file(open_place: Path) -> None:
    """It is told before anything is begun, and the good store stays where it is."""
    path = filled(open_place)
    path.chmod(0o444)
    said = start_as_another_user(path)
    assert said.startswith("store-damaged")
    assert f"{path} cannot be opened: attempt to write a readonly database." in said
    assert "can be written" in said
    assert aside(path) == []


@posix_only
def test_a_file_that_may_not_be_read(open_place: Path) -> None:
    """Nobody can say that it is damaged: it is told, and stays where it is."""
    path = filled(open_place)
    path.chmod(0)
    said = start_as_another_user(path)
    assert said.startswith("store-damaged")
    assert f"{path} cannot be opened: unable to open database file." in said
    assert aside(path) == []


@posix_only
@pytest.mark.parametrize("content", [None, b"garbage" * 100])
def test_a_read_only_directory(open_place: Path, content: bytes | None) -> None:
    """Neither a store nor its log can be written there, nor can a damaged one be put aside."""
    path = filled(open_place)
    if content is not None:
        path.write_bytes(content)
    path.chmod(0o666)
    open_place.chmod(0o555)
    said = start_as_another_user(path)
    assert said.startswith("store-damaged")
    assert ("could not be put aside" in said) is (content is not None)
    assert aside(path) == []


# --- schemas -------------------------------------------------------------------------------------


def test_an_older_schema(tmp_path: Path) -> None:
    """It is brought to the new one, and a copy from before lies beside it."""
    path = filled(tmp_path)
    with closing(Store(path)) as store:
        scripts = ("never run again", "ALTER TABLE meta ADD COLUMN more TEXT;")
        migrate(store._connection, path, scripts)
        assert store._connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert len(store.files_in(a_folder().id)) == FILES
    with closing(sqlite3.connect(path.with_name(f"{path.name}.before-schema-2"))) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM files").fetchone() == (FILES,)


def test_killed_in_a_later_migration(tmp_path: Path) -> None:
    """The store is as before or as after, and the copy from before is whole."""
    path = filled(tmp_path)
    code = (
        "import os, sys, pathlib\n"
        "from agent.store.opening import migrate\n"
        "from agent.store.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "store._connection.create_function('die', 0, lambda: os._exit(9))\n"
        "script = 'CREATE TABLE more (x); INSERT INTO more VALUES (die());'\n"
        "migrate(store._connection, store.path, ('', script))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    assert done.returncode == 9
    with closing(sqlite3.connect(path.with_name(f"{path.name}.before-schema-2"))) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not path.with_name(f"{path.name}.before-schema-2.part").exists()
    with closing(Store(path)) as store:
        assert store._connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert len(store.files_in(a_folder().id)) == FILES


# --- met while it is used ------------------------------------------------------------------------


def zero_every_page_of_files(path: Path) -> None:
    """Let a running store find nothing where its files were."""
    content = path.read_bytes()
    for page in range(len(content) // damage.PAGE):
        if b"Electricity bill" in content[page * damage.PAGE : (page + 1) * damage.PAGE]:
            damage.zero_page(path, page)


def test_a_page_turns_bad_while_the_store_is_open(tmp_path: Path) -> None:
    """The writer and those who read are told that the store is damaged, in the same words."""
    path = filled(tmp_path)
    with closing(Store(path)) as store:
        zero_every_page_of_files(path)
        with pytest.raises(StoreDamagedError), store.transaction():
            store.files_in(a_folder().id)
        people = open_for_people(path)
        assert people is not None
        with closing(people), pytest.raises(StoreDamagedError), snapshot(people) as view:
            list(view.bills(BillFilter()))


def test_what_was_suspected_is_looked_at_in_full(tmp_path: Path) -> None:
    """What the last run could not read is found at the next start, then not looked for again."""
    path = filled(tmp_path)
    store = Store(path)
    with store.transaction():
        store._connection.execute("UPDATE submissions SET working = x'00' WHERE id = 1")
    store.close()
    assert opened(path) is None, "what Nectar gave is not read at each start"
    note_suspicion(path, "it could not be read")
    assert "answers" in str(opened(path))
    assert not path.with_name(f"{path.name}.suspect").exists()
