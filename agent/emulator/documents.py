"""Making documents out of what was read. Nothing is added that is not printed on the bill."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from agent.emulator.behaviour import FileNames, Outcome
from agent.emulator.reading import BillReading, Reading, UsageReading
from agent.emulator.world import Document, Upload, World, utc_text

NOTES = "Read by the Nectar emulator with a plain text search, not by Nectar."
ILLEGIBLE_NOTES = "The Nectar emulator reads the text of PDFs only and found none."


def make_documents(
    world: World, upload: Upload, reading: Reading, file_names: FileNames, now: float
) -> list[Document]:
    """Return the documents of a file; several only where the upload's rule says so."""
    rule = upload.rule
    count = rule.documents if rule.outcome is Outcome.SEVERAL else 1
    bill = reading if isinstance(reading, BillReading) else None
    documents: list[Document] = []
    for index in range(count):
        content = _content(bill if index == 0 else None, bill is not None)
        content["fileName"] = _file_name(upload.file_name, file_names)
        records = _records(world, upload, bill, index, count, now)
        if rule.sparse:
            content, records = _sparse(content, records, now)
        documents.append(
            Document(
                id=world.new_id("document"),
                company_id=upload.company_id,
                job_id=upload.job_id,
                sha256=upload.sha256,
                created=now,
                updated=now,
                visible_from=now + rule.document_late_seconds,
                usage_from=now + rule.usage_late_seconds,
                content=content,
                usage=tuple(records),
                identity=bill.identity if bill else None,
                usage_only_in_list=rule.usage_only_in_list,
            )
        )
    return documents


def _content(bill: BillReading | None, has_text: bool) -> dict[str, Any]:
    found = bill or BillReading()
    flag = None
    if not found.usage:
        flag = "NO_USAGE_DATA" if has_text else "ILLEGIBLE"
    return {
        "billDate": found.bill_date,
        "dueDate": found.due_date,
        "chargesUnits": found.currency,
        "utilityCompany": found.supplier,
        "status": "HAS_ISSUES" if flag else "PROCESSED",
        "flaggedStatus": flag,
        "isFlagged": flag is not None,
        "revisedDocumentId": None,
        "email": None,
        "notes": NOTES if has_text else ILLEGIBLE_NOTES,
        "totalCharges": found.total,
        "currentCharges": found.current_charges,
        "previousCloseBalance": found.previous_balance,
        "sourceType": "INVOICE",
        "invoiceId": found.invoice,
    }


def _file_name(name: str, names: FileNames) -> str | None:
    match names:
        case FileNames.KEPT:
            return name
        case FileNames.CHANGED:
            return f"upload-{hashlib.sha256(name.encode()).hexdigest()[:8]}.pdf"
        case FileNames.NULL:
            return None


def _records(
    world: World, upload: Upload, bill: BillReading | None, index: int, count: int, now: float
) -> list[dict[str, Any]]:
    if bill is None:
        return []
    return [_record(world, upload, bill, usage, now) for usage in bill.usage[index::count]]


def _record(
    world: World, upload: Upload, bill: BillReading, usage: UsageReading, now: float
) -> dict[str, Any]:
    period = usage.period or bill.period
    identifiers = usage.identifiers
    return {
        "id": world.new_id("usage"),
        "created": utc_text(now),
        "updated": utc_text(now),
        "startDate": period.start if period else None,
        "endDate": period.end if period else None,
        "isEstimated": usage.is_estimated,
        "isImplied": False,
        "exclusion": False,
        "usage": usage.usage,
        "usageUnits": usage.units,
        "timeOfUseBreakdown": [],
        "serviceAddress": None,
        "meter": _meter_id(upload, [item.value for item in identifiers if item.kind == "METER"]),
        "meterAddress": None,
        "meterIsTracked": True,
        "site": _site_id(world, upload),
        "identifiers": [
            {"rawName": item.caption, "value": item.value, "name": item.kind}
            for item in identifiers
        ],
        "datasourceType": usage.datasource,
        "timeOfUse": None,
        "netMeteringType": None,
        "currentReading": usage.current_reading,
        "previousReading": usage.previous_reading,
        "supplierName": None,
        "utilityName": bill.supplier,
        "country": None,
        "additionalFields": {},
    }


def _meter_id(upload: Upload, meters: Sequence[str]) -> str | None:
    if not meters:
        return None
    digest = hashlib.sha256(f"{upload.company_id}/meter/{meters[0]}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def _site_id(world: World, upload: Upload) -> str | None:
    if upload.rule.booked_site is not None:
        site = world.site_named(upload.company_id, upload.rule.booked_site)
        if site is not None:
            return site.id
    return upload.site_id


def _sparse(
    content: dict[str, Any], records: list[dict[str, Any]], now: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    total = content["totalCharges"]
    thin = {
        "created": utc_text(now)[:-1],  # without the zone
        "url": None,
        "billDate": None,
        "utilityCompany": None,
        "status": "HAS_ISSUES",
        "flaggedStatus": "ILLEGIBLE",
        "isFlagged": True,
        "fileName": content["fileName"],
        "totalCharges": Decimal(total) if total is not None else None,
        "lineItems": None,
        "somethingNew": {"anything": True},
    }
    kept = ("id", "startDate")
    nothing = {"endDate": None, "usage": None, "usageUnits": None, "meter": None, "site": None}
    return thin, [
        {**{name: record[name] for name in kept}, **nothing, "identifiers": []}
        for record in records[:1]
    ]


def revised(document: Document, members: dict[str, Any], now: float) -> Document:
    """Return the document with some members changed; ``usageData`` replaces by position.

    Each item of ``usageData`` is merged over the record at its place; records past the end
    of the list stay as they are, further items are new records.
    """
    changes = dict(members)
    records = list(document.usage)
    for index, change in enumerate(changes.pop("usageData", [])):
        if index < len(records):
            records[index] = {**records[index], **change, "updated": utc_text(now)}
        else:
            template = records[0] if records else {"site": None}
            identity = hashlib.sha256(f"{document.id}/usage/{index}".encode()).digest()[:16]
            number = str(UUID(bytes=identity, version=4))
            records.append({**template, "id": number, **change})
    content = {**document.content, **changes}
    return replace(document, content=content, usage=tuple(records), updated=now)
