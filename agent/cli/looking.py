"""`bills` and `bills show`: what is known about the files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.bills.instant import utc_text
from agent.bills.stages import State
from agent.cli.app import LOOK, app
from agent.cli.arguments import FileArgument, absolute, watched_folder, wrong_usage
from agent.cli.detail import detail_facts, show_detail
from agent.cli.session import Asking, ConfigOption, JsonOption, failing_well, settings_of
from agent.cli.tables import Column, moment, table
from agent.cli.terminal import facts, print_json, say
from agent.config import Settings
from agent.config.paths import contains
from agent.service import clock
from agent.service.places import folder_plans
from agent.store.snapshot import Snapshot, snapshot
from agent.store.views import BillFilter, BillView

_ON_A_TERMINAL = 200
_MOST = 1_000_000_000
_WIDE = 110
_STYLES = {State.DONE: "green", State.REJECTED: "red", State.ASKS: "yellow"}

bills_app = typer.Typer(invoke_without_command=True, no_args_is_help=False)
app.add_typer(bills_app, name="bills", rich_help_panel=LOOK, help="List the files.")


@contextmanager
def reading(settings: Settings) -> Iterator[Snapshot | None]:
    """Read the store at one instant; None where no agent ever ran."""
    with Asking(settings).store() as connection:
        if connection is None:
            yield None
            return
        with snapshot(connection, folder_plans(settings), settings.site_names) as view:
            yield view


@bills_app.callback(invoke_without_command=True)
def bills(
    context: typer.Context,
    config: ConfigOption = None,
    json: JsonOption = False,
    folder: Annotated[
        str | None, typer.Option("--folder", metavar="F", help="Only those in this folder.")
    ] = None,
    state: Annotated[
        State | None, typer.Option("--state", metavar="S", help=f"Only these: {', '.join(State)}.")
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only paths with this in them.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, max=_MOST, help="The latest so many; 0: all."),
    ] = None,
) -> None:
    """List the files: state since when, site, path, reason, result; the latest change first."""
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    with failing_well():
        settings = settings_of(config)
        below = None if folder is None else _folder(settings, folder)
        most = limit
        if most is None and not json and facts().is_terminal:
            most = _ON_A_TERMINAL
        wanted = BillFilter(below, state, search, most + 1 if most else None)
        with reading(settings) as view:
            rows = list(view.bills(wanted)) if view is not None else []
        is_cut = bool(most) and len(rows) > (most or 0)
        rows = rows[:most] if most else rows
        if json:
            print_json("bills", {"bills": [row_facts(row) for row in rows]})
            return
        if not rows:
            say("There are no such files.")
            return
        facts().print(_table(rows))
        if is_cut and limit is None:
            say(f"These are the latest {most}. All: bill-agent bills --limit 0")


@bills_app.command("show")
def show(
    context: typer.Context,
    file: FileArgument,
    revision: Annotated[
        int | None,
        typer.Option("--revision", metavar="N", min=1, help="As it was in this revision."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show all that is known about one file: history, job, documents, result."""
    given = config or (context.obj if isinstance(context.obj, Path) else None)
    with failing_well():
        settings = settings_of(given)
        with reading(settings) as view:
            path = view.stored_path(absolute(file)) if view is not None else None
            detail = view.bill(path) if view is not None and path is not None else None
            if view is None or detail is None:
                raise wrong_usage(f"{file} is not known; it lies in no watched folder.")
            known = {each.revision for each in detail.revisions}
            if revision is not None and revision not in known:
                kept = ", ".join(str(each) for each in sorted(known)) or "none"
                raise wrong_usage(f"{file} has no revision {revision}. Kept are: {kept}.")
            answers = None
            number = revision or (detail.submission.revision if detail.submission else 0)
            if detail.submission is not None and number in known:
                answers = view.answers(detail.submission.id, number)
        if json:
            print_json("bills show", row_facts(detail.view) | detail_facts(detail, number, answers))
        else:
            show_detail(detail, number, answers, clock.now().utc)


def row_facts(row: BillView) -> dict[str, Any]:
    """Return one member of ``bills`` in ``bills --json`` (contract, section 4)."""
    return {
        "path": row.path,
        "folder": row.folder,
        "site": row.site,
        "state": row.state.value,
        "since": utc_text(row.since),
        "outcome": row.outcome.value if row.outcome is not None else None,
        "code": row.code,
        "message": row.message,
        "result": row.result,
    }


def _folder(settings: Settings, written: str) -> str:
    """Return the folder that is meant: a watched one, or one below."""
    path = absolute(written)
    if any(contains(each.path, path) for each in settings.folders):
        return path
    return watched_folder(settings, written)


def _uncoded(row: BillView) -> str:
    """Return in short what a file waits for that no code names; `bills show` has the sentence."""
    return "cannot be read" if row.state is State.WAITING and row.message else ""


def _table(rows: list[BillView]) -> Any:
    now = clock.now().utc
    is_wide = facts().width >= _WIDE
    columns = [
        Column("State"),
        Column("Since"),
        Column("Site", give="end", least=8),
        Column("File", give="middle", least=20),
        Column("Reason", give="end", least=10),
        Column("Result", give="middle", least=16 if is_wide else 5),
    ]
    cells = [
        [
            row.state.value,
            moment(row.since, now),
            row.site or "",
            row.path,
            row.code or _uncoded(row),
            # In a narrow terminal the ending tells it: the result is called as the bill is.
            (row.result or "") if is_wide else (".json" if row.result else ""),
        ]
        for row in rows
    ]
    return table(columns, cells, [_STYLES.get(row.state, "") for row in rows])
