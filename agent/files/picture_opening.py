"""Opening a picture completely, so that a cut one is noticed. Runs in the helper process only."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, JpegImagePlugin, PngImagePlugin

from agent.files.end_mark import TAIL_BYTES
from agent.files.jpeg_data import END as JPEG_END
from agent.files.jpeg_data import is_all_there
from agent.files.refusals import Broken, TooManyPixels

_FORMATS = {"png": ("PNG",), "jpg": ("JPEG",)}

# Ours are stricter where it matters and laxer where a good scan would suffer: pixels are counted
# before decoding, and memory is bounded for the whole process.
Image.MAX_IMAGE_PIXELS = None
PngImagePlugin.MAX_TEXT_CHUNK = 32 << 20


_FAILURES = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


def open_picture(data: bytes, kind: str, *, most_pixels: int) -> None:
    """Decode the whole picture and throw it away. Raises ``TooManyPixels`` or ``Broken``.

    ``kind`` is ``png`` or ``jpg``. A picture over ``most_pixels`` is not decoded at all. A JPEG
    that lacks nothing but its end mark is whole, one that only decodes for what follows is not.
    """
    try:
        is_decoded = True
        _decode(data, kind, most_pixels)
    except _FAILURES as error:
        if kind != "jpg":
            raise Broken from error
        is_decoded = False
    if kind == "jpg" and not (is_decoded and JPEG_END in data[-TAIL_BYTES:]):
        _require_all(data)


def _decode(data: bytes, kind: str, most_pixels: int) -> None:
    with Image.open(io.BytesIO(data), formats=_FORMATS[kind]) as picture:
        width, height = picture.size
        if width * height > most_pixels:
            raise TooManyPixels(width, height)
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            # An eighth of the size reads every byte and takes a third of the time.
            picture.draft("L", (1, 1))
        picture.load()


def _require_all(data: bytes) -> None:
    try:
        if is_all_there(data):
            return
    except _FAILURES as error:
        raise Broken from error
    raise Broken
