"""A list of a company's documents that is being read: what for, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agent.bills.listed import ListedDocument
from agent.pipeline.ports import DateType


class Purpose(StrEnum):
    """What a list is read for."""

    LOST = "uploads in doubt, and jobs that cannot be asked for"
    CHANGES = "documents that changed since the last look"
    WHOLE = "all documents of our bills: what is not among them may have been deleted"
    GLANCE = "what another machine may have sent lately"


@dataclass(frozen=True, slots=True)
class Glance:
    """The documents of the last days, as they were listed at ``started``."""

    started: float
    documents: tuple[ListedDocument, ...]


@dataclass(slots=True)
class Listing:
    """A list that is being read."""

    purpose: Purpose
    started: float
    since: date
    page: int = 1
    sought: list[ListedDocument] = field(default_factory=list)
    """Those that may be of a lost upload or job."""
    last_ids: tuple[str, ...] = ()
    ids: set[str] = field(default_factory=set)
    answered: float | None = None
    """When its first page was answered, by Nectar's own clock."""

    @property
    def date_type(self) -> DateType:
        """Which of a document's dates `since` is about."""
        return "UPDATED_DATE" if self.purpose is Purpose.CHANGES else "CREATED_DATE"
