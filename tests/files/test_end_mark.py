"""Whether a file is complete, as far as its end mark tells."""

from pathlib import Path

import pytest
from files_made_here import pdf_of_pages, picture
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.errors import Transient
from agent.files.end_mark import EndMark, end_mark, end_mark_in

WHOLE = {
    "pdf": pdf_of_pages(3),
    "linearized pdf": pdf_of_pages(3, linearize=True),
    "png": picture("PNG"),
    "jpg": picture("JPEG", (400, 300)),
}


def mark_of(data: bytes) -> EndMark:
    """Return the end mark of a file with these bytes."""
    return end_mark_in(data[:4096], data[-4096:], len(data))


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_files_have_theirs(kind: str) -> None:
    """A whole file is never waited for."""
    assert mark_of(WHOLE[kind]) is EndMark.PRESENT


@pytest.mark.parametrize("kind", WHOLE)
@given(st.floats(0, 0.98))
def test_cut_files_lack_theirs(kind: str, share: float) -> None:
    """A file that is still being copied is waited for, wherever the copy is."""
    whole = WHOLE[kind]
    cut = whole[: max(16, int(len(whole) * share))]
    assert mark_of(cut) is EndMark.MISSING


@pytest.mark.parametrize("kind", ["pdf", "png", "jpg"])
def test_padding_after_the_mark_is_fine(kind: str) -> None:
    """Cameras pad pictures, mail programs add lines: such files are whole."""
    assert mark_of(WHOLE[kind] + b"\0" * 2048) is EndMark.PRESENT


@pytest.mark.parametrize("kind", WHOLE)
def test_reserved_space_is_no_content(kind: str) -> None:
    """A copy that reserves the whole length first is waited for until it has been written."""
    size = len(WHOLE[kind]) + 8192
    assert mark_of(bytes(size)) is EndMark.MISSING
    assert mark_of(WHOLE[kind][:40].ljust(size, b"\0")) is EndMark.MISSING


def test_a_linearized_file_is_as_long_as_it_says() -> None:
    """The first section of a linearized PDF ends like a whole file, and is none."""
    whole = WHOLE["linearized pdf"]
    first_part = whole[: whole.index(b"%%EOF") + 6]
    assert len(first_part) < len(whole)
    assert mark_of(first_part) is EndMark.MISSING
    assert mark_of(whole + b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n") is EndMark.PRESENT  # an update
    assert mark_of(b"X-Mail: 1\n" + whole) is EndMark.PRESENT
    assert mark_of(b"X-Mail: 1\n" + whole[:-1]) is EndMark.MISSING


def test_unknown_bytes_have_nothing_to_wait_for() -> None:
    """A web page under a PDF's name is judged at once."""
    assert mark_of(b"<html>Please sign in</html>") is EndMark.NOT_NEEDED


@given(st.binary(max_size=5000), st.binary(max_size=5000), st.integers(0, 10**12))
def test_any_bytes_get_an_answer(head: bytes, tail: bytes, size: int) -> None:
    """No bytes can make the question fail."""
    assert end_mark_in(head, tail, size) in EndMark


def test_of_a_file_on_disk(tmp_path: Path) -> None:
    """The mark is looked for at the end that the given size names."""
    path = tmp_path / "Bill.pdf"
    path.write_bytes(pdf_of_pages(1) + bytes(100_000))
    assert end_mark(str(path), path.stat().st_size) is EndMark.MISSING
    assert end_mark(str(path), path.stat().st_size - 99_000) is EndMark.PRESENT
    assert end_mark(str(path), 0) is EndMark.MISSING


def test_a_file_that_went_away_has_none(tmp_path: Path) -> None:
    """Absence is not an error here: the next reading notices it."""
    assert end_mark(str(tmp_path / "gone.pdf"), 10) is EndMark.MISSING


def test_a_failure_is_named(tmp_path: Path) -> None:
    """What cannot be read now is looked at again later, and says why."""
    with pytest.raises(Transient):
        end_mark(str(tmp_path), 10)
