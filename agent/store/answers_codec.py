"""What Nectar answered about a job, as compressed JSON and back."""

from __future__ import annotations

import math
import zlib
from typing import Any

from agent.bills.answers import Answers, FetchedDocument, Job
from agent.bills.exact_json import DEEPEST, json_text, parse_json
from agent.bills.instant import utc_seconds
from agent.store.codec import storable
from agent.store.naming import reading

_DEEPEST_ANSWERS = DEEPEST + 3
"""A document lies three levels down in what is kept of a job."""


def answers_blob(answers: Answers) -> bytes:
    """Return answers as compressed JSON."""
    job = answers.job
    value = {
        "job": [
            job.id,
            job.status,
            list(job.parsed_document_ids),
            job.duplicates,
            list(job.duplicate_document_ids),
            list(job.non_utility_document_ids),
            job.termination_reason,
            job.payload,
        ],
        "documents": [[one.id, one.document, list(one.usage)] for one in answers.documents],
        "duplicates": [[one.id, one.document, list(one.usage)] for one in answers.duplicates],
    }
    return zlib.compress(json_text(value).encode("utf-8", "surrogatepass"), 6)


@reading
def answers_of(blob: bytes) -> Answers:
    """Return the answers of their blob."""
    text = zlib.decompress(blob).decode("utf-8", "surrogatepass")
    value = parse_json(text, deepest=_DEEPEST_ANSWERS, most_values=math.inf)
    identity, status, parsed, duplicates, duplicate_ids, non_utility, reason, payload = value["job"]
    job = Job(
        identity,
        status,
        tuple(parsed),
        duplicates,
        tuple(duplicate_ids),
        tuple(non_utility),
        reason,
        payload,
    )
    return Answers(job, _documents(value["documents"]), _documents(value["duplicates"]))


def updated_of(fetched: FetchedDocument) -> str | None:
    """Return when Nectar last changed a document, as it says; None where it does not."""
    updated = (fetched.document or {}).get("updated")
    return storable(updated) if isinstance(updated, str) else None


def created_of(fetched: FetchedDocument) -> float | None:
    """Return when Nectar made a document, as it says; None where it does not."""
    created = (fetched.document or {}).get("created")
    return utc_seconds(created) if isinstance(created, str) else None


def _documents(values: list[list[Any]]) -> tuple[FetchedDocument, ...]:
    return tuple(FetchedDocument(one[0], one[1], tuple(one[2])) for one in values)
