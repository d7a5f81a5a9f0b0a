"""pydantic's findings as mistakes in plain words: one table, one sentence for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from agent.config.locate import KeyPath
from agent.config.mistakes import Mistake, mistake_at, shown
from agent.config.quoting import in_single_quotes
from agent.config.read import SHOWN_KEYS, Document

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Known = Mapping[str, Sequence[str]]
"""The names of the keys each table knows."""

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "string_type": "must be text in quotes",
        "string_too_short": "must not be empty",
        "int_type": "must be a whole number without quotes",
        "float_type": "must be a number without quotes",
        "finite_number": "must be a plain number",
        "bool_type": "must be true or false, without quotes",
        "list_type": 'must be a list in square brackets, such as ["pdf"]',
        "dict_type": "must be a table: its name in square brackets on a line of its own",
        "model_type": "must be a table: its name in square brackets on a line of its own",
        "too_short": "must name at least one",
        "greater_than": "must be more than {gt:g}",
        "greater_than_equal": "must be at least {ge:g}",
        "less_than_equal": "must be at most {le:g}",
        "mistake": "{sentence}",
    }
)
"""What each kind of finding means; the kinds not here have a function of their own."""


def describe(errors: Iterable[ErrorDetails], document: Document, known: Known) -> list[Mistake]:
    """Return a mistake for each of pydantic's ``errors`` about ``document``."""
    return [_Finding(error, document, known).mistake() for error in errors]


class _Finding:
    def __init__(self, error: ErrorDetails, document: Document, known: Known) -> None:
        self._kind = error["type"]
        self._message = error["msg"]
        self._context = error.get("ctx", {})
        # "[key]" is pydantic's word for "the name itself, not its value".
        self._path: KeyPath = tuple(part for part in error["loc"] if part != "[key]")
        self._value = error["input"]
        self._document = document
        self._known = known

    def mistake(self) -> Mistake:
        return mistake_at(self._document, self._path, self._sentence())

    def _sentence(self) -> str:
        special: dict[str, Callable[[], str]] = {
            "missing": self._missing,
            "extra_forbidden": self._unknown,
            "literal_error": self._one_of,
            "control_character": self._control_character,
        }
        if self._kind in special:
            return special[self._kind]()
        if len(self._path) == 1:
            return self._wrong_table()
        template = SENTENCES.get(self._kind, "cannot be used as it is")
        return template.format(**{"sentence": self._message, **self._context})

    def _missing(self) -> str:
        if self._path == ("folders",):
            return _NO_FOLDER
        return f"is missing. Write, for example, {_EXAMPLES[str(self._path[-1])]}"

    def _wrong_table(self) -> str:
        table = self._path[0]
        if table == "folders":
            return _NO_FOLDER if self._value == [] else "must be written [[folders]], once a folder"
        return f"must be a table: write [{table}] on a line of its own, once"

    def _unknown(self) -> str:
        *tables, name = self._path
        name = str(name)
        if not tables:
            return self._unknown_table(name)
        here = self._known[str(tables[0])]
        near = _nearest(name, here)
        if near:
            return f"unknown key. Did you mean {near}?"
        return self._belongs(name) or f"unknown key. This table knows {', '.join(here)}"

    def _unknown_table(self, name: str) -> str:
        near = _nearest(name, self._known)
        if isinstance(self._value, (dict, list)):
            return (
                f"unknown table. Did you mean {_bracketed(near)}?"
                if near
                else f"unknown table. There are {', '.join(map(_bracketed, self._known))}"
            )
        return self._belongs(name) or "unknown key. Every key stands below its [table]"

    def _belongs(self, name: str) -> str | None:
        tables = [table for table, keys in self._known.items() if name in keys]
        if tables:
            return f"belongs in {' or '.join(map(_bracketed, tables))}"
        for table, keys in self._known.items():
            near = _nearest(name, keys)
            if near:
                return f"unknown key. Did you mean {near} in {_bracketed(table)}?"
        return None

    def _one_of(self) -> str:
        # pydantic lists the words as 'a', 'b' or 'c'; TOML people write them in double quotes.
        expected = str(self._context["expected"]).replace("'", '"')
        words = [word for word in expected.split('"') if word.strip(" ,") not in {"", "or"}]
        if isinstance(self._value, str):
            plain = self._value.strip(" .").casefold()
            folded = {word.casefold(): word for word in words}
            near = folded.get(plain) or next(
                (word for word in words if len(plain) > 2 and word.startswith(plain)), None
            )
            if near:
                return f'write "{near}"'
        return f"must be {expected}"

    def _control_character(self) -> str:
        place = self._document.places.get(self._path)
        key = str(self._path[-1])
        written = place.value if place else ""
        if not (written.startswith('"') and not written.startswith('"""') and "\\" in written):
            return "must not hold a tab, a line break or another control character"
        sentence = "a backslash in double quotes means something else."
        if key in SHOWN_KEYS:
            return f"{sentence} Write: {key} = {in_single_quotes(written[1:-1])}"
        return f"{sentence} Use single quotes"


_EXAMPLES = {"path": "path = 'C:\\Bills\\Plant 7'", "site": 'site = "PLANT-07"'}
_NO_FOLDER = (
    "no folder is named. Write, for example, [[folders]] on a line, then "
    f"{_EXAMPLES['path']}, then {_EXAMPLES['site']}"
)


def _nearest(name: str, names: Iterable[str]) -> str | None:
    plain = name.lower().replace("-", "_").replace(" ", "_")
    near = get_close_matches(plain, list(names), 1, 0.7)
    return near[0] if near else None


def _bracketed(table: str) -> str:
    return "[[folders]]" if table == "folders" else f"[{shown(table)}]"
