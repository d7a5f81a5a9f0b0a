"""`init`: a commented configuration file; in a terminal with questions, and a look ahead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from agent.bills.errors import AgentError, ConfigurationError
from agent.bills.rows import CompanyKey
from agent.cli.account import patient_key_store
from agent.cli.app import SET_UP, app
from agent.cli.choosing import is_a_person_here, is_confirmed
from agent.cli.exits import ExitCode
from agent.cli.first_start import Answers, Wishes, absolute, answers
from agent.cli.key import tell_service, warn_of_stronger
from agent.cli.session import Asking, ConfigOption, failing_well
from agent.cli.terminal import say, say_lines
from agent.config import NectarSettings, Settings, find_config_file, load
from agent.service.account import Account, account_with, default_account
from agent.service.places import folder_plans
from agent.store.snapshot import snapshot
from agent.system.api_key import find_key
from agent.system.directories import config_candidates, default_data_dir
from agent.system.key_store import KeyStoreError, Reason
from agent.system.os_errors import naming_os_errors
from agent.system.service_manager import Presence, launch_of, service_manager

_NO_FOLDER = """
# No folder is named yet. Take the "# " away, once for each folder of bills:
# [[folders]]
# path = 'C:\\Bills\\Plant 7'
# site = "PLANT-07"
"""
_WELCOME = (
    "This sets the agent up: the API key, the company, the folders with bills. Nothing is written "
    "before you have seen what would be sent; Ctrl-C ends it."
)


@app.command(rich_help_panel=SET_UP)
def init(
    *,
    company: Annotated[
        str | None,
        typer.Option(
            metavar="X", help="The company: externalId, id or exact name.", show_default=False
        ),
    ] = None,
    folder: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=EXTERNALID",
            help="A folder to watch and its site; {subfolder} as the site lets subfolders tell. "
            "May be given several times.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there; it is kept as .bak.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Write a commented configuration file.

    In a terminal it asks for the API key, the company and the folders, and shows what would be
    sent before anything is written.
    """
    with failing_well():
        path = find_config_file(config, os.environ, config_candidates()[:1])
        if os.path.lexists(path) and not force:
            say(f"{path} is there already. To replace it: bill-agent init --force")
            raise typer.Exit(ExitCode.FAILED)
        wishes = Wishes(company, [_split(each) for each in folder or ()])
        account = _account(path)
        named = f' --config "{path}"' if config is not None else ""
        if not is_a_person_here():
            _write(path, account, wishes)
            command = "doctor" if _has_key(account) else "key set"
            _tell(path, wishes, f"bill-agent {command}{named}")
            return
        given = _asked(path, account, wishes)
        _write(path, given.account, given.wishes)
        _tell(path, given.wishes, _next_step(given, path, named))


def _split(given: str) -> tuple[str, str]:
    path, equals, site = given.rpartition("=")
    if not (equals and path.strip() and site.strip()):
        say(f"--folder {given}: write the folder, then =, then the externalId of its site.")
        raise typer.Exit(ExitCode.USAGE)
    return absolute(path.strip()), site.strip()


def _account(path: Path) -> Account:
    """Return the account of the file that is replaced, so that the way to Nectar stays."""
    key_store = patient_key_store()
    if os.path.lexists(path):
        try:
            return account_with(load(path, os.environ), os.environ, key_store)
        except ConfigurationError:
            say("The file that is replaced cannot be used, so nothing is taken from it.")
    return default_account(os.environ, key_store)


def _has_key(account: Account) -> bool:
    try:
        find_key(account.places)
    except AgentError:
        return False
    return True


def _asked(path: Path, account: Account, wishes: Wishes) -> Answers:
    """Ask, and show what would be sent; ends the command where the person does not go on."""
    try:
        say(_WELCOME)
        given = answers(
            account,
            wishes,
            asks_environment=account.settings is None,
            problem_of=lambda account, wishes: _problem(path, account, wishes),
        )
        if given.wishes.folders:
            _look_ahead(path, given)
        if _is_agreed(path):
            return given
    except (KeyboardInterrupt, EOFError, typer.Abort):
        say("")
    say("Stopped. Nothing was written, and no key was stored.")
    raise typer.Exit(ExitCode.FAILED)


def _is_agreed(path: Path) -> bool:
    say("")
    return is_confirmed(f"Write {path}?", default=True)


def _look_ahead(path: Path, given: Answers) -> None:
    # The preview reads folders and results, which other commands need not load.
    from agent.cli.preview_view import show_preview  # noqa: PLC0415 - see above
    from agent.service.preview import preview  # noqa: PLC0415 - see above

    with _written_aside(path.name, _text(given.account, given.wishes)) as new:
        settings = _checked(new)
    found = {CompanyKey(given.wishes.company or ""): given.sites} if given.sites else {}
    try:
        with Asking(settings).store() as store:
            if store is None:
                show_preview(list(preview(settings, found, None)))
                return
            with snapshot(store, folder_plans(settings), settings.site_names) as known:
                show_preview(list(preview(settings, found, known)))
    except AgentError as error:
        say(f"What would be sent cannot be shown. {error}")


def _problem(path: Path, account: Account, wishes: Wishes) -> str | None:
    try:
        with _written_aside(path.name, _text(account, wishes)) as new:
            load(new, os.environ, default_data_dir=default_data_dir())
    except ConfigurationError as error:
        return " ".join(each.partition(": ")[2] for each in error.mistakes)
    return None


def _text(account: Account, wishes: Wishes) -> str:
    from agent.config.render import render_config  # noqa: PLC0415 - imports pydantic

    settings = account.settings
    nectar = _members(settings.nectar) if settings is not None else {}
    nectar["environment"] = account.environment
    try:
        text = render_config(wishes.company, wishes.folders, nectar)
    except ValueError:
        say("A folder's name is no text that a configuration file can hold. Rename the folder.")
        raise typer.Exit(ExitCode.USAGE) from None
    return text if wishes.folders else text + _NO_FOLDER


def _members(nectar: NectarSettings) -> dict[str, Any]:
    return {each.name: getattr(nectar, each.name) for each in fields(nectar)}


def _write(path: Path, account: Account, wishes: Wishes) -> None:
    """Put the file in place whole, readable by this user alone, once it is known to load."""
    with naming_os_errors(str(path.parent), of="folder", writing=True):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _written_aside(path.name, _text(account, wishes), path.parent) as new:
            if wishes.folders:
                _checked(new)
            if os.path.lexists(path):
                path.replace(path.with_name(f"{path.name}.bak"))
            new.replace(path)


@contextmanager
def _written_aside(name: str, text: str, folder: Path | None = None) -> Iterator[Path]:
    """Write the text to a file that is gone afterwards, in ``folder`` or among temporary files."""
    with TemporaryDirectory(prefix=".init-", dir=folder) as aside:
        new = Path(aside, name)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(text.encode())
        yield new


def _checked(path: Path) -> Settings:
    try:
        return load(path, os.environ, default_data_dir=default_data_dir())
    except ConfigurationError as error:
        say_lines(f"Nothing was written, for it could not be used:\n{error.message}")
        raise typer.Exit(ExitCode.USAGE) from None


def _next_step(given: Answers, path: Path, named: str) -> str:
    """Store the typed key; return what comes next."""
    settings = None
    with suppress(ConfigurationError):  # without a folder the file is not whole yet
        settings = load(path, os.environ, default_data_dir=default_data_dir())
    account = replace(given.account, settings=settings)
    try:
        if given.typed is not None:
            account.places.key_store.write(account.api, account.environment, given.typed)
            say(f"The key for {account.api} ({account.environment}) is stored.")
            warn_of_stronger(account)
            tell_service(account)
        find_key(account.places)
    except KeyStoreError as error:
        say(f"The API key is not stored. {error.message}")
        if error.reason is Reason.NONE_HERE:
            return (
                "put the key, alone, into a file that only you can read, and name that file as "
                f"api_key_file in {path}."
            )
        return f"bill-agent key set{named}"
    except AgentError:
        return f"bill-agent key set{named}"
    if settings is not None and Asking(settings).is_service_alive():
        say("The service runs, and reads the file by itself.")
        return f"bill-agent status{named}"
    return f"bill-agent {_starting()}{named}"


def _starting() -> str:
    """Return the command that starts the agent here: a package may have installed the service."""
    manager = service_manager(launch_of(None))
    if manager is None:
        return "run"
    with suppress(AgentError):
        if manager.status().presence is Presence.INSTALLED:
            return "service start"
    return "service install"


def _tell(path: Path, wishes: Wishes, next_step: str) -> None:
    say(f"{path} is written.")
    for folder, _ in wishes.folders:
        if not Path(folder).expanduser().is_dir():
            say(f"The folder {folder} is not there yet.")
    if not wishes.folders:
        say("Next: name a folder in it; its end shows how.")
    else:
        say(f"Next: {next_step}")
