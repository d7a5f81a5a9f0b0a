"""Answers and facts that the tests of results are told with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from agent.bills.answers import Answers, Company, FetchedDocument, Job
from agent.bills.values import Outcome, Sha256
from agent.results.build import (
    FileFacts,
    JobFacts,
    ResultFacts,
    SiteFacts,
    build_result,
    result_bytes,
)

SIGNED = "https://bucket.example/raw/7c1f.pdf?X-Amz-Expires=86400&X-Amz-Signature=S3CR3T"
AUDIT = "https://dash.nectarclimate.com/example/audit/7c1f0a52"
BILL_SHA256 = Sha256("3f9ab2c41d7e" + "0" * 52)
SENT, ANSWERED, WRITTEN = 1_770_835_200.0, 1_770_835_260.9, 1_770_835_380.0
ITS_PAYLOAD: dict[str, Any] = {
    "id": "e84b2a6f",
    "status": "COMPLETED",
    "parsedDocumentIds": ["7c1f0a52"],
    "duplicates": 1,
    "duplicateDocumentIds": ["c60e91d7"],
    "nonUtilityDocumentIds": [],
    "terminationReason": None,
    "url": SIGNED,
    "somethingNew": [1, {"two": Decimal("2.50")}],
}
DOCUMENT: dict[str, Any] = {
    "id": "7c1f0a52",
    "url": SIGNED,
    "auditTrailUrl": AUDIT,
    "totalCharges": "77.10",
    "currentCharges": Decimal("77.10"),
    "usageData": [
        {"id": "u1", "usage": "6120.0000", "site": {"id": "5d7c", "name": "Harbor Mill Plant 7"}}
    ],
    "somethingNew": {"anything": True, "url": SIGNED},
}
LISTED = (
    {"id": "u1", "usage": "9", "document": {"id": "7c1f0a52", "url": SIGNED}},
    {"id": "u2", "usage": "212.0000", "document": {"id": "7c1f0a52", "url": SIGNED}},
)
FACTS = ResultFacts(
    outcome=Outcome.PROCESSED,
    problem=None,
    warnings=(),
    file=FileFacts("Bill.pdf", 48213, BILL_SHA256, 1_770_835_200.75),
    site=SiteFacts("PLANT-07", "5d7c", "Harbor Mill Plant 7"),
    company=Company("3f0a", "Harbor Mill Foods", "HMF"),
    api="https://external.nectarclimate.com",
    environment="production",
    job=JobFacts("e84b2a6f", SENT, ANSWERED, ITS_PAYLOAD),
    documents=(FetchedDocument("7c1f0a52", DOCUMENT, LISTED),),
    duplicates=(FetchedDocument("c60e91d7", None),),
    copy_of=None,
    revision=1,
    written=WRITTEN,
    agent_version="0.1.0",
)
ANSWERS = Answers(
    Job("e84b2a6f", "COMPLETED", ("7c1f0a52",), 1, ("c60e91d7",), (), None, ITS_PAYLOAD),
    FACTS.documents,
    FACTS.duplicates,
)


def result_of(**changes: Any) -> bytes:
    """Return the bytes of a result whose facts are changed so."""
    return result_bytes(build_result(replace(FACTS, **changes)))
