"""The ``ignore`` patterns of the settings.

What they mean, much as in a ``.gitignore``:

* ``*`` stands for any characters but ``/``, ``?`` for one of them, ``**`` for any characters. All
  others mean themselves, brackets too, since they are common in names (``scan [1].pdf``).
* A pattern without ``/`` is the name of a file or folder at any depth: ``copy of *``.
* A pattern with ``/`` is a path from the watched folder on: ``*/old/*``, ``/drafts``. With
  ``**/`` before it it may begin at any depth.
* A ``/`` at the end means folders alone: ``drafts/``.
* A folder that matches is left alone with everything in it.
* Case does not matter, nor in which of its two spellings an accented letter is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.bills.owing import name_key

_DEEP = re.compile(r"((?:\A|(?<=/))\*\*/|\*\*)")
"""``**/`` at the beginning of a name, where it may stand for no folder at all, and any ``**``."""
_DEEP_MEANINGS = {"**/": "(?:.*?/)??", "**": ".*?"}


class IgnorePatterns:
    """Patterns, compiled once. Paths are relative to the watched folder, with ``/``."""

    def __init__(self, patterns: Iterable[str]) -> None:
        # "./drafts" and "/drafts" are one: from the watched folder on.
        cleaned = [re.sub(r"\A\./", "/", _folded(pattern)) for pattern in patterns]
        wanted = [pattern for pattern in cleaned if pattern.strip("/ ")]
        self._files = _any_of(pattern for pattern in wanted if not pattern.endswith("/"))
        self._folders = _any_of(wanted)

    def ignore_file(self, relative: str) -> bool:
        """Whether the file itself is ignored; the folders above it are not looked at."""
        return self._files is not None and self._files.match(_folded(relative)) is not None

    def ignore_folder(self, relative: str) -> bool:
        """Whether the folder is ignored with all it holds."""
        return self._folders is not None and self._folders.match(_folded(relative)) is not None


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    expressions = [_expression(pattern) for pattern in patterns]
    return re.compile(rf"(?:{'|'.join(expressions)})\Z", re.DOTALL) if expressions else None


def _expression(pattern: str) -> str:
    """Return ``pattern`` as an expression that takes no more steps than the square of a path.

    A star gives way only as far as the next text behind it stands first: wherever that text stands
    again, whatever follows can be found from its first place too. So it may be an atomic group,
    which never tries the other places; with several stars these would be a power of the length.
    Before the last ``**`` the same holds for all that stands between two of them.
    """
    pattern = re.sub(r"\*{3,}", "**", pattern.removesuffix("/"))
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    parts = _DEEP.split(pattern.removeprefix("/"))
    expression = _flat(parts[0], is_last=len(parts) == 1)
    for at in range(1, len(parts), 2):
        is_last = at + 2 == len(parts)
        deep = _DEEP_MEANINGS[parts[at]] + _flat(parts[at + 1], is_last=is_last)
        expression += deep if is_last else f"(?>{deep})"
    return expression


def _flat(part: str, *, is_last: bool) -> str:
    """Return what stands between two ``**``; the ``is_last`` part has to reach the path's end."""
    first, *others = ("".join(map(_character, text)) for text in part.split("*"))
    expression = first
    for number, text in enumerate(others, 1):
        is_end = is_last and number == len(others)
        expression += f"[^/]*{text}" if is_end else f"(?>[^/]*?{text})"
    return expression


def _character(character: str) -> str:
    return "[^/]" if character == "?" else re.escape(character)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else name_key(text)
