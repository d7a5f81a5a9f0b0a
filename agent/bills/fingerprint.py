"""Noticing that Nectar corrected a bill: a digest of everything that makes a new revision.

The contract counts a revision up when anything but ``url`` and ``updated`` changed. So
``auditTrailUrl`` counts; only the secret in a pre-signed link does not, wherever it stands, because
no result ever holds it.
"""

from __future__ import annotations

import hashlib

from agent.bills.answers import Answers, FetchedDocument, complete_document
from agent.bills.exact_json import Json, json_text
from agent.bills.links import without_signed_links

_NO_REVISION_MEMBERS = frozenset({"url", "updated"})


def content_fingerprint(answers: Answers) -> str:
    """Return a digest of what a result says of ``answers``: equal means nothing new to write.

    What does not count: ``url`` and ``updated`` at any depth, the order of members, and the order
    of documents and usage records (Nectar's lists promise none).
    """
    content = {
        "job": answers.job.payload,
        "documents": _documents(answers.documents),
        "duplicates": [
            {"id": fetched.id, "document": complete_document(fetched)}
            for fetched in answers.duplicates
        ],
    }
    text = json_text(_canonical(without_signed_links(content)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _documents(documents: tuple[FetchedDocument, ...]) -> list[Json]:
    complete = (complete_document(fetched) for fetched in documents)
    return [document for document in complete if document is not None]


def _canonical(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            name: _canonical(value[name])
            for name in sorted(value)
            if name not in _NO_REVISION_MEMBERS
        }
    if isinstance(value, list):
        items = [_canonical(item) for item in value]
        if all(isinstance(item, dict) and "id" in item for item in items):
            return sorted(items, key=json_text)
        return items
    return value
