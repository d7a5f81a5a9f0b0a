"""A page as a list of marks, for paper and for pictures alike.

Lengths are points (1/72 inch); the origin is the upper left corner of a US letter page.
"""

from dataclasses import dataclass
from enum import Enum

PAGE_WIDTH = 612.0
PAGE_HEIGHT = 792.0

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""

BLACK: Colour = (0.12, 0.13, 0.15)
GREY: Colour = (0.45, 0.47, 0.5)
PALE: Colour = (0.93, 0.94, 0.95)
WHITE: Colour = (1.0, 1.0, 1.0)


class Align(Enum):
    """Which end of a text its x is."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text on a baseline; Latin letters only."""

    x: float
    y: float
    content: str
    size: float = 9.5
    bold: bool = False
    colour: Colour = BLACK
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon."""

    corners: tuple[tuple[float, float], ...]
    colour: Colour


Mark = Text | Box | Shape
Page = tuple[Mark, ...]
