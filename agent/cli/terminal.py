"""Words to people and facts to programs: standard error and standard output, colours, JSON."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from rich.console import Console

from agent.bills import printing
from agent.bills.exact_json import json_text

printable = printing.printable


@cache
def facts() -> Console:
    """Return the console for tables and facts (standard output)."""
    return Console(highlight=False, soft_wrap=False, emoji=False, markup=False)


@cache
def people() -> Console:
    """Return the console for messages to people (standard error)."""
    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def say(text: str) -> None:
    """Say something to a person, on standard error, in one line however names are spelled."""
    people().print(printable(text))


def say_lines(text: str) -> None:
    """Say several lines to a person, on standard error."""
    for line in text.split("\n"):
        say(line)


def print_json(command: str, value: dict[str, Any]) -> None:
    """Print one JSON value of a command to standard output, and nothing else."""
    print_plain_json({"format": f"nectar-bill-agent-{command.replace(' ', '-')}/1", **value})


def print_plain_json(value: Any) -> None:
    """Print a JSON value to standard output as UTF-8, whatever the terminal's encoding."""
    text = json_text(value, indent=2) + "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
