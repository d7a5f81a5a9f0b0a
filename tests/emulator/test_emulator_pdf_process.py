"""PDFs are read in a process of its own: none of them stops the emulator."""

import io
import os
import signal
import sys
from collections.abc import Iterator

import pikepdf
import pytest
from emulator_driver import bill_pdf

from agent.emulator import pdf_text
from agent.emulator.pdf_process import PdfProcess
from agent.emulator.pdf_text import Examination, Kind

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def process() -> Iterator[PdfProcess]:
    """A process that has started."""
    process = PdfProcess(seconds=30.0)
    process.examine(bill_pdf())
    yield process
    process.close()


def pdf_that_takes_years() -> bytes:
    """Return a page that shows a form ten times, which shows another ten times, and so on."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(100, 100))
        shown = pdf.make_stream(b"BT (kWh) Tj ET")
        for _ in range(30):
            form = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Form}
            shown.stream_dict.update({f"/{name}": value for name, value in form.items()})
            shown.BBox = [0, 0, 9, 9]
            resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=shown))
            shown = pdf.make_stream(b"/X Do " * 10)
            shown.Resources = resources
        page.obj.Resources = shown.Resources
        page.obj.Contents = pdf.make_stream(b"/X Do " * 10)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_it_says_the_same(process: PdfProcess) -> None:
    """In its process and in this one a file is examined and read alike."""
    good, locked = bill_pdf(), io.BytesIO()
    with pikepdf.open(io.BytesIO(good)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    for data in (good, locked.getvalue(), b"%PDF-1.4 cut", b"text", PNG):
        assert process.examine(data) == pdf_text.examine(data)
        assert process.text_of(data) == pdf_text.text_of(data)


def test_a_page_that_takes_years_is_given_up(process: PdfProcess) -> None:
    """Nothing stands on it then, and the next file is read as if nothing had been."""
    bomb, good = pdf_that_takes_years(), bill_pdf()
    process._seconds = 0.5
    assert process.text_of(bomb) == ""
    assert process._process is None
    process._seconds = 30.0
    assert process.examine(bomb) == Examination(Kind.PDF)
    assert process.text_of(good) == pdf_text.text_of(good)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_reader_that_crashed_is_replaced(process: PdfProcess, number: int) -> None:
    """Killed between two files: the next one is read by a fresh process."""
    assert process._process is not None
    os.kill(process._process.pid, number)
    process._process.wait(10)
    assert process.examine(bill_pdf()).refusal is None


def test_pictures_need_no_process() -> None:
    """They are not opened at all."""
    process = PdfProcess()
    assert process.examine(PNG) == Examination(Kind.PNG)
    assert process.text_of(PNG) == ""
    assert process._process is None
