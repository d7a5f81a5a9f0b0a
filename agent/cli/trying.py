"""`demo` and `emulator`: trying everything on this machine, without a key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli import demo_folder
from agent.cli.app import TRY, app
from agent.cli.demo_report import BillReport, as_json, reasons, report_of, table_of
from agent.cli.exits import ExitCode
from agent.cli.session import ConfigOption, JsonOption, failing_well
from agent.cli.terminal import facts, print_json, printable, say, say_lines

_LONGEST_SECONDS = 120.0
_LONGEST_SECONDS_A_BILL = 5.0


@app.command(rich_help_panel=TRY)
def demo(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES…]",
            help="Bills of your own, or folders of them; they are copied. Default: sample bills.",
            show_default=False,
        ),
    ] = None,
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to work: a new or an empty folder. Default: a new one here.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Try the whole job on this machine, without a key.

    Starts a stand-in of Nectar on this machine, makes a folder of bills, runs the agent on it and
    shows what was read. Nothing leaves the machine; your settings and your key are not used. The
    folder stays, so that you can look at it.
    """
    del config  # every command takes it; the demo has settings of its own
    with failing_well():
        try:
            given = demo_folder.files_given(files) if files else None
            place = demo_folder.make_folder(folder)
        except demo_folder.UnusableFolderError as error:
            say(str(error))
            raise typer.Exit(ExitCode.USAGE) from None
        demo_folder.fill(place, given)
        bills = demo_folder.bills_in(place)
        say(f"Working in {place}")
        say("Nectar is a stand-in on this machine: it finds numbers by a plain text search.")
        _run(place, bills)
        reports = [report_of(each) for each in bills]
        not_read = demo_folder.not_read_in(place)
        is_complete = all(report.result is not None for report in reports)
        if json:
            print_json(
                "demo",
                {
                    "folder": str(place),
                    "complete": is_complete,
                    "bills": [as_json(report) for report in reports],
                    "notRead": [str(each) for each in not_read],
                },
            )
        else:
            _show(place, reports, not_read)
    if not is_complete:
        say("The demo ended before every bill had its result. To run it again: bill-agent demo")
        raise typer.Exit(ExitCode.FAILED)


def _run(place: Path, bills: list[Path]) -> None:
    # The agent and the emulator take most of a second to load; a usage error should not.
    from agent.cli.demo_run import run_agent  # noqa: PLC0415 - see above
    from agent.cli.demo_view import DemoView  # noqa: PLC0415 - see above

    with DemoView(bills) as view:
        try:
            run_agent(
                place,
                view.show,
                at_most_seconds=_LONGEST_SECONDS + _LONGEST_SECONDS_A_BILL * len(bills),
            )
        except OSError as error:
            say(f"The demo could not run: {error.strerror or error}.")
            raise typer.Exit(ExitCode.FAILED) from None


def _show(place: Path, reports: list[BillReport], not_read: list[Path]) -> None:
    console = facts()
    console.print()
    console.print(table_of(reports))
    console.print()
    for reason in reasons(reports):
        console.print(printable(reason), style="yellow")
    for each in not_read:
        console.print(printable(f"{each.name}: Nectar does not read files of this kind."))
    console.print(
        printable(f"The JSON of each bill lies beside it, as Bill.pdf.json, in {place}"),
        soft_wrap=True,
    )


@app.command(rich_help_panel=TRY)
def emulator(
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Where to listen on this machine. Default: any free port."
        ),
    ] = 0,
    config: ConfigOption = None,
) -> None:
    """Serve a stand-in of the Nectar API on this machine.

    Prints its address. Any key is accepted. It knows the companies and sites of the examples, such
    as company HMF with the site PLANT-07, and forgets everything when it ends. Its description for
    other programs is at /openapi.json.
    """
    del config  # every command takes it; the emulator has none
    from agent.emulator.server import serve  # noqa: PLC0415 - takes a quarter of a second to load

    def announce(base_url: str) -> None:
        print(base_url, flush=True)
        say("To use it, write into config.toml, in [nectar]:")
        say_lines(f'  base_url = "{base_url}"\n  environment = "sandbox"\n  company = "HMF"')
        say("Any key will do. Ctrl-C ends it.")

    try:
        serve(port, announce)
    except OSError as error:
        say(f"Port {port} cannot be used: {error.strerror or error}. Choose another with --port.")
        raise typer.Exit(ExitCode.FAILED) from None
