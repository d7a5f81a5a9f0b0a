"""Writing a page as a PDF file. The same page gives the same bytes."""

from agent.files.samples.drawing import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Align,
    Box,
    Colour,
    Mark,
    Page,
    Shape,
    Text,
)
from agent.files.samples.helvetica import text_width


def write_pdf(page: Page, *, producer: str) -> bytes:
    """Return a PDF 1.4 file of one page. Another ``producer`` gives other bytes, same page."""
    content = "\n".join(_operators(mark) for mark in page).encode("ascii")
    return _file(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
            b"/Resources << /Font << /R 5 0 R /B 6 0 R >> >> >>" % (PAGE_WIDTH, PAGE_HEIGHT),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            _font("Helvetica"),
            _font("Helvetica-Bold"),
            f"<< /Producer ({_escaped(producer)}) >>".encode("ascii"),
        )
    )


def _file(objects: tuple[bytes, ...]) -> bytes:
    """Put numbered objects into a file: the first is the catalogue, the last the information."""
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        written += b"%010d 00000 n \n" % place
    written += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (
        len(objects) + 1,
        len(objects),
    )
    written += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(written)


def _font(name: str) -> bytes:
    return (
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
    ).encode("ascii")


def _operators(mark: Mark) -> str:
    match mark:
        case Text():
            return _text(mark)
        case Box():
            # PDF counts from the lower left corner.
            y = PAGE_HEIGHT - mark.y - mark.height
            return (
                f"{_fill(mark.colour)} {mark.x:.2f} {y:.2f} {mark.width:.2f} {mark.height:.2f} re f"
            )
        case Shape():
            points = [f"{x:.2f} {PAGE_HEIGHT - y:.2f}" for x, y in mark.corners]
            lines = " ".join(f"{point} l" for point in points[1:])
            return f"{_fill(mark.colour)} {points[0]} m {lines} h f"


def _text(text: Text) -> str:
    x = text.x
    if text.align is Align.RIGHT:
        x -= text_width(text.content, text.size, bold=text.bold)
    font = "B" if text.bold else "R"
    return (
        f"BT {_fill(text.colour)} /{font} {text.size:.2f} Tf "
        f"{x:.2f} {PAGE_HEIGHT - text.y:.2f} Td ({_escaped(text.content)}) Tj ET"
    )


def _fill(colour: Colour) -> str:
    return "{:.3f} {:.3f} {:.3f} rg".format(*colour)


def _escaped(content: str) -> str:
    return content.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
