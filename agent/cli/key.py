"""`key set`, `key delete`, `key status`: the API key in the system's key store."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated, Any

import typer

from agent.bills.errors import AgentError, NeedsAttention
from agent.cli.account import account_of, companies_seen, names_of
from agent.cli.app import SET_UP, app
from agent.cli.session import Asking, ConfigOption, JsonOption, failing_well
from agent.cli.terminal import facts, print_json, printable, say
from agent.service import clock
from agent.service.account import Account
from agent.store.requests import leave_request
from agent.system.api_key import KeySource, SourceStatus, key_status
from agent.system.secret import Secret, key_text, secret_from

_LONGEST_INPUT = 65536
_CODES = {
    KeySource.ENVIRONMENT: "NECTAR_API_KEY",
    KeySource.FILE: "api_key_file",
    KeySource.KEY_STORE: "key-store",
}

key = typer.Typer(no_args_is_help=True, help="Store, remove or look for the API key.")
app.add_typer(key, name="key", rich_help_panel=SET_UP)


@key.command("set")
def set_(
    *,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Store it without asking Nectar.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Store the API key in this system's key store.

    Asks for it without showing it, or reads it from standard input; never give it as an argument.
    The key is stored for the API address and environment of the configuration.
    """
    with failing_well():
        account = account_of(config)
        given = secret_from(_typed(account), source="the input")
        companies = "" if no_check else _proved(account, given)
        account.places.key_store.write(account.api, account.environment, given)
        say(f"The key for {account.api} ({account.environment}) is stored.{companies}")
        warn_of_stronger(account)
        tell_service(account)


@key.command()
def delete(config: ConfigOption = None) -> None:
    """Remove the API key from this system's key store."""
    with failing_well():
        account = account_of(config)
        was_there = account.places.key_store.delete(account.api, account.environment)
        what = "is removed" if was_there else "was not in the key store"
        say(f"The key for {account.api} ({account.environment}) {what}.")
        for each in _others(account):
            say(f"{each.source} still gives one.")
        tell_service(account)


@key.command()
def status(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say where the API key comes from, in this terminal and for the service; never the key."""
    with failing_well():
        account = account_of(config)
        sources = key_status(account.places)
        terminal = next((each for each in sources if each.is_used), None)
        # What this terminal has in its environment, a service that began at login does not have.
        service = next(
            (
                each
                for each in sources
                if each.source is not KeySource.ENVIRONMENT and (each.holds_key or each.problem)
            ),
            None,
        )
        if json:
            print_json(
                "key status",
                {
                    "api": account.api,
                    "environment": account.environment,
                    "terminal": _as_json(terminal),
                    "service": _as_json(service),
                    "sources": [
                        {"source": _CODES[each.source], "holdsKey": each.holds_key}
                        | {"problem": each.problem or None}
                        for each in sources
                    ],
                },
            )
            return
        console = facts()
        console.print(f"API key for {account.api} ({account.environment})", soft_wrap=True)
        for each in sources:
            words = each.problem or ("has one" if each.holds_key else "has none")
            console.print(printable(f"  {each.source}: {words}"), soft_wrap=True)
        console.print(f"This terminal uses {_words(terminal)}.", soft_wrap=True)
        console.print(f"The service, started at login, uses {_words(service)}.", soft_wrap=True)
        if service is None:
            say("Store one: bill-agent key set")


def _typed(account: Account) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"API key for {account.api} ({account.environment}): ")
    return key_text(sys.stdin.buffer.read(_LONGEST_INPUT))


def _proved(account: Account, given: Secret) -> str:
    """Ask Nectar and return a sentence with the companies that the key sees."""
    try:
        companies = companies_seen(account, given)
    except AgentError as error:
        advice = error.advice
        if not isinstance(error, NeedsAttention):
            advice = f"{advice} To store it unproved: bill-agent key set --no-check".strip()
        raise AgentError(error.code, f"{error.message} The key was not stored.", advice) from None
    return f" It sees {names_of(companies)}." if companies else " It sees no company yet."


def _others(account: Account) -> list[SourceStatus]:
    """Return what the sources above the key store say, where they give a key or should."""
    return [
        each
        for each in key_status(account.places)
        if each.source is not KeySource.KEY_STORE and (each.holds_key or each.problem)
    ]


def warn_of_stronger(account: Account) -> None:
    """Say which sources go before the key store, where they give a key or should."""
    for each in _others(account):
        where = "in this terminal " if each.source is KeySource.ENVIRONMENT else ""
        say(f"Careful: {each.source} is set {where}too, and goes before the stored key.")


def tell_service(account: Account) -> None:
    """Let a running service look for its key anew; another one does so when it starts."""
    if account.settings is None:
        return
    asking = Asking(account.settings)
    if not asking.is_service_alive():
        return
    with asking.store() as store:
        if store is not None:
            leave_request(store, "key-changed", {}, clock.now().utc)
            say("The service uses it from now on.")


def _as_json(status: SourceStatus | None) -> dict[str, Any]:
    if status is None:
        return {"source": None, "problem": None}
    return {"source": _CODES[status.source], "problem": status.problem or None}


def _words(status: SourceStatus | None) -> str:
    if status is None:
        return "none"
    return f"none: {status.source} cannot be used" if status.problem else str(status.source)
