"""Where in the text each key of a TOML file stands: ``tomllib`` tells no lines.

Reads only text that ``tomllib`` has accepted, so it need not judge; it must merely never take a
bracket, a quote or a ``#`` inside a string for one outside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The way to a value: names of keys, and places (from 0) in arrays."""

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key stands: its line (from 1), and its value as written (empty for a header)."""

    line: int
    value: str = ""


def locate(text: str) -> dict[KeyPath, Place]:
    """Return the place of every table, key and array element of ``text``, a valid TOML document.

    A table that only dotted keys or sub-tables mention has the place of the first mention.
    """
    return _Locator(text).run()


class _Locator:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._places: dict[KeyPath, Place] = {}
        self._lengths: dict[KeyPath, int] = {}  # of the arrays of tables

    def run(self) -> dict[KeyPath, Place]:
        table: KeyPath = ()
        self._skip_space()
        while self._at < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip_space()
        return self._places

    def _header(self) -> KeyPath:
        line = self._line()
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        *parents, last = self._key()
        self._at += 2 if many else 1
        path: KeyPath = ()
        for name in parents:
            path = self._into_last((*path, name), line)
        path = (*path, last)
        self._places.setdefault(path, Place(line))
        if many:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path = (*path, index)
            self._places[path] = Place(line)
        return path

    def _into_last(self, path: KeyPath, line: int) -> KeyPath:
        self._places.setdefault(path, Place(line))
        length = self._lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _assignment(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for name in self._key():
            path = (*path, name)
            self._places.setdefault(path, Place(line))
        self._at += 1  # the equals sign
        self._skip_space()
        begin = self._at
        self._value(path)
        self._places[path] = Place(line, self._text[begin : self._at].strip())

    def _key(self) -> Iterator[str]:
        parts = []
        while True:
            self._skip_space()
            quoted = _STRING.match(self._text, self._at)
            match = quoted or _BARE_KEY.match(self._text, self._at)
            assert match is not None, "tomllib accepted a key that is none"
            parts.append(_unquoted(match[0]) if quoted else match[0])
            self._at = match.end()
            self._skip_space()
            if self._peek() != ".":
                return iter(parts)
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        string = _STRING.match(self._text, self._at)
        if string is not None:
            self._at = string.end()
        elif self._peek() == "[":
            self._members(path, "]")
        elif self._peek() == "{":
            self._members(path, "}")
        else:
            bare = _BARE_VALUE.match(self._text, self._at)
            assert bare is not None, "matches the empty text too"
            self._at = bare.end()

    def _members(self, path: KeyPath, end: str) -> None:
        self._at += 1
        index = 0
        self._skip_space()
        while self._peek() != end:
            if end == "}":
                self._assignment(path)
            else:
                member = (*path, index)
                line, begin = self._line(), self._at
                self._value(member)
                self._places[member] = Place(line, self._text[begin : self._at].strip())
                index += 1
            self._skip_space()
            if self._peek() == ",":
                self._at += 1
                self._skip_space()
        self._at += 1

    def _peek(self) -> str:
        return self._text[self._at]

    def _line(self) -> int:
        return bisect_right(self._lines, self._at)

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        assert match is not None, "matches the empty text too"
        self._at = match.end()


def _unquoted(raw: str) -> str:
    if raw[0] == "'":
        return raw[1:-1]
    return _ESCAPE.sub(_escaped, raw[1:-1])


def _escaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(match[4], match[4])
