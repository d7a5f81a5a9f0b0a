"""The API key in memory: it goes into a request's header and nowhere else."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Never

from agent.bills.errors import NeedsAttention

_LONGEST = 4096


class Secret:
    """The API key. Shows, formats and pickles as nothing; ``reveal`` is the one way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the key itself, for the header of a request or the key store."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Never:
        raise TypeError("the API key is not pickled or copied")


def key_text(content: bytes) -> str:
    """Return the text of a key that somebody wrote into a file or a pipe.

    Editors and PowerShell of Windows write a mark before it, and often UTF-16.
    """
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return content.decode(encoding, "replace")


def secret_from(text: str, *, source: str) -> Secret:
    """Return the key that ``text`` is, without the blanks and the line's end around it.

    ``source`` names where it is from, for the message. Raises NeedsAttention, without showing the
    text, where it is empty or cannot stand in a request's header.
    """
    key = text.strip()
    if not key:
        raise NeedsAttention(
            "key-missing", f"The API key from {source} is empty.", "Put Nectar's API key there."
        )
    if len(key) > _LONGEST or not all("!" <= character <= "~" for character in key):
        raise NeedsAttention(
            "key-missing",
            f"There is no API key in {source}: a key is one word of letters, digits and signs.",
            "Copy it again from Nectar's settings, alone and in full.",
        )
    return Secret(key)
