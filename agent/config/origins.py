"""Where each value in force comes from: a line of the file, or the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from agent.config.locate import KeyPath
from agent.config.read import Document

DEFAULT = "default"

_INHERITED: Mapping[str, KeyPath] = MappingProxyType(
    {"company": ("nectar", "company"), "types": ("detection", "types")}
)
"""Keys of a folder that come from elsewhere where the folder does not give them."""


def origins(document: Document, known: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Return ``default`` or ``config.toml:LINE`` for every key, by its dotted name.

    A folder's keys are named ``folders[0].path``; ``site_names`` has an origin for each name.
    """
    found: dict[str, str] = {}
    for table, keys in known.items():
        if table == "folders":
            for index in range(len(document.values.get("folders", ()))):
                for key in keys:
                    found[f"folders[{index}].{key}"] = _folder_origin(document, index, key)
        elif table == "site_names":
            for name in document.values.get("site_names", ()):
                found[f"site_names.{name}"] = _origin(document, (table, name))
        else:
            for key in keys:
                found[f"{table}.{key}"] = _origin(document, (table, key))
    return MappingProxyType(found)


def _origin(document: Document, path: KeyPath) -> str:
    place = document.places.get(path)
    return f"{document.name}:{place.line}" if place and place.value not in {'""', "''"} else DEFAULT


def _folder_origin(document: Document, index: int, key: str) -> str:
    own = _origin(document, ("folders", index, key))
    return _origin(document, _INHERITED[key]) if own == DEFAULT and key in _INHERITED else own
