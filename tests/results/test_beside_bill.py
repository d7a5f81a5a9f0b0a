"""What lies beside a bill: looked at, written and removed without ever harming anybody's bytes."""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from other_user import open_folder, without_rights
from sample_results import result_of

from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.bills.names import PART_PATTERN
from agent.bills.values import BesideKind, Sha256, Signature
from agent.results import beside
from agent.results.beside import (
    LARGEST_RESULT,
    Kept,
    Written,
    look,
    remove,
    remove_leftovers,
    write,
)
from agent.results.placing import part_path, place_new, sync_folder, write_part
from agent.results.recognise import sha256_of

OLD, NEW, OTHER = result_of(), result_of(revision=2), b'{"by": "another program"}'
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="modes and special files")


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """Return a bill in a folder of its own."""
    path = tmp_path / "Bill été.pdf"
    path.write_bytes(b"%PDF-1.7")
    return path


def result(bill: Path) -> Path:
    """Return where the bill's result lies."""
    return bill.with_name(bill.name + ".json")


def names(bill: Path) -> list[str]:
    """Return all names in the bill's folder, the bill's apart."""
    return sorted(entry.name for entry in bill.parent.iterdir() if entry != bill)


def test_nothing_lies_beside_a_new_bill(bill: Path) -> None:
    """Where there is no result, nothing is told."""
    assert look(str(bill)).kind is BesideKind.NOTHING


def test_a_result_is_written_and_found_again(bill: Path) -> None:
    """What was written lies there byte for byte, alone, and is told with its stat."""
    written = write(str(bill), OLD, None)
    assert isinstance(written, Written)
    assert written.sha256 == sha256_of(OLD)
    assert written.signature == Signature.of(result(bill).lstat())
    assert names(bill) == ["Bill été.pdf.json"]
    assert bill.read_bytes() == b"%PDF-1.7"
    found = look(str(bill))
    assert found.kind is BesideKind.OURS
    assert found.content == OLD
    assert (found.content_sha256, found.signature) == (written.sha256, written.signature)


def test_a_later_revision_replaces_the_one_we_wrote(bill: Path) -> None:
    """With the sha256 of what lies there, it is replaced."""
    write(str(bill), OLD, None)
    assert isinstance(write(str(bill), NEW, sha256_of(OLD)), Written)
    assert result(bill).read_bytes() == NEW
    assert names(bill) == ["Bill été.pdf.json"]


@settings(deadline=None)
@given(
    there=st.sampled_from([None, OLD, NEW, OTHER, b""]),
    content=st.sampled_from([OLD, NEW]),
    may_replace=st.sampled_from([None, sha256_of(OLD), sha256_of(NEW), sha256_of(OTHER)]),
)
def test_only_named_bytes_are_ever_replaced(
    tmp_path_factory: pytest.TempPathFactory,
    there: bytes | None,
    content: bytes,
    may_replace: Sha256 | None,
) -> None:
    """Whatever lies there stays, unless its sha256 was named; the answer says what lies there."""
    bill = tmp_path_factory.mktemp("folder") / "Bill.pdf"
    bill.touch()
    if there is not None:
        result(bill).write_bytes(there)
    put = write(str(bill), content, may_replace)
    is_free = there is None or there == content or sha256_of(there) == may_replace
    assert result(bill).read_bytes() == (content if is_free else there)
    assert isinstance(put, Written) == is_free
    if isinstance(put, Kept):
        assert there is not None
        assert put.beside.content_sha256 == sha256_of(there)
    assert names(bill) == ["Bill.pdf.json"]


def test_bytes_that_lie_there_already_are_not_written_again(bill: Path) -> None:
    """After a kill between placing and committing, the same bytes count as written, untouched."""
    first = write(str(bill), OLD, None)
    assert write(str(bill), OLD, sha256_of(OTHER)) == first
    assert write(str(bill), OLD, None) == first


@pytest.mark.parametrize("expected", [OLD, NEW])
def test_only_the_named_result_is_removed(bill: Path, expected: bytes) -> None:
    """Ours goes; an edited one stays, and that is told."""
    write(str(bill), OLD, None)
    is_ours = expected == OLD
    assert remove(str(bill), sha256_of(expected)) == is_ours
    assert result(bill).exists() != is_ours


def test_removing_what_is_not_there_is_done(bill: Path) -> None:
    """A result that somebody took away is as good as removed."""
    assert remove(str(bill), sha256_of(OLD))


def test_a_folder_in_the_place_is_left_alone(bill: Path) -> None:
    """A directory of the result's name is foreign: kept, and never removed."""
    result(bill).mkdir()
    assert look(str(bill)).kind is BesideKind.FOREIGN
    assert isinstance(write(str(bill), OLD, None), Kept)
    assert not remove(str(bill), sha256_of(OLD))
    assert result(bill).is_dir()


@POSIX_ONLY
def test_links_and_special_files_are_foreign(bill: Path) -> None:
    """Links are not followed, not even to a result of ours; a pipe is not waited for."""
    elsewhere = bill.with_name("elsewhere")
    elsewhere.write_bytes(OLD)
    result(bill).symlink_to(elsewhere)
    assert look(str(bill)).kind is BesideKind.FOREIGN
    assert isinstance(write(str(bill), NEW, sha256_of(OLD)), Kept)
    assert elsewhere.read_bytes() == OLD
    result(bill).unlink()
    result(bill).symlink_to(bill.with_name("nowhere"))
    assert isinstance(write(str(bill), OLD, None), Kept)
    result(bill).unlink()
    os.mkfifo(result(bill))
    assert look(str(bill)).kind is BesideKind.FOREIGN


def test_a_huge_file_is_foreign_and_not_read(bill: Path) -> None:
    """What is larger than any result of ours is told by its size alone."""
    with result(bill).open("wb") as file:
        file.truncate(LARGEST_RESULT + 1)
    found = look(str(bill))
    assert found.kind is BesideKind.FOREIGN
    assert found.content_sha256 is None
    assert isinstance(write(str(bill), OLD, None), Kept)


def test_a_missing_folder_is_not_an_empty_place(tmp_path: Path) -> None:
    """Where the folder is gone, nothing is concluded about a result in it."""
    bill = str(tmp_path / "away" / "Bill.pdf")
    for attempt in (
        lambda: look(bill),
        lambda: write(bill, OLD, None),
        lambda: remove(bill, sha256_of(OLD)),
    ):
        with pytest.raises(NeedsAttention) as caught:
            attempt()
        assert caught.value.code == "folder-missing"


@POSIX_ONLY
def test_a_file_in_the_folders_place_is_a_missing_folder(tmp_path: Path) -> None:
    """A folder that became a file is named as the folder's trouble."""
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(NeedsAttention) as caught:
        write(str(tmp_path / "folder" / "Bill.pdf"), OLD, None)
    assert caught.value.code == "folder-missing"


@pytest.mark.parametrize("name", ["b" * 251 + ".pdf", "é" * 127 + ".pdf", "b" * 300 + ".pdf"])
def test_a_name_without_room_for_the_ending_is_told(tmp_path: Path, name: str) -> None:
    """A name that only just fits leaves no room for ``.json``: a person has to shorten it."""
    if "é" in name and sys.platform != "linux":
        pytest.skip("names are counted in characters here")
    for attempt in (look, lambda path: write(path, OLD, None)):
        with pytest.raises(NeedsAttention) as caught:
            attempt(str(tmp_path / name))
        assert caught.value.code == "name-too-long"
        assert name in caught.value.message


def test_the_longest_name_that_has_room_gets_its_result(tmp_path: Path) -> None:
    """The temporary file's name is never the one that does not fit."""
    bill = tmp_path / ("b" * 246 + ".pdf")
    bill.touch()
    assert isinstance(write(str(bill), OLD, None), Written)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have text as names")
def test_a_name_that_is_no_text_gets_its_result(tmp_path: Path) -> None:
    """Every byte of a name survives the way to the disk."""
    bill = tmp_path / os.fsdecode(b"B\xe9ill.pdf")
    bill.touch()
    assert isinstance(write(str(bill), OLD, None), Written)
    assert os.fsencode(tmp_path / os.fsdecode(b"B\xe9ill.pdf.json")) in [
        os.fsencode(entry) for entry in tmp_path.iterdir()
    ]


def test_a_part_that_was_left_is_overwritten(bill: Path) -> None:
    """After a kill the next try uses the same temporary name, so that parts never pile up."""
    part = part_path(result(bill))
    assert PART_PATTERN.match(part.name)
    part.write_bytes(b"half a result")
    assert isinstance(write(str(bill), OLD, None), Written)
    assert result(bill).read_bytes() == OLD
    assert names(bill) == ["Bill été.pdf.json"]


@POSIX_ONLY
def test_a_part_that_was_left_deep_down_is_overwritten(tmp_path: Path) -> None:
    """A long path has room for the part if one lies there."""
    bill = tmp_path.joinpath(*["d" * 200] * 3, "Bill.pdf")
    bill.parent.mkdir(parents=True)
    bill.touch()
    part_path(result(bill)).write_bytes(b"half a result")
    assert isinstance(write(str(bill), OLD, None), Written)
    assert names(bill) == ["Bill.pdf.json"]


@POSIX_ONLY
def test_a_link_laid_for_the_part_is_not_followed(bill: Path) -> None:
    """A link that waits under the temporary name cannot make us write elsewhere."""
    precious = bill.with_name("precious")
    precious.write_bytes(b"precious")
    part_path(result(bill)).symlink_to(precious)
    assert isinstance(write(str(bill), OLD, None), Written)
    assert precious.read_bytes() == b"precious"
    assert not result(bill).is_symlink()


def test_parts_have_names_of_their_own(bill: Path) -> None:
    """Two bills of one folder do not share a temporary file."""
    assert part_path(result(bill)) != part_path(bill.with_name("Other.pdf.json"))


def test_leftovers_are_removed_and_nothing_else(bill: Path) -> None:
    """At a start only names of our pattern go, whatever they hold."""
    (bill.parent / ".nectar-0123456789ab.part").write_bytes(b"half")
    (bill.parent / ".nectar-fedcba987654.part").touch()
    kept = [
        ".nectar-0123456789AB.part",
        ".nectar-0123456789ab.part2",
        ".nectar-bill-agent",
        "x.part",
    ]
    for name in kept:
        (bill.parent / name).touch()
    (bill.parent / ".nectar-aaaaaaaaaaaa.part").mkdir()
    assert remove_leftovers(map(str, bill.parent.iterdir())) == 2
    assert names(bill) == sorted([*kept, ".nectar-aaaaaaaaaaaa.part"])


class Exchanged(type(Path())):  # type: ignore[misc]  # the system's own kind of path
    """A place where a pipe takes the file's name just after somebody looked at it."""

    def lstat(self) -> os.stat_result:
        """Stat, and then exchange."""
        status: os.stat_result = super().lstat()
        self.unlink()
        os.mkfifo(self)
        return status


@POSIX_ONLY
@pytest.mark.timeout(20)
def test_a_pipe_in_a_results_place_is_not_waited_for(bill: Path) -> None:
    """What takes the place of a result between a look and the reading blocks nobody."""
    result(bill).write_bytes(OLD)
    found = beside._look(Exchanged(result(bill)))
    assert found.kind is BesideKind.FOREIGN
    assert found.content_sha256 is None


class Vanishing(type(Path())):  # type: ignore[misc]  # the system's own kind of path
    """A place whose file goes just after, or just before, somebody looked at it."""

    looks = 0
    goes_before_look = 2

    def lstat(self) -> os.stat_result:
        """Stat, and let it go when it is time."""
        self.looks += 1
        if self.looks == self.goes_before_look:
            self.unlink()
        status: os.stat_result = super().lstat()
        if self.goes_before_look == 0:
            self.unlink()
        return status


def test_a_result_that_goes_while_it_is_read_is_none(bill: Path) -> None:
    """What is gone when it is to be opened was not there."""
    result(bill).write_bytes(OLD)
    place = Vanishing(result(bill))
    place.goes_before_look = 0
    assert beside._look(place).kind is BesideKind.NOTHING


@POSIX_ONLY
def test_a_link_that_comes_while_it_is_read_is_foreign(bill: Path) -> None:
    """It is not followed, whatever it leads to."""

    class Linked(type(Path())):  # type: ignore[misc]  # the system's own kind of path
        """A place where a link takes the file's name just after somebody looked at it."""

        def lstat(self) -> os.stat_result:
            """Stat, and then exchange."""
            status: os.stat_result = super().lstat()
            self.unlink()
            self.symlink_to(self.parent / "elsewhere")
            return status

    (bill.parent / "elsewhere").write_bytes(OLD)
    result(bill).write_bytes(OLD)
    assert beside._look(Linked(result(bill))).kind is BesideKind.FOREIGN


def test_a_place_that_another_program_snatches_is_tried_again(bill: Path) -> None:
    """Taken when the result was to be put there, and empty just after: somebody works on it."""
    result(bill).write_bytes(OTHER)
    part = bill.with_name("part")
    part.write_bytes(NEW)
    with pytest.raises(Transient) as caught:
        beside._put(part, Vanishing(result(bill)), None)
    assert caught.value.code == "result-not-written"
    assert part.read_bytes() == NEW


def test_a_file_that_came_just_before_is_kept(bill: Path) -> None:
    """What lies in the place now is told, and stays."""
    result(bill).write_bytes(OTHER)
    part = bill.with_name("part")
    part.write_bytes(NEW)
    there = beside._put(part, result(bill), sha256_of(OLD))
    assert there is not None
    assert there.content_sha256 == sha256_of(OTHER)
    assert result(bill).read_bytes() == OTHER


def test_a_file_that_comes_while_ours_is_written_is_kept(bill: Path) -> None:
    """Nothing lay there at first, and then another program was quicker: its file stays."""
    content, part = bytes(LARGEST_RESULT // 8), part_path(result(bill))

    def another_program(is_over: threading.Event) -> None:
        while not part.exists() and not is_over.is_set():
            pass
        with suppress(FileExistsError), result(bill).open("xb") as file:  # or it comes too late
            file.write(OTHER)

    for _ in range(50):
        result(bill).unlink(missing_ok=True)
        is_over = threading.Event()
        thread = threading.Thread(target=another_program, args=(is_over,))
        thread.start()
        put = write(str(bill), content, None)
        is_over.set()
        thread.join()
        if isinstance(put, Kept):
            break
    assert isinstance(put, Kept)
    assert result(bill).read_bytes() == OTHER
    assert names(bill) == [result(bill).name]


@POSIX_ONLY
def test_a_result_that_cannot_be_opened_now_is_no_answer(bill: Path) -> None:
    """A system that is short of open files says neither that it is ours nor that it is not."""
    import resource  # noqa: PLC0415 - POSIX has it

    result(bill).write_bytes(OLD)
    with bill.open("rb") as lowest_free:
        number = lowest_free.fileno()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, limits[1]))
    try:
        with pytest.raises(Transient) as caught:
            look(str(bill))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert caught.value.code == "busy"


def test_a_part_that_was_taken_away_leaves_the_old_result(bill: Path) -> None:
    """Some virus scanners do so; it is tried again."""
    result(bill).write_bytes(OLD)
    with pytest.raises(AgentError):
        beside._put(bill.with_name("part"), result(bill), sha256_of(OLD))
    assert result(bill).read_bytes() == OLD


@pytest.mark.skipif(sys.platform != "linux", reason="paths have other limits there")
def test_a_path_without_room_for_the_part_is_told(bill: Path) -> None:
    """Deep down a short name may have room for its result, but not for the temporary one."""
    deep = bill.parent
    folder = os.open(deep, os.O_RDONLY)
    try:
        while len(str(deep)) < 4065:
            name = "d" * min(200, 4070 - len(str(deep)))
            os.mkdir(name, dir_fd=folder)
            inner = os.open(name, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder, deep = inner, deep / name
    finally:
        os.close(folder)
    with pytest.raises(NeedsAttention) as caught:
        write(str(deep / "b.pdf"), OLD, None)
    assert caught.value.code == "name-too-long"


@POSIX_ONLY
def test_a_result_in_a_folder_that_may_not_be_listed() -> None:
    """A user who may write there, and no more, writes, reads and removes it all the same."""
    with open_folder() as folder:
        bill = folder / "Bill.pdf"
        bill.write_bytes(b"%PDF-1.7")
        folder.chmod(0o733)
        with without_rights():
            assert isinstance(write(str(bill), OLD, None), Written)
            assert look(str(bill)).content_sha256 == sha256_of(OLD)
            assert remove(str(bill), sha256_of(OLD))
        assert bill.exists()


@POSIX_ONLY
def test_a_result_that_may_not_be_removed_is_told() -> None:
    """The folder was closed after it was written: it stays, and a person is asked."""
    with open_folder() as folder:
        bill = folder / "Bill.pdf"
        bill.write_bytes(b"%PDF-1.7")
        assert isinstance(write(str(bill), OLD, None), Written)
        folder.chmod(0o555)
        with without_rights(), pytest.raises(NeedsAttention):
            remove(str(bill), sha256_of(OLD))
        assert look(str(bill)).content_sha256 == sha256_of(OLD)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such folder elsewhere")
def test_a_folder_that_cannot_be_synced_is_no_failure() -> None:
    """Some volumes know no syncing of folders: what can be done is done."""
    sync_folder(Path("/proc"))


@POSIX_ONLY
def test_a_disk_that_breaks_while_a_folder_is_synced_is_told(tmp_path: Path) -> None:
    """A name that may be gone after a power cut is not counted as written."""

    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        sync_folder(tmp_path, broken)


class WithoutHardLinks(type(Path())):  # type: ignore[misc]  # the system's own kind of path
    """A place on a volume that knows no hard links."""

    def hardlink_to(self, target: Path) -> None:  # noqa: ARG002 — as its parent is called
        """Refuse, as FAT and some shares do."""
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")


@pytest.mark.parametrize("kind", [Path, WithoutHardLinks])
def test_placing_anew_never_replaces(tmp_path: Path, kind: type[Path]) -> None:
    """A name that is taken stays with its bytes, with and without hard links on the volume."""
    part, target = tmp_path / "part", kind(tmp_path / "Bill.pdf.json")
    part.write_bytes(NEW)
    target.write_bytes(OTHER)
    assert not place_new(part, target)
    assert target.read_bytes() == OTHER
    target.unlink()
    assert place_new(part, target)
    assert target.read_bytes() == NEW


class OnWindows(type(Path())):  # type: ignore[misc]  # the system's own kind of path
    """A file that no rename puts in the place of another, as on Windows."""

    def rename(self, target: Path) -> Path:
        """Rename, where that replaces nothing."""
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "File exists", str(target))
        renamed: Path = super().rename(target)
        return renamed


def test_placing_anew_by_a_rename_alone_never_replaces(tmp_path: Path) -> None:
    """Where renames refuse names that are taken, no second name is needed, and none is left."""
    part, target = OnWindows(tmp_path / "part"), tmp_path / "Bill.pdf.json"
    part.write_bytes(NEW)
    target.write_bytes(OTHER)
    assert not place_new(part, target, rename_refuses_taken_names=True)
    assert (target.read_bytes(), part.read_bytes()) == (OTHER, NEW)
    target.unlink()
    assert place_new(part, target, rename_refuses_taken_names=True)
    assert target.read_bytes() == NEW
    assert not part.exists()


def test_placing_a_part_that_somebody_took_away_is_no_success(tmp_path: Path) -> None:
    """A virus scanner takes it just when the name turns out to be taken: it is another's file."""

    class Watched(type(Path())):  # type: ignore[misc]  # the system's own kind of path
        """A place that is taken, and beside which no part stays."""

        def hardlink_to(self, target: Path) -> None:
            """Link, which fails, and let the part go."""
            try:
                super().hardlink_to(target)
            finally:
                target.unlink()

    part, target = tmp_path / "part", Watched(tmp_path / "Bill.pdf.json")
    part.write_bytes(NEW)
    target.write_bytes(OTHER)
    assert not place_new(part, target)
    assert target.read_bytes() == OTHER


def test_placing_whose_answer_was_lost_counts(tmp_path: Path) -> None:
    """Where the name already is this very file, a refusal is a success that was told late."""
    part, target = tmp_path / "part", tmp_path / "Bill.pdf.json"
    part.write_bytes(NEW)
    target.hardlink_to(part)
    assert place_new(part, target)


@POSIX_ONLY
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o400, 0o444, 0o777])
def test_who_reads_the_bill_reads_its_result(bill: Path, mode: int) -> None:
    """Group and others read the result exactly where they read the bill; only its owner writes."""
    bill.chmod(mode)
    write(str(bill), OLD, None)
    assert stat.S_IMODE(result(bill).stat().st_mode) == 0o600 | (mode & 0o044)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files away")
def test_the_bills_owner_and_group_read_its_result(bill: Path) -> None:
    """A bill that is somebody else's has a result that is theirs too, where we may give it away."""
    os.chown(bill, 12345, 23456)
    bill.chmod(0o640)
    write(str(bill), OLD, None)
    found = result(bill).stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o640)


@pytest.mark.skipif(sys.platform != "linux", reason="access lists of this kind")
def test_the_bills_access_list_is_carried_over(bill: Path) -> None:
    """A person who may read the bill by its access list may read the result."""
    nobody = 0xFFFFFFFF
    entries = [(1, 6, nobody), (2, 4, 12345), (4, 0, nobody), (0x10, 4, nobody), (0x20, 0, nobody)]
    access_list = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(bill, "system.posix_acl_access", access_list)
    except OSError:
        pytest.skip("this volume has no access lists")
    write(str(bill), OLD, None)
    assert os.getxattr(result(bill), "system.posix_acl_access") == access_list


def test_a_result_is_written_though_the_bill_is_gone(tmp_path: Path) -> None:
    """Where nobody can be asked who may read, the folder's rules hold."""
    assert isinstance(write(str(tmp_path / "Bill.pdf"), OLD, None), Written)


@POSIX_ONLY
def test_a_folder_in_the_parts_place_is_told(bill: Path) -> None:
    """What blocks the temporary name is a named error, and nothing changes."""
    part_path(result(bill)).mkdir()
    with pytest.raises((NeedsAttention, Transient)):
        write(str(bill), OLD, None)
    assert names(bill) == [part_path(result(bill)).name]


def test_two_machines_write_one_result_at_once(tmp_path: Path) -> None:
    """Each has a temporary file of its own: the first result stays, and it is whole."""
    target = tmp_path / "Bill.pdf.json"
    parts = [part_path(target, machine) for machine in ("pc-1", "pc-2")]
    assert len({*parts, part_path(target)}) == 3
    for number, part in enumerate(parts):
        write_part(part, b"%d" % number, readers=None)
    assert [place_new(part, target) for part in parts] == [True, False]
    assert target.read_bytes() == b"0"
