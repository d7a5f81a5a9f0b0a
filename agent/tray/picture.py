"""The icon, drawn by the program: a bill, and in its corner what the agent does.

States are told apart by shape; the colours only help. The sheet is light with a dark edge, so one
of the two stands out on every panel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

from agent.tray.seen import Face

SIZES = (16, 22, 24, 32, 48, 64)
"""The sizes that panels ask for."""

_GRID = 24.0
_FINER = 8
"""Drawn so many times larger, then made smaller: edges become smooth."""

_Point = tuple[float, float]
_Colour = tuple[int, int, int, int]

_INK = (33, 43, 54, 255)
_PAPER = (255, 255, 255, 255)
_TEXT = (84, 98, 114, 255)
_FAINT = (178, 186, 194, 255)
_NOTHING = (0, 0, 0, 0)
_GREEN = (22, 128, 88, 255)
_BLUE = (25, 103, 210, 255)
_RED = (200, 35, 35, 255)
_AMBER = (178, 92, 0, 255)
_GREY = (96, 104, 112, 255)


@cache
def picture(face: Face, size: int) -> Image.Image:
    """Return the icon in ``size`` × ``size`` pixels, RGBA."""
    canvas = Image.new("RGBA", (size * _FINER, size * _FINER), _NOTHING)
    pen = _Pen(canvas, size)
    _sheet(pen, _FAINT if face is Face.STOPPED else _TEXT)
    _BADGES[face](pen)
    return canvas.reduce(_FINER)


class _Pen:
    """Draws in units of the grid, whatever the size; drawing replaces what was there.

    Straight edges are moved to the nearest pixel, so that they stay sharp in a small icon.
    """

    def __init__(self, canvas: Image.Image, size: int) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._unit = size * _FINER / _GRID

    def area(self, points: list[_Point], colour: _Colour) -> None:
        """Fill a polygon with straight edges."""
        scaled = [(self._sharp(x), self._sharp(y)) for x, y in points]
        # The library draws the right and the lower edge as well.
        ends = [max(each) for each in zip(*scaled, strict=True)]
        inside = [tuple(at - (at == end) for at, end in zip(p, ends, strict=True)) for p in scaled]
        self._draw.polygon(inside, fill=colour)

    def box(self, corners: tuple[float, float, float, float], colour: _Colour) -> None:
        """Fill a rectangle, at least a pixel wide and high."""
        left, top = self._sharp(corners[0]), self._sharp(corners[1])
        right = max(self._sharp(corners[2]), left + _FINER)
        bottom = max(self._sharp(corners[3]), top + _FINER)
        self._draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def disc(self, centre: _Point, radius: float, colour: _Colour) -> None:
        """Fill a circle."""
        x, y = centre
        corners = (x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse([each * self._unit for each in corners], fill=colour)

    def stroke(self, points: list[_Point], width: float, colour: _Colour) -> None:
        """Draw a line with round ends."""
        scaled = [(x * self._unit, y * self._unit) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * self._unit), joint="curve")
        for point in points:
            self.disc(point, width / 2, colour)

    def _sharp(self, units: float) -> int:
        return round(units * self._unit / _FINER) * _FINER


def _sheet(pen: _Pen, ink: _Colour) -> None:
    """Draw the bill: a sheet with a folded corner, and lines of text."""
    left, top, right, bottom, fold, edge = 3.0, 1.0, 18.0, 23.0, 4.5, 1.4
    corner = right - fold
    pen.area(
        [(left, top), (corner, top), (right, top + fold), (right, bottom), (left, bottom)], _INK
    )
    pen.area(
        [
            (left + edge, top + edge),
            (corner - 0.2, top + edge),
            (corner - 0.2, top + fold + 0.2),
            (right - edge, top + fold + 0.2),
            (right - edge, bottom - edge),
            (left + edge, bottom - edge),
        ],
        _PAPER,
    )
    for line, end in ((8.2, 15.0), (11.8, 15.0), (15.4, 15.0), (19.0, 12.0)):
        pen.box((6.0, line, end, line + 1.5), ink)


_X, _Y = 17.0, 17.0


def _ring(pen: _Pen, colour: _Colour) -> None:
    pen.disc((_X, _Y), 7.0, _PAPER)
    pen.disc((_X, _Y), 6.0, colour)


def _tick(pen: _Pen) -> None:
    way = [(10.8, 17.0), (14.8, 21.0), (21.8, 12.4)]
    pen.stroke(way, 5.4, _PAPER)
    pen.stroke(way, 3.4, _GREEN)


def _arrow(pen: _Pen) -> None:
    shaft, head = [(_X, 21.6), (_X, 12.0)], [(12.2, 15.8), (_X, 11.0), (21.8, 15.8)]
    for width, colour in ((5.4, _PAPER), (3.4, _BLUE)):
        pen.stroke(shaft, width, colour)
        pen.stroke(head, width, colour)


def _exclamation(pen: _Pen) -> None:
    pen.area([(_X, 7.6), (25.4, 24.0), (8.6, 24.0)], _PAPER)
    pen.area([(_X, 9.6), (23.8, 23.0), (10.2, 23.0)], _RED)
    pen.box((16.0, 13.8, 18.0, 18.8), _PAPER)
    pen.box((16.0, 19.8, 18.0, 21.8), _PAPER)


def _bars(pen: _Pen) -> None:
    pen.box((10.0, 9.0, 24.0, 24.0), _PAPER)
    pen.box((11.2, 10.5, 15.6, 22.8), _AMBER)
    pen.box((18.4, 10.5, 22.8, 22.8), _AMBER)


def _slash(pen: _Pen) -> None:
    _ring(pen, _AMBER)
    pen.disc((_X, _Y), 4.0, _PAPER)
    pen.stroke([(13.6, 20.4), (20.4, 13.6)], 2.0, _AMBER)


def _square(pen: _Pen) -> None:
    pen.box((10.0, 10.0, 24.0, 24.0), _PAPER)
    pen.box((11.0, 11.0, 23.0, 23.0), _GREY)
    pen.stroke([(14.2, 14.2), (19.8, 19.8)], 2.0, _PAPER)
    pen.stroke([(14.2, 19.8), (19.8, 14.2)], 2.0, _PAPER)


_BADGES: dict[Face, Callable[[_Pen], None]] = {
    Face.IDLE: _tick,
    Face.WORKING: _arrow,
    Face.ATTENTION: _exclamation,
    Face.PAUSED: _bars,
    Face.OFFLINE: _slash,
    Face.STOPPED: _square,
}


def largest(face: Face) -> Image.Image:
    """Return the icon for pystray, which makes it smaller itself; it remembers its face."""
    image = picture(face, SIZES[-1]).copy()
    image.info[_FACE] = face
    return image


def face_of(image: Image.Image) -> Face:
    """Return what an icon of `largest` says."""
    return Face(image.info[_FACE])


def argb(image: Image.Image) -> bytes:
    """Return the pixels as D-Bus wants them: alpha first."""
    red, green, blue, alpha = image.split()
    return Image.merge("RGBA", (alpha, red, green, blue)).tobytes()


_FACE = "face"
