"""The shapes of the API as OpenAPI 3.0.3 schemas, for the description the emulator serves."""

from typing import Any

Schema = dict[str, Any]

_LISTED_UNITS = (
    "kWh, MWh, GWh, thm (US), Dth (US), MMBtu, MCF, CCF, HCF, GJ, cubic m, cubic ft, gal (US), "
    "kgal (US)"
)


def schemas() -> dict[str, Schema]:
    """Return every named schema."""
    return {
        "Error": _object(
            {
                "detail": _text("What is wrong, for people."),
                "errors": {"type": "object", "additionalProperties": True, "nullable": True},
            }
        ),
        "Version": _object({"version": _text()}),
        "CompanySummary": _object(
            {"id": _uuid(), "name": _plain_text(), "externalId": _text("Your own id, if any.")},
            required=["id", "name"],
        ),
        "Company": _object(_company(), required=["id", "name", "sites"]),
        "Site": _object(_site(), required=["id", "name"]),
        "NewSite": _object(
            {
                "name": {"type": "string", "minLength": 1, "maxLength": 255},
                "externalId": _text(),
                "address": {"type": "string", "maxLength": 255},
                "path": _list({"type": "string", "minLength": 1, "maxLength": 100}, maxItems=10),
                "occupancyPercent": {
                    "type": "string",
                    "nullable": True,
                    "pattern": r"^-?\d{0,3}(?:\.\d{0,4})?$",
                },
            },
            required=["name"],
            is_open=False,
        ),
        "Upload": _object(
            {
                "document": {
                    "type": "string",
                    "format": "binary",
                    "description": "A PDF of at most 150 pages, a PNG or a JPEG; at most 25 MB.",
                },
                "siteId": {**_uuid(), "description": "The site's id, never its external id."},
            },
            required=["document"],
        ),
        "Addresses": _object(
            {
                "documents": _list({"type": "string", "pattern": "^https://"}, minItems=1),
                "siteId": {**_uuid(), "nullable": True},
            },
            required=["documents"],
        ),
        "Job": _object(_job(), required=["id", "status"]),
        "StartedJob": _object(
            {**_job(), "jobId": _plain_text("Instead of id where the emulator is told so.")}
        ),
        "Identifier": _object(
            {
                "rawName": _text("The caption on the bill."),
                "value": _text(),
                "name": _text("METER or ACCOUNT."),
            }
        ),
        "Usage": _object(_usage(), required=["id"]),
        "Document": _object(_document(), required=["id"]),
        **{
            name: _page(total, items, schema)
            for name, total, items, schema in (
                ("SitePage", "totalSites", "sites", "Site"),
                ("JobPage", "totalJobs", "jobs", "Job"),
                ("DocumentPage", "totalDocuments", "documents", "Document"),
                ("UsagePage", "totalUsageData", "usageData", "Usage"),
            )
        },
    }


def reference(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _company() -> dict[str, Schema]:
    return {
        "id": _uuid(),
        "name": _plain_text(),
        "externalId": _text(),
        "sites": _list(reference("Site"), description="Archived ones too."),
        "users": _list({"type": "string"}),
        "isDemandEnabled": _flag(),
        "dataCollectionStartDate": _day(),
        "isImpliedMeteringEnabled": _flag(),
        "impliedMeteringFraction": _decimal(),
        "isBasicIdentifierMappingEnabled": _flag(),
        "isLowAccuracyModeEnabled": _flag(),
    }


def _site() -> dict[str, Schema]:
    return {
        "id": _uuid(),
        "name": _plain_text(),
        "dataCollectionStopDate": {**_day(), "description": "Set when the site is archived."},
        "externalId": _text(),
        "address": _text(),
        "path": _list({"type": "string"}),
        "occupancyPercent": _decimal(),
    }


def _job() -> dict[str, Schema]:
    ids = {"type": "array", "nullable": True, "items": {"type": "string"}}
    return {
        "id": _plain_text(),
        "status": _plain_text("PENDING, then COMPLETED, FAILED or TERMINATED."),
        "parsedDocumentIds": ids,
        "duplicates": {"type": "integer", "nullable": True},
        "duplicateDocumentIds": ids,
        "nonUtilityDocumentIds": ids,
        "terminationReason": _text(),
    }


def _usage() -> dict[str, Schema]:
    return {
        "id": _plain_text(),
        "created": _text("ISO 8601 in UTC."),
        "updated": _text("ISO 8601 in UTC."),
        "startDate": _day(),
        "endDate": _day(),
        "usage": _decimal(),
        "usageUnits": _text(f"Among others {_LISTED_UNITS}."),
        "datasourceType": _text("ELECTRICITY, GAS, WATER; null where the bill leaves it open."),
        "isEstimated": _flag(),
        "isImplied": _flag(),
        "exclusion": _flag(),
        "timeOfUseBreakdown": _list({"type": "object"}, nullable=True),
        "meter": _text("The meter's id."),
        "site": {
            "anyOf": [reference("Site"), _text()],
            "description": "What the usage is booked on.",
        },
        "identifiers": _list(reference("Identifier"), nullable=True),
        "previousReading": _decimal(),
        "currentReading": _decimal(),
        "utilityName": _text(),
        "document": {
            "type": "object",
            "additionalProperties": True,
            "description": "The document without its usage; in lists of usage only.",
        },
    }


def _document() -> dict[str, Schema]:
    return {
        "id": _uuid(),
        "company": _text(),
        "jobId": _text(),
        "fileName": _text("The name that was uploaded."),
        "created": _text("ISO 8601 in UTC."),
        "updated": _text("ISO 8601 in UTC."),
        "url": _text("A link that looks pre-signed, is new each time and leads nowhere."),
        "auditTrailUrl": _text(),
        "billDate": _day(),
        "dueDate": _day(),
        "utilityCompany": _text(),
        "invoiceId": _text(),
        "chargesUnits": _text("A currency code."),
        "totalCharges": _decimal(),
        "currentCharges": _decimal(),
        "previousCloseBalance": _decimal(),
        "status": _text(),
        "isFlagged": _flag(),
        "flaggedStatus": _text("Why it is flagged."),
        "revisedDocumentId": _text(),
        "notes": _text(),
        "usageData": _list(reference("Usage"), nullable=True),
        "demandMeters": _list({"type": "object"}, nullable=True),
        "lineItems": _list({"type": "object"}, nullable=True),
    }


def _page(total: str, items: str, schema: str) -> Schema:
    number = {"type": "integer"}
    return _object(
        {
            total: number,
            "perPage": number,
            "totalPages": number,
            "currentPage": number,
            "hasNext": {"type": "boolean"},
            "hasPrevious": {"type": "boolean"},
            items: _list(reference(schema)),
        },
        required=["totalPages", "currentPage", "hasNext", items],
    )


def _object(
    properties: dict[str, Schema], *, required: list[str] | None = None, is_open: bool = True
) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if is_open:
        schema["additionalProperties"] = True
    return schema


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _plain_text(description: str | None = None) -> Schema:
    return {"type": "string", **({"description": description} if description else {})}


def _text(description: str | None = None) -> Schema:
    return {**_plain_text(description), "nullable": True}


def _uuid() -> Schema:
    return {"type": "string", "format": "uuid"}


def _day() -> Schema:
    return {"type": "string", "format": "date", "nullable": True}


def _flag() -> Schema:
    return {"type": "boolean", "nullable": True}


def _decimal() -> Schema:
    return {
        "anyOf": [_text(), {"type": "number"}],
        "description": "Digits as printed; a string unless the emulator is told otherwise.",
    }
