"""What the disk under a path is like."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest

from agent.bills.errors import NeedsAttention
from agent.system._macos import network_mount
from agent.system.volumes import (
    NameFolding,
    folds,
    free_bytes,
    name_folding,
    network_file_system,
    other_case,
    other_composition,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")

MOUNTS = rb"""/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
systemd-1 /mnt/auto autofs rw 0 0
nas:/bills /mnt/auto nfs4 rw 0 0
//nas/scans /mnt/All\040scans cifs rw 0 0
mara@host:/ /home/mara/remote fuse.sshfs rw 0 0
/dev/sdb1 /mnt/All\040scans/usb fuseblk rw 0 0
"""


@linux_only
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/mara", "ext4"),
        ("/mnt/auto/2026", "nfs4"),
        ("/mnt/autos", "ext4"),
        ("/mnt/All scans", "cifs"),
        ("/mnt/All scans/usb/x", "fuseblk"),
        ("/home/mara/remote/x", "fuse.sshfs"),
    ],
)
def test_longest_mount_on_linux_holds_the_path(path: str, kind: str) -> None:
    """Mounts on mounts, several on one place, and blanks in names."""
    from agent.system._mounts import file_system_type  # noqa: PLC0415 - skipped elsewhere

    assert file_system_type(MOUNTS, path.encode()) == kind


@linux_only
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/mara/Bills", None),
        ("/mnt/auto/2026", "nfs4"),
        ("/mnt/All scans/2026", "cifs"),
        ("/mnt/All scans/usb/x", None),  # a disk on this machine
        ("/mnt/All scans/usb", None),
        ("/home/mara/remote/x", "fuse.sshfs"),
        ("/home/mara", "fuse.sshfs"),  # it holds a share
        ("/home", "fuse.sshfs"),
        ("/mnt/crypt", "fuse.gocryptfs"),
    ],
)
def test_what_tells_of_no_changes_is_known_by_the_table(path: str, kind: str | None) -> None:
    """Shares and what programs serve, at the place or below it, are known without a look at it."""
    from agent.system._mounts import kind_without_events  # noqa: PLC0415 - skipped elsewhere

    mounts = MOUNTS + b"gocryptfs /mnt/crypt fuse.gocryptfs rw 0 0\n"
    assert kind_without_events(mounts, path.encode()) == kind


@linux_only
def test_links_are_followed_up_to_a_share(tmp_path: Path) -> None:
    """A link to a share leads to it; what lies on the share is not looked at, be it a link."""
    from agent.system._mounts import followed  # noqa: PLC0415 - skipped elsewhere

    real = tmp_path.resolve()
    (real / "share").mkdir()
    (real / "share" / "inside").symlink_to(real)
    (real / "local").mkdir()
    (real / "local" / "up").symlink_to("../to share")
    (real / "to share").symlink_to(real / "share")
    (real / "circle").symlink_to(real / "circle")
    mounts = b"/dev/sda1 / ext4 rw 0 0\nnas:/ " + os.fsencode(real / "share") + b" nfs4 rw 0 0\n"
    for path, expected in (
        ("to share/inside/x", "share/inside/x"),
        ("local/up/./inside/../x", "share/x"),
        ("local/./x", "local/x"),
        ("circle/x", "circle/x"),
        ("missing/x", "missing/x"),
    ):
        assert followed(mounts, os.fsencode(real / path)) == os.fsencode(real / expected)


MACOS_MOUNTS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//mara@nas._smb._tcp.local/bills on /Volumes/bills (2026) (smbfs, nodev, nosuid, mounted by mara)
/dev/disk4s1 on /Volumes/bills (2026)/usb (msdos, local, nodev)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/mara/Bills", None),
        ("/Volumes/bills (2026)/plant", "smbfs"),
        ("/Volumes/bills (2026)/usb/x", None),
        ("/Volumes/bills", None),
    ],
)
def test_mount_of_macos_says_which_disks_are_local(path: str, kind: str | None) -> None:
    """A share is told from a local disk by the word the system prints."""
    assert network_mount(MACOS_MOUNTS, path) == kind


def test_temporary_folder_is_local(tmp_path: Path) -> None:
    """On the real system the answer comes without an error, for folders not yet there as well."""
    assert network_file_system(str(tmp_path / "not" / "yet")) is None


def test_free_space_is_known_before_a_folder_is_there(tmp_path: Path) -> None:
    """The disk is that of the nearest folder above."""
    free = free_bytes(str(tmp_path / "not" / "yet"))
    assert 0 < free <= free_bytes(str(tmp_path)) * 2


def test_folding_of_the_real_folder_is_what_opening_shows(tmp_path: Path) -> None:
    """The answer agrees with what the file system does, and nothing is written to learn it."""
    composed = unicodedata.normalize("NFC", "Bläu.pdf")
    (tmp_path / composed).touch()
    before = sorted(tmp_path.iterdir())
    found = name_folding(str(tmp_path))
    assert found == NameFolding(
        case=(tmp_path / composed.swapcase()).exists(),
        composition=(tmp_path / unicodedata.normalize("NFD", composed)).exists(),
    )
    assert sorted(tmp_path.iterdir()) == before


@linux_only
def test_empty_folder_is_judged_by_its_own_name(tmp_path: Path) -> None:
    """A folder without files has a name of its own to look up."""
    (tmp_path / "Bills").mkdir()
    assert name_folding(str(tmp_path / "Bills")).case is False


def test_folding_of_a_missing_folder_is_a_named_error(tmp_path: Path) -> None:
    """Whoever asks about a folder that is away gets its hold."""
    with pytest.raises(NeedsAttention, match="is missing"):
        name_folding(str(tmp_path / "x"))


def test_folding_directory_is_recognised(tmp_path: Path) -> None:
    """In a directory that finds any spelling, the first name that has another one decides."""
    for name in ("2026", "bill.pdf"):
        (tmp_path / name).touch()

    def look_up(name: str) -> os.stat_result | None:
        path = tmp_path / name.lower()
        return path.lstat() if path.exists() else None

    assert folds(["2026", "gone.pdf", "bill.pdf"], other_case, look_up) is True
    assert folds(["2026", "gone.pdf"], other_case, look_up) is None


def test_two_files_that_differ_in_case_show_that_case_counts(tmp_path: Path) -> None:
    """Finding something under the other spelling proves nothing unless it is the same file."""
    (tmp_path / "first").touch()
    (tmp_path / "second").touch()
    found = {"a": (tmp_path / "first").lstat(), "A": (tmp_path / "second").lstat()}
    assert folds(["a"], other_case, found.get) is False


def test_file_with_several_names_proves_nothing(tmp_path: Path) -> None:
    """A hard link may carry the other spelling."""
    (tmp_path / "a").touch()
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert folds(["a"], other_case, lambda _: (tmp_path / "a").lstat()) is None


@pytest.mark.parametrize(
    ("name", "case", "composition"),
    [
        ("Bill.pdf", "bILL.PDF", None),
        ("2026", None, None),
        ("ä", None, "a\u0308"),
        ("a\u0308", "A\u0308", "ä"),
    ],
)
def test_other_spellings(name: str, case: str | None, composition: str | None) -> None:
    """Only spellings that every folding system agrees about."""
    assert (other_case(name), other_composition(name)) == (case, composition)
