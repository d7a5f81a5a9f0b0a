"""What a person asks the service to do: requests left in the store, answered within a second."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.bills import apply
from agent.bills.apply import Declined
from agent.bills.rows import File, Submission
from agent.cli.app import ACT, app
from agent.cli.arguments import (
    FileArgument,
    FilesArgument,
    FolderArgument,
    FolderOption,
    absolute,
    seconds_of,
    watched_folder,
    wrong_usage,
)
from agent.cli.exits import ExitCode
from agent.cli.looking import reading
from agent.cli.session import Asking, ConfigOption, failing_well, settings_of
from agent.cli.tables import counted
from agent.cli.terminal import say
from agent.config import Settings
from agent.service import clock

_STARTED = "started again"
_DONE = {
    "retry": _STARTED,
    "send": "to be sent",
    "rewrite": "to be written anew",
    "dismiss": "dismissed",
}


@app.command(rich_help_panel=ACT)
def admit(
    folder: FolderArgument,
    is_all: Annotated[bool, typer.Option("--all", help="All files go.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Those changed since this day.")
    ] = None,
    is_none: Annotated[bool, typer.Option("--none", help="None goes.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say which files go that were in a folder before it was watched."""
    if is_all + is_none + (since is not None) != 1:
        raise wrong_usage("Give one of --all, --since DATE and --none.")
    day = _day(since) if since is not None else None
    with failing_well():
        settings = settings_of(config)
        path = watched_folder(settings, folder)
        answer = _ask(
            settings,
            "admit",
            {"folder": path, "all": is_all, "since": day.isoformat() if day else None},
        )
        admitted, left = answer.get("done", 0), answer.get("left", 0)
        _refuse(answer)
        say(f"{counted(admitted, 'file goes', 'files go')}, {left:,} left alone.")


@app.command(rich_help_panel=ACT)
def retry(
    files: FilesArgument = [],  # noqa: B006 - typer reads the default, nobody writes to it
    is_all: Annotated[bool, typer.Option("--all", help="All that can be.")] = False,
    config: ConfigOption = None,
) -> None:
    """Start again what was rejected, failed or set aside."""
    if bool(files) == is_all:
        raise wrong_usage("Name the files, or give --all.")
    with failing_well():
        settings = settings_of(config)
        if not is_all:
            _act_on_files(settings, "retry", files)
            return
        answer = _ask(settings, "retry", {"all": True})
        say(f"{counted(answer.get('done', 0), 'file is', 'files are')} {_STARTED}.")


@app.command(rich_help_panel=ACT)
def send(file: FileArgument, config: ConfigOption = None) -> None:
    """Send a bill for this folder's site though it was sent for another."""
    with failing_well():
        _act_on_files(settings_of(config), "send", [file])


@app.command(rich_help_panel=ACT)
def rewrite(
    files: FilesArgument = [],  # noqa: B006 - typer reads the default, nobody writes to it
    folder: FolderOption = None,
    config: ConfigOption = None,
) -> None:
    """Put results back from the store, without asking Nectar."""
    if bool(files) == (folder is not None):
        raise wrong_usage("Name the files, or give --folder.")
    with failing_well():
        settings = settings_of(config)
        if folder is None:
            _act_on_files(settings, "rewrite", files)
            return
        answer = _ask(settings, "rewrite", {"folder": watched_folder(settings, folder)})
        say(f"{counted(answer.get('done', 0), 'result is', 'results are')} {_DONE['rewrite']}.")
        _refuse(answer)


@app.command(rich_help_panel=ACT)
def dismiss(files: FilesArgument, config: ConfigOption = None) -> None:
    """Say that you have seen bills: they no longer count as needing you."""
    with failing_well():
        _act_on_files(settings_of(config), "dismiss", files)


@app.command(rich_help_panel=ACT)
def take(folder: FolderArgument, config: ConfigOption = None) -> None:
    """Serve a folder from this machine, not from the one that did."""
    with failing_well():
        settings = settings_of(config)
        path = watched_folder(settings, folder)
        _refuse(_ask(settings, "take", {"folder": path}))
        say(f"This machine serves {path} from now on.")


@app.command(rich_help_panel=ACT)
def pause(
    folder: FolderOption = None,
    duration: Annotated[
        str | None, typer.Option("--for", metavar="2h", help="So long: 90s, 30m, 2h, 1d.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Send nothing until resumed; what is at Nectar still gets its result."""
    seconds = seconds_of(duration) if duration is not None else None
    with failing_well():
        settings = settings_of(config)
        where = watched_folder(settings, folder) if folder is not None else None
        _refuse(_ask(settings, "pause", {"folder": where, "seconds": seconds}))
        from_where = f" from {where}" if where is not None else ""
        so_long = f" for {duration}" if duration is not None else ""
        option = f' --folder "{where}"' if where is not None else ""
        say(f"Nothing is sent{from_where}{so_long}. To go on: bill-agent resume{option}")


@app.command(rich_help_panel=ACT)
def resume(folder: FolderOption = None, config: ConfigOption = None) -> None:
    """Go on after a pause."""
    with failing_well():
        settings = settings_of(config)
        where = watched_folder(settings, folder) if folder is not None else None
        _refuse(_ask(settings, "resume", {"folder": where}))
        say(f"{where or 'Everything'} goes on.")


@app.command(rich_help_panel=ACT)
def rescan(folder: FolderOption = None, config: ConfigOption = None) -> None:
    """Read the folders now, and look whether the causes of holds are gone."""
    with failing_well():
        settings = settings_of(config)
        where = watched_folder(settings, folder) if folder is not None else None
        answer = _ask(settings, "rescan", {"folder": where})
        _refuse(answer)
        say(f"{counted(answer.get('done', 0), 'folder is', 'folders are')} read now.")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise wrong_usage(f"--since {written} is no day. Write it like 2026-01-31.") from None


def _ask(settings: Settings, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the service's answer; ends the command where there is none yet."""
    asking = Asking(settings)
    answer = asking.ask(kind, payload)
    if answer is not None:
        return answer
    if asking.is_service_alive():
        say("The service has not answered yet; the request stays and is done once it can be.")
        raise typer.Exit(ExitCode.GAVE_UP)
    say("The service is not running. The request waits for it: bill-agent service start")
    raise typer.Exit(ExitCode.WELL)


def _refuse(answer: dict[str, Any]) -> None:
    """End the command with the service's sentences where it declined something."""
    declined = answer.get("declined") or []
    for sentence in declined:
        say(str(sentence))
    if declined:
        raise typer.Exit(ExitCode.USAGE)


def _act_on_files(settings: Settings, kind: str, written: list[str]) -> None:
    """Ask something about files; a file in another state is told, and the exit is 2."""
    fitting, declined = _fitting(settings, kind, written)
    done = 0
    is_waiting = False
    if fitting:
        asking = Asking(settings)
        answer = asking.ask(kind, {"files": fitting})
        if answer is None and asking.is_service_alive():
            _ask_again_later(declined)
        is_waiting = answer is None
        if answer is not None:
            done = answer.get("done", 0)
            declined += answer.get("declined") or []
    for sentence in declined:
        say(sentence)
    if done:
        say(f"{counted(done, 'file is', 'files are')} {_DONE[kind]}.")
    if is_waiting:
        say("The service is not running. The request waits for it: bill-agent service start")
    if declined:
        raise typer.Exit(ExitCode.USAGE)


def _ask_again_later(declined: list[str]) -> None:
    for sentence in declined:
        say(sentence)
    say("The service has not answered yet; the request stays and is done once it can be.")
    raise typer.Exit(ExitCode.USAGE if declined else ExitCode.GAVE_UP)


def _fitting(settings: Settings, kind: str, written: list[str]) -> tuple[list[str], list[str]]:
    """Return the files to ask about, as the store spells them, and sentences about the others.

    A running service judges the state itself, for it may be about to change.
    """
    is_alive = Asking(settings).is_service_alive()
    fitting: list[str] = []
    declined: list[str] = []
    now = clock.now().utc
    with reading(settings) as view:
        for each in dict.fromkeys(absolute(one) for one in written):
            path = view.stored_path(each) if view is not None else None
            rows = view.rows_of(path) if view is not None and path is not None else None
            if path is None or rows is None:
                declined.append(_unknown(settings, each))
                continue
            verdict = None if is_alive else _verdict(kind, *rows, now)
            if isinstance(verdict, Declined):
                declined.append(verdict.message)
            else:
                fitting.append(path)
    return fitting, declined


def _verdict(kind: str, file: File, submission: Submission | None, now: float) -> Any:
    match kind:
        case "retry":
            return apply.retry(file, submission, now)
        case "send":
            return apply.send(file, now)
        case "rewrite":
            return apply.rewrite(file, submission, now)
        case _:
            return apply.dismiss(file, now)


def _unknown(settings: Settings, path: str) -> str:
    if any(Path(path).is_relative_to(folder.path) for folder in settings.folders):
        return f"{path} is not known; it was not seen in its folder, or is no kind of bill."
    return f"{path} is not known; it lies in no watched folder."
