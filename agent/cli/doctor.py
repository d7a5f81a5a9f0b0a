"""`doctor`: everything that can be checked, in one list, and a bundle for support."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from agent.cli.app import SET_UP, app
from agent.cli.check import Check
from agent.cli.exits import ExitCode, first_of
from agent.cli.session import ConfigOption, JsonOption, failing_well
from agent.cli.terminal import facts, print_json, printable, say


@app.command(rich_help_panel=SET_UP)
def doctor(
    *,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write a ZIP for support; no secrets.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check everything, each with its next step."""
    from agent.cli.checks import Checkup  # noqa: PLC0415 - loads the HTTP client and the watcher

    with failing_well():
        checkup = Checkup(config)
        checks: list[Check] = []
        for check in checkup.run():
            checks.append(check)
            if not json:
                _show(check)
        if json:
            print_json(
                "doctor",
                {
                    "ok": all(each.is_well for each in checks),
                    "checks": [each.as_json() for each in checks],
                },
            )
        elif checks[-1].name == "configuration":
            say("The rest can be checked once the configuration is right.")
        code = first_of(_codes(checks))
        if bundle is not None:
            from agent.cli.bundle import write_bundle  # noqa: PLC0415 - rarely asked for

            write_bundle(bundle, checks, checkup)
            say(
                f"{bundle} is written. It holds names of files and folders, but no key and no bill."
            )
    if code is not ExitCode.WELL:
        raise typer.Exit(code)


def _codes(checks: list[Check]) -> list[ExitCode]:
    return [
        ExitCode.CONFIGURATION if each.name == "configuration" else ExitCode.FAILED
        for each in checks
        if not each.is_well
    ]


def _show(check: Check) -> None:
    console = facts()
    mark = _mark(is_well=check.is_well, encoding=console.encoding)
    line = Text(f"{mark} ", style="green" if check.is_well else "bold red")
    line.append(printable(check.message), style="default")
    console.print(line, soft_wrap=True)
    if check.advice:
        console.print(Text(f"  Next: {printable(check.advice)}"), soft_wrap=True)


def _mark(*, is_well: bool, encoding: str) -> str:
    mark = "✓" if is_well else "✗"
    try:
        mark.encode(encoding)
    except (UnicodeEncodeError, LookupError):  # an old console
        return "OK   " if is_well else "WRONG"
    return mark
