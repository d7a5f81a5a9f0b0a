"""Gathering all that Nectar gave for one job: documents, their usage, its last answer.

Pre-signed links are taken out as soon as they come in. What is gathered is bounded, for all of it
is kept in memory and written into one result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agent.bills.answers import (
    FetchedDocument,
    Job,
    Page,
    has_usage_or_charges,
    objects,
)
from agent.bills.errors import NotThere, Transient
from agent.bills.exact_json import Json, json_text
from agent.bills.links import without_signed_links
from agent.pipeline.ports import Nectar

USAGE_PAGE_SIZE = 100
"""A document with so many usage records may have more in the list (``perPage`` is fixed)."""
MOST_PAGES = 1000
MOST_DOCUMENTS = 1000
"""Of one file, which has at most 150 pages."""
MOST_CHARACTERS = 32_000_000
"""Of all documents and usage records of one file, as JSON."""
_FULL_RECORD = ("usage", "usageUnits", "startDate", "endDate", "site", "meter")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What could be had; ``missing`` are the ids of parsed documents that could not."""

    documents: tuple[FetchedDocument, ...]
    duplicates: tuple[FetchedDocument, ...]
    missing: tuple[str, ...]


def gather(nectar: Nectar, job: Job) -> Gathered:
    """Fetch every document of ``job``; one that is a duplicate and not there has none.

    Raises Transient too where a job or its documents are larger than any bill can be.
    """
    if len(job.parsed_document_ids) + len(job.duplicate_document_ids) > MOST_DOCUMENTS:
        raise _too_much()
    room = _Room(MOST_CHARACTERS)
    parsed = [_document(nectar, each, room) for each in job.parsed_document_ids]
    documents = tuple(each for each in parsed if each is not None)
    duplicates = tuple(
        _document(nectar, each, room) or FetchedDocument(each, None)
        for each in job.duplicate_document_ids
    )
    there = {each.id for each in documents}
    missing = tuple(each for each in job.parsed_document_ids if each not in there)
    return Gathered(documents, duplicates, missing)


def clean_job(job: Job) -> Job:
    """Return the job with its payload freed of pre-signed links."""
    return replace(job, payload=without_signed_links(job.payload))


class _Room:
    """How much more may be gathered."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def take(self, value: Json) -> None:
        """Make room for ``value``; raises Transient where none is left."""
        self._left -= len(json_text(value))
        if self._left < 0:
            raise _too_much()


def _too_much() -> Transient:
    return Transient(
        "unreadable-answer",
        "What Nectar gave for this file is larger than any bill can be.",
        "It is tried again. If it stays so, write to Nectar's support.",
    )


def _document(nectar: Nectar, document_id: str, room: _Room) -> FetchedDocument | None:
    """Return a document with its usage; None where it is not there, or what came is none."""
    try:
        document = nectar.document(document_id)
    except NotThere:
        return None
    if document.get("id") is None and not has_usage_or_charges(document):
        return None  # an error that was answered with 200, say
    document = without_signed_links(document)
    room.take(document)
    usage = _usage(nectar, document_id, room) if _lacks_usage(document) else ()
    return FetchedDocument(document_id, document, usage)


def _lacks_usage(document: dict[str, Any]) -> bool:
    """Whether the by-document list may hold usage that the document does not.

    It may where the document has none, where its records are cut short, where a demand reading
    names a record that is not among them, or where there are as many as a page holds.
    """
    records = document.get("usageData")
    if not isinstance(records, list) or not records or len(records) >= USAGE_PAGE_SIZE:
        return True
    if any(
        not isinstance(record, dict) or any(name not in record for name in _FULL_RECORD)
        for record in records
    ):
        return True
    known = [record.get("id") for record in records]
    meters = document.get("demandMeters")
    named = [meter.get("usageDataIds") for meter in objects(meters)]
    return any(usage_id not in known for ids in named if isinstance(ids, list) for usage_id in ids)


def _usage(nectar: Nectar, document_id: str, room: _Room) -> tuple[dict[str, Any], ...]:
    records: dict[str, dict[str, Any]] = {}
    previous: Page | None = None
    for number in range(1, MOST_PAGES + 1):
        try:
            page = nectar.usage_page(document_id, number)
        except NotThere:
            break
        if previous is not None and page.items == previous.items:
            break  # the last page again: a list that never says that it ends
        for position, given in enumerate(page.items):
            record = without_signed_links(given)
            room.take(record)
            records.setdefault(str(record.get("id") or f"{number}.{position}"), record)
        if page.is_last:
            break
        previous = page
    return tuple(records.values())
