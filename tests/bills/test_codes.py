"""Every code that a person may meet is listed, and nothing is listed that nobody says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from agent.bills import codes

AGENT = Path(codes.__file__).parents[1]
LISTS = {
    "NeedsAttention": codes.HOLDS.keys() | codes.QUESTIONS.keys(),
    "StoreNewerError": codes.HOLDS.keys(),
    "new_hold": codes.HOLDS.keys(),
    "Hold": codes.HOLDS.keys(),
    "Unresolved": codes.HOLDS.keys(),
    "Rejected": codes.PROBLEMS.keys(),
    "ResultWarning": codes.WARNINGS.keys(),
    "Problem": codes.PROBLEMS.keys() | codes.QUESTIONS.keys(),
}
"""What makes something with a code, and the lists in which that code must stand."""
OF_THE_WATCHER = {"watch-limit", "on-share", "no-events", "hangs", "unheard"}
"""Why a folder is read on a timer: told by `doctor`, the code of no file and no hold."""


def said() -> Iterator[tuple[str, str, str]]:
    """Yield where a code is said, by what, and the code, for each that stands there as text."""
    for path in sorted(AGENT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or "emulator" in path.parts:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = 1 if name == "Unresolved" else 0
            given = [each.value for each in node.keywords if each.arg == "code"]
            for value in [*node.args[place : place + 1], *given]:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield f"{path.relative_to(AGENT)}:{node.lineno}", name, value.value


def test_every_code_said_is_listed() -> None:
    """What a result, a hold or a question says can be looked up."""
    unknown = [
        (where, code)
        for where, name, code in said()
        if name in LISTS and code and code not in LISTS[name] | OF_THE_WATCHER
    ]
    assert unknown == []


def test_something_is_said() -> None:
    """The search above finds what it is for."""
    found = {(name, code) for _, name, code in said()}
    assert ("Problem", "password-protected") in found
    assert ("Unresolved", "site-archived") in found
    assert ("ResultWarning", "site-differs") in found
    assert len(found) > 40


def test_nothing_is_listed_that_nobody_says() -> None:
    """A code in the lists stands somewhere in the program as a text of its own."""
    texts = {
        node.value
        for path in AGENT.rglob("*.py")
        if path.name != "codes.py" and "emulator" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    listed = {
        *codes.PROBLEMS,
        *codes.WARNINGS,
        *codes.QUESTIONS,
        *codes.FILE_CODES,
        *codes.HOLDS,
        *codes.STATES,
    }
    assert listed - texts == set()


def test_meanings_are_short() -> None:
    """Each meaning fits a table's line and cannot break it."""
    meanings = [
        *codes.PROBLEMS.values(),
        *codes.WARNINGS.values(),
        *codes.QUESTIONS.values(),
        *codes.FILE_CODES.values(),
        *(word for _, *words in codes.HOLDS.values() for word in words),
        *codes.STATES.values(),
    ]
    assert all(0 < len(meaning) < 90 and "|" not in meaning for meaning in meanings)
