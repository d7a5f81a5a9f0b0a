"""The questions of `init`: key, company, folders. Nothing is written or stored while they last."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agent.bills.answers import Company, CompanySites
from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.resolve import Unresolved, find_company, find_site
from agent.bills.rows import CompanyKey
from agent.cli.account import companies_seen, names_of
from agent.cli.choosing import Option, ask, ask_hidden, choose, is_confirmed, show
from agent.cli.terminal import say, say_lines
from agent.config import SUBFOLDER
from agent.config.paths import comparable, contains
from agent.service.account import Account
from agent.system.api_key import KeySource, find_key, key_status
from agent.system.directories import default_data_dir
from agent.system.secret import Secret, secret_from

_EACH_SUBFOLDER = Option(
    "each subfolder is a site: its name is the externalId", frozenset({SUBFOLDER})
)
_ENVIRONMENTS = (
    Option("production", frozenset({"production"})),
    Option("sandbox, for trying", frozenset({"sandbox"})),
)
_NAMES = ("production", "sandbox")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the configuration is to say. ``company`` None: the only one that the key sees."""

    company: str | None
    folders: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person chose. ``typed`` is the key to store, None where none was typed.

    ``sites`` are those of the company, None where Nectar could not be asked.
    """

    account: Account
    wishes: Wishes
    typed: Secret | None = None
    sites: CompanySites | None = None


def answers(
    account: Account,
    wishes: Wishes,
    *,
    asks_environment: bool,
    problem_of: Callable[[Account, Wishes], str | None],
) -> Answers:
    """Ask all that ``wishes`` leave open.

    ``problem_of`` says why a configuration could not be used. Ctrl-C leaves as KeyboardInterrupt
    or typer.Abort.
    """
    if asks_environment:
        account = _with_environment(account)
    secret, typed, companies = _key(account)
    if secret is None or companies is None:
        company = wishes.company or ask("The company's externalId (Enter: the only one):") or None
        wishes = _with_folders(account, Wishes(company, wishes.folders), None, problem_of)
        return Answers(account, wishes, typed)
    company_found = _company(companies, wishes.company)
    found = _sites(account, secret, company_found) if company_found is not None else None
    word = wishes.company
    if company_found is not None:
        word = company_found.external_id or company_found.id
    for path, site in wishes.folders:
        place = find_site(found, site, CompanyKey("")) if found and site != SUBFOLDER else None
        if isinstance(place, Unresolved):
            say(f"Careful, {path}: {place.message} {place.advice}")
    wishes = _with_folders(account, Wishes(word, wishes.folders), found, problem_of)
    return Answers(account, wishes, typed, found)


def _with_environment(account: Account) -> Account:
    say_lines("\nWhat is the API key for?")
    show(_ENVIRONMENTS)
    chosen = _NAMES[choose("Number (Enter: production):", _ENVIRONMENTS, default=0)]
    return replace(account, places=replace(account.places, environment=chosen))


def _key(account: Account) -> tuple[Secret | None, Secret | None, tuple[Company, ...] | None]:
    """Return the key, the one to store, and the companies; None for what there is not."""
    try:
        secret, source = find_key(account.places)
    except AgentError as error:
        decides = next((each.source for each in key_status(account.places) if each.is_used), None)
        if decides is not None:
            say(str(error))
        if decides not in (None, KeySource.KEY_STORE):
            return None, None, None
        typed, companies = _typed(account)
        return typed, typed, companies
    try:
        companies = companies_seen(account, secret)
    except AgentError as error:
        say(f"The API key from {source} cannot be used now. {error}")
        if source is not KeySource.KEY_STORE:
            return secret, None, None
        typed, companies = _typed(account)
        return typed or secret, typed, companies
    say(f"The API key comes from {source}; Nectar accepts it.")
    return secret, None, companies


def _typed(account: Account) -> tuple[Secret | None, tuple[Company, ...] | None]:
    what = f"API key for {account.api} ({account.environment})"
    while True:
        typed = ask_hidden(f"{what}, not shown while you type (Enter: later):")
        if not typed:
            return None, None
        try:
            secret = secret_from(typed, source="the input")
            companies = companies_seen(account, secret)
        except AgentError as error:
            say(f"{_why_not_taken(error)} Type it once more, or press Enter to go on without it.")
            continue
        say(f"Nectar accepts the key. It sees {names_of(companies) or 'no company yet'}.")
        return secret, companies


def _why_not_taken(error: AgentError) -> str:
    if not isinstance(error, NeedsAttention):
        return f"{error.message} So the key cannot be proved just now."
    # What to do about the key itself is being done.
    return error.message if error.code.startswith("key-") else str(error)


def _company(companies: tuple[Company, ...], wanted: str | None) -> Company | None:
    if not companies:
        say("The key sees no company. Make a key for the right organisation in Nectar.")
        return None
    if wanted is not None:
        found = find_company(companies, CompanyKey(wanted), None)
        if not isinstance(found, Unresolved):
            return found
        say(f"{found.message} {found.advice}")
    elif len(companies) == 1:
        return companies[0]
    options = [
        Option(
            f"{each.name} ({each.external_id or each.id})",
            frozenset({each.name, each.id} | ({each.external_id} if each.external_id else set())),
        )
        for each in companies
    ]
    say_lines("\nCompanies:")
    show(options)
    return companies[choose("Whose bills are these? Number or externalId:", options)]


def _sites(account: Account, secret: Secret, company: Company) -> CompanySites | None:
    try:
        with account.client(secret) as client:
            return client.company_sites(company.id)
    except AgentError as error:
        say(f"The sites of {company.name} cannot be shown. {error}")
        return None


def _with_folders(
    account: Account,
    wishes: Wishes,
    found: CompanySites | None,
    problem_of: Callable[[Account, Wishes], str | None],
) -> Wishes:
    if wishes.folders:
        return wishes
    offered = _offered(found) if found is not None else ([], [])
    folders: list[tuple[str, str]] = []
    while True:
        more = "no more" if folders else "none yet"
        path = _folder(ask(f"A folder with bills (Enter: {more}):"))
        if path == "":
            return Wishes(wishes.company, folders)
        if path is None:
            continue
        if _place(path) in {_place(other) for other, _ in folders}:
            say(f"{path} is in the list already.")
            continue
        # Which site it is for does not matter here.
        trial = Wishes(wishes.company, [*folders, (path, SUBFOLDER)])
        problem = problem_of(account, trial)
        if problem is not None:
            say(f"{path} cannot be taken: {problem}.")
            continue
        site = _site(*offered) if found is not None else _written_site()
        folders.append((path, site))


def _offered(found: CompanySites) -> tuple[list[str], list[Option]]:
    """Show the sites to choose from; return what the file calls each, and how it is shown."""
    sites: list[str] = []
    options: list[Option] = []
    unfit: list[str] = []
    for each in found.sites:
        word = each.external_id
        if not word:
            unfit.append(f"{each.name} has no externalId; set one in Nectar.")
        elif isinstance(place := find_site(found, word, CompanyKey("")), Unresolved):
            unfit.append(place.message)
        else:
            sites.append(word)
            options.append(Option(f"{each.name} ({word})", frozenset({word, each.name})))
    say_lines(f"\nSites of {found.company.name}:")
    show([*options, _EACH_SUBFOLDER])
    if unfit:
        say("Not to be chosen:")
        for sentence in dict.fromkeys(unfit):
            say(f"  {sentence}")
    return [*sites, SUBFOLDER], [*options, _EACH_SUBFOLDER]


def _site(sites: list[str], options: list[Option]) -> str:
    return sites[choose("Of which site are its bills? Number or externalId:", options)]


def _written_site() -> str:
    while True:
        site = ask("Its site's externalId, or {subfolder} where each subfolder is one:")
        if site:
            return site
        say("Every folder needs a site: the bills in it are sent for that one.")


def _folder(answer: str) -> str | None:
    """Return the folder as the file is to name it; "" for no more, None to be asked again."""
    written = answer
    if len(answer) > 1 and answer[0] == answer[-1] and answer[0] in "'\"":
        written = answer[1:-1].strip()  # a terminal quotes what is dropped into it
    if not written:
        return ""
    path = absolute(written)
    there = Path(path).expanduser()
    if contains(str(there), default_data_dir()):
        say(f"{there} holds the agent's own data ({default_data_dir()}). Name a folder in it.")
        return None
    if there.is_dir():
        return path
    if os.path.lexists(there):
        say(f"{there} is a file. Name the folder that it lies in.")
        return None
    say(f"{there} is not there.")
    return path if is_confirmed("Watch it all the same, once it is there?", default=False) else None


def _place(path: str) -> str:
    return comparable(str(Path(path).expanduser()))


def absolute(path: str) -> str:
    """Return a path that means the same in the file as it does here; a ``~`` is kept."""
    return path if path.startswith("~") else os.path.abspath(path)  # noqa: PTH100 - links must stay
