"""How what the emulator knows is written as JSON, in the contract's members."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agent.emulator.behaviour import Behaviour, Decimals, SiteForm
from agent.emulator.world import Company, Document, Job, Site, World, utc_text

# Hosts under .invalid resolve nowhere: a link that was followed by mistake reaches nobody.
_LINK_HOST = "https://raw-bills.nectar-emulator.invalid"
_TRAIL_HOST = "https://dash.nectar-emulator.invalid"
_DECIMAL_MEMBERS = frozenset(
    {
        "usage", "totalCharges", "currentCharges", "previousCloseBalance", "currentOpenBalance",
        "currentReading", "previousReading", "occupancyPercent", "impliedMeteringFraction",
    }
)  # fmt: skip


def company_summary(company: Company) -> dict[str, Any]:
    """Return a company as the list shows it."""
    return {"id": company.id, "name": company.name, "externalId": company.external_id}


def company_detail(company: Company, sites: list[Site]) -> dict[str, Any]:
    """Return a company with all its sites."""
    return {
        "id": company.id,
        "name": company.name,
        "isDemandEnabled": True,
        "sites": [site_object(site) for site in sites],
        "users": list(company.users),
        "externalId": company.external_id,
        "dataCollectionStartDate": "2025-01-01",
        "isImpliedMeteringEnabled": False,
        "impliedMeteringFraction": "1.00",
        "isBasicIdentifierMappingEnabled": False,
        "isLowAccuracyModeEnabled": False,
    }


def site_object(site: Site) -> dict[str, Any]:
    """Return a site."""
    return {
        "id": site.id,
        "name": site.name,
        "dataCollectionStopDate": site.stop_date,
        "externalId": site.external_id,
        "address": site.address,
        "path": list(site.path),
        "occupancyPercent": site.occupancy_percent,
    }


def job_object(job: Job) -> dict[str, Any]:
    """Return a job; the id lists are empty until it is done."""
    return {
        "id": job.id,
        "status": job.status,
        "parsedDocumentIds": list(job.parsed),
        "duplicates": job.duplicates,
        "duplicateDocumentIds": list(job.duplicate_ids),
        "nonUtilityDocumentIds": list(job.non_utility),
        "terminationReason": job.reason,
    }


@dataclass(slots=True)
class DocumentWriter:
    """Writes documents and usage records as of one moment. Each link it writes is a new one."""

    world: World
    behaviour: Behaviour
    now: float
    links: int = 0

    def document(self, document: Document) -> dict[str, Any]:
        """Return a document with its usage."""
        hidden = document.usage_only_in_list or document.usage_from > self.now
        written = self._header(document)
        written["company"] = document.company_id
        written["usageData"] = [] if hidden else [self._record(item) for item in document.usage]
        written.setdefault("demandMeters", [])
        written.setdefault("lineItems", [])
        return self._decimals(written)

    def records(self, chosen: Iterable[tuple[Document, int]]) -> list[dict[str, Any]]:
        """Return usage records, each a document and a place in it, as the usage lists do."""
        return [
            self._decimals(
                {**self._record(document.usage[index]), "document": self._header(document)}
            )
            for document, index in chosen
        ]

    def shows_usage(self, document: Document) -> bool:
        """Whether the usage lists have a document's records yet."""
        return document.usage_only_in_list or document.usage_from <= self.now

    def dates(self, document: Document) -> dict[str, Any]:
        """Return the members of a document that filters look at."""
        return {
            "billDate": document.content.get("billDate"),
            "created": utc_text(document.created),
            "updated": utc_text(document.updated),
        }

    def _header(self, document: Document) -> dict[str, Any]:
        has_link = document.content.get("url", "") is not None
        return {
            "id": document.id,
            "created": utc_text(document.created),
            "updated": utc_text(document.updated),
            "auditTrailUrl": f"{_TRAIL_HOST}/audit/{document.id}",
            "jobId": document.job_id,
            **document.content,
            "url": self._link(document) if has_link else None,
        }

    def _link(self, document: Document) -> str:
        self.links += 1
        signature = hashlib.sha256(f"{document.id}/{self.links}/{self.now}".encode()).hexdigest()
        stamp = utc_text(self.now)[:19].replace("-", "").replace(":", "") + "Z"
        return (
            f"{_LINK_HOST}/raw/{document.id}?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            f"&X-Amz-Date={stamp}&X-Amz-Expires=86400&X-Amz-Signature={signature}"
        )

    def _record(self, record: dict[str, Any]) -> dict[str, Any]:
        site = self.world.sites.get(record["site"] or "")
        match self.behaviour.site_form:
            case SiteForm.OBJECT:
                return {**record, "site": site_object(site) if site else None}
            case SiteForm.ID:
                return dict(record)
            case SiteForm.NULL:
                return {**record, "site": None}

    def _decimals(self, value: dict[str, Any]) -> dict[str, Any]:
        return as_numbers(value) if self.behaviour.decimals is Decimals.NUMBERS else value


def as_numbers(value: Any) -> Any:
    """Return the same JSON with its decimals as numbers, every digit kept."""
    if isinstance(value, list):
        return [as_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: Decimal(item)
        if name in _DECIMAL_MEMBERS and isinstance(item, str)
        else as_numbers(item)
        for name, item in value.items()
    }
