"""Originals are read once, and never trusted when they moved meanwhile."""

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from files_made_here import signature_of

from agent.bills.errors import Transient
from agent.bills.values import Sha256
from agent.files.content import Changed, fingerprint, read_content, read_for_upload
from agent.files.signature import signature


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """A file of two mebibytes and a bit."""
    path = tmp_path / "Bill.pdf"
    path.write_bytes(os.urandom((2 << 20) + 7))
    return path


def sha256_of(path: Path) -> Sha256:
    """Return the sha256 in the plainest way."""
    return Sha256(hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_fingerprint_is_the_sha256(bill: Path) -> None:
    """The fingerprint covers every byte."""
    assert sha256_of(bill) == fingerprint(str(bill), signature_of(bill))


@pytest.mark.parametrize("member", ["size", "modified_ns", "file_number"])
def test_another_signature_is_a_change(bill: Path, member: str) -> None:
    """A file that is not the one expected any more gets no fingerprint."""
    before = signature_of(bill)
    expected = replace(before, **{member: getattr(before, member) + 1})
    assert isinstance(fingerprint(str(bill), expected), Changed)


def test_a_replaced_file_is_a_change(bill: Path, tmp_path: Path) -> None:
    """Another file under the name, with the same size and time, is noticed by its number."""
    expected = signature_of(bill)
    other = tmp_path / "other"
    other.write_bytes(bytes(expected.size))
    os.utime(other, ns=(expected.modified_ns, expected.modified_ns))
    other.replace(bill)
    assert isinstance(fingerprint(str(bill), expected), Changed)


class Meddler(io.FileIO):
    """An open file with which something happens after its first piece was read."""

    def __init__(self, path: str, meddle: Callable[[Path], object]) -> None:
        super().__init__(path, "rb")
        self._path = Path(path)
        self._meddle: Callable[[Path], object] | None = meddle

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and then meddle once."""
        piece = super().read(size)
        meddle, self._meddle = self._meddle, None
        if meddle is not None:
            meddle(self._path)
        return piece or b""


def replace_by_twin(path: Path) -> None:
    """Put another file under the name, with the same size and time."""
    status = path.stat()
    twin = path.with_name("twin")
    twin.write_bytes(bytes(status.st_size))
    os.utime(twin, ns=(status.st_mtime_ns, status.st_mtime_ns))
    twin.replace(path)


def grow(path: Path) -> None:
    """Write on at the end."""
    with path.open("ab") as file:
        file.write(b"more")


def touch_later(path: Path) -> None:
    """Write one byte anew, as a program would that edits the file."""
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(1, 1))


def shrink(path: Path) -> None:
    """Cut the end off."""
    os.truncate(path, (1 << 20) + 1)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in keeps others from the file there")
@pytest.mark.parametrize("meddle", [replace_by_twin, grow, touch_later, shrink, Path.unlink])
def test_a_change_while_it_is_read_is_noticed(bill: Path, meddle: Callable[[Path], object]) -> None:
    """Bytes of before and after are never taken for one file."""
    expected = signature_of(bill)
    content = read_content(str(bill), expected, lambda path: Meddler(path, meddle))
    assert isinstance(content, Changed)


def test_a_file_that_is_gone_is_a_change(bill: Path) -> None:
    """Absence is no error."""
    expected = signature_of(bill)
    content = sha256_of(bill)
    bill.unlink()
    assert isinstance(fingerprint(str(bill), expected), Changed)
    assert isinstance(read_for_upload(str(bill), content), Changed)


def test_the_bytes_to_send_are_those_examined(bill: Path) -> None:
    """Bytes leave only if they have the sha256 that was examined."""
    examined = sha256_of(bill)
    assert bill.read_bytes() == read_for_upload(str(bill), examined)
    bill.write_bytes(b"other")
    assert isinstance(read_for_upload(str(bill), examined), Changed)


def test_a_huge_file_is_not_read_for_upload(tmp_path: Path) -> None:
    """What is over the limit cannot have been examined and passed."""
    path = tmp_path / "huge.pdf"
    path.write_bytes(bytes(25_000_001))
    assert isinstance(read_for_upload(str(path), sha256_of(path)), Changed)


def test_a_huge_file_has_a_fingerprint(tmp_path: Path) -> None:
    """Its result names its sha256, too."""
    path = tmp_path / "huge.pdf"
    path.write_bytes(b"\1" * 25_000_001)
    assert sha256_of(path) == fingerprint(str(path), signature_of(path))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_under_the_name_does_not_block(bill: Path) -> None:
    """A pipe that took the name is a change and is not waited on."""
    expected = signature_of(bill)
    bill.unlink()
    os.mkfifo(bill)
    assert isinstance(fingerprint(str(bill), expected), Changed)
    assert isinstance(read_for_upload(str(bill), Sha256("0" * 64)), Changed)
    assert signature(str(bill)) is None


def test_links_are_not_followed(bill: Path, tmp_path: Path) -> None:
    """A link is no bill, whatever it leads to."""
    link = tmp_path / "link.pdf"
    try:
        link.symlink_to(bill)
    except OSError:
        pytest.skip("this user may not make links")
    assert signature(str(link)) is None
    if os.name != "nt":
        assert isinstance(fingerprint(str(link), signature_of(bill)), Changed)
        assert isinstance(read_for_upload(str(link), sha256_of(bill)), Changed)


def test_folders_and_nothing_have_no_signature(tmp_path: Path) -> None:
    """Only regular files have one."""
    assert signature(str(tmp_path)) is None
    assert signature(str(tmp_path / "nothing")) is None
    assert signature(str(tmp_path / "nothing" / "below")) is None


def test_a_failure_is_named(tmp_path: Path) -> None:
    """A path that the system refuses is a named error, never an OSError."""
    with pytest.raises(Transient):
        read_for_upload(str(tmp_path), Sha256("0" * 64))


def test_the_original_is_untouched(bill: Path) -> None:
    """Reading changes neither the bytes nor the time of a file, and leaves it writable."""
    before, content = signature_of(bill), bill.read_bytes()
    fingerprint(str(bill), before)
    read_for_upload(str(bill), sha256_of(bill))
    assert before == signature_of(bill)
    assert content == bill.read_bytes()
    bill.rename(bill.with_name("renamed.pdf"))


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_undecodable_names_can_be_read(tmp_path: Path) -> None:
    """A name that is no valid text is as good as any other."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\xe9.pdf")
    Path(path).write_bytes(b"content")
    found = signature(path)
    assert found is not None
    assert hashlib.sha256(b"content").hexdigest() == fingerprint(path, found)
