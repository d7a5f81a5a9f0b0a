"""The settings described for readers and for editors, made from the schema."""

from __future__ import annotations

import json
from typing import Any

from agent.config.definitions import KeyDefinition, definitions
from agent.config.schema import ConfigurationFile


def settings_table() -> str:
    """Return a Markdown table of every key: its name, its default, what it means."""
    rows = ["| key | default | what it means |", "| --- | --- | --- |"]
    for table in definitions().values():
        rows += [
            f"| `{table.header} {key.name}` | {_default(key)} | {_cell(_meaning(key))} |"
            for key in table.keys.values()
        ]
        if not table.keys:
            rows.append(f"| `{table.header}` | | {_cell(table.description)} |")
    return "\n".join(rows) + "\n"


def _default(key: KeyDefinition) -> str:
    if key.required:
        return "required"
    return "" if key.default is None or key.default == "" else f"`{json.dumps(key.default)}`"


def _meaning(key: KeyDefinition) -> str:
    return f"{key.description} ({key.bounds})" if key.bounds else key.description


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``config.toml``, for editors: descriptions, defaults, bounds.

    Unknown keys are refused. What two settings say together, and what paths and addresses may
    hold, only ``load`` checks.
    """
    schema = ConfigurationFile.model_json_schema()
    schema.pop("description", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of nectar-bill-agent",
        **_without_noise(schema),
    }


def _without_noise(value: Any) -> Any:
    """Leave out the titles pydantic makes of names, and null, which TOML does not have."""
    if isinstance(value, list):
        return [_without_noise(member) for member in value]
    if not isinstance(value, dict):
        return value
    clean = {
        name: _without_noise(member)
        for name, member in value.items()
        if not (name == "title" and isinstance(member, str)) and (name, member) != ("default", None)
    }
    choices = clean.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        kept = [choice for choice in choices if choice != {"type": "null"}]
        del clean["anyOf"]
        clean |= kept[0] if len(kept) == 1 else {"anyOf": kept}
    return clean
