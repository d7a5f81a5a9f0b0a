"""Rows of folders, companies and holds to values and back."""

from __future__ import annotations

import os
from typing import Any

from agent.bills.answers import Company, CompanySites, Site
from agent.bills.exact_json import json_text, parse_json
from agent.bills.holds import Hold, Scope, ScopeKind
from agent.bills.rows import CompanyKey, CompanyRow, Folder
from agent.bills.values import FolderId
from agent.store.codec import ascii_text, world_of
from agent.store.naming import reading
from agent.store.plausible import check_counts_and_moments, check_folder

FOLDER_COLUMNS = (
    "id, path, is_configured, due, read_at, read_seconds, failures, first_look, volume, "
    "is_paused, missing_since, unsupported, others, met_at, is_lost, unread"
)
COMPANY_COLUMNS = (
    "name, world, found, read_at, due, failures, accepted_at, documents_due, documents_tries, "
    "corrections_read_at, corrections_due, job_seconds"
)
HOLD_COLUMNS = "code, kind, CAST(name AS BLOB), since, message, advice, due, tries"
"""The name as bytes: that of a directory may be no UTF-8, which the text of a column may hold."""
LAST_JOBS = 20
"""So many jobs of a company tell how long a document may take to appear."""


def folder_row(folder: Folder) -> tuple[Any, ...]:
    """Return the columns of a folder."""
    return (
        folder.id,
        os.fsencode(folder.path),
        int(folder.is_configured),
        folder.due,
        folder.read_at,
        folder.read_seconds,
        folder.failures,
        folder.first_look,
        folder.volume,
        int(folder.is_paused),
        folder.missing_since,
        json_text([os.fsencode(path).decode("utf-8", "replace") for path in folder.unsupported]),
        folder.others,
        folder.met_at,
        int(folder.is_lost),
        ascii_text(folder.unread),
    )


@reading
def folder_of(row: tuple[Any, ...]) -> Folder:
    """Return the folder of its columns (``FOLDER_COLUMNS``)."""
    folder = Folder(
        id=FolderId(row[0]),
        path=os.fsdecode(row[1]),
        is_configured=bool(row[2]),
        due=row[3],
        read_at=row[4],
        read_seconds=row[5],
        failures=row[6],
        first_look=row[7],
        volume=row[8],
        is_paused=bool(row[9]),
        missing_since=row[10],
        unsupported=tuple(parse_json(row[11])),
        others=row[12],
        met_at=row[13],
        is_lost=bool(row[14]),
        unread=tuple(parse_json(row[15])),
    )
    return check_folder(folder)


def company_row(row: CompanyRow, job_seconds: str) -> tuple[Any, ...]:
    """Return the columns of a company; ``job_seconds`` are those of its last jobs, as JSON."""
    return (
        row.key,
        row.world.key,
        _sites_text(row.found),
        row.read_at,
        row.due,
        row.failures,
        row.accepted_at,
        row.documents_due,
        row.documents_tries,
        row.corrections_read_at,
        row.corrections_due,
        job_seconds,
    )


@reading
def company_of(row: tuple[Any, ...]) -> CompanyRow:
    """Return the company of its columns (``COMPANY_COLUMNS``)."""
    seconds = [float(one) for one in parse_json(row[11])]
    check_counts_and_moments((row[5], row[8]), (*row[3:5], *row[6:8], *row[9:11], *seconds))
    return CompanyRow(
        key=CompanyKey(row[0]),
        world=world_of(row[1]),
        found=_sites_of(row[2]),
        read_at=row[3],
        due=row[4],
        failures=row[5],
        accepted_at=row[6],
        documents_due=row[7],
        documents_tries=row[8],
        corrections_read_at=row[9],
        corrections_due=row[10],
        slowest_job=max(seconds) if seconds else None,
    )


@reading
def hold_of(row: tuple[Any, ...]) -> Hold:
    """Return the hold of its columns (``HOLD_COLUMNS``)."""
    code, kind, name, since, message, advice, due, tries = row
    check_counts_and_moments((tries,), (since, due))
    scope = Scope(ScopeKind(kind), os.fsdecode(name))
    return Hold(code, scope, since, message, advice, due, tries)


def _sites_text(found: CompanySites | None) -> str | None:
    if found is None:
        return None
    company = found.company
    sites = [[site.id, site.name, site.external_id, site.archived_on] for site in found.sites]
    return ascii_text([[company.id, company.name, company.external_id], sites])


def _sites_of(text: str | None) -> CompanySites | None:
    if text is None:
        return None
    company, sites = parse_json(text)
    return CompanySites(Company(*company), tuple(Site(*site) for site in sites))
