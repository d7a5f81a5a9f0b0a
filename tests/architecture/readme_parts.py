"""The parts of README that are generated, and the writing of them.

Run ``python tests/architecture/readme_parts.py`` after a change of settings, commands or codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import typer.main
from places_of_systems import places

from agent.bills import codes
from agent.cli.app import app, register
from agent.cli.exits import ExitCode
from agent.config.document import settings_table

README = Path(__file__).parents[2] / "README.md"
EXITS = {
    ExitCode.WELL: "all well",
    ExitCode.FAILED: "the command itself failed",
    ExitCode.USAGE: "wrong usage",
    ExitCode.NEEDS_PERSON: "something needs a person (`status` and `once` only)",
    ExitCode.NOT_RUNNING: "the service is not running",
    ExitCode.GAVE_UP: "gave up waiting",
    ExitCode.CONFIGURATION: "the configuration cannot be used",
}


def parts() -> dict[str, str]:
    """Return every generated part by the name of its marker."""
    return {
        "contents": contents(README.read_text(encoding="utf-8")),
        "places": table(("what", "Linux", "macOS", "Windows"), places()),
        "states": table(("state", "means"), codes.STATES.items(), code=True),
        "settings": settings_table().strip(),
        "commands": commands(),
        "exits": table(("code", "means"), ((str(int(code)), EXITS[code]) for code in ExitCode)),
        "problems": table(("code", "means"), codes.PROBLEMS.items(), code=True),
        "warnings": table(("code", "means"), codes.WARNINGS.items(), code=True),
        "questions": table(
            ("code", "means"), (codes.QUESTIONS | codes.FILE_CODES).items(), code=True
        ),
        "holds": table(
            ("code", "scope", "means", "what to do"),
            ((f"`{code}`", *words) for code, words in codes.HOLDS.items()),
        ),
    }


def contents(text: str) -> str:
    """Return a list of links to every section of README's text."""
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    return "\n".join(f"* [{title}](#{_anchor(title)})" for title in titles)


def _anchor(title: str) -> str:
    """Return what GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def commands() -> str:
    """Return the table of commands, grouped as the help is."""
    register()
    group = typer.main.get_command(app)
    rows: list[tuple[str, ...]] = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        rows.append((f"`{name}`", _first_sentence(command.help or command.short_help or "")))
        for inner, child in getattr(command, "commands", {}).items():
            rows.append((f"`{name} {inner}`", _first_sentence(child.help or "")))
    return table(("command", "does"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, code: bool = False) -> str:
    """Return a Markdown table; with ``code`` the first column is code."""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for first, *rest in rows:
        lines.append(f"| {' | '.join([f'`{first}`' if code else first, *rest])} |")
    return "\n".join(lines)


def with_parts(text: str) -> str:
    """Return README's text with every generated part in its place."""
    for name, part in parts().items():
        whole = f"<!-- {name} -->\n{part}\n<!-- end -->".replace("\\", r"\\")
        found = rf"<!-- {name} -->\n.*?<!-- end -->"
        text, count = re.subn(found, whole, text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"README has {count} parts named {name}")
    return text


def _first_sentence(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())


if __name__ == "__main__":
    README.write_text(with_parts(README.read_text(encoding="utf-8")), encoding="utf-8")
