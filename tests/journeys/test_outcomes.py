"""Each outcome of the contract ends in the result that it promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bill_files import bill_pdf, text_pdf
from journey_world import DAY, KEY, MakeWorld, World

from agent.emulator.behaviour import Behaviour, Decimals, Outcome, UploadRule
from agent.pipeline.work import Kind, Report, Step

BILL = "Plant 7/Bill.pdf"


def sent(make_world: MakeWorld, outcome: Outcome, **rule: Any) -> World:
    """Return a world in which one bill was dropped and met this fate."""
    behaviour = Behaviour(keys=(KEY,), uploads=(UploadRule(outcome=outcome, **rule),))
    world = make_world(behaviour=behaviour)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    return world


def test_processed_names_site_company_job_and_file(make_world: MakeWorld) -> None:
    """`processed`: who sent what where, the job's last answer, and the documents are there."""
    world = sent(make_world, Outcome.READ)
    result = world.result(BILL)
    assert result["outcome"] == "processed"
    assert result["problem"] is None
    assert result["site"]["externalId"] == "PLANT-07"
    assert result["company"]["externalId"] == "HMF"
    assert result["api"] == "https://external.nectarclimate.com"
    assert result["environment"] == "production"
    assert result["job"]["nectar"]["status"] == "COMPLETED"
    assert result["job"]["sent"] < result["job"]["answered"] <= result["written"]
    assert result["copyOf"] is None
    assert result["revision"] == 1


@pytest.mark.parametrize(
    ("outcome", "code", "named"),
    [
        (Outcome.NON_UTILITY, "not-a-utility-bill", "not-a-utility-bill"),
        (Outcome.EMPTY, "no-data", "no-data"),
        (Outcome.FAILED, "job-failed", "failed"),
        (Outcome.TERMINATED, "job-terminated", "failed"),
    ],
)
def test_what_nectar_cannot_use_is_told_with_code_and_advice(
    make_world: MakeWorld, outcome: Outcome, code: str, named: str
) -> None:
    """A bill that Nectar cannot use is `rejected` and its JSON says why and what to do."""
    world = sent(make_world, outcome)
    assert world.bill(BILL) == ("rejected", code)
    result = world.result(BILL)
    assert (result["outcome"], result["problem"]["code"]) == (named, code)
    assert result["problem"]["message"]
    assert result["problem"]["advice"]
    assert result["job"]["id"] == world.uploads()[0].job_id


def test_the_reason_of_a_termination_is_quoted(make_world: MakeWorld) -> None:
    """`job-terminated` quotes Nectar's reason."""
    world = sent(make_world, Outcome.TERMINATED, reason="Too blurred.")
    assert "Too blurred." in world.result(BILL)["problem"]["message"]


def test_a_duplicate_names_the_earlier_document(make_world: MakeWorld) -> None:
    """`duplicate` with ids: the earlier document is fetched and lies in `duplicates`."""
    world = make_world()
    world.drop("Plant 7/First.pdf", bill_pdf())
    world.run_until_still()
    world.drop("Plant 7/Scan of it.pdf", bill_pdf() + b"\n%%EOF\n")
    world.run_until_still()
    first, second = world.result("Plant 7/First.pdf"), world.result("Plant 7/Scan of it.pdf")
    assert (second["outcome"], second["problem"]) == ("duplicate", None)
    assert world.bill("Plant 7/Scan of it.pdf") == ("done", None)
    assert [one["id"] for one in second["duplicates"]] == [first["documents"][0]["id"]]
    assert second["duplicates"][0]["document"]["id"] == first["documents"][0]["id"]
    assert second["documents"] == []


def test_a_duplicate_that_cannot_be_fetched_has_a_null_document(make_world: MakeWorld) -> None:
    """`duplicate` whose document cannot be fetched names it all the same."""
    world = sent(make_world, Outcome.DUPLICATE)
    result = world.result(BILL)
    assert result["outcome"] == "duplicate"
    assert [one["document"] for one in result["duplicates"]] == [None]


def test_a_duplicate_without_ids(make_world: MakeWorld) -> None:
    """`duplicate` where Nectar names none: the list is empty and the outcome stands."""
    world = sent(make_world, Outcome.DUPLICATE_WITHOUT_IDS)
    result = world.result(BILL)
    assert (result["outcome"], result["duplicates"]) == ("duplicate", [])
    assert world.bill(BILL) == ("done", None)


def test_several_documents_are_all_kept(make_world: MakeWorld) -> None:
    """Several documents of one file: all of them, and a warning."""
    world = sent(make_world, Outcome.SEVERAL, documents=3)
    result = world.result(BILL)
    assert len(result["documents"]) == 3
    assert "several-documents" in {one["code"] for one in result["warnings"]}


def test_a_late_document_is_waited_for(make_world: MakeWorld) -> None:
    """A document that answers 404 for minutes after the job's end is still fetched."""
    world = sent(make_world, Outcome.READ, document_late_seconds=900.0)
    assert world.result(BILL)["outcome"] == "processed"


def test_late_usage_is_waited_for_within_half_a_minute(make_world: MakeWorld) -> None:
    """Usage that comes some seconds after its document is in the first revision."""
    world = sent(make_world, Outcome.READ, usage_late_seconds=15.0)
    result = world.result(BILL)
    assert result["documents"][0]["usageData"]
    assert result["revision"] == 1


def test_a_document_that_never_comes_ends_in_no_data(make_world: MakeWorld) -> None:
    """A document that stays 404 for an hour: the result is written with what there is."""
    world = sent(make_world, Outcome.READ, document_late_seconds=30 * DAY)
    result = world.result(BILL)
    assert (result["outcome"], result["problem"]["code"]) == ("no-data", "no-data")


def test_usage_of_the_by_document_list_is_added(make_world: MakeWorld) -> None:
    """Usage that stands in the by-document list alone is in the result."""
    world = sent(make_world, Outcome.READ, usage_only_in_list=True)
    assert world.result(BILL)["documents"][0]["usageData"]


def test_a_sparse_document_is_taken_as_it_is(make_world: MakeWorld) -> None:
    """Null, missing and unknown members neither stop the bill nor are lost."""
    world = sent(make_world, Outcome.READ, sparse=True)
    assert world.bill(BILL)[0] in ("done", "rejected")
    assert len(world.result(BILL)["documents"]) == 1


def test_numbers_instead_of_strings_keep_their_digits(make_world: MakeWorld) -> None:
    """Decimals written as numbers come through with every digit."""
    behaviour = Behaviour(keys=(KEY,), decimals=Decimals.NUMBERS)
    world = make_world(behaviour=behaviour)
    world.drop(BILL, bill_pdf(total="208.10"))
    world.run_until_still()
    assert b"208.10" in (world.root / f"{BILL}.json").read_bytes()


def test_an_unknown_status_is_asked_again(make_world: MakeWorld) -> None:
    """A status that nobody announced is waited out."""
    world = sent(make_world, Outcome.UNKNOWN_STATUS, unknown_seconds=7200.0)
    assert world.result(BILL)["outcome"] == "processed"


def test_another_site_than_asked_is_told(make_world: MakeWorld) -> None:
    """Usage booked on another site: `site-differs`, and the result is there."""
    world = sent(make_world, Outcome.READ, booked_site="PLANT-02")
    result = world.result(BILL)
    assert "site-differs" in {one["code"] for one in result["warnings"]}
    assert result["outcome"] == "processed"


def test_a_job_of_a_day_is_waited_for(make_world: MakeWorld) -> None:
    """A job that takes more than a day is never dropped and never sent again."""
    world = sent(make_world, Outcome.READ, processing_seconds=1.5 * DAY)
    assert world.result(BILL)["outcome"] == "processed"
    assert len(world.uploads()) == 1
    assert world.tries() < 400


def test_a_lost_job_ends_after_seven_days(make_world: MakeWorld) -> None:
    """A job that answers 404 for seven days, without a document, is `job-lost`."""
    behaviour = Behaviour(keys=(KEY,), uploads=(UploadRule(outcome=Outcome.LOST),))
    world = make_world(behaviour=behaviour, scan_seconds=3600)
    world.drop(BILL, bill_pdf())
    world.advance(days=6.9)
    assert world.bill(BILL)[0] == "sent"
    world.run_until_still(limit=DAY)
    assert world.bill(BILL) == ("rejected", "job-lost")
    assert world.result(BILL)["outcome"] == "failed"
    assert len(world.uploads()) == 1


def test_a_lost_job_is_looked_for_although_it_was_asked_for_meanwhile(
    make_world: MakeWorld,
) -> None:
    """A list of documents that comes back while the job is being asked for is not the last one."""
    behaviour = Behaviour(keys=(KEY,), uploads=(UploadRule(outcome=Outcome.LOST),))
    world = make_world(behaviour=behaviour, scan_seconds=3600)
    world.drop(BILL, bill_pdf())
    world.advance(13)
    held: list[Step] = []
    world.held = held
    world.advance(60)
    world.held = None
    assert {step.kind for step in held} >= {Kind.POLL, Kind.READ_DOCUMENTS}
    for step in sorted(held, key=lambda each: each.kind is Kind.POLL):
        world.scheduler.report(Report(step, step.run()))
        world.advance(0.001)
    (company,) = world.scheduler.map.companies.values()
    assert company.documents_due is not None


def test_a_job_that_is_gone_is_found_by_its_document(world: World) -> None:
    """A job that answers 404 although its document is there: the document is the result."""
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=5.0)
    world.drop(BILL, bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    job = world.uploads()[0].job_id
    world.advance(0.5)
    world.emulator.world.jobs[job] = replace(world.emulator.world.jobs[job], is_lost=True)
    world.run_until_still()
    assert world.result(BILL)["outcome"] == "processed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 this is no bill", "not-a-bill-file"),
        (b"%PDF-1.4\n nothing that can be opened\n%%EOF\n", "damaged"),
    ],
)
def test_what_can_never_be_a_bill_is_not_sent(world: World, content: bytes, code: str) -> None:
    """What is certainly no bill is `rejected` before sending, with a JSON that says so."""
    world.drop(BILL, content)
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", code)
    result = world.result(BILL)
    assert (result["outcome"], result["job"]) == ("rejected", None)
    assert result["problem"]["code"] == code
    assert world.uploads() == []
    assert world.tries("POST") == 0


def test_a_file_without_its_end_is_waited_for(world: World) -> None:
    """A PDF without its end mark is waited for; once it is whole it is sent."""
    whole = bill_pdf()
    world.drop(BILL, whole[:-60])
    world.advance(300)
    assert world.bill(BILL) == ("waiting", None)
    world.drop(BILL, whole)
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_page_that_is_no_bill(world: World) -> None:
    """A letter is told apart from a bill by Nectar, and told."""
    world.drop("Plant 7/Letter.pdf", text_pdf("Dear neighbour", "the picnic is on Sunday"))
    world.run_until_still()
    assert world.bill("Plant 7/Letter.pdf") == ("rejected", "not-a-utility-bill")
