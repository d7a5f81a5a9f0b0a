r"""Ids and words of Nectar that can be asked by, stored and shown, whatever was sent as one.

JSON may hold half characters (``"\ud800"``), which neither UTF-8 nor the store can; control
characters, which would end a line of a form or a terminal; and a megabyte where an id was due.
"""

from __future__ import annotations

LONGEST_ID = 500
"""Characters. An address that holds a longer one is refused on the way."""


def is_usable_id(text: str) -> bool:
    """Whether ``text`` can stand in an address, in a form and in the store as it is.

    No half characters, no control or other invisible characters, and not too long.
    """
    return 0 < len(text) <= LONGEST_ID and text.isprintable()


def usable_id(value: object) -> str | None:
    """Return ``value`` where it is a text that can be asked by, else None."""
    return value if isinstance(value, str) and is_usable_id(value) else None


def whole(text: str) -> str:
    """Return ``text`` with a question mark for each half character."""
    return text.encode("utf-8", "replace").decode()
