"""Bytes that are no bill are called by what they are."""

import io
import zipfile

import pytest
from files_made_here import pdf_of_pages, picture
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.values import Kind
from agent.files.kinds import kind_of
from agent.files.problems import not_a_bill_file


def zipped(*names: str) -> bytes:
    """Return a ZIP archive with a line in each of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return out.getvalue()


FOREIGN = [
    (b"<!DOCTYPE html><html>Sign in</html>", "a web page"),
    (b"\xef\xbb\xbf\n<HTML>", "a web page"),
    ("<html>".encode("utf-16"), "a web page"),
    (b"<!-- saved -->\n<head></head>", "a web page"),
    (picture("TIFF"), "a TIFF picture"),
    (picture("GIF", mode="P"), "a GIF picture"),
    (picture("BMP"), "a BMP picture"),
    (picture("WEBP"), "a WebP picture"),
    (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
    (b"\0\0\0\x18ftypisom\0\0\0\0", "a video"),
    (zipped("bill.pdf"), "a ZIP archive"),
    (zipped("[Content_Types].xml", "word/document.xml"), "a Word document"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office document"),
    (b"{\\rtf1 hello}", "a text document (RTF)"),
    (b"From: a@example.com\r\nSubject: Your bill\r\n\r\nHello", "an e-mail"),
    (b"Received: from x\r\n by y\r\nDate: today\r\n", "an e-mail"),
    (b"MZ\x90\0\x03", "a Windows program"),
    (b"\x7fELF\x02\x01", "a program"),
    (b'<?xml version="1.0"?><Invoice/>', "an XML file"),
    (b'{"error": "session ended"}', "a data file (JSON)"),
    ("Zähler: 12 kWh".encode(), "a text file"),
    (bytes(4096), "a file of zeros whose content was never written"),
    (b"\x01\x02\x03\x04" * 100, "a file of an unknown kind"),
]


@pytest.mark.parametrize(("data", "noun"), FOREIGN, ids=[noun for _, noun in FOREIGN])
def test_what_it_is(data: bytes, noun: str) -> None:
    """The sentence names what the bytes are, and one next step."""
    assert kind_of(data) is None
    problem = not_a_bill_file(data[:4096], "Bill.pdf")
    assert (problem.code, problem.message) == ("not-a-bill-file", f"This is {noun}, not a PDF.")
    assert problem.advice.endswith(".")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.PNG", "PNG picture"), ("a.jpeg", "JPEG picture"), ("a", "PDF"), ("a.pdf", "PDF")],
)
def test_what_it_should_be_follows_the_ending(name: str, expected: str) -> None:
    """A picture's name is answered with a picture."""
    assert not_a_bill_file(b"hello", name).message == f"This is a text file, not a {expected}."


@given(st.binary(max_size=4096), st.text())
def test_any_bytes_get_an_answer(head: bytes, name: str) -> None:
    """No bytes and no name can make the question fail."""
    assert not_a_bill_file(head, name).code == "not-a-bill-file"


def test_kinds_follow_the_bytes() -> None:
    """PDF, PNG and JPEG are told by their first bytes."""
    assert kind_of(pdf_of_pages(1)) is Kind.PDF
    assert kind_of(picture("PNG")) is Kind.PNG
    assert kind_of(picture("JPEG")) is Kind.JPEG
    assert kind_of(b"") is None


@pytest.mark.parametrize(("before", "is_pdf"), [(0, True), (1024, True), (1025, False)])
def test_a_pdf_may_begin_within_1024_bytes(before: int, *, is_pdf: bool) -> None:
    """Headers of mail and web before the PDF are accepted, anywhere in the file is not."""
    data = b"x" * before + b"%PDF-1.7\n"
    assert is_pdf == (kind_of(data) is Kind.PDF)
