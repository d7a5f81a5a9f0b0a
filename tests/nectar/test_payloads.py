"""JSON to values: whatever the contract leaves open is tolerated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from client_under_test import patient
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.answers import Company, Site
from agent.nectar.payloads import asked_job, company_of, site_of, started_job


def test_a_company_has_an_id_and_what_else_is_known() -> None:
    """Name and externalId may be null; people still see a name."""
    assert company_of({"id": "1", "name": "Mill", "externalId": "HMF"}) == Company(
        "1", "Mill", "HMF"
    )
    assert company_of({"id": "1", "name": None, "externalId": None}) == Company("1", "1", None)
    assert company_of({"id": 1, "externalId": "HMF"}) == Company("1", "HMF", "HMF")
    assert company_of({"name": "Mill"}) is None
    assert company_of({"name": "Mill"}, asked="1") == Company("1", "Mill", None)


def test_a_site_is_archived_once_its_collection_stopped() -> None:
    """``dataCollectionStopDate`` not null means archived."""
    active = site_of(
        {"id": "1", "name": "Plant", "externalId": " P 7", "dataCollectionStopDate": None}
    )
    assert active == Site("1", "Plant", " P 7", None)
    archived = site_of({"id": "2", "name": "Old", "dataCollectionStopDate": "2024-06-30"})
    assert archived == Site("2", "Old", None, "2024-06-30")
    assert site_of({"name": "no id"}) is None


@pytest.mark.parametrize(
    ("payload", "identity"),
    [
        ({"id": "a", "jobId": "b"}, "a"),
        ({"jobId": "b"}, "b"),
        ({"id": None, "jobId": "b"}, "b"),
        ({"id": "", "jobId": "b"}, "b"),
        ({"id": 17}, "17"),
    ],
)
def test_an_upload_starts_the_job_that_it_names(payload: dict[str, Any], identity: str) -> None:
    """``id``, else ``jobId``; a job just begun is PENDING if nothing else is said."""
    job = started_job(payload)
    assert job is not None
    assert (job.id, job.status, job.payload) == (identity, "PENDING", payload)


@pytest.mark.parametrize(
    "payload", [{}, {"id": True}, {"id": []}, {"detail": "ok"}, [], "x", None, 7]
)
def test_an_upload_that_names_no_job_started_none_that_is_known(payload: Any) -> None:
    """Neither ``id`` nor ``jobId``: the caller has to say that it is in doubt."""
    assert started_job(payload) is None


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (0, 0),
        (2, 2),
        (-1, 0),
        (True, 1),
        (False, 0),
        ("3", 3),
        ("many", 0),
        ("9" * 5000, 0),
        (None, 0),
        (Decimal(1), 1),
        (Decimal("1E+400000"), 0),
        (Decimal("NaN"), 0),
        (["a", "b"], 2),
        ({}, 0),
    ],
)
def test_duplicates_are_counted_in_any_type(value: Any, count: int) -> None:
    """A count as text, as a flag, as a list."""
    assert asked_job({"duplicates": value}, "j").duplicates == count


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (["a", "b", "a"], ("a", "b")),
        ([1, None, "", "b", True, []], ("1", "b")),
        ([{"id": "a"}, {"name": "x"}], ("a",)),
        ("a", ("a",)),
        (None, ()),
        ({}, ()),
        (7, ("7",)),
        (False, ()),
    ],
)
def test_lists_of_ids_are_read_in_any_type(value: Any, ids: tuple[str, ...]) -> None:
    """Null, a single id, numbers, objects: each id once, in order."""
    job = asked_job(
        {
            "parsedDocumentIds": value,
            "duplicateDocumentIds": value,
            "nonUtilityDocumentIds": value,
        },
        "j",
    )
    assert job.parsed_document_ids == ids
    assert job.duplicate_document_ids == ids
    assert job.non_utility_document_ids == ids


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("COMPLETED", "COMPLETED"),
        (" completed ", "COMPLETED"),
        ("TERMINATED", "TERMINATED"),
        ("In_Review", "In_Review"),
        (None, "UNKNOWN"),
        (["COMPLETED"], "UNKNOWN"),
    ],
)
def test_a_status_is_known_or_kept_as_it_came(value: Any, status: str) -> None:
    """The four that are known in any case of letters; others word for word."""
    assert asked_job({"status": value}, "j").status == status


def test_a_job_keeps_the_id_it_was_asked_by() -> None:
    """Null for everything except the ids asked by."""
    assert asked_job({"id": None, "status": "PENDING"}, "j").id == "j"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = (
    *("id", "jobId", "status", "parsedDocumentIds", "duplicates", "duplicateDocumentIds"),
    *("nonUtilityDocumentIds", "terminationReason", "name", "externalId", "dataCollectionStopDate"),
)


@patient
@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_no_json_breaks_a_value(payload: dict[str, Any]) -> None:
    """Any types in any member: a value or None, never an exception; the payload stays whole."""
    job = asked_job(payload, "j")
    assert job.payload is payload
    assert job.id
    assert job.duplicates >= 0
    for value in (started_job(payload), company_of(payload), site_of(payload)):
        assert value is None or value.id
