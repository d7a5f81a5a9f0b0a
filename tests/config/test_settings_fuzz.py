"""Any file at all: settings, or mistakes in our own words."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.errors import ConfigurationError
from agent.config import Settings, load
from agent.config.definitions import definitions

words = (
    st.sampled_from(
        [
            "",
            " ",
            "HMF",
            "production",
            "ask",
            "pdf",
            "INFO",
            "{subfolder}",
            "{",
            "2026-02-30",
            "2026-01-31",
        ]
    )
    | st.sampled_from(
        [
            "~",
            "~nobody/x",
            "$HOME",
            "$NOPE/a",
            "%HOME%",
            "C:\\Bills",
            "a\tb",
            "/bills",
            "/bills/",
            "../up",
        ]
    )
    | st.sampled_from(
        [
            "http://[::1",
            "https://a",
            "http://127.0.0.1:1/v2.2",
            "https://a:b@c",
            "//",
            "https://:80",
        ]
    )
)
scalars = (
    words
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.integers()
    | st.integers(10**300, 10**400)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=6,
)
fitting: dict[str, st.SearchStrategy[Any]] = {
    "path": words,
    "site": words,
    "types": st.lists(words | st.just("jpeg"), max_size=3),
    "ignore": st.lists(words, max_size=3),
    "recursive": st.booleans(),
}


def table(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return tables with some of ``keys``, and sometimes one that is nobody's."""
    members = {key: fitting.get(key, scalars) | anything for key in keys}
    members["quiet_second"] = members["api_key"] = anything
    return st.fixed_dictionaries({}, optional=members)


tables = {name: table(list(each.keys)) for name, each in definitions().items()}
documents = st.fixed_dictionaries(
    {},
    optional={
        **tables,
        "folders": st.lists(tables["folders"] | tables["folders"] | anything, max_size=4)
        | anything,
        "site_names": st.dictionaries(words | st.text(max_size=4), words | anything, max_size=3),
        "folder": anything,
    },
)


NOT_IN_THE_FILE = ("[[folders]]: no folder is named", "[agent] data_dir: lies in the watched")
"""Mistakes about what no line says; every other one has its line."""


def outcome(content: bytes) -> Settings | tuple[str, ...]:
    """Return what comes of loading ``content``; any other exception fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        path.write_bytes(content)
        try:
            return load(path, {"HOME": "/home/mara"}, default_data_dir="/home/mara/data")
        except ConfigurationError as error:
            return error.mistakes


@given(documents)
def test_any_values_give_settings_or_mistakes(document: dict[str, Any]) -> None:
    """Whatever stands behind a key, the loader answers, each mistake with a place and a reason."""
    found = outcome(tomli_w.dumps(document).encode("utf-8", "surrogatepass"))
    if isinstance(found, Settings):
        assert found.folders
        return
    assert found
    assert len(set(found)) == len(found)
    for mistake in found:
        assert re.match(r"config\.toml:\d+( .*)?: \S", mistake, re.DOTALL) or any(
            mistake.startswith(f"config.toml {absent}") for absent in NOT_IN_THE_FILE
        )
        assert "cannot be used as it is" not in mistake


@given(st.text(st.sampled_from("[]{}=\"'\\#,. \n\r\tafolders1-:éU\0"), max_size=60))
def test_any_text_gives_settings_or_mistakes(text: str) -> None:
    """Text that may or may not be TOML is never more than a mistake."""
    assert not isinstance(outcome(text.encode()), Settings)


@given(st.binary(max_size=60))
def test_any_bytes_give_mistakes(content: bytes) -> None:
    """Neither are bytes."""
    assert not isinstance(outcome(content), Settings)
