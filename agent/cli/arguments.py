"""What people write on the command line, made into what the store and the service know."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.exits import ExitCode
from agent.cli.terminal import say
from agent.config import Settings
from agent.config.paths import PathMistakeError, comparable, expand

FilesArgument = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="The bills.", show_default=False)
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The bill.")]
FolderArgument = Annotated[str, typer.Argument(metavar="FOLDER", help="The watched folder.")]
FolderOption = Annotated[
    str | None,
    typer.Option("--folder", metavar="F", help="Only this watched folder.", show_default=False),
]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.IGNORECASE)
_LONGEST_SECONDS = 3650 * 86400.0
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def wrong_usage(sentence: str) -> typer.Exit:
    """Say what is wrong with the arguments; raise what this returns."""
    say(sentence)
    return typer.Exit(ExitCode.USAGE)


def absolute(written: str) -> str:
    """Return a path as the store knows it; links are not followed."""
    if os.path.exists(written):  # noqa: PTH110 - a name with "$" in it means itself
        return os.path.abspath(written)  # noqa: PTH100 - resolve() would follow links
    try:
        return expand(written, os.environ, str(Path.cwd()))
    except PathMistakeError as error:
        raise wrong_usage(f"{written}: {error}.") from None


def watched_folder(settings: Settings, written: str) -> str:
    """Return the path of the watched folder that is meant; exits 2 where it is not watched."""
    plain = written.rstrip("/" if os.sep == "/" else "/\\") or written
    wanted = comparable(absolute(written))
    for folder in settings.folders:
        if comparable(folder.path) == wanted or plain == folder.written.rstrip("/\\"):
            return folder.path
    say(f"{written} is not watched. These folders are:")
    for folder in settings.folders:
        say(f"  {folder.path}")
    raise typer.Exit(ExitCode.USAGE)


def seconds_of(written: str) -> float:
    """Return the seconds that ``90``, ``90s``, ``30m``, ``2h`` or ``1d`` mean; else exits 2."""
    match = _DURATION.fullmatch(written.strip())
    seconds = float(match[1]) * _SECONDS[match[2].lower()] if match is not None else 0.0
    if seconds <= 0:
        raise wrong_usage(f"--for {written} is no duration. Write 90s, 30m, 2h or 1d.")
    if seconds > _LONGEST_SECONDS:
        raise wrong_usage("--for is at most ten years. Leave it out to pause until resumed.")
    return seconds
