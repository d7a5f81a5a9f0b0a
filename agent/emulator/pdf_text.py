"""Opening uploaded files and getting the text of PDFs, within bounds.

The library underneath crashes where two threads use it at once, so one waits for the other here:
a program may run several emulators.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

MAX_PAGES = 150
_PAGES_READ = 12
_CHARACTERS_READ = 60_000
_PDF_HEADER_WITHIN = 1024
_one_at_a_time = threading.Lock()


class Kind(StrEnum):
    """What the bytes are."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Examination:
    """What the service finds before it takes a file: its kind, and why it is refused."""

    kind: Kind | None
    refusal: str | None = None


def examine(data: bytes) -> Examination:
    """Say what a file is and whether it can be taken. A picture is not decoded."""
    kind = kind_of(data)
    if kind is None:
        return Examination(None, "Only PDF, PNG and JPEG files are taken.")
    if kind is not Kind.PDF:
        return Examination(kind)
    try:
        with _one_at_a_time, pypdfium2.PdfDocument(data) as document:
            pages = len(document)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        reason = "is locked with a password" if locked else "cannot be opened"
        return Examination(kind, f"The PDF {reason}.")
    if pages > MAX_PAGES:
        return Examination(kind, f"The PDF has {pages} pages; at most {MAX_PAGES} are taken.")
    return Examination(kind)


def text_of(data: bytes) -> str:
    """Return the text of the first pages, at most 60,000 characters; empty if there is none."""
    if kind_of(data) is not Kind.PDF:
        return ""
    texts: list[str] = []
    room = _CHARACTERS_READ
    try:
        with _one_at_a_time, pypdfium2.PdfDocument(data) as document:
            for index in range(min(len(document), _PAGES_READ)):
                text = _page_text(document, index, room)
                texts.append(text)
                room -= len(text)
                if room <= 0:
                    break
    except pypdfium2.PdfiumError:
        return "\n".join(texts)
    return "\n".join(texts)


def _page_text(document: pypdfium2.PdfDocument, index: int, room: int) -> str:
    page = document[index]
    text_page = page.get_textpage()
    count = min(text_page.count_chars(), room)
    return str(text_page.get_text_range(0, count, errors="replace")) if count > 0 else ""


def kind_of(data: bytes) -> Kind | None:
    """Return what the bytes are; None for what is not taken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    return Kind.PDF if b"%PDF-" in data[:_PDF_HEADER_WITHIN] else None
