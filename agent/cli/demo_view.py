"""The demo's bills on their way: a live table in a terminal, lines elsewhere."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.live import Live
from rich.table import Table
from rich.text import Text

from agent.bills.stages import State
from agent.cli.terminal import people, printable, say
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice, StoreBegunAnew

_WORDS = {
    State.WAITING: ("waiting", "seen; it must stay unchanged for a moment", "dim"),
    State.SENT: ("sent", "Nectar is reading it", "cyan"),
    State.DONE: ("done", "its data lies beside it", "green"),
}
_LINES_LEFT_FREE = 6


class DemoView:
    """Shows notices as they come. Use it as a context around the run."""

    def __init__(self, bills: list[Path]) -> None:
        self._rows: dict[str, tuple[str, str, str]] = {each.name: ("", "", "dim") for each in bills}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if people().is_terminal:
            self._live = Live(self._table(), console=people(), refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, notices: list[Notice]) -> None:
        """Show what happened in one turn."""
        for notice in notices:
            match notice:
                case HoldBegan(hold):
                    say(f"Everything in {hold.scope.words} waits: {hold.message} {hold.advice}")
                case HoldEnded(hold):
                    say(f"{hold.scope.words} goes on.")
                case StoreBegunAnew(message):
                    say(message)
                case _:
                    self._show_state(Path(notice.path).name, notice.after, notice.message)
        if self._live is not None:
            self._live.update(self._table())

    def _show_state(self, name: str, state: State, message: str) -> None:
        word, meaning, style = _WORDS.get(state, (state.value, "", "yellow"))
        self._rows[name] = (word, message or meaning, style)
        if self._live is None:
            say(f"{word:9} {name}{': ' if message else ''}{message}")

    def _table(self) -> Table:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
        table.add_column("Bill", no_wrap=True, overflow="ellipsis", ratio=2)
        table.add_column("State", no_wrap=True, min_width=8)  # that of the longest
        table.add_column("", no_wrap=True, overflow="ellipsis", ratio=3)
        # Those that still move come last, so that they stay on a screen with too few lines.
        rows = sorted(self._rows.items(), key=lambda row: row[1][0] in {"", "waiting", "sent"})
        for name, (word, meaning, style) in rows[-max(5, people().height - _LINES_LEFT_FREE) :]:
            table.add_row(Text(printable(name)), Text(word, style=style), Text(printable(meaning)))
        return table
