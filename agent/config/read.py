"""From a file to its TOML values and their places; what hinders that is one clear mistake."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.bills.errors import ConfigurationError
from agent.config.locate import KeyPath, Place, locate
from agent.config.syntax import syntax_sentence

_LARGEST = 1_000_000  # bytes; a folder takes about a hundred of them

_MOST_DOTS = 100
_TOO_DEEP = "the name of this key has too many parts to be a setting"
_NO_NAME = re.compile(r"'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|#.*")
"""What may hold dots without being the name of a key: texts in quotes, and remarks."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file as read."""

    name: str
    """The file's own name, as mistakes show it."""
    values: dict[str, Any]
    places: dict[KeyPath, Place]


def read(path: Path) -> Document:
    """Return the values and places of the TOML file at ``path``; a UTF-8 mark is passed over.

    Raises ConfigurationError with the one mistake that hinders it: no such file, not readable,
    not UTF-8, or not TOML (with the line).
    """
    text = _decoded(path, _content(path))
    deep = _line_with_a_deep_key(text)
    if deep is not None:
        raise ConfigurationError((f"{path.name}:{deep}: {_TOO_DEEP}",))
    try:
        return Document(path.name, tomllib.loads(text), locate(text))
    except tomllib.TOMLDecodeError as error:
        line = _line_number(error, text)
        mistake = f"{path.name}:{line}: {syntax_sentence(str(error), _line(text, line))}"
    except RecursionError:
        mistake = f"{path.name}: brackets are nested too deeply to be settings"
    except ValueError:  # Python converts no number of more than 4300 digits
        mistake = f"{path.name}: a number in it is too long"
    raise ConfigurationError((mistake,))


def _line_with_a_deep_key(text: str) -> int | None:
    """Return the first line with a key of very many parts (``a.a.a.a…``), None for none.

    The time that TOML takes to read grows with the square of them.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS and _NO_NAME.sub("a", line).count(".") > _MOST_DOTS:
            return number
    return None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ConfigurationError((f"{path}: {_unreadable(path, error)}",)) from None
    if len(content) > _LARGEST:
        raise ConfigurationError((f"{path}: is too large to be a configuration file",))
    return content


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return 'there is no such file. Write one with "bill-agent init", or name it with --config'
    # Windows says "permission denied" for a folder.
    if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
        return "is a folder. Name the file in it with --config"
    if isinstance(error, PermissionError):
        return "may not be read by this user. Change its permissions"
    reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
    return f"cannot be read: {reason}"


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(_UTF_16_MARKS):
        raise ConfigurationError(
            (f'{path.name}: is saved as UTF-16, also called "Unicode". Save it again as UTF-8',)
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        mistake = f"{path.name}:{line}: is not UTF-8 text. Save the file again as UTF-8"
        raise ConfigurationError((mistake,)) from None


def _line_number(error: tomllib.TOMLDecodeError, text: str) -> int:
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else text.rstrip().count("\n") + 1


def _line(text: str, number: int) -> str:
    return text.split("\n")[number - 1].rstrip("\r")
