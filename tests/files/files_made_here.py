"""Files for the tests, made byte by byte where no library would write them."""

import io
import struct
import sys
import zlib
from pathlib import Path

import pikepdf
from PIL import Image

from agent.bills.values import Problem, Signature
from agent.files.examiner import Examiner, Fit, Unfit
from agent.files.signature import signature

PNG_START = b"\x89PNG\r\n\x1a\n"


def pdf_of_pages(pages: int, *, linearize: bool = False) -> bytes:
    """Return a good PDF."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(100, 100))
        out = io.BytesIO()
        pdf.save(out, linearize=linearize)
    return out.getvalue()


def raw_pdf(*objects: bytes) -> bytes:
    """Return a PDF of these objects, numbered from 1, the first of them the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Root 1 0 R/Size %d>>\n" % (len(objects) + 1)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table


def raw_png(width: int, height: int, packed: bytes, *, color_type: int = 0) -> bytes:
    """Return a PNG that claims this size, with these compressed pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return PNG_START + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def picture(form: str, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """Return a good picture of the Pillow format ``form``."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, form)
    return out.getvalue()


def signature_of(path: Path) -> Signature:
    """Return the signature of a file that is surely there."""
    found = signature(str(path))
    assert found is not None
    return found


def examined(examiner: Examiner, path: Path) -> Fit | Unfit:
    """Examine a file that nobody changes meanwhile."""
    found = examiner.examine(str(path), signature_of(path))
    assert isinstance(found, Fit | Unfit)
    return found


def problem_of(examiner: Examiner, path: Path) -> Problem:
    """Examine a file that cannot be sent, and return why."""
    found = examined(examiner, path)
    assert isinstance(found, Unfit)
    return found.problem


def python(script: str) -> tuple[str, ...]:
    """Return a command that stands in for the helper: it runs ``script``."""
    return (sys.executable, "-c", script)
