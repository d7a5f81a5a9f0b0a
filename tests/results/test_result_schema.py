"""The published JSON Schema agrees with what is written, and with what readers must accept."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sample_results import DOCUMENT, FACTS, ITS_PAYLOAD, LISTED, result_of

from agent.bills.answers import Company, FetchedDocument
from agent.bills.values import Outcome, Problem, ResultWarning
from agent.results.build import JobFacts, SiteFacts
from agent.results.schema import result_schema

VALIDATOR = Draft202012Validator(
    result_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER
)
SAMPLE: dict[str, Any] = json.loads(
    result_of(warnings=(ResultWarning("usage-estimated", "A sentence."),))
)
PROBLEM = Problem("no-data", "Nothing was found.", "Look at the file.")


def test_the_schema_is_one() -> None:
    """It is itself valid under its own draft, and plain JSON."""
    Draft202012Validator.check_schema(result_schema())
    assert json.loads(json.dumps(result_schema())) == result_schema()


quiet = (Outcome.PROCESSED, Outcome.DUPLICATE)
endings = st.sampled_from(Outcome).map(lambda one: (one, None if one in quiet else PROBLEM))
texts = st.none() | st.text(max_size=8)
documents = st.lists(
    st.sampled_from(
        [
            FetchedDocument("7c1f0a52", DOCUMENT, LISTED),
            FetchedDocument("k", {"id": "k", "usageData": None, "url": None}),
            FetchedDocument("gone", None),
        ]
    ),
    max_size=3,
).map(tuple)
jobs = st.none() | st.builds(
    JobFacts,
    st.none() | st.text(min_size=1, max_size=8),
    st.floats(-1e10, 1e11),
    st.none() | st.floats(0, 1e10),
    st.sampled_from([None, ITS_PAYLOAD, {}, "IN_REVIEW"]),
)


@settings(deadline=None)
@given(
    ending=endings,
    warnings=st.lists(st.just(ResultWarning("several-documents", "Two.")), max_size=2).map(tuple),
    site=st.builds(SiteFacts, texts, texts, texts),
    company=st.none() | st.builds(Company, st.text(), st.text(), texts),
    environment=st.sampled_from(["production", "sandbox"]),
    job=jobs,
    documents=documents,
    duplicates=documents,
    copy_of=st.none() | st.text(min_size=1, max_size=9),
    revision=st.integers(1, 999),
)
def test_every_result_that_is_built_is_valid(
    ending: tuple[Outcome, Problem | None], **facts: Any
) -> None:
    """Whatever the facts are, the result fulfils the schema."""
    outcome, problem = ending
    VALIDATOR.validate(json.loads(result_of(outcome=outcome, problem=problem, **facts)))


@pytest.mark.parametrize("name", list(SAMPLE))
def test_every_member_is_required(name: str) -> None:
    """A result that lacks a member of the contract is none."""
    without = {key: value for key, value in SAMPLE.items() if key != name}
    assert not VALIDATOR.is_valid(without)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "nectar-bill-result/2"),
        (["outcome"], None),
        (["outcome"], "failed"),
        (["problem"], {"code": "x", "message": "A.", "advice": "B."}),
        (["problem"], "none"),
        (["warnings", 0, "code"], "Two Words"),
        (["file", "sha256"], "3F"),
        (["file", "size"], "48213"),
        (["file", "modified"], "2026-02-11 18:40"),
        (["file", "modified"], "2026-02-11T18:40:00+01:00"),
        (["site"], None),
        (["company"], "HMF"),
        (["api"], "https://external.nectarclimate.com/v2.2"),
        (["environment"], "test"),
        (["job", "sent"], None),
        (["job", "nectar", "url"], "https://x.example/"),
        (["documents", 0, "url"], None),
        (["documents", 0, "usageData", 0, "site", "url"], "x"),
        (["documents"], {}),
        (["documents", 0], None),
        (["duplicates", 0, "document"], {"deep": [{"url": 1}]}),
        (["copyOf"], ""),
        (["revision"], 0),
        (["written"], 1770835380),
        (["agent"], "another"),
    ],
)
def test_what_the_contract_rules_out_is_invalid(path: list[Any], value: Any) -> None:
    """Wrong types, times, codes, and a ``url`` at any depth are told apart."""
    broken = copy.deepcopy(SAMPLE)
    inner: Any = broken
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert not VALIDATOR.is_valid(broken)


@pytest.mark.parametrize(
    "members",
    [
        {"outcome": "superseded"},
        {"outcome": "superseded", "problem": {"code": "new", "message": "A.", "advice": ""}},
        {"somethingNew": {"url": "ours alone are open here"}},
        {"warnings": [{"code": "brand-new", "message": "A sentence.", "more": 1}]},
        {"file": SAMPLE["file"] | {"pages": 3}},
    ],
)
def test_what_readers_must_accept_is_valid(members: dict[str, Any]) -> None:
    """Unknown members, codes and outcomes are valid within ``/1``."""
    assert VALIDATOR.is_valid(SAMPLE | members)


def test_every_outcome_is_named_in_the_schema() -> None:
    """Who reads the schema finds all outcomes of today."""
    assert {outcome.value for outcome in Outcome} == set(
        result_schema()["properties"]["outcome"]["examples"]
    )
    assert FACTS.outcome in Outcome
