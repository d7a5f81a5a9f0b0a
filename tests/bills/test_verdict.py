"""How a bill ended: outcomes, problems in words, warnings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bills.answers import (
    Answers,
    FetchedDocument,
    Job,
    complete_document,
    has_usage_or_charges,
)
from agent.bills.values import Outcome
from agent.bills.verdict import (
    JobFailure,
    Verdict,
    adopt_duplicate,
    failure_verdict,
    verdict,
)

ASKED = "5d7c1e90-4b2f-4a83-b6d5-91f0e3a8c724"
ELSEWHERE = "11111111-4b2f-4a83-b6d5-91f0e3a8c724"
SHELL = {"id": "u1", "startDate": "2026-01-15", "usage": None, "usageUnits": None, "site": None}
READ = {"id": "u1", "usage": "6120.0000", "usageUnits": "kWh", "site": {"id": ASKED}}


def job(
    *,
    parsed: tuple[str, ...] = (),
    duplicates: int = 0,
    known: tuple[str, ...] = (),
    non_utility: tuple[str, ...] = (),
    reason: str | None = None,
) -> Job:
    """Return a finished job with these lists."""
    return Job("j-1", "COMPLETED", parsed, duplicates, known, non_utility, reason, {"id": "j-1"})


def fetched(number: int = 1, usage: tuple[dict[str, Any], ...] = (), **members: Any) -> Any:
    """Return a fetched document with these members."""
    name = f"d{number}"
    return FetchedDocument(name, {"id": name, **members}, usage)


def codes(found: Verdict) -> list[str]:
    """Return the codes of the warnings, in order."""
    return [warning.code for warning in found.warnings]


EMPTY = fetched(usageData=[], lineItems=None)
FULL = fetched(usageData=[READ])


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (Answers(job(parsed=("d1",)), (FULL,)), "processed"),
        (Answers(job(parsed=("d1",), duplicates=1, non_utility=("n",)), (FULL,)), "processed"),
        (Answers(job(parsed=("d1", "d2")), (EMPTY, FULL)), "processed"),
        (Answers(job(duplicates=1)), "duplicate"),
        (Answers(job(known=("k",))), "duplicate"),
        (Answers(job(), duplicates=(FetchedDocument("k", None),)), "duplicate"),
        (Answers(job(parsed=("d1",), duplicates=1), (EMPTY,)), "duplicate"),
        (Answers(job(duplicates=1, non_utility=("n",))), "duplicate"),
        (Answers(job(non_utility=("n",))), "not-a-utility-bill"),
        (Answers(job(parsed=("d1",), non_utility=("n",)), (EMPTY,)), "not-a-utility-bill"),
        (Answers(job()), "no-data"),
        (Answers(job(parsed=("d1",)), (EMPTY,)), "no-data"),
        (Answers(job(parsed=("d1",)), (FetchedDocument("d1", None),)), "no-data"),
        (Answers(job(), duplicates=()), "no-data"),
    ],
)
def test_first_outcome_in_order_names_the_whole(answers: Answers, outcome: str) -> None:
    """Of several outcomes in one job the first in the contract's order counts."""
    found = verdict(answers, ASKED)
    assert outcome == found.outcome
    if outcome in ("processed", "duplicate"):
        assert found.problem is None
    else:
        assert found.problem is not None
        assert outcome == found.problem.code
        assert found.problem.message.endswith(".")
        assert found.problem.advice.endswith(".")


@pytest.mark.parametrize(
    "members",
    [
        {"usageData": [SHELL], "totalCharges": Decimal("77.1")},
        {"usageData": [READ]},
        {"usageData": [SHELL, READ]},
        {"usageData": [{"id": "u", "usage": "0.0000"}]},
        {"usageData": [{"id": "u", "usage": 0}]},
        {"usageData": [{"id": "u", "netMeteringGeneratedKwh": "12.5"}]},
        {"usageData": [{"id": "u", "timeOfUseBreakdown": [{"usage": "4"}]}]},
        {"demandMeters": [{"demandUsage": Decimal("14.6")}]},
        {"lineItems": [{"description": "Energy", "totalCharge": "18.00"}]},
        {"lineItems": [{"description": "Energy", "quantity": "5"}]},
        {"totalCharges": "0.00"},
        {"currentCharges": 12},
        {"taxCharges": "58.10"},
        {"lateCharges": "1.00"},
        {"credits": "-50.00"},
    ],
)
def test_any_figure_of_usage_or_money_is_data(members: dict[str, Any]) -> None:
    """A sparse bill with one figure is processed; zero is a figure, and so are unseen charges."""
    assert has_usage_or_charges(members)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"usageData": [SHELL]},
        {"usageData": [{"id": "u", "usage": ""}]},
        {"usageData": [{"id": "u", "usage": "n/a"}]},
        {"usageData": [{"id": "u", "usage": True}]},
        {"usageData": [{"id": "u", "netMeteringType": "EXPORT"}]},
        {"usageData": [{"id": "u", "timeOfUseBreakdown": [{"usage": None}]}]},
        {"usageData": "6120", "lineItems": {"totalCharge": "5"}},
        {"usageData": None, "lineItems": []},
        {"lineItems": [{"description": "Energy", "totalCharge": None}]},
        {"previousCloseBalance": "1198.40", "currentOpenBalance": "0.00"},
        {"chargesUnits": "USD", "totalCharges": None},
    ],
)
def test_shells_units_and_old_balances_are_no_data(members: dict[str, Any]) -> None:
    """A record without a figure, a unit alone and balances carried forward say nothing read."""
    assert not has_usage_or_charges(members)


def test_usage_of_the_list_alone_makes_a_bill_processed() -> None:
    """What only the by-document list holds counts like the document's own usage."""
    answers = Answers(job(parsed=("d1",)), (fetched(usage=(READ,), usageData=[]),))
    assert verdict(answers, ASKED).outcome is Outcome.PROCESSED


def test_a_bill_that_cannot_be_fetched_says_so() -> None:
    """No data because a document is not handed out is another sentence than an empty bill."""
    unfetched = verdict(Answers(job(parsed=("d1",)), (FetchedDocument("d1", None),)), ASKED)
    empty = verdict(Answers(job(parsed=("d1",)), (EMPTY,)), ASKED)
    assert unfetched.problem is not None
    assert empty.problem is not None
    assert unfetched.problem.message != empty.problem.message


@pytest.mark.parametrize(
    ("site", "differs"),
    [
        ({"id": ASKED}, False),
        (ASKED, False),
        (ASKED.upper(), False),
        (None, False),
        ({"name": "Harbor Mill Plant 9"}, False),
        ("", False),
        (7, False),
        ({"id": ELSEWHERE, "name": "Harbor Mill Plant 9", "externalId": "PLANT-09"}, True),
        (ELSEWHERE, True),
    ],
)
def test_only_another_site_differs(site: Any, differs: bool) -> None:
    """The site of a usage record, object or id, is compared by id; null is no difference."""
    answers = Answers(job(parsed=("d1",)), (fetched(usageData=[READ | {"site": site}]),))
    found = verdict(answers, ASKED)
    assert differs == ("site-differs" in codes(found))
    if isinstance(site, dict) and differs:
        assert "Harbor Mill Plant 9" in found.warnings[0].message
        assert "PLANT-09" in found.warnings[0].message


@pytest.mark.parametrize(("site", "differs"), [(7, False), ({"id": 7}, False), ({"id": 8}, True)])
def test_sites_with_numbers_for_ids_are_told_apart(site: Any, *, differs: bool) -> None:
    """Where the ids of sites are numbers, a bill booked on another site is not passed over."""
    answers = Answers(job(parsed=("d1",)), (fetched(usageData=[READ | {"site": site}]),))
    assert differs == ("site-differs" in codes(verdict(answers, "7")))


def test_a_known_bill_on_another_site_differs_too() -> None:
    """A duplicate whose usage stands on another site is told, though its outcome is quiet."""
    known = fetched(usageData=[READ | {"site": ELSEWHERE, "isEstimated": True}], flaggedStatus="X")
    found = verdict(Answers(job(duplicates=1), duplicates=(known,)), ASKED)
    assert found.outcome is Outcome.DUPLICATE
    assert codes(found) == ["site-differs"]


def test_several_bills_in_one_file_are_counted_once_each() -> None:
    """Two documents give a warning with their number; one document twice does not."""
    two = Answers(job(parsed=("d1", "d2")), (FULL, fetched(2)))
    assert codes(verdict(two, ASKED)) == ["several-documents"]
    assert "2 bills" in verdict(two, ASKED).warnings[0].message
    assert codes(verdict(Answers(job(parsed=("d1",)), (FULL,)), ASKED)) == []


@pytest.mark.parametrize(
    ("word", "quoted"), [("ILLEGIBLE", "“ILLEGIBLE”"), (12, "“12”"), ({"a": 1}, '“{"a":1}”')]
)
def test_flag_is_quoted_as_it_came(word: Any, quoted: str) -> None:
    """Whatever word Nectar flags a bill with stands in the warning."""
    found = verdict(Answers(job(parsed=("d1",)), (fetched(flaggedStatus=word),)), ASKED)
    assert codes(found) == ["flagged-by-nectar"]
    assert quoted in found.warnings[0].message


@pytest.mark.parametrize("members", [{"flaggedStatus": None, "isFlagged": True}, {}])
def test_no_flag_word_is_no_flag(members: dict[str, Any]) -> None:
    """Only ``flaggedStatus`` flags; without a word there is nothing to quote."""
    assert codes(verdict(Answers(job(parsed=("d1",)), (fetched(**members),)), ASKED)) == []


def test_estimated_usage_is_counted() -> None:
    """Estimated records are told with how many of how many, those of the list included."""
    records = [READ, READ | {"id": "u2", "isEstimated": True}]
    of_list = (READ | {"id": "u3", "isEstimated": True}, READ | {"id": "u4", "isEstimated": "yes"})
    found = verdict(Answers(job(parsed=("d1",)), (fetched(1, of_list, usageData=records),)), ASKED)
    assert codes(found) == ["usage-estimated"]
    assert "2 of 4" in found.warnings[0].message


@pytest.mark.parametrize("reason", list(JobFailure))
@pytest.mark.parametrize("known", [True, False])
def test_failures_have_their_code_and_a_next_step(reason: JobFailure, known: bool) -> None:
    """FAILED, TERMINATED and lost jobs give a problem of their own code, with or without a job."""
    found = failure_verdict(job() if known else None, reason)
    assert found.outcome is Outcome.FAILED
    assert found.problem is not None
    assert reason.value == found.problem.code
    assert found.problem.advice
    assert found.warnings == ()


def test_reason_of_a_termination_is_quoted() -> None:
    """Nectar's own reason stands in the sentence, on one line and without a pre-signed link."""
    reason = "Could not\nopen https://bucket.example/raw.pdf?X-Amz-Signature=abc123 again."
    found = failure_verdict(job(reason=reason), JobFailure.TERMINATED)
    assert found.problem is not None
    assert "“Could not open https://bucket.example/raw.pdf again.”" in found.problem.message
    assert "abc123" not in repr(found)


def test_words_of_nectar_are_kept_short() -> None:
    """A page of text as a reason does not become a page of a sentence."""
    found = failure_verdict(job(reason="no " * 5000), JobFailure.TERMINATED)
    assert found.problem is not None
    assert len(found.problem.message) < 300


def test_our_own_first_upload_is_adopted_as_processed() -> None:
    """A duplicate's document, taken as ours, makes the bill processed and moves to documents."""
    known = FetchedDocument("d1", {"id": "d1", "usageData": [READ]})
    lost = FetchedDocument("d2", None)
    answers = adopt_duplicate(Answers(job(duplicates=2), duplicates=(known, lost)))
    assert answers.documents == (known,)
    assert answers.duplicates == (lost,)
    assert verdict(answers, ASKED).outcome is Outcome.PROCESSED


def test_adopting_adds_no_document_twice() -> None:
    """A document that is both parsed and a duplicate is there once."""
    answers = adopt_duplicate(Answers(job(parsed=("d1",), known=("d1",)), (FULL,), (FULL,)))
    assert answers.documents == (FULL,)
    assert answers.duplicates == ()


ids = st.sampled_from(["a", "b", "c", "d", 5, None])
records = st.lists(st.fixed_dictionaries({"id": ids, "usage": st.integers()}), max_size=6)


@settings(deadline=None)
@given(own=records, listed=records)
def test_completing_keeps_the_documents_records_and_adds_each_id_once(
    own: list[dict[str, Any]], listed: list[dict[str, Any]]
) -> None:
    """The document's own records stay first and as given; each missing id of the list follows."""
    complete = complete_document(FetchedDocument("d", {"id": "d", "usageData": own}, tuple(listed)))
    assert complete is not None
    usage = complete["usageData"]
    assert usage[: len(own)] == own
    added = [str(record["id"]) for record in usage[len(own) :]]
    assert len(set(added)) == len(added)
    wanted = {str(record["id"]) for record in listed if record["id"] is not None}
    assert wanted <= {str(record["id"]) for record in usage}
    assert not set(added) & {str(record["id"]) for record in own}


def test_completing_changes_nothing_that_was_given() -> None:
    """The fetched document itself stays as Nectar gave it."""
    own: list[Any] = []
    document = {"id": "d", "usageData": own, "zz": 1, "aa": 2}
    complete = complete_document(FetchedDocument("d", document, (READ,)))
    assert complete == {"id": "d", "usageData": [READ], "zz": 1, "aa": 2}
    assert list(document) == list(complete or {})
    assert own == []


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([Decimal("1.5"), "https://x/?sig=1", ASKED]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "usageData", "usage", "site", "lineItems", "flaggedStatus", "isEstimated"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
hostile = st.builds(
    FetchedDocument,
    st.text(max_size=4),
    st.none()
    | st.dictionaries(
        st.sampled_from(["usageData", "lineItems", "demandMeters", "flaggedStatus", "credits"]),
        anything,
    ),
    st.lists(st.dictionaries(st.sampled_from(["id", "site", "usage"]), anything), max_size=2).map(
        tuple
    ),
)


@settings(deadline=None)
@given(
    documents=st.lists(hostile, max_size=3).map(tuple),
    duplicates=st.lists(hostile, max_size=2).map(tuple),
)
def test_no_payload_is_too_hostile(
    documents: tuple[FetchedDocument, ...], duplicates: tuple[FetchedDocument, ...]
) -> None:
    """Texts where lists were due, lists where texts were: a verdict comes, and never an error."""
    found = verdict(Answers(job(), documents, duplicates), ASKED)
    assert (found.problem is None) == (found.outcome in (Outcome.PROCESSED, Outcome.DUPLICATE))
