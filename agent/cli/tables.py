"""Tables that fit the terminal: long paths are shortened in their middle, nothing is wrapped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.cli.terminal import facts, printable

_GAP = 2
_ELLIPSIS = "…"
_LATEST = datetime(9999, 12, 30, tzinfo=UTC).timestamp()
"""The last moment that has a date in every time zone."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``give`` says which part is left out where a text is too long, "" for none."""

    heading: str
    give: Literal["", "middle", "end"] = ""
    least: int = 8
    is_number: bool = False
    style: str = ""


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str] = (),
    *,
    console: Console | None = None,
) -> Table:
    """Return a table that is at most as wide as the terminal. ``styles`` are those of the rows.

    ``console`` is where it is shown, standard output unless named.
    """
    texts = [[printable(cell) for cell in row] for row in rows]
    widths = _widths(columns, texts, (console or facts()).width)
    made = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        made.add_column(
            column.heading,
            width=width,
            no_wrap=True,
            justify="right" if column.is_number else "left",
            style=column.style,
        )
    for number, row in enumerate(texts):
        cells = [
            Text(shortened(cell, width, column.give or "end"))
            for column, cell, width in zip(columns, row, widths, strict=True)
        ]
        made.add_row(*cells, style=styles[number] if styles else "")
    return made


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return each column's width: what it wants, or less where it can give."""
    wanted = [
        max((cell_len(text) for text in [column.heading, *(row[at] for row in rows)]), default=0)
        for at, column in enumerate(columns)
    ]
    over = sum(wanted) + _GAP * len(columns) - width
    giving = {at for at, column in enumerate(columns) if column.give}
    while over > 0 and giving:
        widest = max(giving, key=lambda at: wanted[at])
        if wanted[widest] <= columns[widest].least:
            giving.discard(widest)
            continue
        # The widest gives until it is as wide as the next, so that none is starved.
        others = [wanted[at] for at in giving if at != widest]
        floor = max([columns[widest].least, *others])
        gives = min(over, max(1, wanted[widest] - floor))
        wanted[widest] -= gives
        over -= gives
    return wanted


def shortened(text: str, width: int, where: Literal["middle", "end"]) -> str:
    """Return ``text`` in at most ``width`` cells; an ellipsis stands for what was left out.

    Of a path the end says the most: it gets most of the room.
    """
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return _ELLIPSIS[:width]
    if where == "end":
        return _first_cells(text, width - 1) + _ELLIPSIS
    head = (width - 1) // 4
    tail = _first_cells(text[::-1], width - 1 - head)[::-1]
    return _first_cells(text, head) + _ELLIPSIS + tail


def _first_cells(text: str, cells: int) -> str:
    return chop_cells(text, cells)[0] if text and cells > 0 else ""


def moment(seconds: float, now: float) -> str:
    """Return a time as people here read it: the time alone for today, else with the day.

    A time that no calendar knows is shown as the first or last one that it does.
    """
    then = datetime.fromtimestamp(min(max(seconds, 0.0), _LATEST), tz=UTC).astimezone()
    today = datetime.fromtimestamp(now, tz=UTC).astimezone()
    if then.date() == today.date():
        return then.strftime("%H:%M:%S")
    return then.strftime("%Y-%m-%d %H:%M")


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 file`` or ``3 files``."""
    return f"{number:,} {one if number == 1 else many}"


def some_of(names: Collection[str], most: int = 3) -> str:
    """Return the first few names, and how many more there are."""
    shown = list(names)[:most]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
