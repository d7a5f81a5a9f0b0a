"""From a file to its TOML values and its text; whatever hinders that is one clear mistake."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.bills.errors import ConfigurationError
from agent.config.locate import KeyPath, Place, locate
from agent.config.quoting import in_double_quotes, in_single_quotes

_LARGEST = 1_000_000  # bytes; a folder takes about 100, so this is no limit for anyone

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

SHOWN_KEYS = ("path", "data_dir", "ca_file")
"""Keys whose line a mistake may show: their values are paths and nothing secret."""


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file as read: its values, and where each of them stands."""

    name: str
    """The file's own name, as mistakes show it."""
    values: dict[str, Any]
    places: dict[KeyPath, Place]


def read(path: Path) -> Document:
    """Return the values and places of the TOML file at ``path``.

    Raises ConfigurationError with the one mistake that hinders it: no such file, not readable,
    not UTF-8, or not TOML (with the line).
    """
    text = _decoded(path, _bytes(path))
    try:
        return Document(path.name, tomllib.loads(text), locate(text))
    except tomllib.TOMLDecodeError as error:
        line = _line_of(error, text)
        mistake = f"{path.name}:{line}: {_syntax_sentence(str(error), _line(text, line))}"
    except RecursionError:
        mistake = f"{path.name}: brackets are nested too deeply to be settings"
    except ValueError:  # a number of more digits than Python converts
        mistake = f"{path.name}: a number in it is too long"
    raise ConfigurationError((mistake,))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        sentence = (
            f'{path}: there is no such file. Write one with "bill-agent init", '
            "or name another with --config"
        )
    except IsADirectoryError:
        sentence = f"{path}: is a folder. Name the file in it with --config"
    except PermissionError:
        # Windows answers this for a folder as well.
        sentence = f"{path}: may not be read. Allow this user to read it"
        if path.is_dir():
            sentence = f"{path}: is a folder. Name the file in it with --config"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        sentence = f"{path}: cannot be read ({reason or 'its name is not valid'})"
    else:
        if len(content) <= _LARGEST:
            return content
        sentence = f"{path}: is too large to be a configuration file"
    raise ConfigurationError((sentence,))


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(_UTF_16_MARKS):
        raise ConfigurationError(
            (f'{path.name}: is saved as UTF-16 ("Unicode"). Save it again as UTF-8',)
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        mistake = f"{path.name}:{line}: is not UTF-8 text. Save the file again as UTF-8"
    raise ConfigurationError((mistake,))


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else len(text.rstrip().splitlines()) or 1


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""


_DOUBLE_QUOTED = re.compile(r'\s*([\w-]+)\s*=\s*"(?!"")(.*?)"?\s*(?:#[^"]*)?$')
_SINGLE_QUOTED = re.compile(r"\s*([\w-]+)\s*=\s*'(?!'')(.*)'\s*(?:#[^']*)?$")
_UNQUOTED = re.compile(r"\s*[\w-]+\s*=\s*[A-Za-z~/\\$%][^\"'\[\]{}]*$")
_CURLY_QUOTES = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")


def _syntax_sentence(problem: str, line: str) -> str:
    """Say what is wrong with ``line``, where ``tomllib`` met ``problem``."""
    double = _DOUBLE_QUOTED.match(line)
    if double and "\\" in double[2]:
        return "a backslash in double quotes means something else. " + _shown(
            double[1], in_single_quotes(double[2]), "Use single quotes"
        )
    single = _SINGLE_QUOTED.match(line)
    if single and "'" in single[2]:
        return "single quotes cannot hold an apostrophe. " + _shown(
            single[1], in_double_quotes(single[2]), "Use double quotes, and double each backslash"
        )
    if _CURLY_QUOTES.search(line):
        return "typographic quotes do not count as quotes. Use plain ones: \" or '"
    for expression, sentence in _PROBLEMS:
        if re.search(expression, problem):
            if sentence == _VALUE and _UNQUOTED.match(line):
                return 'text needs quotes, such as site = "PLANT-07"'
            return sentence
    return "this line is not TOML"


def _shown(key: str, value: str, otherwise: str) -> str:
    return f"Write: {key} = {value}" if key in SHOWN_KEYS else otherwise


_VALUE = "a value is missing or is none: text in quotes, a number, true or false, or a list"
_PROBLEMS = (
    (
        "Cannot declare|namespace",
        "this table, or a part of it, stands in the file already. Keep one",
    ),
    ("Cannot overwrite|Duplicate", "this key stands in its table already. Keep one"),
    ("Expected '='|after a key", 'after a key comes "=" and its value'),
    (
        "end of a(?:n array| table) declaration",
        'a table\'s name ends with "]", [[folders]] with "]]"',
    ),
    ('Unterminated|Illegal character|Expected "\'"', "a text is not closed. Put its second quote"),
    ("Unclosed array", 'a list is not closed. Put its "]" and a comma between its members'),
    ("Unclosed inline", 'a table in braces is not closed. Put its "}", all on one line'),
    (
        "Expected newline|end of document after",
        "something follows the value. One key stands on a line",
    ),
    ("Invalid initial|Invalid statement|key part", "a line begins with a key, a [table] or a #"),
    ("date", "no such date or time. A date is written 2026-01-31"),
    ("Invalid value", _VALUE),
)
