"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent

AGENT = Path(agent.__file__).parent
REPOSITORY = AGENT.parent
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "manager"}
NAMED_FOR_WHAT_IT_IS = {
    Path("agent/files/helper.py"): "the helper process that opens strangers' files",
}
BULKHEADS = {Path("agent/service/workers.py"), Path("agent/pipeline/scheduler.py")}
CLOCK = Path("agent/service/clock.py")
EMULATOR = Path("agent/emulator")
"""Another program, with its own clock."""
READS_A_CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "monotonic_ns"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
GIVEN_UNLESS_REPLACED = {
    Path("agent/nectar/client.py"): "deadlines of one request; the tests give another clock",
}


def modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Yield each module below ``root``, by its path in the repository."""
    for path in sorted(root.rglob("*.py")):
        yield path.relative_to(REPOSITORY), ast.parse(path.read_text(encoding="utf-8"))


def clock_readings(tree: ast.Module) -> list[int]:
    """Return the lines that name a function of the system's clock, called or handed on."""
    direct = {
        (each.module, name.name)
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom)
        for name in each.names
    }
    lines = [0] * bool(direct & READS_A_CLOCK)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
        if (name, node.attr) in READS_A_CLOCK:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("package", ["nectar", "pipeline", "results"])
def test_a_package_that_lists_its_modules_lists_all(package: str) -> None:
    """Its docstring is the reader's map, and no module is off the map."""
    trees = dict(modules(AGENT / package))
    home = Path("agent") / package / "__init__.py"
    told = set(re.findall(r"\w+", ast.get_docstring(trees[home]) or ""))
    assert {path.stem for path in trees if path != home} - told == set()


def test_no_drawer_for_odds_and_ends() -> None:
    """Every module is named for what lives in it."""
    drawers = {
        path
        for root in (AGENT, REPOSITORY / "tests")
        for path, _ in modules(root)
        if DRAWERS & {path.stem, *path.parent.parts}
    }
    assert drawers - NAMED_FOR_WHAT_IT_IS.keys() == set()


def test_only_the_clock_asks_the_time() -> None:
    """Time is given: one module reads the system's clock or waits."""
    elsewhere = {
        path
        for path, tree in modules(AGENT)
        if clock_readings(tree) and EMULATOR not in path.parents
    }
    assert elsewhere - GIVEN_UNLESS_REPLACED.keys() == {CLOCK}


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1)",
        "import time\ndef f(clock=time.monotonic): pass",
        "from time import time",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
    ],
)
def test_the_search_for_clocks_finds_them(code: str) -> None:
    """The search above can fail."""
    assert clock_readings(ast.parse(code))


def _catches_all(tree: ast.Module) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
        if node.type is None or names & {"Exception", "BaseException"}:
            yield node


def test_bulkheads() -> None:
    """Every exception at once is caught in two places; elsewhere at most to clean up and go on."""
    for path, tree in modules(AGENT):
        for handler in _catches_all(tree):
            goes_on = isinstance(handler.body[-1], ast.Raise)
            assert path in BULKHEADS or goes_on, f"{path}:{handler.lineno}"


def test_tests_use_no_mocks() -> None:
    """What stands in for something in a test works; nothing is patched but the environment."""
    words = {"Mock", "MagicMock", "mocker", "patch"}
    for path, tree in modules(REPOSITORY / "tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = getattr(node, "module", "") or ""
                names = {each.name for each in node.names} | {module}
                assert not {"unittest.mock", "mock"} & names, path
                assert not words & names, path
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "monkeypatch":
                allowed = {"setenv", "delenv", "chdir", "syspath_prepend"}
                assert node.attr in allowed, f"{path}:{node.lineno} monkeypatch.{node.attr}"


def test_every_test_says_what_it_guards() -> None:
    """Each test names the promise that it keeps."""
    silent = [
        f"{path}:{node.lineno}"
        for path, tree in modules(REPOSITORY / "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_test_modules_have_names_of_their_own() -> None:
    """Tests are no package, so two modules of one name would hide each other."""
    names = [path.name for path, _ in modules(REPOSITORY / "tests") if path.name != "conftest.py"]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


def test_files_say_nothing_about_one_machine() -> None:
    """No path of a developer's machine stands in the program or its tests."""
    here = str(REPOSITORY)
    places = [here] if len(Path(here).parts) > 2 else []
    for root in (AGENT, REPOSITORY / "tests", REPOSITORY / "installer"):
        for path in root.rglob("*"):
            if path.is_file() and path.suffix in {".py", ".md", ".toml", ".sh", ".sql"}:
                text = path.read_text(encoding="utf-8")
                assert not any(place in text for place in places), path
