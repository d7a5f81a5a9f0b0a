"""Whether a JPEG without its end mark lacks nothing else. Runs in the helper process only.

With the mark put back every cut JPEG decodes, its missing part grey, so that decoding tells
nothing. What does: where the picture is complete, no pixel depends on what follows its data.
"""

from __future__ import annotations

import hashlib
import io
import struct

from PIL import Image

END = b"\xff\xd9"
_NO_PICTURE = bytes(47 * number % 251 for number in range(1, 128))
"""Bytes that a decoder in want of data takes for it."""
_ROWS_AT_ONCE = 256
_START_OF_SCAN = 0xDA
_END_OF_PICTURE = END[1]
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_MOST_COLOURS = 4
_MOST_SCANS = 1000
"""Far beyond any encoder's: what has more was made to keep its reader busy."""
_SEQUENTIAL = (0xC0, 0xC1, 0xC5, 0xC9, 0xCD)


def is_all_there(data: bytes) -> bool:
    """Whether all of a JPEG's picture is in ``data``, with its end mark or without.

    Raises what Pillow raises where it cannot be decoded.
    """
    # Space that was reserved and not yet written would be taken for data.
    data = data.rstrip(b"\0") + b"\0\0"
    try:
        if not _has_every_scan(data):
            return False
    except (struct.error, IndexError):  # cut within a header
        return False
    return _pixels(data + END) == _pixels(data + _NO_PICTURE + END)


def _pixels(data: bytes) -> bytes:
    """Return a digest of all the pixels: a smaller size would leave scans out."""
    digest = hashlib.sha256()
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        width, height = picture.size
        for top in range(0, height, _ROWS_AT_ONCE):
            rows = picture.crop((0, top, width, min(top + _ROWS_AT_ONCE, height)))
            digest.update(rows.tobytes())
    return digest.digest()


def _has_every_scan(data: bytes) -> bool:
    """Whether a JPEG has the scans that bring the last bit of each coefficient.

    It may have been cut just between two of them. One that is not progressive has a single scan, as
    a rule, or one for each colour; each brings all of what it is about.
    """
    missing: set[tuple[int, int]] | None = None
    is_progressive = False
    scans = 0
    at = 2
    while (at := _next_marker(data, at)) >= 0:
        marker = data[at + 1]
        if marker == _END_OF_PICTURE:  # a video may follow: phones put one there
            break
        if 0xD0 <= marker <= 0xD8 or marker == 0x01:  # they stand alone
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at + 4 : at + 2 + length]
        if missing is None and (marker in _PROGRESSIVE or marker in _SEQUENTIAL):
            is_progressive = marker in _PROGRESSIVE
            parts = range(min(segment[5], _MOST_COLOURS))
            missing = {(segment[6 + 3 * part], each) for part in parts for each in range(64)}
        elif marker == _START_OF_SCAN and missing:
            scans += 1
            if scans > _MOST_SCANS:
                return False
            parts = range(min(segment[0], _MOST_COLOURS))
            first, last, precision = 0, 63, 0
            if is_progressive:
                first, last, precision = segment[1 + 2 * len(parts) :][:3]
            if precision & 15 == 0:
                brought = range(first, last + 1)
                missing -= {(segment[1 + 2 * part], each) for part in parts for each in brought}
        at += 2 + length
    return not missing


def _next_marker(data: bytes, at: int) -> int:
    """Return where the next marker stands, at ``at`` or beyond; -1 where there is none."""
    while (at := data.find(b"\xff", at)) >= 0:
        if at + 1 < len(data) and data[at + 1] not in (0x00, 0xFF):
            return at
        at += 1
    return -1
