"""What Nectar said, as values. The payload is always kept whole, digits and unknown members too."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agent.bills.exact_json import Json


@dataclass(frozen=True, slots=True)
class Company:
    """A company that the key sees. ``external_id`` may be None."""

    id: str
    name: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """A site of a company. ``archived_on`` is its ``dataCollectionStopDate``, None while active."""

    id: str
    name: str
    external_id: str | None
    archived_on: str | None


@dataclass(frozen=True, slots=True)
class CompanySites:
    """One company with all its sites, archived ones included, as read at one moment."""

    company: Company
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """An upload job. Lists are empty where Nectar gave none, null or something unreadable.

    ``status`` is Nectar's word: PENDING, COMPLETED, FAILED, TERMINATED, or one nobody announced.
    """

    id: str
    status: str
    parsed_document_ids: tuple[str, ...]
    duplicates: int
    duplicate_document_ids: tuple[str, ...]
    non_utility_document_ids: tuple[str, ...]
    termination_reason: str | None
    payload: Json


@dataclass(frozen=True, slots=True)
class Upload:
    """What one upload sends: the file's own bytes under the name by which it can be recognised."""

    company_id: str
    site_id: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: JSON objects, and whether another page follows.

    ``answered`` is when it was answered by Nectar's own clock, None where that is not told.
    """

    items: tuple[dict[str, Any], ...]
    is_last: bool
    answered: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """One parsed document as given, and its by-document usage records (empty if not asked for)."""

    id: str
    document: dict[str, Any] | None
    usage: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """All that Nectar gave for one finished job: what a result is built from.

    ``job`` is the last job answer. ``documents`` are the parsed ones; ``duplicates`` the known
    ones, with document None where it cannot be fetched.
    """

    job: Job
    documents: tuple[FetchedDocument, ...] = ()
    duplicates: tuple[FetchedDocument, ...] = ()


def is_figure(value: Json) -> bool:
    """Whether ``value`` is a number or a text with a digit in it: zero is one, ``""`` is none."""
    if isinstance(value, str):
        return any(character.isdigit() for character in value)
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def objects(value: Json) -> list[dict[str, Any]]:
    """Return the JSON objects in the list ``value``; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def complete_document(fetched: FetchedDocument) -> dict[str, Any] | None:
    """Return the document with the by-document usage records that it lacks, added by id.

    None where it could not be fetched. The document's own records come first and as given. A
    record without an id cannot be told from one that is there, so it is added only where the
    document brings none at all: a missing record is seen, one counted twice is not.
    """
    document = fetched.document
    if not isinstance(document, dict):
        return None
    own = document.get("usageData")
    known = {str(record.get("id")) for record in objects(own)}
    added: list[dict[str, Any]] = []
    for record in objects(list(fetched.usage)):
        record_id = record.get("id")
        if record_id is None and known:
            continue
        if record_id is not None and str(record_id) in known:
            continue
        known.add(str(record_id))
        added.append(record)
    if not added:
        return document
    return document | {"usageData": [*(own if isinstance(own, list) else []), *added]}


def has_usage_or_charges(document: dict[str, Any]) -> bool:
    """Whether a document holds a figure of usage or of money (contract: ``processed``).

    Usage is a usage record's ``usage`` or net metering, its time-of-use shares, or a demand
    reading. Charges are line items with an amount or a quantity, and every member of the document
    whose name ends in "charges" or "credits" (the list of them is open). Zero is a figure. A
    record without one is an empty shell and no data; balances carried forward are not charges of
    this bill.
    """
    return (
        any(_has_usage(record) for record in objects(document.get("usageData")))
        or any(
            is_figure(meter.get("demandUsage")) for meter in objects(document.get("demandMeters"))
        )
        or any(
            is_figure(item.get("totalCharge")) or is_figure(item.get("quantity"))
            for item in objects(document.get("lineItems"))
        )
        or any(
            is_figure(value)
            for name, value in document.items()
            if name.lower().endswith(("charges", "credits"))
        )
    )


def _has_usage(record: dict[str, Any]) -> bool:
    return any(
        is_figure(value)
        for name, value in record.items()
        if name == "usage" or name.startswith("netMetering")
    ) or any(is_figure(share.get("usage")) for share in objects(record.get("timeOfUseBreakdown")))
