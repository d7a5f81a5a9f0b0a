"""Where each value in force comes from: a line of the file, or the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from agent.config.definitions import TableDefinition
from agent.config.locate import KeyPath
from agent.config.read import Document

DEFAULT = "default"

_INHERITED: Mapping[str, KeyPath] = MappingProxyType(
    {"company": ("nectar", "company"), "types": ("detection", "types")}
)
"""Keys of a folder that come from elsewhere where the folder does not give them."""


def origins(document: Document, tables: Mapping[str, TableDefinition]) -> Mapping[str, str]:
    """Return ``default`` or ``config.toml:LINE`` for every key, by its dotted name.

    A folder's keys are named ``folders[0].path``; ``site_names`` has an origin for each name.
    """
    found = {
        name: _origin(document, path)
        for table in tables.values()
        for name, path in _keys(document, table)
    }
    return MappingProxyType(found)


def _keys(document: Document, table: TableDefinition) -> Iterator[tuple[str, KeyPath]]:
    if table.name == "folders":
        for index in range(len(document.values["folders"])):
            for key in table.keys:
                yield f"folders[{index}].{key}", ("folders", index, key)
    else:
        for key in table.keys or document.values.get(table.name, ()):
            yield f"{table.name}.{key}", (table.name, key)


def _origin(document: Document, path: KeyPath) -> str:
    place = document.places.get(path)
    if place is not None and place.value not in {'""', "''"}:  # "" is as if the key were not there
        return f"{document.name}:{place.line}"
    if len(path) == 3 and path[2] in _INHERITED:
        return _origin(document, _INHERITED[str(path[2])])
    return DEFAULT
