"""Every name that a support bundle may hold, each with a pseudonym."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePath

from agent.bills.answers import CompanySites
from agent.bills.errors import AgentError
from agent.bills.pseudonyms import Pseudonyms
from agent.cli.session import Asking
from agent.config import SUBFOLDER, Settings
from agent.service.account import Account
from agent.store.snapshot import snapshot
from agent.system.api_key import find_key
from agent.system.directories import home_dir

_WRITTEN = re.compile(
    r"""\"([^"\n]+)"|'([^'\n]+)'|^\s*([\w-]+)\s*=|^\s*\[+\s*([\w.-]+)\s*\]""", re.MULTILINE
)
"""A text in quotes, a key or a table."""
_WORDS = frozenset(
    {SUBFOLDER, "production", "sandbox", "ask", "all", "new", "pdf", "png", "jpg", "jpeg"}
    | {"DEBUG", "INFO", "WARNING", "ERROR"}
)


def pseudonyms(
    config: Path, settings: Settings | None, data_dir: Path, account: Account
) -> Pseudonyms:
    """Return pseudonyms for folders, files, sites and companies, as far as anybody knows them.

    They are known from the settings, from the store and from Nectar, which is asked.
    """
    names = Pseudonyms()
    names.call(str(data_dir), "data-folder")
    names.call(str(config), "settings.toml")
    roots: list[str] = []
    if settings is not None:
        roots = [folder.path for folder in settings.folders]
        _add_settings(names, settings)
    else:
        _add_written(names, config)
    companies = _at_nectar(account) if settings is not None else []
    paths: list[str] = []
    with suppress(AgentError), Asking.at(data_dir).store() as store:
        if store is not None:
            with snapshot(store) as seen:
                companies += seen.companies()
                paths = list(seen.paths())
                roots += [folder.path for folder in seen.folders]
    _add_companies(names, companies)
    for root in roots:
        names.add("folder", root, PurePath(root).name)  # a log has only the last name
    _add_paths(names, roots, paths)
    if len(PurePath(home_dir()).parts) > 1:
        names.call(home_dir(), "~")
    return names


def _add_settings(names: Pseudonyms, settings: Settings) -> None:
    names.add("company", settings.nectar.company)
    for name, external_id in settings.site_names.items():
        names.add("site", external_id, name)
    for folder in settings.folders:
        names.add("company", folder.company)
        if folder.site != SUBFOLDER:
            names.add("site", folder.site)
    for file in filter(None, (settings.nectar.api_key_file, settings.nectar.ca_file)):
        names.add("folder", os.path.dirname(file))  # noqa: PTH120 - exact names


def _add_written(names: Pseudonyms, config: Path) -> None:
    """Add whatever may be a name in a file that cannot be used: texts, and keys that are not ours.

    The mistakes in it are told in logs and in the store.
    """
    from agent.config.definitions import definitions  # noqa: PLC0415 - imports pydantic

    try:
        text = config.read_text("utf-8", "replace")
    except OSError:
        return
    tables = definitions()
    ours = _WORDS | tables.keys() | {key for table in tables.values() for key in table.keys}
    for match in _WRITTEN.finditer(text):
        name = next(group for group in match.groups() if group is not None).strip()
        if name not in ours and not name.startswith(("http:", "https:")):
            names.add("name", name, name.replace("\\\\", "\\"))


def _at_nectar(account: Account) -> list[CompanySites]:
    try:
        secret, _ = find_key(account.places)
        with account.client(secret) as client:
            return [client.company_sites(each.id) for each in client.companies()]
    except AgentError:
        return []  # then the checks have no names from there, either


def _add_companies(names: Pseudonyms, companies: Iterable[CompanySites]) -> None:
    for found in companies:
        company = found.company
        names.add("company", company.external_id, company.name, company.id)
        for site in found.sites:
            names.add("site", site.external_id, site.name, site.id)


def _add_paths(names: Pseudonyms, roots: list[str], paths: list[str]) -> None:
    for file in dict.fromkeys(PurePath(path).name for path in paths):
        names.add("file", file)
    subfolders: dict[str, None] = {}
    for each in roots:
        with suppress(OSError), os.scandir(each) as entries:
            subfolders |= dict.fromkeys(one.name for one in entries if one.is_dir())
    for path in paths:
        root = next((root for root in roots if PurePath(path).is_relative_to(root)), None)
        if root is not None:
            subfolders |= dict.fromkeys(PurePath(path).relative_to(root).parts[:-1])
    for subfolder in subfolders:
        names.add("subfolder", subfolder)
