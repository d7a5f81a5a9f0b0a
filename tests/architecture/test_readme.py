"""README says what the program is: its generated parts and its two commands."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from readme_parts import README, contents, parts, with_parts

TEXT = README.read_text(encoding="utf-8")
REPOSITORY = README.parent


needs_posix = pytest.mark.skipif(
    os.name == "nt", reason="the places of other systems need POSIX paths"
)


@needs_posix
def test_generated_parts_are_those_of_the_program() -> None:
    """Settings, commands, codes and states in README are the program's own.

    If not: ``python tests/architecture/readme_parts.py`` writes them.
    """
    assert with_parts(TEXT) == TEXT


@needs_posix
def test_no_generated_part_is_empty() -> None:
    """Each part has rows, so that an equal README is no empty one."""
    assert all(part.count("\n") >= 5 or name == "warnings" for name, part in parts().items())
    assert "`bills`" in parts()["commands"]
    assert "upload-in-doubt" in parts()["questions"]


@pytest.mark.parametrize("name", ["demo", "test"])
def test_each_command_is_one_line_from_a_fresh_checkout(name: str) -> None:
    """One line sets everything up and runs it, and nothing else stands in its block."""
    (command,) = re.findall(rf"<!-- {name} command -->\n```sh\n(.*?)\n```", TEXT, re.DOTALL)
    assert "\n" not in command
    assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert command.endswith({"demo": "bill-agent demo", "test": "python -m pytest"}[name])


def test_the_command_is_the_distribution_s() -> None:
    """README's command is the one that the installation makes."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert "bill-agent" in project["project"]["scripts"]


def test_links_within_lead_to_sections() -> None:
    """Every link to a part of README itself has its heading."""
    links = set(re.findall(r"\]\(#([^)\s]+)\)", TEXT))
    assert links == links & set(re.findall(r"\]\(#([^)\s]+)\)", contents(TEXT)))


def _links() -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        if not target.startswith(("http:", "https:", "#")):
            yield target


def test_links_lead_somewhere() -> None:
    """Every file that README points to is there."""
    assert [link for link in _links() if not Path(REPOSITORY, link).exists()] == []
    assert list(_links())
