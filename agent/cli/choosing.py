"""Questions to a person in front of a terminal, on standard error; asked until answered well."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from agent.cli.terminal import printable, say


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: how it is shown, and what may be typed beside its number."""

    words: str
    names: frozenset[str] = frozenset()


def is_a_person_here() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """Return the answer; empty where only Enter was pressed."""
    answer: str = typer.prompt(
        question, default="", show_default=False, prompt_suffix=" ", err=True
    )
    return answer.strip()


def ask_hidden(question: str) -> str:
    """Return an answer that is not shown while it is typed."""
    return getpass.getpass(f"{question} ", stream=sys.stderr).strip()


def is_confirmed(question: str, *, default: bool) -> bool:
    """Whether the person says yes; Enter is the default."""
    while True:
        answer = ask(f"{question} [{'Y/n' if default else 'y/N'}]").casefold()
        if answer in ("", "y", "yes", "n", "no"):
            return answer.startswith("y") if answer else default
        say("Type y or n.")


def show(options: Sequence[Option]) -> None:
    """Show what there is to choose, each with its number."""
    width = len(str(len(options)))
    for number, each in enumerate(options, start=1):
        say(f"  {number:{width}}  {printable(each.words)}")


def choose(question: str, options: Sequence[Option], *, default: int | None = None) -> int:
    """Let the person choose by number or name and return the index; Enter is ``default``.

    The options are to be shown before. With "?" they are shown again.
    """
    while True:
        answer = ask(question)
        if not answer and default is not None:
            return default
        if answer == "?":
            show(options)
            continue
        named = [at for at, each in enumerate(options) if answer in each.names]
        if len(named) == 1:
            return named[0]
        # Python reads no number of more than 4,300 digits.
        if answer.isdecimal() and len(answer) < 9 and 1 <= int(answer) <= len(options):
            return int(answer) - 1
        say(f"Type a number from 1 to {len(options)}, or a name from the list; ? shows it again.")
