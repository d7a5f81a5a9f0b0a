"""A hostile file harms nobody: it is answered in bounded time, and the next one is examined."""

import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from files_made_here import (
    examined,
    pdf_of_pages,
    picture,
    problem_of,
    raw_pdf,
    raw_png,
)
from hostile_files import jpeg, jpeg_of_scans
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.files.examiner import Examiner, Fit, Unfit
from agent.files.jpeg_data import is_all_there

LEAF = b"<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>"
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"


def helper_number(examiner: Examiner) -> int | None:
    """Return the process number of the helper."""
    return examiner._helper.process_id if examiner._helper else None


def problem_of_bytes(examiner: Examiner, tmp_path: Path, data: bytes) -> tuple[str, str]:
    """Return code and message of a file with these bytes."""
    path = tmp_path / "Bill.pdf"
    path.write_bytes(data)
    problem = problem_of(examiner, path)
    return problem.code, problem.message


def test_a_picture_of_fifty_thousand_by_fifty_thousand(examiner: Examiner, tmp_path: Path) -> None:
    """A decompression bomb is refused by its size, without decoding it."""
    bomb = raw_png(50_000, 50_000, zlib.compress(bytes(1 << 20)))
    code, message = problem_of_bytes(examiner, tmp_path, bomb)
    assert code == "damaged"
    assert "50,000 by 50,000 pixels" in message


def test_a_large_scan_is_fine(examiner: Examiner, tmp_path: Path) -> None:
    """A sheet of A4 at 600 dpi is no bomb."""
    path = tmp_path / "scan.png"
    path.write_bytes(picture("PNG", (4961, 7016), mode="1"))
    assert isinstance(examined(examiner, path), Fit)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_cut_picture_is_damaged(
    examiner: Examiner, tmp_path: Path, form: str, share: float
) -> None:
    """Pictures are decoded to the end: half a bill is never sent."""
    whole = picture(form, (900, 700))
    cut = whole[: int(len(whole) * share)]
    assert problem_of_bytes(examiner, tmp_path, cut)[0] == "damaged"


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_jpeg_that_lacks_only_its_end_mark_is_fit(
    examiner: Examiner, tmp_path: Path, mode: str, *, progressive: bool
) -> None:
    """All of the picture is there, so every viewer shows it whole: it is no damaged one."""
    whole = jpeg((900, 700), mode, progressive=progressive)
    path = tmp_path / "Bill.jpg"
    for cut in (whole[:-2], whole[:-1], whole[:-2] + bytes(5000)):
        path.write_bytes(cut)
        assert isinstance(examined(examiner, path), Fit)


def test_a_jpeg_that_was_cut_between_its_colours_is_damaged(
    examiner: Examiner, tmp_path: Path
) -> None:
    """Each colour may come in a scan of its own; a decoder does not miss the last ones."""
    path = tmp_path / "Bill.jpg"
    path.write_bytes(jpeg_of_scans(3))
    assert isinstance(examined(examiner, path), Fit)
    for scans in (1, 2):
        assert problem_of_bytes(examiner, tmp_path, jpeg_of_scans(scans))[0] == "damaged"


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_picture_with_a_video_behind_it_is_fit(
    examiner: Examiner, tmp_path: Path, *, progressive: bool
) -> None:
    """As phones make them. The picture ends where it says, whatever the video looks like."""
    path = tmp_path / "Bill.jpg"
    video = b"\0\0\0\x18ftypmp42" + bytes(5000)
    for more in (
        b"\xff\xc2\0\x04\x08",
        b"\xff\xc2\0\x0b\x08\0\x09\0\x09\x01\x01\x11\0",
        b"\xff\xe1",
    ):
        path.write_bytes(jpeg((900, 700), progressive=progressive) + video + more)
        assert isinstance(examined(examiner, path), Fit)


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_jpeg_with_its_end_reserved_and_not_written_is_damaged(
    examiner: Examiner, tmp_path: Path, *, progressive: bool
) -> None:
    """Zeros in the place of the rest are no picture, however well they decode."""
    whole = jpeg((900, 700), progressive=progressive)
    for share in (0.5, 0.9):
        cut = whole[: int(len(whole) * share)].ljust(len(whole) + 50_000, b"\0")
        assert problem_of_bytes(examiner, tmp_path, cut)[0] == "damaged"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "segment",
    [
        b"\xff\xc2" + struct.pack(">H", 773) + bytes([8, 0, 8, 0, 8, 255]) + bytes(765),
        b"\xff\xda" + struct.pack(">H", 14) + bytes([4, 0, 0, 1, 0, 2, 0, 3, 0, 0, 62, 0]),
    ],
    ids=["frames", "scans"],
)
def test_a_jpeg_of_headers_alone_keeps_nobody_busy(segment: bytes) -> None:
    """As many frames or scans as fit into a file are not gone through one by one."""
    frame = bytes([8, 0, 8, 0, 8, 4]) + b"".join(bytes([each, 17, 0]) for each in range(4))
    head = b"\xff\xd8\xff\xc2" + struct.pack(">H", 2 + len(frame)) + frame
    assert not is_all_there(head + segment * (24_000_000 // len(segment)))


def test_half_a_pdf_is_not_repaired(examiner: Examiner, tmp_path: Path) -> None:
    """Without its end mark a PDF is not repaired into one with fewer pages."""
    whole = pdf_of_pages(150)
    assert problem_of_bytes(examiner, tmp_path, whole[: len(whole) * 9 // 10])[0] == "damaged"


def test_a_pdf_without_pages_is_damaged(examiner: Examiner, tmp_path: Path) -> None:
    """A PDF that opens and shows nothing is no bill."""
    empty = raw_pdf(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>")
    assert problem_of_bytes(examiner, tmp_path, empty) == ("damaged", "This PDF has no pages.")


def test_ten_thousand_pages(examiner: Examiner, tmp_path: Path) -> None:
    """Pages are counted, however many."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(10_000))
    tree = b"<</Type/Pages/Kids[%s]/Count 10000>>" % kids
    many = raw_pdf(CATALOGUE, tree, *([LEAF] * 10_000))
    expected = ("too-many-pages", "10,000 pages; the limit is 150.")
    assert expected == problem_of_bytes(examiner, tmp_path, many)


@pytest.mark.parametrize(
    "objects",
    [
        (CATALOGUE, b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>", LEAF),
        (CATALOGUE, b"<</Type/Pages/Kids[3 0 R]>>", b"<</Type/Pages/Kids[2 0 R]>>"),
        (b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 500_000 + b">>", LEAF),
        (b"<</Type/Catalog/Pages 1 0 R>>",),
    ],
    ids=["page tree in itself", "page trees in each other", "deep nesting", "catalogue as pages"],
)
def test_structures_that_never_end(
    examiner: Examiner, tmp_path: Path, objects: tuple[bytes, ...]
) -> None:
    """Loops and abysses in a PDF's structure are damage, and the helper survives them."""
    before = helper_number(examiner)
    assert problem_of_bytes(examiner, tmp_path, raw_pdf(*objects))[0] == "damaged"
    if before is not None:
        assert before == helper_number(examiner)


def test_a_pdf_that_unpacks_to_gigabytes(examiner: Examiner, tmp_path: Path) -> None:
    """A table that unpacks to more than the helper may hold is damage."""
    packer = zlib.compressobj(9, wbits=-15)
    mebibyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    table = b"\x78\x9c" + mebibyte * 2000
    start = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    bomb = start + (
        b"3 0 obj\n<</Type/XRef/W[1 2 1]/Size 9/Root 1 0 R/Filter/FlateDecode/Length %d>>\n"
        b"stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(table), table, len(start))
    )
    assert problem_of_bytes(examiner, tmp_path, bomb)[0] == "damaged"
    path = tmp_path / "next.pdf"
    path.write_bytes(pdf_of_pages(1))
    assert isinstance(examined(examiner, path), Fit)


def test_a_password_is_never_asked_for(examiner: Examiner, tmp_path: Path) -> None:
    """A PDF locked with a user's password is told so, one locked for printing alone is sent."""
    for user, is_fit in (("open-me", False), ("", True)):
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(pdf_of_pages(1))) as pdf:
            pdf.save(out, encryption=pikepdf.Encryption(user=user, owner="owner-me"))
        path = tmp_path / "locked.pdf"
        path.write_bytes(out.getvalue())
        assert is_fit == isinstance(examined(examiner, path), Fit)


WHOLE = {"PDF": pdf_of_pages(3), "PNG": picture("PNG"), "JPEG": picture("JPEG")}


@pytest.mark.parametrize("form", WHOLE)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gets_an_answer(
    examiner: Examiner, tmp_path: Path, form: str, data: st.DataObject
) -> None:
    """Whatever was overwritten in a file, it is fit or has a reason, and the helper lives on."""
    content = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        noise = data.draw(st.binary(min_size=1, max_size=20))
        content[place : place + len(noise)] = noise
    path = tmp_path / "Bill"
    path.write_bytes(content)
    found = examined(examiner, path)
    assert isinstance(found, Fit) or found.problem.message
    if isinstance(found, Unfit):
        assert "takes too long" not in found.problem.message
