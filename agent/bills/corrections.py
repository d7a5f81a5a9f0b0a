"""Bills that Nectar corrected after their result was written: changed, revised, read at last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agent.bills.answers import FetchedDocument, Job
from agent.bills.instant import utc_seconds
from agent.bills.listed import ListedDocument
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


BROKEN_OFF_SECONDS = 1800.0
"""A list for corrections that could not be read is asked for again after this long, or longer."""
MOST_MISSED = 100
"""So many bills, whose documents a whole list lacks, are asked for after it."""
MOST_WHOLE_PAGES = 500
"""Of a longer list nothing is concluded: who has so many bills is not asked for all of them."""
LONGEST_WHOLE_LIST_WAIT_SECONDS = 60 * 86400.0


def whole_list_wait(pages: int) -> float:
    """Return how long all documents of a company are not listed again: a page an hour at most."""
    return min(LONGEST_WHOLE_LIST_WAIT_SECONDS, max(86400.0, pages * 3600.0))


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """A document of a submission, as it was seen last: when it was changed, whether it is gone."""

    updated: str | None
    is_gone: bool


def is_seen_already(document: ListedDocument, seen: SeenDocument | None, *, is_whole: bool) -> bool:
    """Whether the result was made of the document as it is now.

    ``is_whole`` is whether all documents are listed, changed or not: then one that does not say
    when it was changed counts as it was.
    """
    if seen is None or seen.is_gone:
        return False
    if document.updated is None:
        return is_whole
    if document.updated == seen.updated:
        return True
    now, then = utc_seconds(document.updated), utc_seconds(seen.updated or "")
    return now is not None and now == then


def job_with(job: Job, document: ListedDocument) -> Job:
    """Return ``job`` with a document of the list, and the one that it names as its revision."""
    known = {*job.parsed_document_ids, *job.duplicate_document_ids}
    new = [one for one in (document.id, document.revised_id) if one and one not in known]
    if document.id in job.duplicate_document_ids:
        new = []
    return replace(job, parsed_document_ids=(*job.parsed_document_ids, *new))


def job_without(job: Job, documents: frozenset[str]) -> Job:
    """Return ``job`` without some of its parsed documents."""
    left = tuple(one for one in job.parsed_document_ids if one not in documents)
    return replace(job, parsed_document_ids=left)


def superseded(documents: tuple[FetchedDocument, ...], missing: tuple[str, ...]) -> frozenset[str]:
    """Return the ids of documents that another of ``documents`` is the revision of.

    Nectar does not say which of the two names the other, so the later made one stays; of two of
    which one is ``missing``, the one that is there.
    """
    by_id = {one.id: one for one in documents}
    gone: set[str] = set()
    for one in documents:
        named = _revised_id(one.document or {})
        other = by_id.get(named) if named else None
        if other is not None and other.id != one.id:
            gone.add(min((one, other), key=_made).id)
        elif named in missing:
            gone.add(named)
    return frozenset(gone)


def _revised_id(document: dict[str, Any]) -> str | None:
    named = document.get("revisedDocumentId") or document.get("revisedDocument")
    return named if isinstance(named, str) else None


def _made(one: FetchedDocument) -> float:
    return utc_seconds(str((one.document or {}).get("created") or "")) or 0.0
