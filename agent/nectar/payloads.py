"""JSON from Nectar to values. Tolerates whatever the contract leaves open, and keeps the payload.

Null, missing or of another type never fails here, except for the ids that a value cannot do
without.
"""

from __future__ import annotations

from decimal import Decimal

from agent.bills.answers import Company, Job, Site
from agent.bills.exact_json import Json

KNOWN_STATUSES = frozenset({"PENDING", "COMPLETED", "FAILED", "TERMINATED"})
UNNAMED_STATUS = "UNKNOWN"
"""The status of a job that gave none: treated like any other that nobody announced."""


def company_of(payload: dict[str, Json], *, asked: str | None = None) -> Company | None:
    """Return the company in ``payload``, None where it has no id and none was ``asked`` for."""
    identity = text_of(payload.get("id")) or asked
    if not identity:
        return None
    external = text_of(payload.get("externalId"))
    return Company(identity, text_of(payload.get("name")) or external or identity, external)


def site_of(payload: dict[str, Json]) -> Site | None:
    """Return the site in ``payload``, None where it has no id."""
    identity = text_of(payload.get("id"))
    if not identity:
        return None
    external = text_of(payload.get("externalId"))
    return Site(
        identity,
        text_of(payload.get("name")) or external or identity,
        external,
        text_of(payload.get("dataCollectionStopDate")),
    )


def started_job(payload: Json) -> Job | None:
    """Return the job that an upload started: ``id``, else ``jobId``. None where it has neither."""
    if not isinstance(payload, dict):
        return None
    identity = text_of(payload.get("id")) or text_of(payload.get("jobId"))
    return _job(payload, identity, "PENDING") if identity else None


def asked_job(payload: dict[str, Json], asked: str) -> Job:
    """Return the job in ``payload``, which was asked for as ``asked``."""
    return _job(payload, text_of(payload.get("id")) or asked, UNNAMED_STATUS)


def _job(payload: dict[str, Json], identity: str, unnamed: str) -> Job:
    return Job(
        id=identity,
        status=_status(payload.get("status"), unnamed),
        parsed_document_ids=_ids(payload.get("parsedDocumentIds")),
        duplicates=_count(payload.get("duplicates")),
        duplicate_document_ids=_ids(payload.get("duplicateDocumentIds")),
        non_utility_document_ids=_ids(payload.get("nonUtilityDocumentIds")),
        termination_reason=text_of(payload.get("terminationReason")),
        payload=payload,
    )


def text_of(value: Json) -> str | None:
    """Return ``value`` as text, None where it is null, blank or no single value."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return None


def _status(value: Json, unnamed: str) -> str:
    text = (text_of(value) or unnamed).strip()
    return text.upper() if text.upper() in KNOWN_STATUSES else text


def _ids(value: Json) -> tuple[str, ...]:
    """Return each id once, in order; a single id and objects with an id are understood too."""
    values = value if isinstance(value, list) else [value]
    found = (text_of(item.get("id") if isinstance(item, dict) else item) for item in values)
    return tuple(dict.fromkeys(identity for identity in found if identity))


def _count(value: Json) -> int:
    if isinstance(value, list):
        return len(value)
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() and len(value) < 10 else 0
    if isinstance(value, bool | int):
        return max(0, int(value))
    if isinstance(value, Decimal) and value.is_finite() and 0 < value < 10**9:
        return int(value)
    return 0
