"""Pictures of a page: as a scanner and as a telephone take them."""

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from agent.files.samples.drawing import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Align,
    Box,
    Colour,
    Page,
    Shape,
    Text,
)

_DOTS_PER_POINT = 3.5
_REDUCED_BY = 2
"""Pages are drawn larger than they are kept, which smooths their edges."""
_DESK = (112, 92, 74)


def scan_as_png(page: Page) -> bytes:
    """Return a grey scan of a page that lay a little askew, as PNG."""
    sheet = _drawn(page).convert("L").rotate(-0.9, Image.Resampling.BICUBIC, fillcolor=250)
    grey = ImageChops.add(sheet, _grain(sheet.size, 5, seed=1), scale=1, offset=-4)
    return _encoded(grey, "PNG")


def photograph_as_jpeg(page: Page) -> bytes:
    """Return a photograph of a page on a desk, taken from a slant, as JPEG."""
    sheet = _drawn(page)
    width, height = sheet.size
    desk = Image.new("RGB", (width + 180, height + 160), _DESK)
    desk.paste(sheet, (90, 80))
    full_width, full_height = desk.size
    # The corners of what the camera sees, counter-clockwise from the upper left.
    corners = (
        *(28, 6), *(-12, full_height + 14),
        *(full_width + 20, full_height - 10), *(full_width - 30, -14),
    )  # fmt: skip
    slanted = desk.transform(
        desk.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=_DESK
    )
    # Of the turned gradient only the middle has no empty corners.
    slope = Image.linear_gradient("L").rotate(35).crop((64, 64, 192, 192))
    shade = slope.resize(desk.size, Image.Resampling.BICUBIC).point(_half_shade)
    lit = ImageChops.multiply(slanted, Image.merge("RGB", (shade, shade, shade)))
    return _encoded(lit.filter(ImageFilter.GaussianBlur(0.6)), "JPEG", quality=82)


def _half_shade(value: float) -> float:
    return 255 - value * 0.32


def _drawn(page: Page) -> Image.Image:
    size = (round(PAGE_WIDTH * _DOTS_PER_POINT), round(PAGE_HEIGHT * _DOTS_PER_POINT))
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for mark in page:
        match mark:
            case Text():
                _write(draw, mark)
            case Box():
                right, bottom = mark.x + mark.width, mark.y + mark.height
                corners = [_dots(mark.x, mark.y), _dots(right, bottom)]
                draw.rectangle(corners, fill=_bytes(mark.colour))
            case Shape():
                draw.polygon([_dots(*corner) for corner in mark.corners], _bytes(mark.colour))
    return image.reduce(_REDUCED_BY)


def _write(draw: ImageDraw.ImageDraw, text: Text) -> None:
    draw.text(
        _dots(text.x, text.y),
        text.content,
        fill=_bytes(text.colour),
        font=ImageFont.load_default(text.size * _DOTS_PER_POINT * 0.94),
        anchor="rs" if text.align is Align.RIGHT else "ls",
        stroke_width=0.7 if text.bold else 0,
    )


def _grain(size: tuple[int, int], depth: int, seed: int) -> Image.Image:
    """Return the speckles of a scanner's glass, always the same for a seed."""
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
    small = (size[0] // 2, size[1] // 2)
    speckles = bytes(byte % depth for byte in dice.randbytes(small[0] * small[1]))
    return Image.frombytes("L", small, speckles).resize(size)


def _dots(x: float, y: float) -> tuple[float, float]:
    return x * _DOTS_PER_POINT, y * _DOTS_PER_POINT


def _bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()
