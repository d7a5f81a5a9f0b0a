"""`init`: a commented configuration file, with the real companies and sites to choose from."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from agent.bills.answers import Company, CompanySites
from agent.bills.errors import AgentError, ConfigurationError
from agent.bills.resolve import Unresolved, find_company, find_site
from agent.bills.rows import CompanyKey
from agent.cli.account import patient_key_store
from agent.cli.app import SET_UP, app
from agent.cli.choosing import ask, choose
from agent.cli.exits import ExitCode
from agent.cli.session import ConfigOption, failing_well
from agent.cli.terminal import say, say_lines
from agent.config import SUBFOLDER, find_config_file, load
from agent.service.account import Account, account_with, default_account
from agent.system.api_key import find_key
from agent.system.directories import config_candidates, default_data_dir
from agent.system.os_errors import naming_os_errors

_NO_FOLDER = """
# No folder is named yet. Take the "# " away, once for each folder of bills:
# [[folders]]
# path = 'C:\\Bills\\Plant 7'
# site = "PLANT-07"
"""
_EACH_SUBFOLDER = "each subfolder is a site: its name is the externalId"


@dataclass(frozen=True, slots=True)
class _Wishes:
    company: str | None
    folders: list[tuple[str, str]]


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

    With a key and in a terminal it offers the real companies and sites.
    """
    with failing_well():
        path = find_config_file(config, os.environ, config_candidates()[:1])
        if os.path.lexists(path) and not force:
            say(f"{path} is there already. To replace it: bill-agent init --force")
            raise typer.Exit(ExitCode.FAILED)
        wishes = _Wishes(company, [_split(each) for each in folder or ()])
        account = _account(path)
        wishes, has_key = _offered(account, wishes)
        _write(path, _text(account, wishes))
    _tell(path, wishes, has_key=has_key)


def _split(given: str) -> tuple[str, str]:
    path, equals, site = given.rpartition("=")
    if not (equals and path.strip() and site.strip()):
        say(f"--folder {given}: write the folder, then =, then the externalId of its site.")
        raise typer.Exit(ExitCode.USAGE)
    return _absolute(path.strip()), site.strip()


def _absolute(path: str) -> str:
    """Return a path that means the same in the file as it does here; a ``~`` is kept."""
    return path if path.startswith("~") else os.path.abspath(path)  # noqa: PTH100 - links must stay


def _account(path: Path) -> Account:
    """Return the account of the file that is replaced, so that its API address stays."""
    if os.path.lexists(path):
        try:
            return account_with(load(path, os.environ), os.environ, patient_key_store())
        except ConfigurationError:
            say("The file that is replaced cannot be used, so nothing is taken from it.")
    return default_account(os.environ, patient_key_store())


def _offered(account: Account, wishes: _Wishes) -> tuple[_Wishes, bool]:
    """Let a person in front of a terminal choose; return the choice and whether there is a key."""
    try:
        secret, _ = find_key(account.places)
    except AgentError:
        return wishes, False
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return wishes, True
    try:
        with account.client(secret) as client:
            company = _company(client.companies(), wishes.company)
            if company is None:
                return wishes, True
            found = client.company_sites(company.id)
    except AgentError as error:
        say(f"Nothing can be offered to choose from. {error}")
        return wishes, True
    _check_sites(found, wishes)
    folders = wishes.folders or _folders(found)
    return _Wishes(wishes.company or company.external_id or company.id, folders), True


def _company(companies: tuple[Company, ...], wanted: str | None) -> Company | None:
    if not companies:
        say("The key sees no company. Make a key for the right organisation in Nectar.")
        return None
    if wanted is not None:
        found = find_company(companies, CompanyKey(wanted), None)
        if isinstance(found, Unresolved):
            say(f"Careful: {found.message} {found.advice}")
            return None
        return found
    if len(companies) == 1:
        say(f"Company: {companies[0].name}")
        return companies[0]
    words = [f"{each.name} ({each.external_id or each.id})" for each in companies]
    return companies[choose("Which company?", words)]


def _check_sites(found: CompanySites, wishes: _Wishes) -> None:
    for path, site in wishes.folders:
        place = find_site(found, site, CompanyKey("")) if site != SUBFOLDER else None
        if isinstance(place, Unresolved):
            say(f"Careful, {path}: {place.message} {place.advice}")


def _folders(found: CompanySites) -> list[tuple[str, str]]:
    choosable = [each for each in found.sites if each.external_id and each.archived_on is None]
    for each in found.sites:
        if each.archived_on is None and not each.external_id:
            say(f"{each.name} has no externalId; set one in Nectar to choose it.")
    words = [f"{each.name} ({each.external_id})" for each in choosable] + [_EACH_SUBFOLDER]
    folders: list[tuple[str, str]] = []
    while path := ask("A folder with bills (nothing more: press Enter):"):
        number = choose("Of which site are its bills?", words)
        site = SUBFOLDER if number == len(choosable) else str(choosable[number].external_id)
        folders.append((_absolute(path), site))
    return folders


def _text(account: Account, wishes: _Wishes) -> str:
    from agent.config.render import render_config  # noqa: PLC0415 - imports pydantic

    standard = default_account(os.environ, patient_key_store())
    is_other = account.connection.base_url != standard.connection.base_url
    is_other_environment = account.environment != standard.environment
    try:
        text = render_config(
            wishes.company,
            wishes.folders,
            base_url=account.connection.base_url if is_other else None,
            environment=account.environment if is_other_environment else None,
        )
    except ValueError:
        say("A folder's name is no text that a configuration file can hold. Rename the folder.")
        raise typer.Exit(ExitCode.USAGE) from None
    return text if wishes.folders else text + _NO_FOLDER


def _write(path: Path, text: str) -> None:
    """Put the file in place whole, readable by this user alone, once it is known to load."""
    with naming_os_errors(str(path.parent), of="folder", writing=True):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".init-", dir=path.parent) as folder:
            new = Path(folder, path.name)
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
                file.write(text.encode())
            if not text.endswith(_NO_FOLDER):
                _check(new)
            if os.path.lexists(path):
                path.replace(path.with_name(f"{path.name}.bak"))
            new.replace(path)


def _check(path: Path) -> None:
    try:
        load(path, os.environ, default_data_dir=default_data_dir())
    except ConfigurationError as error:
        say_lines(f"Nothing was written, for it could not be used:\n{error.message}")
        raise typer.Exit(ExitCode.USAGE) from None


def _tell(path: Path, wishes: _Wishes, *, has_key: bool) -> None:
    say(f"{path} is written.")
    for folder, _ in wishes.folders:
        if not Path(folder).expanduser().is_dir():
            say(f"The folder {folder} is not there yet.")
    if not wishes.folders:
        say("Next: name a folder in it; its end shows how.")
    elif has_key:
        say("Next: bill-agent doctor")
    else:
        say("Next: bill-agent key set")
