"""The owner mark: written once and whole, so that one agent serves one folder."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from other_user import open_folder, without_rights

from agent.bills.errors import NeedsAttention
from agent.bills.names import MARK_NAME
from agent.bills.values import Mark
from agent.watch import mark as marks
from agent.watch.mark import read_mark, remove_mark, replace_mark, write_mark

OURS = Mark("a" * 32, "PC-7", "mara", "2026-02-11T18:40:00Z")
THEIRS = Mark("b" * 32, "NAS-1", "jon", "2026-01-01T00:00:00Z")


def test_a_folder_without_a_mark(tmp_path: Path) -> None:
    """No mark is no error."""
    assert read_mark(str(tmp_path)) is None
    assert read_mark(str(tmp_path / "gone")) is None


def test_the_mark_comes_back_as_written(tmp_path: Path) -> None:
    """Who, where and since when are told; nothing else is left in the folder."""
    assert write_mark(str(tmp_path), OURS) == OURS
    assert read_mark(str(tmp_path)) == OURS
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


def test_the_first_keeps_the_folder(tmp_path: Path) -> None:
    """A second agent is told who came first, and changes nothing."""
    write_mark(str(tmp_path), OURS)
    before = (tmp_path / MARK_NAME).read_bytes()
    assert write_mark(str(tmp_path), THEIRS) == OURS
    assert before == (tmp_path / MARK_NAME).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


def test_of_many_at_once_one_owns_the_folder(tmp_path: Path) -> None:
    """Agents that come at the same moment agree on the owner."""
    told: list[Mark] = []
    start = threading.Barrier(8)

    def claim(number: int) -> None:
        start.wait()
        told.append(write_mark(str(tmp_path), Mark(f"{number:032x}", "PC", "u", "s")))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    assert set(told) == {read_mark(str(tmp_path))}


def test_where_links_are_unknown_the_first_still_keeps_the_folder(tmp_path: Path) -> None:
    """FAT disks and some shares have no links: the name is taken exclusively there."""
    part = tmp_path / "part"
    part.write_bytes(b"content")

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    place = tmp_path / MARK_NAME
    marks._link_or_create(part, place, link=no_links)
    assert place.read_bytes() == b"content"
    with pytest.raises(FileExistsError):
        marks._link_or_create(part, place, link=no_links)


class GoingMarks:
    """A folder from which another agent takes its mark just after it was in our way."""

    def __init__(self, times: int) -> None:
        self._times = times

    def put(self, part: Path, place: Path) -> None:
        """Give ``part`` its name; the other's mark is there for the first ``times``."""
        if self._times == 0:
            os.link(part, place)
            return
        self._times -= 1
        place.write_bytes(b"{}")
        try:
            os.link(part, place)
        finally:
            place.unlink()


def test_a_mark_that_goes_just_now_is_in_nobodys_way(tmp_path: Path) -> None:
    """Another agent gives the folder up in the moment in which we want it: we get it."""
    assert write_mark(str(tmp_path), OURS, GoingMarks(1).put) == OURS
    assert read_mark(str(tmp_path)) == OURS
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


def test_a_mark_that_comes_and_goes_is_not_fought_for(tmp_path: Path) -> None:
    """Where somebody removes each mark, a person is told, and no temporary file is left."""
    with pytest.raises(NeedsAttention, match="removed as often") as failure:
        write_mark(str(tmp_path), OURS, GoingMarks(2).put)
    assert failure.value.code == "folder-taken"
    assert list(tmp_path.iterdir()) == []


def test_take_replaces_any_mark(tmp_path: Path) -> None:
    """`take` changes the owner, also where the mark could not be understood."""
    write_mark(str(tmp_path), THEIRS)
    replace_mark(str(tmp_path), OURS)
    assert read_mark(str(tmp_path)) == OURS
    (tmp_path / MARK_NAME).write_bytes(b"\0")
    replace_mark(str(tmp_path), OURS)
    assert read_mark(str(tmp_path)) == OURS
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


def test_only_our_own_mark_is_removed(tmp_path: Path) -> None:
    """A folder that leaves the configuration loses our mark, never another's."""
    assert not remove_mark(str(tmp_path), OURS.agent_id)
    write_mark(str(tmp_path), THEIRS)
    assert not remove_mark(str(tmp_path), OURS.agent_id)
    assert read_mark(str(tmp_path)) == THEIRS
    replace_mark(str(tmp_path), OURS)
    assert remove_mark(str(tmp_path), OURS.agent_id)
    assert list(tmp_path.iterdir()) == []


@given(content=st.binary(max_size=200) | st.builds(lambda v: json.dumps(v).encode(), st.none()))
def test_a_mark_that_says_nothing_is_named(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Bytes that are no mark are no owner and no crash; they are never removed or replaced."""
    folder = tmp_path_factory.mktemp("marked")
    (folder / MARK_NAME).write_bytes(content)
    with pytest.raises(NeedsAttention) as failure:
        read_mark(str(folder))
    assert failure.value.code == "folder-taken"
    with pytest.raises(NeedsAttention):
        write_mark(str(folder), OURS)
    assert not remove_mark(str(folder), OURS.agent_id)
    assert content == (folder / MARK_NAME).read_bytes()
    assert [path.name for path in folder.iterdir()] == [MARK_NAME]


@pytest.mark.parametrize(
    "content",
    [b"[" * 4096, b'{"a":' * 800, b"\xff\xfe" * 9, b'{"agentId": 1}', b"7", b'"mark"', b"\0" * 99],
)
def test_a_mark_of_a_strangers_json_is_named(tmp_path: Path, content: bytes) -> None:
    """Nested without end, of another encoding, of other types: nobody's folder, and no crash."""
    (tmp_path / MARK_NAME).write_bytes(content)
    with pytest.raises(NeedsAttention) as failure:
        read_mark(str(tmp_path))
    assert failure.value.code == "folder-taken"


def test_a_mark_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A gigabyte under the mark's name costs a few kilobytes."""
    with (tmp_path / MARK_NAME).open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(NeedsAttention):
        read_mark(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
@pytest.mark.parametrize("what", ["pipe", "folder", "link to a pipe", "link to a device", "socket"])
def test_what_is_no_file_is_no_mark(tmp_path: Path, what: str) -> None:
    """A pipe would be waited for without end, and a link may lead anywhere: neither is opened."""
    folder = tmp_path / "bills"
    folder.mkdir()
    place, pipe = folder / MARK_NAME, tmp_path / "pipe"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as line:
        match what:
            case "pipe":
                os.mkfifo(place)
            case "folder":
                place.mkdir()
            case "link to a pipe":
                place.symlink_to(pipe)
            case "link to a device":
                place.symlink_to("/dev/zero")
            case _:
                line.bind(os.path.relpath(place))
        with pytest.raises(NeedsAttention) as failure:
            read_mark(str(folder))
    assert failure.value.code == "folder-taken"
    assert "not a file" in failure.value.message
    with pytest.raises(NeedsAttention):
        write_mark(str(folder), OURS)
    assert not remove_mark(str(folder), OURS.agent_id)
    assert [path.name for path in folder.iterdir()] == [MARK_NAME]


def test_unknown_members_are_read_past(tmp_path: Path) -> None:
    """A later version may say more."""
    write_mark(str(tmp_path), OURS)
    said = json.loads((tmp_path / MARK_NAME).read_bytes())
    (tmp_path / MARK_NAME).write_text(json.dumps({**said, "more": 1}), encoding="utf-8")
    assert read_mark(str(tmp_path)) == OURS


def test_a_folder_that_takes_no_files_says_so(tmp_path: Path) -> None:
    """Where no mark can be written the caller learns it as the system's error."""
    with pytest.raises(OSError, match="gone"):
        write_mark(str(tmp_path / "gone"), OURS)


# --- a mark that cannot be read ------------------------------------------------------------------


def test_a_folder_in_the_marks_place_is_named(tmp_path: Path) -> None:
    """Nobody can tell whose the folder is; the advice is the one thing that helps."""
    (tmp_path / MARK_NAME).mkdir()
    attempts: list[Callable[[], object]] = [
        lambda: read_mark(str(tmp_path)),
        lambda: write_mark(str(tmp_path), OURS),
        lambda: replace_mark(str(tmp_path), OURS),
    ]
    for attempt in attempts:
        with pytest.raises(NeedsAttention) as failure:
            attempt()
        assert failure.value.code == "folder-taken"
        assert "Move it away" in failure.value.advice
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_mark_that_leads_nowhere(tmp_path: Path) -> None:
    """Neither is no mark: nobody claims the folder, and `take` puts a true one there."""
    mark = tmp_path / MARK_NAME
    attempts: list[Callable[[], object]] = [
        lambda: read_mark(str(tmp_path)),
        lambda: write_mark(str(tmp_path), OURS),
    ]
    for target in (mark.name, "gone"):
        mark.symlink_to(target)
        for attempt in attempts:
            with pytest.raises(NeedsAttention, match="not a file"):
                attempt()
        mark.unlink()
    mark.symlink_to("gone")
    replace_mark(str(tmp_path), OURS)
    assert read_mark(str(tmp_path)) == OURS
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="sets a limit as POSIX has it")
def test_no_half_mark_stays_where_the_disk_is_full(tmp_path: Path) -> None:
    """Where the name is taken first and filled then: what cannot be filled is taken back."""
    import resource  # noqa: PLC0415 - POSIX has it

    part = tmp_path / "part"
    part.write_bytes(b"x" * 4000)
    place = tmp_path / MARK_NAME

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            marks._link_or_create(part, place, link=no_links)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, told)
    assert not place.exists()


def test_a_mark_saved_by_an_editor_is_still_the_mark(tmp_path: Path) -> None:
    """A byte order mark and other blanks, as editors leave them, change nothing."""
    write_mark(str(tmp_path), OURS)
    said = json.loads((tmp_path / MARK_NAME).read_bytes())
    (tmp_path / MARK_NAME).write_bytes(b"\xef\xbb\xbf" + json.dumps(said).encode() + b"\r\n")
    assert read_mark(str(tmp_path)) == OURS


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files")
def test_a_mark_of_another_user_in_a_shared_folder() -> None:
    """Where its folder lets nobody take others' files away, `take` fails, and it stays."""
    with open_folder() as folder:
        write_mark(str(folder), OURS)
        folder.chmod(0o1777)
        with without_rights():
            if os.stat(folder).st_uid == os.geteuid():  # noqa: PTH116 - one look at its owner
                pytest.skip("the folder is this user's own")
            with pytest.raises(OSError, match="permitted"):
                replace_mark(str(folder), OURS)
        assert [path.name for path in folder.iterdir()] == [MARK_NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="names are refused otherwise there")
def test_a_mark_that_cannot_be_read_now_is_trouble_and_no_answer() -> None:
    """Neither ours nor another's nor none: nobody can tell."""
    with pytest.raises(OSError, match="too long"):
        read_mark("/" + "d" * 300)
