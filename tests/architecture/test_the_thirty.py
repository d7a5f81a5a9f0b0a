"""The table of the thirty failures in tests/README.md speaks of cures and tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import agent

AGENT = Path(agent.__file__).parent
TESTS = AGENT.parent / "tests"
ROW = re.compile(
    r"^\| (?P<number>\d+) \|(?P<failure>.+?)\|(?P<cure>.+?)\|(?P<tests>.+)\|(?P<said>.+)\|$"
)
NAMED = re.compile(r"`(?P<file>[\w./]+\.(?:py|sql))(?:::(?P<name>\w+))?`")


def rows() -> list[re.Match[str]]:
    """Return the rows of the table."""
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    return [row for line in text.splitlines() if (row := ROW.match(line))]


def names_in(path: Path) -> set[str]:
    """Return the functions and constants of a module, and its classes with their methods."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body + [each for top in tree.body for each in getattr(top, "body", [])]:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


def missing(text: str, root: Path) -> list[str]:
    """Return what a cell names that is not there; a cell that names nothing is missing itself."""
    named = list(NAMED.finditer(text))
    wrong = [text.strip()] if not named else []
    for one in named:
        path = root / one["file"]
        if not path.is_file() or (one["name"] and one["name"] not in names_in(path)):
            wrong.append(one[0])
    return wrong


def test_all_thirty_are_there() -> None:
    """Each failure has one row, in order."""
    assert [int(row["number"]) for row in rows()] == list(range(1, 31))


def test_every_test_of_the_table_is_there() -> None:
    """Each row names tests that exist, and what they said without the cure."""
    assert {row["number"]: wrong for row in rows() if (wrong := missing(row["tests"], TESTS))} == {}
    assert [row["number"] for row in rows() if not row["said"].strip()] == []


def test_every_cure_of_the_table_is_there() -> None:
    """Each row names where the cure lives."""
    assert {row["number"]: wrong for row in rows() if (wrong := missing(row["cure"], AGENT))} == {}


@pytest.mark.parametrize(
    "cell",
    [
        "no test at all",
        "`architecture/test_the_thirty.py::test_of_another_name`",
        "`architecture/test_of_another_name.py::test_all_thirty_are_there`",
    ],
)
def test_the_search_finds_what_is_not_there(cell: str) -> None:
    """The search above can fail."""
    assert missing(cell, TESTS) == [cell]
    assert missing("`architecture/test_the_thirty.py::test_all_thirty_are_there`", TESTS) == []
