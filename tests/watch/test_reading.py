"""One reading tells what lies in a folder, and concludes nothing."""

import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from other_user import open_folder, without_rights
from trees import RULES, names_in, plant, read, watched

from agent.bills.errors import NeedsAttention, Transient
from agent.bills.names import MARK_NAME
from agent.bills.values import Mark, Signature
from agent.system import placeholders
from agent.watch.candidates import CandidateRules
from agent.watch.folders import nested_in
from agent.watch.mark import write_mark
from agent.watch.reading import leads_elsewhere, read_folder

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="modes of files")


def test_everything_is_told_once(tmp_path: Path) -> None:
    """Candidates with their stat, unsupported documents by path, others by number."""
    plant(
        tmp_path,
        "Bill.pdf",
        "2026/May/scan.JPEG",
        "letter.docx",
        "notes.txt",
        "2026/picture.gif",
        ".hidden.pdf",
        "@eaDir/Bill.pdf",
        "Bill.pdf.json",
    )
    reading = read(watched(tmp_path))
    assert names_in(reading, tmp_path) == {"Bill.pdf", "2026/May/scan.JPEG"}
    assert reading.unsupported == (str(tmp_path / "letter.docx"),)
    assert reading.others == 2
    assert reading.unreadable == ()
    assert reading.placeholders == ()
    assert reading.mark is None
    assert reading.writable
    assert reading.seconds == 1.0


def test_signatures_and_results_beside(tmp_path: Path) -> None:
    """Each candidate comes with its own stat and that of the JSON beside it, if there is one."""
    plant(tmp_path, "a.pdf", "a.pdf.json", "b.pdf", "b.json", "sub/a.pdf")
    seen = {
        Path(each.path).relative_to(tmp_path).as_posix(): each
        for each in read(watched(tmp_path)).seen
    }
    assert seen["a.pdf"].signature == Signature.of((tmp_path / "a.pdf").lstat())
    assert seen["a.pdf"].result == Signature.of((tmp_path / "a.pdf.json").lstat())
    assert seen["b.pdf"].result is None
    assert seen["sub/a.pdf"].result is None


def test_whatever_has_the_results_name_is_told(tmp_path: Path) -> None:
    """A folder in the place of a result is not nothing."""
    plant(tmp_path, "a.pdf", "a.pdf.json/inside.txt")
    (seen,) = read(watched(tmp_path)).seen
    assert seen.result is not None


def test_where_names_fold_the_result_is_found_in_any_spelling(tmp_path: Path) -> None:
    """On a volume that folds names, another spelling of the result's name is the result."""
    plant(tmp_path, "Bill.pdf", "BILL.PDF.JSON", unicodedata.normalize("NFC", "é.pdf"))
    plant(tmp_path, unicodedata.normalize("NFD", "é.pdf.json"))
    assert all(seen.result for seen in read(watched(tmp_path, folds=True)).seen)
    if sys.platform == "linux":
        assert not any(seen.result for seen in read(watched(tmp_path, folds=False)).seen)


def test_only_the_root_where_not_recursive(tmp_path: Path) -> None:
    """Without ``recursive`` subfolders are not looked into."""
    plant(tmp_path, "a.pdf", "sub/b.pdf")
    assert names_in(read(watched(tmp_path, recursive=False)), tmp_path) == {"a.pdf"}


def test_nested_watched_folders_are_left_to_themselves(tmp_path: Path) -> None:
    """Of nested folders the deepest wins; one with a similar name is no nested one."""
    plant(tmp_path, "a.pdf", "sub/b.pdf", "sub/deep/c.pdf", "sub2/d.pdf")
    folders = [str(tmp_path), str(tmp_path / "sub"), str(tmp_path / "sub" / "deep")]
    nested = nested_in(str(tmp_path), folders)
    assert nested == {folders[1], folders[2]}
    assert nested_in(folders[1], folders) == {folders[2]}
    reading = read(watched(tmp_path, nested=tuple(map(Path, nested))))
    assert names_in(reading, tmp_path) == {"a.pdf", "sub2/d.pdf"}


def test_a_nested_folder_is_known_in_another_spelling(tmp_path: Path) -> None:
    """Where names fold, the settings may spell a nested folder differently from the disk."""
    plant(tmp_path, "Sub/b.pdf")
    folder = watched(tmp_path, nested=(tmp_path / "SUB",), folds=True)
    assert names_in(read(folder), tmp_path) == set()


def test_ignored_folders_are_not_entered(tmp_path: Path) -> None:
    """The user's patterns count from the watched folder on."""
    plant(tmp_path, "drafts/a.pdf", "2026/drafts/b.pdf", "2026/copy of c.pdf", "2026/d.pdf")
    rules = CandidateRules(["pdf"], ["/drafts/", "copy of *"])
    expected = {"2026/drafts/b.pdf", "2026/d.pdf"}
    assert expected == names_in(read(watched(tmp_path, rules=rules)), tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="making links needs a right there")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """Links to files and folders, a loop among them, are left alone; the root may be one."""
    real = plant(tmp_path / "real", "a.pdf", "sub/b.pdf")
    (real / "sub" / "loop").symlink_to(real)
    (real / "link.pdf").symlink_to(real / "a.pdf")
    (tmp_path / "root").symlink_to(real)
    reading = read(watched(tmp_path / "root"))
    assert names_in(reading, tmp_path / "root") == {"a.pdf", "sub/b.pdf"}
    assert reading.others == 2


class _Tagged:
    """A stat result as Windows gives it."""

    def __init__(self, tag: int) -> None:
        self.st_reparse_tag = tag


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (0, False),
        (0xA0000003, True),  # a junction, or a volume mounted in a folder
        (0xA000000C, True),  # a symbolic link
        (0xA000001D, True),  # a link of Linux
        (0x9000001A, False),  # a folder of OneDrive
        (0x80000013, False),  # deduplicated
    ],
)
def test_junctions_are_told_by_their_tag(tag: int, *, expected: bool) -> None:
    """Of the folders that carry a tag of Windows those that lead elsewhere are not entered."""
    assert leads_elsewhere(_Tagged(tag)) is expected  # type: ignore[arg-type]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_odd_names_survive(tmp_path: Path) -> None:
    """Undecodable, very long, and many-lined names come back byte for byte."""
    names = {
        b"\xff\xfe.pdf",
        b"two\nlines.pdf",
        "\N{LATIN SMALL LETTER E WITH ACUTE}.pdf".encode(),
        "e\N{COMBINING ACUTE ACCENT}.pdf".encode(),
        b"x" * 251 + b".pdf",
        b" .pdf",
        b"'\"\\;,.pdf",
    }
    for name in names:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).touch()
    found = {os.fsencode(seen.path).rpartition(b"/")[2] for seen in read(watched(tmp_path)).seen}
    assert len(found) == len(names) or sys.platform == "darwin"
    assert found <= names


@pytest.mark.skipif(os.name == "nt", reason="such depth needs another spelling of paths there")
def test_depth_cannot_overflow(tmp_path: Path) -> None:
    """A tree deeper than the system takes paths is read as deep as it goes, and no deeper."""
    plant(tmp_path, "a.pdf")
    here = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 100
    for _ in range(100):  # 10,000 characters; a path may have 4,096
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    reading = read(watched(tmp_path))
    assert names_in(reading, tmp_path) == {"a.pdf"}
    assert len(reading.unreadable) == 1


@POSIX_ONLY
def test_a_subfolder_that_may_not_be_read_is_named() -> None:
    """A failure in a subtree is noted, and the rest is read."""
    with open_folder() as root:
        plant(root, "a.pdf", "closed/b.pdf")
        (root / "closed").chmod(0)
        with without_rights():
            reading = read(watched(root))
        (root / "closed").chmod(0o700)
        assert names_in(reading, root) == {"a.pdf"}
        assert reading.unreadable == (str(root / "closed"),)


@POSIX_ONLY
def test_files_that_may_be_listed_and_not_looked_at_are_named() -> None:
    """Nobody takes them for files that are gone."""
    with open_folder() as root:
        plant(root, "listed/a.pdf", "listed/.b.pdf.icloud")
        (root / "listed").chmod(0o444)
        with without_rights():
            reading = read(watched(root))
        (root / "listed").chmod(0o700)
        assert reading.seen == ()
        names = {root / "listed" / "a.pdf", root / "listed" / ".b.pdf.icloud"}
        assert {Path(path) for path in reading.unreadable} == names


def test_a_missing_root_needs_attention(tmp_path: Path) -> None:
    """A folder that is not there is never an empty one."""
    with pytest.raises(NeedsAttention) as failure:
        read(watched(tmp_path / "gone"))
    assert failure.value.code == "folder-missing"
    assert str(tmp_path / "gone") in failure.value.message


def test_a_file_is_no_root(tmp_path: Path) -> None:
    """A file in the folder's place is told as what it is."""
    plant(tmp_path, "Bills")
    with pytest.raises(NeedsAttention) as failure:
        read(watched(tmp_path / "Bills"))
    assert failure.value.code == "folder-missing"
    assert "is a file" in failure.value.message


def test_a_root_replaced_while_it_is_read_counts_for_nothing(tmp_path: Path) -> None:
    """Half of one folder and half of another are no reading."""
    root = plant(tmp_path / "Bills", "a.pdf")

    class Swap(CandidateRules):
        """Rules that replace the root in the middle of the walk."""

        def sort(self, name, above=""):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            root.rename(tmp_path / "away")
            root.mkdir()
            return super().sort(name, above)

    with pytest.raises(Transient) as failure:
        read(watched(root, rules=Swap(["pdf"])))
    assert failure.value.code == "folder-changed"


def test_another_root_has_another_volume(tmp_path: Path) -> None:
    """A folder that took the name of another is told apart, the same one is not."""
    root = plant(tmp_path / "Bills", "a.pdf")
    first = read(watched(root)).volume
    assert first == read(watched(root)).volume
    root.rename(tmp_path / "away")
    root.mkdir()
    assert first != read(watched(root)).volume


def test_files_that_vanish_meanwhile_are_left_out(tmp_path: Path) -> None:
    """What is deleted between listing and looking is neither seen nor a failure."""
    plant(tmp_path, *(f"{number}.pdf" for number in range(20)), "a/x.pdf", "b/x.pdf")

    class Delete(CandidateRules):
        """Rules that delete each file, and each other subfolder, as soon as it is listed."""

        def sort(self, name, above=""):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            (tmp_path / above / name).unlink()
            for folder in ("a", "b"):
                for file in (tmp_path / folder).glob("*"):
                    file.unlink()
                if (tmp_path / folder).exists():
                    (tmp_path / folder).rmdir()
            return super().sort(name, above)

    reading = read(watched(tmp_path, rules=Delete(["pdf"])))
    assert reading.unreadable == ()
    assert len(reading.seen) < 20


@pytest.mark.skipif(os.name == "nt", reason="Windows knows the stat of a file from its listing")
def test_a_result_that_vanishes_meanwhile_is_none(tmp_path: Path) -> None:
    """A result that is deleted between listing and looking takes nothing from its bill."""
    plant(tmp_path, "a.pdf", "a.pdf.json")

    class Delete(CandidateRules):
        """Rules that delete the result as soon as anything is listed."""

        def sort(self, name, above=""):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            (tmp_path / "a.pdf.json").unlink(missing_ok=True)
            return super().sort(name, above)

    reading = read(watched(tmp_path, rules=Delete(["pdf"])))
    assert reading.unreadable == ()
    assert [seen.result for seen in reading.seen] == [None]


@pytest.mark.skipif(sys.platform != "linux", reason="paths have other limits there")
def test_a_result_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    """So deep down that the bill's path fits and its result's does not: nobody says "none"."""
    longest = os.pathconf(tmp_path, "PC_PATH_MAX") - 1
    deep, folder = str(tmp_path), os.open(tmp_path, os.O_RDONLY)
    while (room := longest - len(deep) - len("//a.pdf")) > 0:
        name = "d" * min(room, 200)
        os.mkdir(name, dir_fd=folder)
        below = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        deep, folder = f"{deep}/{name}", below
    for name in ("a.pdf", "a.pdf.json"):
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    reading = read(watched(tmp_path))
    assert reading.seen == ()
    assert reading.unreadable == (f"{deep}/a.pdf",)


def test_temporary_files_of_ours_are_told(tmp_path: Path) -> None:
    """What a killed agent left is found by its name, in subfolders too, and is nothing else."""
    plant(tmp_path, "sub/.nectar-0123456789ab.part", ".nectar-0123456789AB.part", "a.part")
    reading = read(watched(tmp_path))
    assert reading.leftovers == (str(tmp_path / "sub" / ".nectar-0123456789ab.part"),)
    assert reading.others == 0
    assert reading.seen == ()


def test_copies_of_a_mark_are_told(tmp_path: Path) -> None:
    """A sync program that met two marks keeps both; what it made of one is seen in the root."""
    plant(tmp_path, f"sub/{MARK_NAME} (conflicted copy)")
    assert not read(watched(tmp_path)).has_other_marks
    plant(tmp_path, f"{MARK_NAME} (conflicted copy)")
    assert read(watched(tmp_path)).has_other_marks


@POSIX_ONLY
def test_a_folder_without_permission_is_not_writable() -> None:
    """Where no result can be written is known before anything is sent."""
    with open_folder() as root:
        root.chmod(0o555)
        with without_rights():
            assert not read(watched(root)).writable


@POSIX_ONLY
def test_a_subfolder_with_bills_that_is_not_writable_is_told() -> None:
    """No result can lie beside them; subfolders without bills, or for all, are nobody's matter."""
    with open_folder() as root:
        plant(root, "a.pdf", "open/b.pdf", "closed/c.pdf", "closed/deep/d.pdf", "empty/notes.txt")
        for name in ("closed", "empty"):
            (root / name).chmod(0o555)
        (root / "closed/deep").chmod(0o777)
        (root / "open").chmod(0o777)
        with without_rights():
            reading = read(watched(root))
        assert (reading.writable, reading.closed) == (True, (str(root / "closed"),))
        assert read(watched(root)).closed == (() if os.geteuid() == 0 else reading.closed)


ON_A_READ_ONLY_VOLUME = """
import sys
from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder
from agent.watch.reading import read_folder
reading = read_folder(WatchedFolder(sys.argv[1], CandidateRules(["pdf"])), lambda: 0.0)
print(reading.writable, reading.closed)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces")
def test_a_subfolder_on_a_read_only_volume_is_told(tmp_path: Path) -> None:
    """Whatever the permissions say, and for root too."""
    plant(tmp_path, "a.pdf", "share/b.pdf")
    share = tmp_path / "share"
    mounted = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77; '
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c"),
            mounted + 'exec "$2" -c "$3" "$4"',
            *("sh", share, sys.executable, ON_A_READ_ONLY_VOLUME, tmp_path),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"no mounts of one's own here: {done.stderr}")
    assert done.stdout.split("\n")[0] == f"True ('{share}',)", done.stderr


@POSIX_ONLY
def test_a_mark_that_may_not_be_read_stops_the_reading() -> None:
    """It may be another machine's."""
    with open_folder() as root:
        (root / MARK_NAME).write_text("{}", encoding="utf-8")
        (root / MARK_NAME).chmod(0)
        with without_rights(), pytest.raises(NeedsAttention, match="may not be read") as failure:
            read(watched(root))
        assert failure.value.code == "folder-taken"


def test_nothing_is_written_by_reading(tmp_path: Path) -> None:
    """Asking whether a folder is writable leaves no trace in it."""
    plant(tmp_path, "a.pdf")
    before = tmp_path.stat().st_mtime_ns
    read(watched(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert before == tmp_path.stat().st_mtime_ns


def test_the_mark_is_read(tmp_path: Path) -> None:
    """A reading tells whose the folder is."""
    mark = Mark("0" * 32, "PC-7", "mara", "2026-02-11T18:40:00Z")
    write_mark(str(tmp_path), mark)
    assert mark == read(watched(tmp_path)).mark
    assert read(watched(tmp_path)).others == 0


def test_an_unreadable_mark_stops_the_reading(tmp_path: Path) -> None:
    """Nothing is concluded, and so nothing sent, while nobody can tell whose the folder is."""
    (tmp_path / ".nectar-bill-agent").write_text("{", encoding="utf-8")
    with pytest.raises(NeedsAttention) as failure:
        read(watched(tmp_path))
    assert failure.value.code == "folder-taken"
    assert "take" in failure.value.advice


def test_files_in_icloud_are_not_gone(tmp_path: Path) -> None:
    """A bill that older macOS put back into the cloud is a placeholder under its own name."""
    plant(tmp_path, ".Bill.pdf.icloud", ".notes.txt.icloud", "a.pdf")
    reading = read(watched(tmp_path))
    assert names_in(reading, tmp_path) == {"a.pdf", "Bill.pdf"}
    assert reading.placeholders == (str(tmp_path / "Bill.pdf"),)
    assert reading.unreadable == ()
    assert [each.path for each in reading.seen if each.is_stub] == [str(tmp_path / "Bill.pdf")]


def test_a_stub_beside_its_file_is_nothing(tmp_path: Path) -> None:
    """Where the file itself is there, a stub that was left over tells nothing."""
    plant(tmp_path, "Bill.pdf", ".Bill.pdf.icloud")
    reading = read(watched(tmp_path))
    assert [each.is_stub for each in reading.seen] == [False]
    assert reading.placeholders == ()


class _Status:
    """A stat result as Windows and macOS give it."""

    def __init__(self, attributes: int = 0, flags: int = 0) -> None:
        self.st_file_attributes = attributes
        self.st_flags = flags


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (_Status(), False),
        (_Status(attributes=0x20), False),  # archive
        (_Status(attributes=0x1000), True),  # offline
        (_Status(attributes=0x400000), True),  # recall on data access
        (_Status(attributes=0x40000), True),  # recall on open
        (_Status(flags=0x40000000), True),  # dataless
        (_Status(flags=0x8000), False),  # hidden
    ],
)
def test_placeholders_are_told_by_their_attributes(status: _Status, *, expected: bool) -> None:
    """The attributes of Windows and the flags of macOS tell what is in the cloud."""
    assert expected == placeholders.has_no_content(status.st_file_attributes, status.st_flags)


def test_the_clock_is_given(tmp_path: Path) -> None:
    """How long a reading took is counted on the clock it was given."""

    def ticks() -> Iterator[float]:
        yield from (5.0, 7.5)

    assert read_folder(watched(tmp_path, rules=RULES), ticks().__next__).seconds == 2.5
