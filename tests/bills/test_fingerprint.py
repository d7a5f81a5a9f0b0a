"""A correction at Nectar is noticed, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from agent.bills.answers import Answers, FetchedDocument, Job
from agent.bills.fingerprint import content_fingerprint

RECORDS: list[dict[str, Any]] = [
    {"id": "u1", "usage": "6120.0000", "updated": "2026-02-11T18:42:08", "site": {"id": "s"}},
    {"id": "u2", "usage": Decimal("212.0"), "updated": "2026-02-11T18:42:08", "site": {"id": "s"}},
]
DOCUMENT: dict[str, Any] = {
    "id": "d1",
    "updated": "2026-02-11T18:42:09",
    "url": "https://bucket.example/r?X-Amz-Signature=one",
    "auditTrailUrl": "https://dash.example/audit/d1",
    "totalCharges": "1264.87",
    "usageData": RECORDS,
    "lineItems": [{"totalCharge": "1"}, {"totalCharge": "2"}],
}


def answers(**members: Any) -> Answers:
    """Return answers with one document, these members changed."""
    job = Job("j", "COMPLETED", ("d1",), 0, (), (), None, {"id": "j", "status": "COMPLETED"})
    return Answers(job, (FetchedDocument("d1", DOCUMENT | members),))


@pytest.mark.parametrize(
    "members",
    [
        {"url": "https://bucket.example/r?X-Amz-Signature=two"},
        {"url": None},
        {"updated": "2027-01-01T00:00:00"},
        {"usageData": [RECORDS[0] | {"updated": "2027-01-01", "url": "x"}, RECORDS[1]]},
        {"usageData": RECORDS[::-1]},
        {"usageData": [dict(reversed(RECORDS[0].items())), RECORDS[1]]},
    ],
)
def test_links_times_and_order_are_no_correction(members: dict[str, Any]) -> None:
    """``url``, ``updated``, the order of members and of usage records make no new revision."""
    assert content_fingerprint(answers()) == content_fingerprint(answers(**members))


@pytest.mark.parametrize(
    "members",
    [
        {"totalCharges": "1264.88"},
        {"totalCharges": "1264.870"},
        {"totalCharges": Decimal("1264.87")},
        {"auditTrailUrl": "https://dash.example/audit/other"},
        {"somethingNew": None},
        {"usageData": RECORDS[:1]},
        {"usageData": [RECORDS[0] | {"site": {"id": "t"}}, RECORDS[1]]},
        {"lineItems": DOCUMENT["lineItems"][::-1]},
    ],
)
def test_everything_else_is_a_correction(members: dict[str, Any]) -> None:
    """Any other member, digit or record that changed makes a new revision."""
    assert content_fingerprint(answers()) != content_fingerprint(answers(**members))


def test_a_renewed_signature_in_another_link_is_no_correction() -> None:
    """What no result ever holds cannot make a new one."""
    one = answers(notes="https://x.example/r?sig=one")
    two = answers(notes="https://x.example/r?sig=two")
    assert content_fingerprint(one) == content_fingerprint(two)


def test_order_of_documents_does_not_count_but_their_number_does() -> None:
    """Two documents give the same print in either order; a duplicate that appears does not."""
    first, second = FetchedDocument("d1", DOCUMENT), FetchedDocument("d2", DOCUMENT | {"id": "d2"})
    one = replace(answers(), documents=(first, second))
    other = replace(answers(), documents=(second, first))
    more = replace(one, duplicates=(FetchedDocument("d3", None),))
    assert content_fingerprint(one) == content_fingerprint(other)
    assert content_fingerprint(one) != content_fingerprint(more)


def test_a_record_of_the_list_alone_counts() -> None:
    """A usage record that only the by-document list brings makes a new revision."""
    one = answers()
    two = replace(one, documents=(replace(one.documents[0], usage=({"id": "u3"},)),))
    assert content_fingerprint(one) != content_fingerprint(two)
