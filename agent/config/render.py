"""Configuration files as text, made from the schema: the example, and the one ``init`` writes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import tomli_w

from agent.config.definitions import KeyDefinition, TableDefinition, definitions
from agent.config.paths import unexpandable
from agent.config.quoting import quoted
from agent.config.settings import SUBFOLDER

_WIDTH = 99
_FILES = frozenset({"api_key_file", "ca_file"})
"""Keys of ``[nectar]`` whose values are paths."""

Values = Mapping[str, Any]

_EXAMPLE_HEAD = """\
All settings of nectar-bill-agent with their defaults, and two folders as examples.
"bill-agent init" writes a file of your own, "bill-agent config path" says where it lies, and
"bill-agent doctor" whether it is right."""

_INIT_HEAD = """\
Settings of nectar-bill-agent. A key behind a "# " shows its default or an example; remove the
"# " to set it. The API key does not belong here: "bill-agent key set" stores it.
"bill-agent doctor" says whether everything is right."""


def render_example() -> str:
    """Return ``config.example.toml``: every key with its meaning, and a value for most."""
    return _render(
        _EXAMPLE_HEAD,
        given={
            "nectar": {"company": "HMF"},
            "site_names": {"Harbor Mill Plant 7": "PLANT-07"},
        },
        folders=(
            {"path": r"C:\Bills\Plant 7", "site": "PLANT-07", "recursive": True},
            {"path": "~/Bills/All sites", "site": SUBFOLDER, "company": "LC"},
        ),
        show_defaults=True,
    )


def render_config(
    company: str | None,
    folders: Sequence[tuple[str, str]],
    nectar: Values = MappingProxyType({}),
) -> str:
    """Return a commented configuration file that ``load`` accepts, given at least one folder.

    ``folders`` are pairs of a path, taken as it is but for a leading ``~``, and an externalId or
    ``{subfolder}``; ``nectar`` has further values of that table. Keys left at their default stand
    in comments, so that a later default applies. Raises ValueError for a path that a UTF-8 file
    cannot hold.
    """
    keys = definitions()["nectar"].keys
    given = {
        name: unexpandable(value) if name in _FILES else value
        for name, value in ({**nectar, "company": company}).items()
        if value and value != keys[name].default
    }
    return _render(
        _INIT_HEAD,
        given={"nectar": given},
        folders=[{"path": unexpandable(path), "site": site} for path, site in folders],
        show_defaults=False,
    )


def _render(
    head: str, *, given: Mapping[str, Values], folders: Sequence[Values], show_defaults: bool
) -> str:
    blocks = ["\n".join(_commented(head.splitlines()))]
    for table in definitions().values():
        if table.name == "folders":
            blocks.extend(_folder_blocks(table, folders))
        elif table.keys:
            blocks.append(_table(table, given.get(table.name, {}), show_defaults=show_defaults))
        else:
            blocks.append(_names(table, given.get(table.name, {})))
    text = "\n\n".join(blocks) + "\n"
    text.encode()  # a name that is no Unicode cannot be written, and must not fail half-way
    return text


def _table(table: TableDefinition, given: Values, *, show_defaults: bool) -> str:
    lines = [*_wrapped(table.description), table.header]
    for key in table.keys.values():
        lines += ["", *_explained(key)]
        if key.name in given:
            lines.append(_assignment(key.name, given[key.name]))
        elif show_defaults and key.default is not None:
            lines.append(_assignment(key.name, key.default))
        else:
            lines.append(f"# {_assignment(key.name, _suggested(key))}")
    return "\n".join(lines)


def _folder_blocks(table: TableDefinition, folders: Sequence[Values]) -> Iterator[str]:
    """The first folder explains the keys, the others only have them."""
    for index, folder in enumerate(folders):
        lines = [] if index else _wrapped(table.description)
        lines.append(table.header)
        for key in table.keys.values():
            if not index:
                lines += ["", *_explained(key)]
            if key.name in folder:
                lines.append(_assignment(key.name, folder[key.name]))
            elif not index:
                lines.append(f"# {_assignment(key.name, _suggested(key))}")
        yield "\n".join(lines)


def _names(table: TableDefinition, given: Values) -> str:
    lines = [*_wrapped(table.description), table.header]
    lines += [_assignment(quoted(name), value) for name, value in given.items()]
    if not given:
        lines += [f"# {_assignment(quoted(name), value)}" for name, value in table.example.items()]
    return "\n".join(lines)


def _explained(key: KeyDefinition) -> list[str]:
    bounds = f" From {key.bounds}." if key.bounds[:1].isdigit() else ""
    return _wrapped(f"{key.description}{bounds}")


def _suggested(key: KeyDefinition) -> Any:
    return key.example if key.default is None else key.default


def _assignment(name: str, value: Any) -> str:
    return f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):  # in one line, as people write short lists
        return f"[{', '.join(map(_value, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")


def _wrapped(text: str) -> list[str]:
    return _commented(textwrap.wrap(text, _WIDTH - 2))


def _commented(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" for line in lines]
