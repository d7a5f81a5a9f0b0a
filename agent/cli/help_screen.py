"""The help of `bill-agent` alone: every command by its group, on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import typer
from typer.core import TyperGroup

_CONTENTS: dict[str, tuple[str, ...]] = {
    "Try": ("demo", "emulator"),
    "Set up": ("init", "key", "sites", "config", "schema", "doctor"),
    "Run": ("run", "once", "service", "tray"),
    "Look": ("status", "bills"),
    "Act": (
        *("admit", "retry", "send", "rewrite", "dismiss", "take"),
        *("pause", "resume", "rescan"),
    ),
}
_OPTIONS = "-h, --help shows a command's own help; --version; every command takes --config FILE."
_NAMES_BEGIN = 8
_NAMES_END = 18


class OneScreen(TyperGroup):
    """The commands in the order of the contract, a line for each: 30 lines of 80 columns."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer hides the type that it calls this with
        """Return the names by group."""
        del ctx
        return [name for _, names in _groups(self.commands) for name in names]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the screen; boxes, as the commands' own helps have, would take too many lines."""
        formatter.write(f"Usage: {ctx.command_path} COMMAND …\n\n{self.help}\n\n")
        for group, names in _groups(self.commands):
            heading = group
            for name in names:
                line = f"{heading:{_NAMES_BEGIN}}{name:{_NAMES_END - _NAMES_BEGIN}}"
                words = self.commands[name].get_short_help_str(limit=80 - _NAMES_END)
                formatter.write(f"{line}{words}\n")
                heading = ""
        formatter.write(f"\n{_OPTIONS}\n")


def _groups(present: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each group with those of its commands that there are, then what is in none."""
    left = dict.fromkeys(present)
    for group, names in _CONTENTS.items():
        yield group, tuple(name for name in names if name in left)
        left = {name: None for name in left if name not in names}
    yield "", tuple(left)
