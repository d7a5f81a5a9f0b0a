"""`status`: is the service alive, how are the folders, and what needs a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from agent.bills.instant import utc_text
from agent.bills.stages import State
from agent.cli.app import LOOK, app
from agent.cli.arguments import wrong_usage
from agent.cli.exits import ExitCode, first_of
from agent.cli.report import Report, Reporter
from agent.cli.session import ConfigOption, JsonOption, failing_well
from agent.cli.tables import Column, counted, moment, some_of, table
from agent.cli.terminal import facts, print_json, printable, say
from agent.store.views import Concern, FolderState, FolderView, HoldView, ServiceState

_WORDS = {
    ServiceState.STOPPED: "stopped: no service is running. Start it: bill-agent service start",
    ServiceState.SETTINGS_WRONG: "settings-wrong: the last usable settings stay in force",
    ServiceState.PAUSED: "paused: nothing is sent",
    ServiceState.OFFLINE: "offline: Nectar cannot be reached; it is tried again by itself",
    ServiceState.NEEDS_YOU: "needs-you: something waits for a person",
    ServiceState.WORKING: "working",
    ServiceState.IDLE: "idle: nothing to do",
}
_STYLES = {
    ServiceState.STOPPED: "red",
    ServiceState.SETTINGS_WRONG: "red",
    ServiceState.PAUSED: "yellow",
    ServiceState.OFFLINE: "yellow",
    ServiceState.NEEDS_YOU: "yellow",
    ServiceState.WORKING: "green",
    ServiceState.IDLE: "green",
}
_SHOWN = (State.WAITING, State.SENT, State.DONE, State.REJECTED, State.ASKS)
_MOST_HOLDS = 20


@app.command(rich_help_panel=LOOK)
def status(
    config: ConfigOption = None,
    json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every second.")] = False,
) -> None:
    """Show whether the service is alive, the folders, and what needs you."""
    if json and watch:
        raise wrong_usage("--watch is for people; with --json, run status again.")
    with failing_well():
        reporter = Reporter(config)
        if watch:
            from agent.cli.watching import watched  # noqa: PLC0415 - needs what is here

            raise typer.Exit(exit_code(watched(reporter)))
        report = reporter.report()
        if json:
            print_json("status", facts_of(report))
        else:
            _say_mistakes(report)
            # A next step may be longer than a line: the terminal wraps it, so it can be copied.
            facts().print(shown(report), crop=False)
        raise typer.Exit(exit_code(report))


def exit_code(report: Report) -> ExitCode:
    """Return what `status` exits with."""
    codes = [
        ExitCode.CONFIGURATION if report.mistakes else ExitCode.WELL,
        ExitCode.WELL if report.is_alive else ExitCode.NOT_RUNNING,
        ExitCode.NEEDS_PERSON if report.overview.needs_you else ExitCode.WELL,
    ]
    return first_of(codes)


def facts_of(report: Report) -> dict[str, Any]:
    """Return the members of ``status --json`` (contract, section 4)."""
    overview = report.overview
    return {
        "service": {
            "state": report.state.value,
            "pid": report.pid,
            "since": utc_text(report.since) if report.since is not None else None,
        },
        "counts": {state.value: overview.counts.get(state, 0) for state in State},
        "folders": [
            {
                "path": folder.path,
                "site": folder.site,
                "company": folder.company,
                "state": _folder_state(folder, report),
                "counts": {state.value: folder.counts.get(state, 0) for state in State},
                "holds": list(folder.holds),
            }
            for folder in overview.folders
        ],
        "holds": [
            {
                "code": each.hold.code,
                "scope": each.hold.scope.words,
                "since": utc_text(each.hold.since),
                "message": each.hold.message,
                "advice": each.hold.advice,
                "files": each.files,
            }
            for each in overview.holds
        ],
        "needsYou": overview.needs_you,
    }


def shown(report: Report) -> Group:
    """Return the status as people see it, as wide as the terminal."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    overview = report.overview
    yield Text(_headline(report), style=_STYLES[report.state])
    if overview.begun_anew is not None:
        yield wrapped(overview.begun_anew)
    if overview.folders:
        yield ""
        yield _folder_table(report)
    for folder in overview.folders:
        if folder.unsupported:
            files = counted(len(folder.unsupported), "file", "files")
            names = some_of([PurePath(each).name for each in folder.unsupported])
            yield ""
            yield wrapped(f"Nectar does not read {files} in {folder.path}: {names}.")
    persons = [each for each in overview.holds if each.needs_person]
    if persons or overview.concerns:
        yield ""
        yield Text(f"Needs you ({overview.needs_you:,}):", style="bold")
        for concern in overview.concerns:
            yield from _concern(concern)
        for state in dict.fromkeys(each.state for each in overview.concerns):
            yield Text(f"- See them: bill-agent bills --state {state.value}")
        if any(each.state is not State.ASKS for each in overview.concerns):
            yield Text("- Once seen: bill-agent dismiss FILE… (they count no longer)")
        yield from _holds(persons, report.now)
    others = [each for each in overview.holds if not each.needs_person]
    if others or overview.unreadable is not None:
        yield ""
        yield Text("Waits, and goes on by itself:", style="bold")
        if overview.unreadable is not None:
            yield from _unreadable(overview.unreadable)
        yield from _holds(others, report.now)


def _headline(report: Report) -> str:
    words = _WORDS[report.state]
    if report.state is ServiceState.SETTINGS_WRONG and report.pid is None:
        words = report.state.value
    until = report.overview.paused_until
    if report.state is ServiceState.PAUSED:
        words += f" until {moment(until, report.now)}" if until else ". To go on: bill-agent resume"
    if report.is_alive and report.since is not None:
        words += f" (process {report.pid}, since {moment(report.since, report.now)})"
    return words


def _folder_table(report: Report) -> RenderableType:
    folders = report.overview.folders
    columns = [
        Column("Folder", give="middle", least=14),
        Column("Site", give="end", least=6),
        Column("State"),
        *(Column(state.value.capitalize(), is_number=True) for state in _SHOWN),
    ]
    rows = [
        [
            folder.path,
            folder.site or "",
            _folder_state(folder, report),
            *(f"{folder.counts.get(state, 0):,}" for state in _SHOWN),
        ]
        for folder in folders
    ]
    if len(folders) > 1:
        counts = report.overview.counts
        rows.append(["All", "", "", *(f"{counts.get(state, 0):,}" for state in _SHOWN)])
    return table(columns, rows)


def _folder_state(folder: FolderView, report: Report) -> str:
    """Return the folder's word; one that nobody watches now is not called watched."""
    if not report.is_alive and folder.state in (FolderState.WATCHING, FolderState.WAITING):
        return "stopped"
    return folder.state.value


def _concern(concern: Concern) -> Iterator[RenderableType]:
    what = {
        State.REJECTED: counted(concern.files, "bill was rejected", "bills were rejected"),
        State.ASKS: counted(concern.files, "bill asks", "bills ask"),
    }.get(concern.state, counted(concern.files, "bill", "bills"))
    example = "" if concern.files == 1 else "for example "
    yield wrapped(f"- {what} ({concern.code}), {example}{concern.example}: {concern.message}")
    if concern.advice:
        yield _advice(concern.advice)


def _unreadable(concern: Concern) -> Iterator[RenderableType]:
    what = counted(concern.files, "bill waits", "bills wait")
    yield wrapped(f"- {what}{', for example' * (concern.files > 1)}: {concern.message}")
    yield _advice(concern.advice)


def _holds(holds: list[HoldView], now: float) -> Iterator[RenderableType]:
    for each in holds[:_MOST_HOLDS]:
        hold = each.hold
        files = f", {counted(each.files, 'file waits', 'files wait')}" if each.files else ""
        yield wrapped(
            f"- {hold.code} [{hold.scope.words}] since {moment(hold.since, now)}{files}: "
            f"{hold.message}"
        )
        if hold.advice:
            yield _advice(hold.advice)
    if len(holds) > _MOST_HOLDS:
        yield Text(f"- and {len(holds) - _MOST_HOLDS:,} more: bill-agent status --json")


def wrapped(text: str) -> Text:
    """Return a sentence in lines; a path longer than a line stays in one piece."""
    lines = textwrap.wrap(
        printable(text),
        facts().width,
        subsequent_indent="  " if text.startswith("- ") else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Text("\n".join(lines), overflow="ignore", no_wrap=True)


def _advice(text: str) -> Text:
    """Return a next step in one line, so that its command can be copied."""
    return Text(f"  > {printable(text)}", overflow="ignore", no_wrap=True, style="cyan")


def _say_mistakes(report: Report) -> None:
    for mistake in report.mistakes:
        say(mistake)
