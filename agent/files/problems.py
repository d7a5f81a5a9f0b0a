"""The sentences of a file that can never be sent (contract, section 3)."""

from __future__ import annotations

from agent.bills.values import Kind, Problem
from agent.files.foreign import what_it_is

LARGEST_BYTES = 25_000_000
MOST_PAGES = 150
MOST_PIXELS = 150_000_000
"""A sheet of A0 at 300 dpi has 139 million."""

_NOUNS = {
    Kind.PDF: "PDF",
    Kind.PNG: "PNG picture",
    Kind.JPEG: "JPEG picture",
}
_KINDS_BY_ENDING = {
    "pdf": Kind.PDF,
    "png": Kind.PNG,
    "jpg": Kind.JPEG,
    "jpeg": Kind.JPEG,
}
_COPY_AGAIN = "Copy, download or scan the bill again."

EMPTY = Problem("empty", "The file is empty.", _COPY_AGAIN)
PASSWORD_PROTECTED = Problem(
    "password-protected", "This PDF is locked with a password.", "Save a copy without the password."
)
NO_PAGES = Problem("damaged", "This PDF has no pages.", _COPY_AGAIN)


def too_large(size: int) -> Problem:
    """Return the problem of a file of ``size`` bytes."""
    return Problem(
        "too-large",
        f"{size / 1e6:,.1f} MB; the limit is {LARGEST_BYTES // 1_000_000} MB.",
        "Split the file, or save it with smaller pictures.",
    )


def too_many_pages(pages: int) -> Problem:
    """Return the problem of a PDF with ``pages`` pages."""
    return Problem(
        "too-many-pages", f"{pages:,} pages; the limit is {MOST_PAGES}.", "Split the file."
    )


def damaged(kind: Kind) -> Problem:
    """Return the problem of a file that says it is of ``kind`` and cannot be opened."""
    return Problem(
        "damaged",
        f"The file is damaged or not fully copied: it cannot be opened as a {_NOUNS[kind]}.",
        _COPY_AGAIN,
    )


def too_many_pixels(width: int, height: int) -> Problem:
    """Return the problem of a picture that is too big to be opened safely."""
    return Problem(
        "damaged",
        f"The picture says it is {width:,} by {height:,} pixels, which is too large to open.",
        "Scan the bill again with a lower resolution.",
    )


def not_openable_in_bounds(kind: Kind) -> Problem:
    """Return the problem of a file whose opening takes too long, too much memory, or crashes."""
    return Problem(
        "damaged",
        f"This {_NOUNS[kind]} cannot be opened safely: it takes too long or too much memory.",
        "Print the bill to a new PDF, or scan it again.",
    )


def not_a_bill_file(head: bytes, name: str) -> Problem:
    """Return the problem of a file that begins with ``head`` and is no PDF, PNG or JPEG."""
    foreign = what_it_is(head)
    ending = name.rpartition(".")[2].lower()
    expected = _NOUNS.get(_KINDS_BY_ENDING.get(ending, Kind.PDF), "PDF")
    return Problem("not-a-bill-file", f"This is {foreign.noun}, not a {expected}.", foreign.advice)
