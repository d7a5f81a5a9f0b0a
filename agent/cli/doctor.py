"""`doctor`: everything that can be checked, in one list, and a bundle for support."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from agent.cli.app import SET_UP, app
from agent.cli.arguments import wrong_usage
from agent.cli.exits import ExitCode, first_of
from agent.cli.session import ConfigOption, JsonOption, failing_well
from agent.cli.terminal import facts, print_json, printable, say
from agent.service.check import Check, Seen

_HEADINGS = {
    Seen.SERVICE: "As the service sees it, with its own rights, drives and key:",
    Seen.TERMINAL: "As this terminal sees it:",
}


@app.command(rich_help_panel=SET_UP)
def doctor(
    *,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write a ZIP for support; no secrets.", show_default=False
        ),
    ] = None,
    hide_names: Annotated[
        bool,
        typer.Option(
            "--hide-names",
            help="In the ZIP replace names of folders, files, sites and companies.",
        ),
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check everything, each with its next step.

    A running service makes the checks itself, with its own rights, drives, proxies and key.
    """
    from agent.cli.examining import Examination  # noqa: PLC0415 - loads the HTTP client

    if hide_names and bundle is None:
        raise wrong_usage("--hide-names is for --bundle FILE.")
    with failing_well():
        seen: list[tuple[Seen, Check]] = []
        for each in Examination(config).run():
            if not json:
                _show(each, is_new=not seen or seen[-1][0] is not each[0])
            seen.append(each)
        if json:
            print_json("doctor", doctor_facts(seen))
        elif seen[-1][1].name == "configuration":
            say("The rest can be checked once the configuration is right.")
        code = first_of(_codes([check for _, check in seen]))
        if bundle is not None:
            from agent.cli.bundle import write_bundle  # noqa: PLC0415 - rarely asked for

            write_bundle(bundle, doctor_facts(seen), config, hides_names=hide_names)
            say(_told(bundle, hides_names=hide_names))
    if code is not ExitCode.WELL:
        raise typer.Exit(code)


def doctor_facts(seen: list[tuple[Seen, Check]]) -> dict[str, Any]:
    """Return the members of ``doctor --json``."""
    return {
        "ok": all(check.is_well for _, check in seen),
        "checks": [check.as_json() | {"seenBy": by.value} for by, check in seen],
    }


def _told(bundle: Path, *, hides_names: bool) -> str:
    if hides_names:
        return (
            f"{bundle} is written. It holds no key, no link and no bill, and other names in place "
            "of those of folders, files, sites and companies."
        )
    return (
        f"{bundle} is written. It holds no key, no link and no bill, but names of folders, files, "
        "sites and companies; with --hide-names it would not."
    )


def _codes(checks: list[Check]) -> list[ExitCode]:
    return [
        ExitCode.CONFIGURATION if each.name == "configuration" else ExitCode.FAILED
        for each in checks
        if not each.is_well
    ]


def _show(each: tuple[Seen, Check], *, is_new: bool) -> None:
    console = facts()
    by, check = each
    if is_new:
        console.print(Text(_HEADINGS[by], style="bold"))
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
