"""What kind of bill a file is, by its first bytes and never by its name."""

from __future__ import annotations

import re

from agent.bills.values import Kind

HEAD_BYTES = 4096
"""How much of a file's beginning the functions of this package want to see."""

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
_PDF_HEADER_WITHIN = 1024  # viewers accept mail or web headers before it up to here
_PDF_HEADER = re.compile(rb"%PDF-\d")

# A ZIP that stores a PDF unpacked shows the header too, and is a ZIP all the same.
_CONTAINERS = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"MZ", b"\x1f\x8b\x08")


def kind_of(head: bytes) -> Kind | None:
    """Return what a file that begins with ``head`` is, or None if Nectar does not read it."""
    if head.startswith(PNG_START):
        return Kind.PNG
    if head.startswith(JPEG_START):
        return Kind.JPEG
    return Kind.PDF if pdf_header_at(head) is not None else None


def pdf_header_at(head: bytes) -> int | None:
    """Return where ``%PDF-`` stands in the first 1024 bytes; offsets in the PDF count from it."""
    if head.startswith(_CONTAINERS):
        return None
    found = _PDF_HEADER.search(head, 0, _PDF_HEADER_WITHIN + len(b"%PDF-1"))
    return None if found is None else found.start()
