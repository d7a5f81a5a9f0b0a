"""Reading an answer without ever holding more of it than it may have.

Decompression is done here and not by httpx, which inflates each piece as a whole: a few
kilobytes sent with ill will would fill the memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

ACCEPTED_ENCODING = "gzip"


class UnreadableBody(Exception):
    """The answer's body is longer than it may be, or packed in a way that cannot be read."""


def read_body(response: httpx.Response, most: int) -> bytes:
    """Return the whole body of ``response``, unpacked.

    Raises UnreadableBody where it is longer than ``most`` bytes, ends too early inside its
    packing, or is packed with anything but gzip; httpx's own errors where the line breaks.
    """
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    match packing:
        case "" | "identity":
            parts: Iterator[bytes] = response.iter_raw()
        case "gzip" | "x-gzip":
            parts = _inflated(response.iter_raw(), most)
        case _:
            raise UnreadableBody("it is packed in an unknown way")
    kept, size = [], 0
    for part in parts:
        size += len(part)
        if size > most:
            raise UnreadableBody(f"it is longer than {most:,} bytes")
        kept.append(part)
    return b"".join(kept)


def _inflated(packed: Iterator[bytes], most: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)  # 31: gzip's own header and checksum
    try:
        for piece in packed:
            rest = piece
            while rest and not inflate.eof:
                yield inflate.decompress(rest, most + 1)
                rest = inflate.unconsumed_tail
    except zlib.error:
        raise UnreadableBody("its packing is damaged") from None
    if not inflate.eof:
        raise UnreadableBody("its packing ends too early")
