"""`sites`: what the key sees at Nectar, and which folder is mapped to each site."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from agent.bills.answers import Company, CompanySites
from agent.bills.errors import AgentError
from agent.bills.resolve import Unresolved, find_company
from agent.bills.rows import CompanyKey
from agent.cli.account import account_of, names_of
from agent.cli.app import SET_UP, app
from agent.cli.session import ConfigOption, JsonOption, failing_well
from agent.cli.terminal import facts, print_json, printable, say
from agent.config import FolderSettings, Settings
from agent.service.account import Account
from agent.service.places import subfolders
from agent.system.api_key import find_key


@app.command(rich_help_panel=SET_UP)
def sites(
    *,
    company: Annotated[
        str | None,
        typer.Option(
            metavar="X", help="Only this one: externalId, id or name.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List the companies and sites that the key sees, and the folder of each."""
    with failing_well():
        account = account_of(config)
        seen, found = _asked(account, company)
        folders = _folders_of(account.settings, seen)
        if json:
            print_json("sites", {"companies": [_as_json(each, folders) for each in found]})
            return
        for each in found:
            _show(each, folders)
        if not found:
            say("The key sees no company. Make a key for the right organisation in Nectar.")


Folders = Mapping[tuple[str, str], list[str]]
"""The folders mapped to each (company id, externalId)."""


def _asked(account: Account, wanted: str | None) -> tuple[tuple[Company, ...], list[CompanySites]]:
    secret, _ = find_key(account.places)
    with account.client(secret) as client:
        companies = client.companies()
        chosen = companies if wanted is None else (_named(companies, wanted),)
        return companies, [client.company_sites(each.id) for each in chosen]


def _named(companies: tuple[Company, ...], wanted: str) -> Company:
    found = find_company(companies, CompanyKey(wanted), None)
    if isinstance(found, Unresolved):
        seen = names_of(companies) or "none"
        raise AgentError(found.code, found.message, f"It sees: {seen}.")
    return found


def _folders_of(settings: Settings | None, companies: tuple[Company, ...]) -> Folders:
    mapped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for folder in settings.folders if settings is not None else ():
        company = find_company(companies, CompanyKey(folder.company or ""), None)
        if settings is not None and isinstance(company, Company):
            for external_id, path in _places_in(folder, settings.site_names):
                mapped[company.id, external_id].append(path)
    return mapped


def _places_in(folder: FolderSettings, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return which externalId each place of a folder is for, with the place's path."""
    if not folder.site_by_subfolder:
        return [(folder.site, folder.path)]
    return [(names.get(each, each), os.path.join(folder.path, each)) for each in subfolders(folder)]  # noqa: PTH118 - exact names


def _as_json(found: CompanySites, folders: Folders) -> dict[str, Any]:
    company = found.company
    return {
        "id": company.id,
        "externalId": company.external_id,
        "name": company.name,
        "sites": [
            {
                "id": site.id,
                "externalId": site.external_id,
                "name": site.name,
                "archived": site.archived_on is not None,
                "archivedOn": site.archived_on,
                "folders": folders.get((company.id, site.external_id or ""), []),
            }
            for site in found.sites
        ],
    }


def _show(found: CompanySites, folders: Folders) -> None:
    company = found.company
    title = f"{company.name} ({company.external_id or company.id})"
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Site", overflow="fold")
    table.add_column("externalId", overflow="fold")
    table.add_column("Archived", no_wrap=True)
    table.add_column("Folder", overflow="fold")
    for site in found.sites:
        paths = folders.get((company.id, site.external_id or ""), [])
        table.add_row(
            Text(printable(site.name)),
            Text(printable(site.external_id or "none: set one in Nectar")),
            Text(printable(site.archived_on or "")),
            Text("\n".join(map(printable, paths))),
        )
    facts().print(Text(printable(title), style="bold"))
    facts().print(table)
    facts().print()
