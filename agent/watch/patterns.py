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

_SPECIAL = re.compile(r"(/\*\*/|\*\*/|/\*\*|\*\*|\*|\?)")
_MEANINGS = {
    "/**/": "/(?:.*/)?",
    "**/": "(?:.*/)?",
    "/**": "/.*",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
}


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
    pattern = pattern.removesuffix("/")
    start = "" if "/" in pattern else "(?:.*/)?"
    parts = _SPECIAL.split(re.sub(r"\*{3,}", "**", pattern.removeprefix("/")))
    return start + "".join(_MEANINGS.get(part) or re.escape(part) for part in parts)


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else name_key(text)
