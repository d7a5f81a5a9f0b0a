"""Bills that Nectar corrected after their result was written: changed, revised, read at last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.bills.answers import FetchedDocument, Job
from agent.bills.documents import ListedDocument
from agent.bills.instant import utc_seconds
from agent.bills.rows import CompanyRow

OVERLAP_DAYS = 1
"""Lists of changes begin so many UTC days before the last one: days are cut, and clocks differ."""


def scheduled(company: CompanyRow, refresh_hours: float, now: float) -> CompanyRow:
    """Return the company with the moment of its next look for corrections; 0 hours: never.

    A company that was never looked at has no results yet that could have been corrected.
    """
    if not refresh_hours:
        return replace(company, corrections_due=None)
    since = company.corrections_read_at if company.corrections_read_at is not None else now
    return replace(
        company, corrections_read_at=since, corrections_due=since + refresh_hours * 3600.0
    )


def job_with(job: Job, document: ListedDocument) -> Job:
    """Return ``job`` with a document of the list, and the one that it names as its revision."""
    known = {*job.parsed_document_ids, *job.duplicate_document_ids}
    new = [one for one in (document.id, document.revised_id) if one and one not in known]
    if document.id in job.duplicate_document_ids:
        new = []
    return replace(job, parsed_document_ids=(*job.parsed_document_ids, *new))


def without_superseded(documents: tuple[FetchedDocument, ...]) -> tuple[FetchedDocument, ...]:
    """Return ``documents`` without those that another of them is the revision of.

    Nectar does not say which of the two names the other, so the later made one stays.
    """
    by_id = {one.id: one for one in documents}
    gone: set[str] = set()
    for one in documents:
        named = _revised_id(one.document or {})
        other = by_id.get(named) if named else None
        if other is not None and other.id != one.id:
            gone.add(min((one, other), key=_made).id)
    return tuple(one for one in documents if one.id not in gone)


def _revised_id(document: dict[str, Any]) -> str | None:
    named = document.get("revisedDocumentId") or document.get("revisedDocument")
    return named if isinstance(named, str) else None


def _made(one: FetchedDocument) -> float:
    return utc_seconds(str((one.document or {}).get("created") or "")) or 0.0
