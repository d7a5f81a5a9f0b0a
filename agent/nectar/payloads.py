"""JSON from Nectar to values. Tolerates whatever the contract leaves open, and keeps the payload.

Null, missing or of another type never fails here, except for the ids that a value cannot do
without.
"""

from __future__ import annotations

from decimal import Decimal

from agent.bills.answers import Company, Job, Site
from agent.bills.exact_json import Json
from agent.bills.identities import LONGEST_ID, is_usable_id, whole
from agent.bills.links import without_signed_links_in_text

KNOWN_STATUSES = frozenset({"PENDING", "COMPLETED", "FAILED", "TERMINATED"})
UNNAMED_STATUS = "UNKNOWN"
"""The status of a job that gave none: treated like any other that nobody announced."""
LONGEST_WORDS = 300
"""Characters of a name. What is longer is cut: it is shown, and nothing goes by it."""


def company_of(payload: dict[str, Json], *, asked: str | None = None) -> Company | None:
    """Return the company in ``payload``, None where it has no id and none was ``asked`` for."""
    identity = id_of(payload.get("id")) or asked
    if not identity:
        return None
    external = _external_id(payload.get("externalId"))
    return Company(identity, words_of(payload.get("name")) or external or identity, external)


def site_of(payload: dict[str, Json]) -> Site | None:
    """Return the site in ``payload``, None where it has no id."""
    identity = id_of(payload.get("id"))
    if not identity:
        return None
    external = _external_id(payload.get("externalId"))
    return Site(
        identity,
        words_of(payload.get("name")) or external or identity,
        external,
        words_of(payload.get("dataCollectionStopDate")),
    )


def started_job(payload: Json) -> Job | None:
    """Return the job that an upload started: ``id``, else ``jobId``. None where it has neither."""
    if not isinstance(payload, dict):
        return None
    identity = id_of(payload.get("id")) or id_of(payload.get("jobId"))
    return _job(payload, identity, "PENDING") if identity else None


def asked_job(payload: dict[str, Json], asked: str) -> Job:
    """Return the job in ``payload``, which was asked for as ``asked``."""
    return _job(payload, id_of(payload.get("id")) or asked, UNNAMED_STATUS)


def _job(payload: dict[str, Json], identity: str, unnamed: str) -> Job:
    return Job(
        id=identity,
        status=_status(payload.get("status"), unnamed),
        parsed_document_ids=_ids(payload.get("parsedDocumentIds")),
        duplicates=_count(payload.get("duplicates")),
        duplicate_document_ids=_ids(payload.get("duplicateDocumentIds")),
        non_utility_document_ids=_ids(payload.get("nonUtilityDocumentIds")),
        termination_reason=words_of(payload.get("terminationReason")),
        payload=payload,
    )


def text_of(value: Json) -> str | None:
    """Return ``value`` as text, None where it is null, blank or no single value.

    A pre-signed link in it loses its secret.
    """
    if isinstance(value, str):
        return without_signed_links_in_text(value) if value.strip() else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return None


def id_of(value: Json) -> str | None:
    """Return ``value`` as an id that can be asked by, None where it is none."""
    text = text_of(value)
    return text if text is not None and is_usable_id(text) else None


def words_of(value: Json) -> str | None:
    """Return ``value`` as words for people: without half characters, cut where they never end."""
    text = text_of(value)
    if text is None:
        return None
    words = whole(text[:LONGEST_WORDS])
    return words if len(text) <= LONGEST_WORDS else words + "…"


def _external_id(value: Json) -> str | None:
    """Return the word that people gave, as they gave it: the settings name it exactly so."""
    text = text_of(value)
    return whole(text) if text is not None and len(text) <= LONGEST_ID else None


def _status(value: Json, unnamed: str) -> str:
    text = (words_of(value) or unnamed).strip()
    return text.upper() if text.upper() in KNOWN_STATUSES else text


def _ids(value: Json) -> tuple[str, ...]:
    """Return each id once, in order; a single id and objects with an id are understood too.

    Those that cannot be asked by are kept: what they name is missing, and that has to be told.
    """
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
