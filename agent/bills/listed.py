"""One document as a list of them tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.bills.identities import usable_id, whole
from agent.bills.instant import utc_seconds


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """What matters of one document in a list. ``created`` is 0 where it is not told."""

    id: str
    file_name: str
    job_id: str | None
    created: float
    revised_id: str | None = None
    updated: str | None = None


def listed(document: dict[str, Any]) -> ListedDocument | None:
    """Return what matters of a list's document, None where it has no id to ask by."""
    document_id = usable_id(document.get("id"))
    if document_id is None:
        return None
    updated = document.get("updated")
    return ListedDocument(
        document_id,
        str(document.get("fileName") or ""),
        usable_id(document.get("jobId")),
        utc_seconds(str(document.get("created") or "")) or 0.0,
        usable_id(document.get("revisedDocumentId")) or usable_id(document.get("revisedDocument")),
        whole(updated) if isinstance(updated, str) and updated else None,
    )
