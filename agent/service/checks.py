"""The checks of `doctor`, one after the other, each with a sentence and the one next step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.bills.answers import Company, CompanySites
from agent.bills.errors import AgentError, ConfigurationError, NeedsAttention
from agent.bills.instant import utc_text
from agent.bills.resolve import Unresolved, find_company, find_site
from agent.bills.rows import CompanyKey
from agent.config import FolderSettings, Settings, load
from agent.nectar.client import NectarClient
from agent.service import clock, machine_checks
from agent.service.account import Account, account_with, default_account
from agent.service.check import Check, counted, failed, passed
from agent.service.places import data_dir_of, subfolders
from agent.service.planning import watched_folders
from agent.store.backup import backed_up_at
from agent.store.checking import examine
from agent.store.connecting import Connection, store_path
from agent.store.opening import open_for_people
from agent.store.snapshot import snapshot
from agent.system.api_key import KeySource, find_key
from agent.system.directories import default_data_dir
from agent.system.key_store import KeyStore
from agent.system.secret import Secret

_CLOCK_SECONDS = 300.0
"""How far this computer's clock may be from Nectar's; bills are looked for by days."""
_NO_KEY = "bill-agent-doctor"
"""Sent where there is no key: being refused proves that Nectar can be reached."""


@dataclass(slots=True)
class Checkup:
    """One run of the checks, as the process sees the world that runs it.

    ``named`` is the option that names the configuration to a command, "" where none is needed;
    ``why_on_timer`` is what a service's `Watcher` knows of a folder, None in another process.
    ``settings`` is what was found in the file once `run` has begun.
    """

    path: Path
    environ: Mapping[str, str]
    key_store: KeyStore
    named: str = ""
    why_on_timer: Callable[[str], str | None] | None = None
    settings: Settings | None = None

    def run(self) -> Iterator[Check]:
        """Yield each check as it is done. Takes some seconds, and ends whatever hangs."""
        try:
            self.settings = load(self.path, self.environ, default_data_dir=default_data_dir())
        except ConfigurationError as error:
            if os.path.lexists(self.path):
                yield failed("configuration", error.message, f"Correct {self.path}.")
                return
            yield failed(
                "configuration",
                f"There is no file {self.path}.",
                f"Run: bill-agent init{self.named}",
            )
            yield from self._nectar(default_account(self.environ, self.key_store))
            return
        yield passed("configuration", f"{self.path} is right.")
        yield from self._nectar(account_with(self.settings, self.environ, self.key_store))
        patience = machine_checks.patience()
        unheard = _unheard_since(self.settings)
        why = self.why_on_timer or (lambda _: None)
        yield from machine_checks.folders(self.settings, unheard, patience, why)
        yield from machine_checks.disk_space(self.settings, patience)
        yield from _store(data_dir_of(self.settings))

    def _nectar(self, account: Account) -> Iterator[Check]:
        key: Secret | None = None
        source: KeySource | None = None
        missing: AgentError | None = None
        try:
            key, source = find_key(account.places)
        except AgentError as error:
            missing = error
        try:
            with account.client(key or Secret(_NO_KEY)) as client:
                refusal = _refusal(client)
                yield _key(source, missing, refusal, is_service=self.why_on_timer is not None)
                yield _network(account, refusal)
                yield from _clock(client)
                if key is not None and refusal is None and self.settings is not None:
                    yield from _places(client, self.settings)
        except ConfigurationError as error:
            yield failed("configuration", error.message, "Correct it.")


def _refusal(client: NectarClient) -> AgentError | None:
    """Ask Nectar whether it takes the key; return what is wrong."""
    try:
        client.ping()
    except AgentError as error:
        return error
    return None


def _key(
    source: KeySource | None,
    missing: AgentError | None,
    refusal: AgentError | None,
    *,
    is_service: bool,
) -> Check:
    if missing is not None:
        return failed("key", missing.message, missing.advice)
    if refusal is None:
        words = f"The key comes from {source}, and Nectar accepts it."
        if source is KeySource.ENVIRONMENT and not is_service:
            words += " A service started at login does not see this terminal's variables."
        return passed("key", words)
    if refusal.code.startswith("key-"):
        return failed("key", refusal.message, refusal.advice)
    return passed("key", f"There is a key, from {source}. Nectar could not be asked about it.")


def _network(account: Account, refusal: AgentError | None) -> Check:
    if refusal is None or refusal.code.startswith("key-"):
        how = "" if account.api.startswith("http:") else ", and its certificate is trusted"
        return passed("network", f"{account.api} answers{how}.")
    return failed("network", refusal.message, refusal.advice)


def _clock(client: NectarClient) -> Iterator[Check]:
    """Compare the clocks; where Nectar told no time nothing is claimed."""
    if client.answer_date is None:
        return
    ahead = clock.now().utc - client.answer_date
    if abs(ahead) < _CLOCK_SECONDS:
        yield passed("clock", "This computer's clock agrees with Nectar's.")
        return
    way = "ahead of" if ahead > 0 else "behind"
    yield failed(
        "clock",
        f"This computer's clock is {abs(ahead) / 60:.0f} minutes {way} Nectar's.",
        "Let the system set date and time by itself.",
    )


def _places(client: NectarClient, settings: Settings) -> Iterator[Check]:
    """Check each company once and each folder's site."""
    try:
        companies = client.companies()
    except AgentError as error:
        yield failed("company", error.message, error.advice)
        return
    found: dict[str, CompanySites] = {}
    for key in dict.fromkeys(folder.company or "" for folder in settings.folders):
        company = find_company(companies, CompanyKey(key), None)
        if isinstance(company, Unresolved):
            yield failed("company", company.message, company.advice, about=key)
            continue
        check, sites = _sites(client, company, key)
        yield check
        if sites is not None:
            found[key] = sites
    for folder in settings.folders:
        sites_of_folder = found.get(folder.company or "")
        if sites_of_folder is not None:
            yield from _site(settings, folder, sites_of_folder)


def _sites(client: NectarClient, company: Company, key: str) -> tuple[Check, CompanySites | None]:
    try:
        sites = client.company_sites(company.id)
    except AgentError as error:
        return failed("company", error.message, error.advice, about=key), None
    words = f"The key sees {company.name} with {counted(len(sites.sites), 'site')}."
    return passed("company", words, about=key), sites


def _site(settings: Settings, folder: FolderSettings, found: CompanySites) -> Iterator[Check]:
    key = CompanyKey(folder.company or "")
    if not folder.site_by_subfolder:
        place = find_site(found, folder.site, key)
        if isinstance(place, Unresolved):
            words = f"{folder.path}: {place.message}"
            yield failed("site", words, place.advice, about=folder.path)
        else:
            words = f"Bills in {folder.path} are for {folder.site}, {place.site_name}."
            yield passed("site", words, about=folder.path)
        return
    rules = watched_folders(settings)[folder.path].rules
    names = [name for name in subfolders(folder) if rules.enters(name)]
    wrong = 0
    for name in names:
        place = find_site(found, settings.site_names.get(name, name), key)
        if isinstance(place, Unresolved):
            wrong += 1
            where = str(Path(folder.path, name))
            yield failed("site", f"{where}: {place.message}", place.advice, about=where)
    if not wrong:
        words = (
            f"The subfolders of {folder.path} are sites, {len(names)} in all."
            if names
            else f"{folder.path} has no subfolder yet; each will be a site."
        )
        yield passed("site", words, about=folder.path)


def _unheard_since(settings: Settings) -> dict[str, float]:
    """Return since when files arrive without events, by folder; nothing where no store tells."""
    try:
        with _open_store(data_dir_of(settings)) as store:
            if store is not None:
                with snapshot(store) as seen:
                    return seen.unheard_since()
    except AgentError:
        pass  # the store has a check of its own
    return {}


def _store(data_dir: Path) -> Iterator[Check]:
    problem = machine_checks.data_dir_problem(data_dir)
    if problem is not None:
        yield problem
        return
    try:
        with _open_store(data_dir) as store:
            if store is None:
                words = f"There is no store yet; the first start makes it in {data_dir}."
                yield passed("store", words)
                return
            with snapshot(store) as seen:
                counts = seen.overview(clock.now().utc).counts
        path = store_path(data_dir)
        examine(path, with_answers=False)
        made = backed_up_at(path)
        backup = f" Its backup is of {utc_text(made)}." if made is not None else ""
        words = f"{path} is sound and knows {counted(sum(counts.values()), 'bill')}.{backup}"
        yield passed("store", words)
    except NeedsAttention as error:
        yield failed("store", error.message, error.advice)


@contextmanager
def _open_store(data_dir: Path) -> Iterator[Connection | None]:
    connection = open_for_people(store_path(data_dir))
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()
