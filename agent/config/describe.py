"""pydantic's findings as mistakes in plain words: one sentence for each kind of finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from agent.config.definitions import KeyDefinition, TableDefinition
from agent.config.locate import KeyPath
from agent.config.mistakes import Mistake, mistake_at
from agent.config.quoting import quoted
from agent.config.read import Document
from agent.config.syntax import backslash_sentence
from agent.config.values import CONTROL_CHARACTER, OWN_MISTAKE

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Tables = Mapping[str, TableDefinition]

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "string_type": "must be text in quotes",
        "string_too_short": "must not be empty",
        "int_type": "must be a whole number, without quotes",
        "float_type": "must be a number, without quotes",
        "finite_number": "must be a plain number",
        "bool_type": "must be true or false, without quotes",
        "list_type": "must be a list in square brackets",
        "too_short": "must name at least one",
        "greater_than": "must be {bounds}",
        "greater_than_equal": "must be {bounds}",
        "less_than_equal": "must be {bounds}",
        OWN_MISTAKE: "{sentence}",
    }
)
"""What a kind of finding means. The other kinds need a look at the file: see ``_Finding``."""


def describe(errors: Iterable[ErrorDetails], document: Document, tables: Tables) -> list[Mistake]:
    """Return a mistake for each of pydantic's ``errors`` about ``document``."""
    return [_Finding(error, document, tables).mistake() for error in errors]


class _Finding:
    def __init__(self, error: ErrorDetails, document: Document, tables: Tables) -> None:
        self._kind = error["type"]
        self._context = error.get("ctx", {})
        # "[key]" is pydantic's word for "the name itself, not its value".
        self._path: KeyPath = tuple(part for part in error["loc"] if part != "[key]")
        self._value = error["input"]
        self._document = document
        self._tables = tables

    def mistake(self) -> Mistake:
        return mistake_at(self._document, self._path, self._sentence())

    def _sentence(self) -> str:
        if len(self._path) == 1 and self._kind != "extra_forbidden":
            return self._no_table()
        special: Mapping[str, Callable[[], str]] = {
            "missing": self._missing,
            "extra_forbidden": self._unknown,
            "literal_error": self._none_of,
            "model_type": self._no_table,
            CONTROL_CHARACTER: self._control_character,
        }
        if self._kind in special:
            return special[self._kind]()
        key = self._key()
        bounds = key.bounds if key else ""
        sentence = SENTENCES.get(self._kind, "cannot be used as it is")
        return sentence.format(**{**self._context, "bounds": bounds})

    def _key(self) -> KeyDefinition | None:
        """Return the definition of the key the finding is about."""
        names = [part for part in self._path if isinstance(part, str)]
        return self._tables[names[0]].keys.get(names[1]) if len(names) > 1 else None

    def _missing(self) -> str:
        key = self._key()
        assert key is not None, "only keys of a folder can be missing"
        return f"is missing. Write, for example, {_assigned(key)}"

    def _no_table(self) -> str:
        table = self._tables[str(self._path[0])]
        if table.name != "folders":
            return f"must be a table. Write {table.header} on a line of its own, once"
        if self._kind in {"missing", "too_short"}:
            example = ", then ".join(_assigned(key) for key in table.keys.values() if key.required)
            return f"no folder is named. Write, for example, {table.header} on a line, {example}"
        return f"must be written {table.header} on a line of its own, once for each folder"

    def _unknown(self) -> str:
        *above, name = self._path
        if not above:
            return self._unknown_table(str(name))
        table = self._tables[str(above[0])]
        near = _nearest(str(name), table.keys)
        if near:
            return f"unknown key. Did you mean {near}?"
        return self._elsewhere(str(name)) or (
            f"unknown key. {table.header} knows {', '.join(table.keys)}"
        )

    def _unknown_table(self, name: str) -> str:
        if not isinstance(self._value, (dict, list)):
            return self._elsewhere(name) or "unknown key. Every key stands below its [table]"
        near = _nearest(name, self._tables)
        if near:
            return f"unknown table. Did you mean {self._tables[near].header}?"
        known = ", ".join(table.header for table in self._tables.values())
        return f"unknown table. There are {known}"

    def _elsewhere(self, name: str) -> str | None:
        """Say in which other table a key of this or a near name belongs."""
        exact = [table.header for table in self._tables.values() if name in table.keys]
        if exact:
            return f"belongs in {' or '.join(exact)}"
        for table in self._tables.values():
            near = _nearest(name, table.keys)
            if near:
                return f"unknown key. Did you mean {near} in {table.header}?"
        return None

    def _none_of(self) -> str:
        # pydantic lists the words as 'a', 'b' or 'c'; in the file they stand in double quotes.
        expected = str(self._context["expected"]).replace("'", '"')
        words = expected.split('"')[1::2]
        near = _meant(self._value, words) if isinstance(self._value, str) else None
        return f'must be written "{near}"' if near else f"must be {expected}"

    def _control_character(self) -> str:
        written = self._document.places[self._path].value
        if not written.startswith('"') or written.startswith('"""') or "\\" not in written:
            return "must not hold a tab, a line break or another control character"
        return backslash_sentence(str(self._path[-1]), written[1:-1])


def _assigned(key: KeyDefinition) -> str:
    return f"{key.name} = {quoted(key.example)}"


def _meant(word: str, words: Sequence[str]) -> str | None:
    """Return which of ``words`` differs from ``word`` in case or a leading dot, or goes on."""
    plain = word.strip(" .").casefold()
    for known in words:
        folded = known.casefold()
        if plain == folded or (len(plain) >= 3 and folded.startswith(plain)):
            return known
    return None


def _nearest(name: str, names: Iterable[str]) -> str | None:
    plain = name.lower().replace("-", "_").replace(" ", "_")
    near = get_close_matches(plain, list(names), 1, 0.7)
    return near[0] if near else None
