"""Files that are made from the schema."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import load
from agent.config.definitions import definitions
from agent.config.document import json_schema, settings_table
from agent.config.render import render_config, render_example

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_committed_example_is_the_rendered_one() -> None:
    """The example cannot drift from the schema."""
    assert EXAMPLE.read_text(encoding="utf-8") == render_example()


def test_example_loads_and_names_every_key() -> None:
    """Whoever starts from the example starts from a file that is right and complete."""
    settings = load(EXAMPLE, {"HOME": "/home/mara", "USERPROFILE": "/home/mara"})
    assert [folder.site for folder in settings.folders] == ["PLANT-07", "{subfolder}"]
    text = render_example()
    for table in definitions().values():
        assert table.header in text
        for key in table.keys.values():
            assert f"\n{key.name} = " in text or f"\n# {key.name} = " in text
    assert max(map(len, text.splitlines())) < 100


def test_every_definition_has_a_sentence() -> None:
    """No setting without its meaning."""
    for table in definitions().values():
        assert table.description.endswith(".")
        assert all(key.description.endswith((".", ")")) for key in table.keys.values())


paths = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("'\"\\$%{~HOME}"),
    min_size=1,
).map(lambda name: os.path.abspath(f"/x/{name}"))  # noqa: PTH100 - as the system spells it
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="{}"), min_size=1
).filter(str.strip)


@given(st.none() | texts, st.lists(st.tuples(paths, texts), min_size=1, unique_by=lambda x: x[0]))
def test_rendered_configuration_means_what_was_asked(
    company: str | None, folders: list[tuple[str, str]]
) -> None:
    """Apostrophes, quotes, backslashes, variables: what `init` writes is read back alike."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_text(
            render_config(company, folders, {"environment": "sandbox"}),
            encoding="utf-8",
            newline="",
        )
        settings = load(path, {})
    assert settings.nectar.company == (company.strip() if company else None)
    assert settings.nectar.environment == "sandbox"
    assert [(each.path, each.site) for each in settings.folders] == [
        (folder, site.strip()) for folder, site in folders
    ]


def test_rendered_configuration_leaves_defaults_to_the_agent() -> None:
    """Only what was asked for is set, the rest stands by as comments."""
    text = render_config(
        "HMF", [("/bills", "{subfolder}")], {"base_url": "http://localhost:1/v2.2"}
    )
    assert tomllib.loads(text) == {
        "nectar": {"base_url": "http://localhost:1/v2.2", "company": "HMF"},
        "folders": [{"path": "/bills", "site": "{subfolder}"}],
        "site_names": {},
        "detection": {},
        "results": {},
        "agent": {},
    }
    assert "\n# quiet_seconds = 10.0\n" in text


def test_windows_paths_stand_in_single_quotes() -> None:
    """Backslashes stay as people know them, unless an apostrophe forbids it."""
    text = render_config(None, [("C:\\Bills", "A"), ("C:\\Bob's", "B")])
    assert "path = 'C:\\Bills'\n" in text
    assert 'path = "C:\\\\Bob\'s"\n' in text


def test_path_that_utf_8_cannot_hold_is_refused() -> None:
    """A name of stray bytes is no half-written file."""
    with pytest.raises(ValueError, match="surrogates"):
        render_config(None, [("/bills/\udcff", "A")])


def test_settings_table_has_a_row_for_each_key() -> None:
    """The README's table is complete, and a table."""
    rows = settings_table().splitlines()
    assert all(row.count("|") - row.count(r"\|") == 4 for row in rows)
    for table in definitions().values():
        for key in table.keys:
            assert sum(row.startswith(f"| `{table.header} {key}` |") for row in rows) == 1


def is_valid(document: dict[str, Any]) -> bool:
    """Return what the JSON Schema says of ``document``."""
    validator = jsonschema.Draft202012Validator(
        json_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return bool(validator.is_valid(document))


def test_json_schema_accepts_the_example_and_refuses_mistakes() -> None:
    """An editor says of a file what the agent would say."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    folders = [{"path": "/x", "site": "A"}]
    assert is_valid(tomllib.loads(render_example()))
    assert is_valid({"folders": folders, "detection": {"existing": "2026-01-31"}})
    assert not is_valid({})
    assert not is_valid({"folders": []})
    assert not is_valid({"folders": folders, "nectar": {"max_requests": 11}})
    assert not is_valid({"folders": folders, "nectar": {"api_key": "x"}})
    assert not is_valid({"folders": folders, "detection": {"existing": "soon"}})
    assert not is_valid({"folders": folders, "detection": {"scan_seconds": 0}})
    assert not is_valid({"folders": folders, "folder": {}})


def test_json_schema_describes_every_key() -> None:
    """An editor shows what each key means, and its default."""
    tables = json_schema()["$defs"]
    for name, table in definitions().items():
        for key in table.keys.values():
            title = "FolderTable" if name == "folders" else f"{name.title()}Table"
            schema = tables[title]["properties"][key.name]
            assert schema["description"] == key.description
            assert schema.get("default") == key.default
