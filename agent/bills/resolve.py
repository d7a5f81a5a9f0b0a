"""From the words of the configuration to Nectar's ids, by exact match only, never by a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from agent.bills.answers import Company, CompanySites, Site
from agent.bills.holds import Scope, company_scope, folder_scope, site_scope
from agent.bills.plan import FolderPlan, Plan, site_asked
from agent.bills.rows import CompanyKey, CompanyRow, Place

LOOKS_LIKE_OTHER_SITE = "looks-like-other-site"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a file has no place yet. ``code`` "" means that Nectar has not been asked yet.

    ``subfolder`` is the one that looks like another site's, "" for any other reason.
    """

    scope: Scope
    code: str
    message: str
    advice: str
    subfolder: str = ""


def resolve(
    folder: FolderPlan, path: str, plan: Plan, companies: Mapping[CompanyKey, CompanyRow]
) -> Place | Unresolved:
    """Return the place that the file at ``path`` in ``folder`` is for, or why there is none."""
    asked = site_asked(folder, path, plan.site_names)
    if asked is None:
        return Unresolved(
            folder_scope(folder.path),
            "no-site",
            f"“{PurePath(path).name}” lies directly in {folder.path}, "
            "where the subfolder's name tells the site.",
            "Move it into the subfolder of its site.",
        )
    row = companies.get(folder.company)
    if row is None or row.found is None:
        return Unresolved(company_scope(folder.company), "", "", "")
    other = _other_site(folder, path, asked, row.found)
    return other or find_site(row.found, asked, folder.company)


def _other_site(
    folder: FolderPlan, path: str, asked: str, found: CompanySites
) -> Unresolved | None:
    """Return why the file waits where a subfolder of a fixed-site folder names another site.

    Somebody sorts bills by site there, and this folder's site would be a guess.
    """
    if folder.is_by_subfolder:
        return None
    others = {site.external_id for site in found.sites if site.archived_on is None} - {asked, None}
    *above, _ = PurePath(path).relative_to(folder.path).parts
    named = next((part for part in above if part in others), None)
    if named is None:
        return None
    return looks_like_other_sites(folder, (named,))


def looks_like_other_sites(folder: FolderPlan, subfolders: tuple[str, ...]) -> Unresolved:
    """Return why the files of ``subfolders`` in a fixed-site folder wait."""
    names = ", ".join(f"“{each}”" for each in subfolders)
    is_one = len(subfolders) == 1
    return Unresolved(
        folder_scope(folder.path),
        LOOKS_LIKE_OTHER_SITE,
        f"In {folder.path}, which is for site {folder.site}, "
        + (
            f"the subfolder {names} has the externalId of another site."
            if is_one
            else f"the subfolders {names} have the externalIds of other sites."
        ),
        f"Give {'the subfolder' if is_one else 'each of them'} a [[folders]] entry of its own in "
        f"config.toml (site = {names if is_one else 'its name'} or “{folder.site}”), or rename it.",
        subfolders[0],
    )


def find_site(found: CompanySites, external_id: str, key: CompanyKey) -> Place | Unresolved:
    """Return the one active site of ``found`` with exactly this externalId, or what is wrong."""
    matches = [site for site in found.sites if site.external_id == external_id]
    active = [site for site in matches if site.archived_on is None]
    scope = site_scope(key, external_id)
    company = found.company
    if len(active) == 1 and len(matches) == 1:
        site = active[0]
        return Place(company.id, company.external_id, company.name, site.id, external_id, site.name)
    if len(matches) > 1:
        names = ", ".join(f"“{site.name}”" for site in matches)
        return Unresolved(
            scope,
            "site-ambiguous",
            f"{len(matches)} sites of {company.name} have the externalId {external_id}: {names}.",
            "Give each site its own externalId in Nectar.",
        )
    if matches:
        return Unresolved(
            scope,
            "site-archived",
            f"The site {external_id} “{matches[0].name}” of {company.name} is archived "
            f"since {matches[0].archived_on}.",
            "Reactivate it in Nectar, or change the folder's site in config.toml"
            f"{_near(found.sites, external_id)}.",
        )
    return Unresolved(
        scope,
        "site-missing",
        f"{company.name} has no site with the externalId {external_id}.",
        "Set it on the site in Nectar, or correct the folder's site in config.toml"
        f"{_near(found.sites, external_id)}.",
    )


def _near(sites: tuple[Site, ...], wanted: str) -> str:
    """Return "; near: …" with the active sites whose externalId or name resembles ``wanted``."""
    by_word: dict[str, Site] = {}
    for site in sites:
        if site.archived_on is None:
            by_word.setdefault(site.name.casefold(), site)
            if site.external_id:
                by_word[site.external_id.strip().casefold()] = site
    close = get_close_matches(wanted.strip().casefold(), by_word, n=3, cutoff=0.6)
    words: list[str] = []
    for word in close:
        site = by_word[word]
        text = f"{site.external_id or 'no externalId'} “{site.name}”"
        if text not in words:
            words.append(text)
    return f"; near: {', '.join(words)}" if words else ""


def find_company(
    companies: tuple[Company, ...], key: CompanyKey, remembered_id: str | None
) -> Company | Unresolved:
    """Return the company that the configuration means by ``key``, or what is wrong.

    ``key`` "" means the only one that the key sees; it is remembered by id, and another only one
    later is refused rather than taken in its place.
    """
    scope = company_scope(key)
    listed = ", ".join(f"{one.external_id or one.id} “{one.name}”" for one in companies)
    if not key:
        if remembered_id is not None:
            same = [one for one in companies if one.id == remembered_id]
            if same:
                return same[0]
            if companies:
                return Unresolved(
                    scope,
                    "company-changed",
                    f"The company used so far is no longer seen by the key; it sees {listed}.",
                    "Set company in [nectar] of config.toml to the one that is meant.",
                )
        if len(companies) == 1:
            return companies[0]
        if companies:
            return Unresolved(
                scope,
                "company-ambiguous",
                f"The key sees {len(companies)} companies: {listed}.",
                "Set company in [nectar] of config.toml to one of them.",
            )
        return Unresolved(
            scope,
            "company-missing",
            "The key sees no company.",
            "Make a key for the right organisation in Nectar.",
        )
    for matches in (
        [one for one in companies if one.external_id == key],
        [one for one in companies if one.id == key],
        [one for one in companies if one.name == key],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            return Unresolved(
                scope,
                "company-ambiguous",
                f"{len(matches)} companies are called {key}.",
                "Set company in config.toml to the id of one: "
                + ", ".join(one.id for one in matches)
                + ".",
            )
    return Unresolved(
        scope,
        "company-missing",
        f"The key sees no company {key}.",
        f"Correct company in config.toml; the key sees {listed}."
        if companies
        else "Make a key for the right organisation in Nectar.",
    )
