"""One mistake in a configuration file: its line, its key, and a sentence.

No mistake quotes a value, for a key pasted in the wrong place must not reach a log. Names of keys
are quoted unless they are so long that they may be a key themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.config.locate import KeyPath
from agent.config.read import Document

_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake; they sort by their line."""

    line: int
    """From 1; 0 where it cannot be known."""
    where: str
    """``[table] key``, or empty."""
    sentence: str
    """What is wrong, what would be right; without a full stop."""

    def text(self, file_name: str) -> str:
        """Return ``config.toml:LINE [table] key: what is wrong, what would be right``."""
        place = f"{file_name}:{self.line}" if self.line else file_name
        return f"{place}{self.where and ' '}{self.where}: {self.sentence}"


def mistake_at(document: Document, path: KeyPath, sentence: str) -> Mistake:
    """Return the mistake of the key at ``path``; a missing key has its table's line."""
    line = 0
    for length in range(len(path), 0, -1):
        if path[:length] in document.places:
            line = document.places[path[:length]].line
            break
    return Mistake(line, where(document, path), sentence)


def where(document: Document, path: KeyPath) -> str:
    """Return ``[table] key`` for ``path``, with double brackets where the table has them."""
    table, *names = path
    keys = ".".join(shown(name) for name in names if isinstance(name, str))
    value = document.values.get(str(table))
    if table == "folders" or (isinstance(value, list) and any(isinstance(x, dict) for x in value)):
        return f"[[{shown(str(table))}]] {keys}".rstrip()
    if isinstance(value, dict) or names:
        return f"[{shown(str(table))}] {keys}".rstrip()
    return shown(str(table))


def shown(name: str) -> str:
    """Return a key's name, or only its length where it may be a secret."""
    return name if len(name) <= _LONGEST_NAME else f"(a name of {len(name)} characters)"
