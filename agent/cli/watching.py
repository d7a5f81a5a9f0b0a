"""`status --watch`: how the agent is, drawn anew every second until Ctrl-C."""

from __future__ import annotations

import threading

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

from agent.cli.report import Report, Reporter
from agent.cli.status import shown, wrapped
from agent.cli.terminal import facts
from agent.service import clock
from agent.system.stop_signals import StopSignals

_SECONDS = 1.0
_LONGEST_LINE = 10_000
_END = Text("Ctrl-C ends this.", style="dim")


def watched(reporter: Reporter) -> Report:
    """Show report after report, on a screen of its own in a terminal; return the last one.

    Elsewhere each is printed that differs from the one before.
    """
    stopping = threading.Event()
    with StopSignals(stopping.set):
        if facts().is_terminal:
            return _on_a_screen(reporter, stopping)
        return _one_below_the_other(reporter, stopping)


def _on_a_screen(reporter: Reporter, stopping: threading.Event) -> Report:
    report = reporter.report()
    with Live(console=facts(), screen=True, auto_refresh=False) as live:
        while True:
            live.update(_Fitted(_all_of(report)), refresh=True)
            if clock.wait(stopping, _SECONDS):
                return report
            report = reporter.report()


def _one_below_the_other(reporter: Reporter, stopping: threading.Event) -> Report:
    before = ""
    while True:
        report = reporter.report()
        with facts().capture() as captured:
            facts().print(_all_of(report), "", crop=False)
        if captured.get() != before:
            before = captured.get()
            facts().out(before, end="", highlight=False)
        if clock.wait(stopping, _SECONDS):
            return report


def _all_of(report: Report) -> RenderableType:
    return Group(*(wrapped(mistake) for mistake in report.mistakes), shown(report))


class _Fitted:
    """As much as the screen holds, a word about the rest, and how to leave."""

    def __init__(self, content: RenderableType) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole = options.update(width=_LONGEST_LINE, height=None)
        lines = [
            part
            for line in console.render_lines(self._content, whole, pad=False)
            for part in _folded(line, console.width)
        ]
        room = console.height - 2  # for the last line, and an empty one before it
        if len(lines) > room:
            cut = len(lines) - room + 1
            lines = lines[: room - 1]
            lines.append([Segment(f"… {cut:,} more lines: bill-agent status")])
        for line in lines:
            yield from line
            yield Segment.line()
        yield Segment.line()
        yield _END


def _folded(line: list[Segment], width: int) -> list[list[Segment]]:
    """Return a line in parts that fit: a next step is one line, however long it is."""
    length = Segment.get_line_length(line)
    if length <= width:
        return [line]
    return list(Segment.divide(line, [*range(width, length, width), length]))
