"""Why the helper process could not open a file; each is one word on the wire."""

from __future__ import annotations


class Locked(Exception):
    """The PDF cannot be opened without a password."""


class Broken(Exception):
    """The bytes cannot be opened as what they say they are."""


class TooManyPixels(Exception):
    """The picture's size, ``args`` as width and height, is more than may be opened."""
