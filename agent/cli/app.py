"""The table of contents of the command line: which command lives where, in which group."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from agent import __version__
from agent.cli.help_screen import OneScreen

TRY, SET_UP, RUN, LOOK, ACT = "Try", "Set up", "Run", "Look", "Act"

app = typer.Typer(
    name="bill-agent",
    cls=OneScreen,
    help="Watches folders for utility bills, has Nectar read them, writes the data beside them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nectar-bill-agent {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    pass


def register() -> None:
    """Add every command to `app`; `help_screen` has their order."""
    from agent.cli import (  # noqa: PLC0415  # the modules need `app`
        acting,  # noqa: F401  # adds its commands
        config_file,  # noqa: F401  # adds its commands
        doctor,  # noqa: F401  # adds its commands
        init,  # noqa: F401  # adds its commands
        key,  # noqa: F401  # adds its commands
        looking,  # noqa: F401  # adds its commands
        running,  # noqa: F401  # adds its commands
        service,  # noqa: F401  # adds its commands
        sites,  # noqa: F401  # adds its commands
        status,  # noqa: F401  # adds its commands
        tray,  # noqa: F401  # adds its commands
        trying,  # noqa: F401  # adds its commands
    )


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A name that an old console cannot show must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    register()
    app()
