"""`config show`, `config path`, `schema config`, `schema result`: what is set, and the formats."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from agent.bills.exact_json import json_text
from agent.cli.app import SET_UP, app
from agent.cli.session import ConfigOption, JsonOption, config_path, failing_well
from agent.cli.terminal import facts, print_json, print_plain_json, printable, say
from agent.config import effective_settings, load
from agent.system.directories import default_data_dir

_AlwaysJson = Annotated[bool, typer.Option("--json", hidden=True, help="It always is JSON.")]

config_commands = typer.Typer(no_args_is_help=True, help="Show the settings in force and the file.")
schema = typer.Typer(no_args_is_help=True, help="Print JSON Schemas of the settings and results.")
app.add_typer(config_commands, name="config", rich_help_panel=SET_UP)
app.add_typer(schema, name="schema", rich_help_panel=SET_UP)


@config_commands.command()
def show(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show every setting in force and where it comes from."""
    with failing_well():
        path = config_path(config)
        settings = load(path, os.environ, default_data_dir=default_data_dir())
        effective = effective_settings(settings)
        if json:
            print_json(
                "config show",
                {
                    "path": str(path),
                    "settings": [
                        {"key": each.key, "value": each.value, "origin": each.origin}
                        for each in effective
                    ],
                },
            )
            return
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
        table.add_column("Setting", overflow="fold")
        table.add_column("Value", overflow="fold")
        table.add_column("From", no_wrap=True)
        for each in effective:
            value = "" if each.value is None else json_text(each.value)
            table.add_row(Text(printable(each.key)), Text(printable(value)), Text(each.origin))
        facts().print(printable(str(path)), soft_wrap=True)
        facts().print(table)


@config_commands.command()
def path(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say where the configuration file is."""
    with failing_well():
        found = config_path(config)
    is_there = os.path.lexists(found)
    if json:
        print_json("config path", {"path": str(found), "exists": is_there})
    else:
        facts().print(printable(str(found)), soft_wrap=True)
    if not is_there:
        say("There is no file yet. Write one: bill-agent init")


@schema.command("config")
def schema_config(*, json: _AlwaysJson = True, config: ConfigOption = None) -> None:
    """Print the JSON Schema of config.toml, for editors."""
    from agent.config.document import json_schema  # noqa: PLC0415 - imports pydantic

    del json, config  # every command takes them; this one depends on neither
    print_plain_json(json_schema())


@schema.command("result")
def schema_result(*, json: _AlwaysJson = True, config: ConfigOption = None) -> None:
    """Print the JSON Schema of a result, for scripts."""
    from agent.results.schema import result_schema  # noqa: PLC0415 - for this command alone

    del json, config  # every command takes them; this one depends on neither
    print_plain_json(result_schema())
