"""Results of ours are recognised, and read back into what they were written from."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_results import ANSWERED, ANSWERS, BILL_SHA256, FACTS, SENT, result_of

from agent.bills.answers import Answers, FetchedDocument
from agent.bills.exact_json import DEEPEST, Json
from agent.bills.fingerprint import content_fingerprint
from agent.bills.values import Beside, BesideKind, Outcome, Problem, ResultWarning, Signature
from agent.bills.verdict import verdict
from agent.results.build import FileFacts, JobFacts
from agent.results.reading_back import read_back
from agent.results.recognise import recognise, sha256_of

SIGNATURE = Signature(1, 2, 3)
WHOLE = result_of()
SAMPLE: dict[str, Any] = json.loads(WHOLE)


def kind(content: bytes) -> BesideKind:
    """Return what lies there if these are the bytes."""
    return recognise(content, SIGNATURE).kind


def test_a_result_of_ours_says_what_adoption_asks_for() -> None:
    """Every member that decides about adoption is told, with the bytes themselves."""
    assert recognise(WHOLE, SIGNATURE) == Beside(
        kind=BesideKind.OURS,
        content_sha256=sha256_of(WHOLE),
        signature=SIGNATURE,
        content=WHOLE,
        file_sha256=BILL_SHA256,
        file_size=48213,
        api="https://external.nectarclimate.com",
        environment="production",
        company_id="3f0a",
        site_id="5d7c",
        site_words="PLANT-07",
        outcome="processed",
        was_sent=True,
        revision=1,
    )


def test_what_is_unknown_is_not_said() -> None:
    """A result of a file that was never sent has no company and no site id."""
    site = replace(FACTS.site, external_id=None, id=None)
    found = recognise(result_of(company=None, job=None, site=site), SIGNATURE)
    assert found.kind is BesideKind.OURS
    assert (found.company_id, found.site_id, found.was_sent) == (None, None, False)
    assert found.site_words == "Harbor Mill Plant 7"


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 3))
def test_a_cut_result_is_none_of_ours(length: int) -> None:
    """However short a result was cut, it is not taken for one; its bytes are still known."""
    found = recognise(WHOLE[:length], SIGNATURE)
    assert found.kind is BesideKind.FOREIGN
    assert found.content_sha256 == sha256_of(WHOLE[:length])
    assert found.content is None


@pytest.mark.parametrize(
    "members",
    [
        {"format": "nectar-bill-result/2"},
        {"format": None},
        {"outcome": 5},
        {"file": None},
        {"file": {"name": "Bill.pdf", "size": 1}},
        {"file": SAMPLE["file"] | {"sha256": BILL_SHA256.upper()}},
        {"file": SAMPLE["file"] | {"sha256": BILL_SHA256 + "\n"}},
        {"file": SAMPLE["file"] | {"size": True}},
        {"file": SAMPLE["file"] | {"size": -1}},
        {"site": "PLANT-07"},
        {"site": {}},
        {"site": {"id": 7}},
        {"company": []},
        {"company": {"id": 7}},
        {"api": None},
        {"environment": None},
        {"job": []},
        {"documents": None},
        {"duplicates": {}},
        {"revision": "1"},
        {"revision": 0},
    ],
)
def test_wrong_types_are_none_of_ours(members: dict[str, Any]) -> None:
    """Where a member that counts is of another type, nothing is adopted."""
    assert kind(json.dumps(SAMPLE | members).encode()) is BesideKind.FOREIGN


@pytest.mark.parametrize("name", ["outcome", "file", "site", "company", "job", "revision", "api"])
def test_missing_members_are_none_of_ours(name: str) -> None:
    """Where a member that counts is missing, nothing is adopted."""
    without = {key: value for key, value in SAMPLE.items() if key != name}
    assert kind(json.dumps(without).encode()) is BesideKind.FOREIGN


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe{", b"nectar-bill-result/1", b'"nectar-bill-result/1"']
)
def test_other_files_are_none_of_ours(content: bytes) -> None:
    """Other programs' files, broken ones and none at all are foreign."""
    assert kind(content) is BesideKind.FOREIGN


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SAMPLE),
        json.dumps(SAMPLE, indent=4, sort_keys=True),
        json.dumps(SAMPLE).replace("/", "\\/"),
        "\ufeff" + json.dumps(SAMPLE | {"somethingNew": 1, "outcome": "superseded"}),
    ],
)
def test_reformatted_and_newer_results_are_still_ours(text: str) -> None:
    """Layout, escapes, new members and new outcomes do not matter within ``/1``."""
    assert kind(text.encode()) is BesideKind.OURS


def test_the_deepest_answer_still_makes_a_result_of_ours() -> None:
    """What is just shallow enough to be taken from Nectar can be read back from the result."""
    deep: Json = "x"
    for _ in range(DEEPEST - 1):
        deep = [deep]
    duplicate = FetchedDocument("d", {"id": "d", "deep": deep})
    assert kind(result_of(duplicates=(duplicate,))) is BesideKind.OURS


def test_a_result_is_read_back_into_its_values() -> None:
    """Outcome, warnings, times and answers come back, and the fingerprint is the answers' own."""
    warning = ResultWarning("usage-estimated", "A sentence.")
    found = read_back(recognise(result_of(warnings=(warning,)), SIGNATURE))
    assert found is not None
    assert found.outcome is Outcome.PROCESSED
    assert found.problem is None
    assert found.warnings == (warning,)
    assert found.job_id == "e84b2a6f"
    assert found.sent_at == SENT
    assert found.answered_at == int(ANSWERED)
    assert found.fingerprint == content_fingerprint(ANSWERS)
    assert found.answers is not None
    assert replace(found.answers.job, payload=None) == replace(ANSWERS.job, payload=None)
    assert found.answers.duplicates == ANSWERS.duplicates
    assert found.answers.documents[0].document is not None
    assert found.answers.documents[0].document["currentCharges"] == Decimal("77.10")
    assert verdict(found.answers, "5d7c").outcome is Outcome.PROCESSED


def test_what_was_written_from_the_read_back_is_the_same() -> None:
    """A result rewritten after the store was lost has the very same bytes."""
    found = read_back(recognise(WHOLE, SIGNATURE))
    assert found is not None
    assert found.answers is not None
    again = result_of(
        file=FileFacts("Bill.pdf", 48213, BILL_SHA256, 1_770_835_200.0),
        job=JobFacts(
            found.job_id, found.sent_at or 0, found.answered_at, found.answers.job.payload
        ),
        documents=found.answers.documents,
        duplicates=found.answers.duplicates,
    )
    assert again == WHOLE


def test_a_rejection_is_read_back_without_answers() -> None:
    """What was never sent has a problem, and no answers."""
    problem = Problem("empty", "The file is empty.", "Copy it again.")
    content = result_of(outcome=Outcome.REJECTED, problem=problem, job=None, documents=())
    found = read_back(recognise(content, SIGNATURE))
    assert found is not None
    assert (found.outcome, found.problem, found.answers) == (Outcome.REJECTED, problem, None)
    assert (found.job_id, found.sent_at, found.fingerprint) == (None, None, "")


@pytest.mark.parametrize(
    ("members", "outcome"),
    [
        ({}, Outcome.PROCESSED),
        ({"problem": {"code": "new", "message": "A.", "advice": "B."}}, Outcome.FAILED),
        ({"problem": {"code": "new"}, "job": None}, Outcome.REJECTED),
    ],
)
def test_an_outcome_of_a_newer_version_is_read_as_the_nearest(
    members: dict[str, Any], outcome: Outcome
) -> None:
    """A result with an unknown outcome is adopted all the same: nothing is sent again."""
    content = json.dumps(SAMPLE | {"outcome": "superseded"} | members).encode()
    found = read_back(recognise(content, SIGNATURE))
    assert found is not None
    assert found.outcome is outcome


def test_what_is_not_ours_is_not_read_back() -> None:
    """Foreign bytes give nothing."""
    assert read_back(recognise(b"{}", SIGNATURE)) is None
    assert read_back(Beside(BesideKind.NOTHING)) is None


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "problem": junk,
            "warnings": junk,
            "documents": st.lists(junk, max_size=2),
            "duplicates": st.lists(junk, max_size=2),
            "job": st.none()
            | st.dictionaries(st.sampled_from(["id", "sent", "answered", "nectar"]), junk),
        },
    )
)
def test_reading_back_survives_whatever_people_made_of_it(members: dict[str, Any]) -> None:
    """A result that was edited in all the other places is read back without an error."""
    content = json.dumps(SAMPLE | members).encode()
    found = read_back(recognise(content, SIGNATURE))
    assert found is not None
    assert found.answers is None or isinstance(found.answers, Answers)
