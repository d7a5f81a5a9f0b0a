"""Whether a file is complete, as far as its end mark tells (contract, section 3).

A mark only lengthens the wait for a file that has stopped growing: whoever has waited long enough
judges the file like any other.
"""

from __future__ import annotations

import re
from enum import Enum

from agent.bills.values import Kind
from agent.files.kinds import HEAD_BYTES, kind_of, pdf_header_at
from agent.files.opening import is_no_original, open_original
from agent.system.os_errors import file_error

TAIL_BYTES = 4096

_PDF_END = b"%%EOF"
_PNG_END = b"IEND\xaeB\x60\x82"  # the chunk's name and its checksum, which never varies
_JPEG_END = b"\xff\xd9"

# Only the first object of a file can say that it is linearized.
_LINEARIZED = re.compile(rb"\s\d+\s+\d+\s+obj\s*<<(?P<entries>[^>]*/Linearized[^>]*)>>")
_LINEARIZED_LENGTH = re.compile(rb"/L\s+(\d{1,12})\b")


class EndMark(Enum):
    """Whether a file's end mark is there."""

    PRESENT = "present"
    MISSING = "missing"
    """Empty, cut, or still being written."""
    NOT_NEEDED = "not needed"
    """No PDF, PNG or JPEG: there is nothing to wait for."""

    @property
    def is_complete(self) -> bool:
        """Whether the file need not be waited for."""
        return self is not EndMark.MISSING


def end_mark(path: str, size: int) -> EndMark:
    """Return whether the file at ``path`` with ``size`` bytes has its end mark.

    Reads at most 8 KiB. A file that is gone meanwhile has none. Raises the named errors of a file
    where it cannot be read.
    """
    if size == 0:
        return EndMark.MISSING
    try:
        with open_original(path) as original:
            head = original.read(HEAD_BYTES) or b""
            original.seek(max(0, size - TAIL_BYTES))
            tail = original.read(TAIL_BYTES) or b""
    except OSError as error:
        if is_no_original(error):
            return EndMark.MISSING
        raise file_error(error, path) from error
    return end_mark_in(head, tail, size)


def end_mark_in(head: bytes, tail: bytes, size: int) -> EndMark:
    """Return the same for a file whose first and last 4096 bytes are known."""
    if not head.strip(b"\0"):  # space that was reserved and not yet written, or nothing at all
        return EndMark.MISSING
    match kind_of(head):
        case Kind.PDF:
            is_there = _PDF_END in tail and size >= _linearized_size(head)
        case Kind.PNG:
            is_there = _PNG_END in tail
        case Kind.JPEG:
            # Cameras pad the file after it, so it need not stand at the very end. It cannot
            # stand inside the picture: there each FF is followed by 00.
            is_there = _JPEG_END in tail
        case None:
            return EndMark.NOT_NEEDED
    return EndMark.PRESENT if is_there else EndMark.MISSING


def _linearized_size(head: bytes) -> int:
    """Return how long a linearized PDF says it is, else 0; updates may have made it longer."""
    start = pdf_header_at(head) or 0
    first_object = _LINEARIZED.search(head, start, start + 1024)
    if first_object is None or head.find(b" obj", start) < first_object.start():
        return 0
    length = _LINEARIZED_LENGTH.search(first_object["entries"])
    return start + int(length[1]) if length else 0
