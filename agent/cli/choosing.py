"""Questions to a person in front of a terminal, on standard error."""

from __future__ import annotations

import typer

from agent.cli.terminal import printable, say


def ask(question: str) -> str:
    """Return the answer; empty where only Enter was pressed."""
    answer: str = typer.prompt(
        question, default="", show_default=False, prompt_suffix=" ", err=True
    )
    return answer.strip()


def choose(question: str, words: list[str]) -> int:
    """Let the person choose one of ``words`` and return its index; asks until it is one."""
    for number, each in enumerate(words, start=1):
        say(f"  {number}  {printable(each)}")
    while True:
        answer = ask(f"{question} Number:")
        # Python reads no number of more than 4,300 digits.
        if answer.isdecimal() and len(answer) < 9 and 1 <= int(answer) <= len(words):
            return int(answer) - 1
        say(f"Type a number from 1 to {len(words)}.")
