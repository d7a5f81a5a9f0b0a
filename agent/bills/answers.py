"""What Nectar said, as values. The payload is always kept whole, digits and unknown members too."""

from __future__ import annotations

from dataclasses import dataclass
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
    """One page of a list: JSON objects, and whether another page follows."""

    items: tuple[dict[str, Any], ...]
    is_last: bool


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


def has_usage_or_charges(document: dict[str, Any]) -> bool:
    """Whether a document holds usage records, line items or an amount (contract: processed)."""
    if document.get("usageData") or document.get("lineItems"):
        return True
    return any(document.get(name) not in (None, "") for name in ("totalCharges", "currentCharges"))
