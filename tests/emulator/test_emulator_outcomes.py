"""What becomes of an upload: read, known, refused, failed, late — as it is told to."""

import re

import pytest
from emulator_driver import BILLS, Driver, bill_pdf, text_pdf

from agent.emulator.behaviour import (
    Behaviour,
    Decimals,
    FileNames,
    Outcome,
    SiteForm,
    UploadAnswer,
    UploadRule,
)
from agent.emulator.world import HARBOR_MILL_FOODS, LAKESIDE_CLINICS, LAKESIDE_NORTH, PLANT_07

SCAN = b"\x89PNG\r\n\x1a\n a picture"
LETTER = text_pdf("Dear neighbour, the summer party is on Friday.", "Please bring a salad.")


def test_a_bill_is_read_after_its_processing_time() -> None:
    """The job is PENDING until then, and its document has what the bill says."""
    driver = Driver(Behaviour(processing_seconds=30))
    job_id = driver.upload(bill_pdf(), "Mai.pdf").json()["id"]
    driver.now += 29.9
    assert driver.get(f"/job/{job_id}").json()["status"] == "PENDING"
    driver.now += 0.1
    job = driver.get(f"/job/{job_id}").json()
    assert (job["status"], job["duplicates"]) == ("COMPLETED", 0)
    document = driver.get(f"/document/{job['parsedDocumentIds'][0]}").json()
    (record,) = document["usageData"]
    assert document["totalCharges"] == "208.00"
    assert document["fileName"] == "Mai.pdf"
    assert document["jobId"] == job_id
    assert (record["usage"], record["usageUnits"]) == ("1040", "kWh")
    assert (record["startDate"], record["endDate"]) == ("2025-05-01", "2025-05-31")
    assert record["site"]["externalId"] == "PLANT-07"
    assert [item["value"] for item in record["identifiers"]] == ["900-0004", "EX-0004"]


def test_the_notes_say_who_read_the_bill() -> None:
    """Nobody can take the emulator's reading for Nectar's."""
    assert "emulator" in Driver().document_of(bill_pdf())["notes"]


def test_a_picture_has_a_document_with_issues_and_no_usage() -> None:
    """What cannot be read is said to be illegible; no figure is made up."""
    document = Driver().document_of(SCAN, "scan.png")
    assert (document["flaggedStatus"], document["isFlagged"]) == ("ILLEGIBLE", True)
    assert (document["usageData"], document["totalCharges"]) == ([], None)


def test_a_text_that_is_no_bill_is_no_document() -> None:
    """The job names it as no utility bill and nothing else."""
    job = Driver().finished(LETTER)
    assert job["status"] == "COMPLETED"
    assert len(job["nonUtilityDocumentIds"]) == 1
    assert (job["parsedDocumentIds"], job["duplicates"]) == ([], 0)


def test_the_same_bytes_again_are_a_duplicate_of_the_earlier_document() -> None:
    """Whatever the name, and whatever site is asked for."""
    driver = Driver()
    first = driver.finished(bill_pdf(), "one.pdf")
    again = driver.finished(bill_pdf(), "two.pdf")
    assert (again["parsedDocumentIds"], again["duplicates"]) == ([], 1)
    assert again["duplicateDocumentIds"] == first["parsedDocumentIds"]


def test_a_scan_sent_again_is_a_duplicate_by_its_bytes() -> None:
    """Nothing can be read in it, and still it is known."""
    driver = Driver()
    first = driver.finished(SCAN, "scan.png")
    assert driver.finished(SCAN, "x.png")["duplicateDocumentIds"] == first["parsedDocumentIds"]


def test_the_same_bill_in_other_bytes_is_a_duplicate() -> None:
    """Account, period and total make a bill, not its bytes."""
    driver = Driver()
    first = driver.finished(bill_pdf())
    again = driver.finished(bill_pdf() + b"\n% exported once more\n%%EOF\n")
    assert again["duplicateDocumentIds"] == first["parsedDocumentIds"]
    other = driver.finished(bill_pdf(total="209.00"))
    assert other["duplicates"] == 0


def test_another_company_does_not_know_the_bill() -> None:
    """Duplicates are looked for within a company."""
    driver = Driver()
    driver.finished(bill_pdf())
    sent = driver.upload(bill_pdf(), site=LAKESIDE_NORTH.id, company=LAKESIDE_CLINICS.id)
    driver.now += 60
    assert driver.get(f"/job/{sent.json()['id']}").json()["duplicates"] == 0


def test_duplicates_may_come_without_ids_or_not_be_looked_for() -> None:
    """Both are settings of the whole service."""
    driver = Driver(Behaviour(duplicate_ids=False))
    driver.finished(bill_pdf())
    again = driver.finished(bill_pdf())
    assert (again["duplicates"], again["duplicateDocumentIds"]) == (1, [])
    driver = Driver(Behaviour(duplicate_check=False))
    driver.finished(bill_pdf())
    assert len(driver.finished(bill_pdf())["parsedDocumentIds"]) == 1


def test_two_uploads_at_the_same_time_give_one_document() -> None:
    """The first that was taken in is read, the other is its duplicate."""
    driver = Driver()
    first, second = (driver.upload(bill_pdf()).json()["id"] for _ in range(2))
    driver.now += 60
    jobs = [driver.get(f"/job/{job_id}").json() for job_id in (second, first)]
    assert [job["duplicates"] for job in jobs] == [1, 0]
    assert jobs[0]["duplicateDocumentIds"] == jobs[1]["parsedDocumentIds"]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.EMPTY, {"status": "COMPLETED", "duplicates": 0, "parsedDocumentIds": []}),
        (Outcome.FAILED, {"status": "FAILED"}),
        (Outcome.TERMINATED, {"status": "TERMINATED", "terminationReason": "Too blurred."}),
        (Outcome.NEVER, {"status": "PENDING"}),
        (Outcome.UNKNOWN_STATUS, {"status": "IN_REVIEW", "parsedDocumentIds": []}),
        (Outcome.DUPLICATE_WITHOUT_IDS, {"duplicates": 1, "duplicateDocumentIds": []}),
    ],
)
def test_an_upload_ends_as_its_rule_says(outcome: Outcome, expected: dict[str, object]) -> None:
    """Each outcome can be had for a bill that would be read otherwise."""
    rule = UploadRule(outcome, reason="Too blurred.", unknown_seconds=3600)
    job = Driver(Behaviour(uploads=(rule,))).finished(bill_pdf())
    assert expected == {name: job[name] for name in expected}


def test_an_unknown_status_ends_after_its_time() -> None:
    """A client that keeps polling gets its document in the end."""
    rule = UploadRule(Outcome.UNKNOWN_STATUS, unknown_seconds=100, status="THINKING")
    driver = Driver(Behaviour(uploads=(rule,)))
    job = driver.finished(bill_pdf())
    assert job["status"] == "THINKING"
    driver.now += 100
    job = driver.get(f"/job/{job['id']}").json()
    assert (job["status"], len(job["parsedDocumentIds"])) == ("COMPLETED", 1)


def test_a_lost_job_is_not_there_and_makes_no_document() -> None:
    """Neither the job nor anything of it is found."""
    driver = Driver(Behaviour(uploads=(UploadRule(Outcome.LOST),)))
    job_id = driver.upload(bill_pdf()).json()["id"]
    driver.now += 60
    assert driver.get(f"/job/{job_id}").status == 404
    assert driver.get(f"/document/company/{HARBOR_MILL_FOODS.id}").json()["totalDocuments"] == 0


def test_a_duplicate_whose_document_nobody_can_fetch() -> None:
    """A duplicate of nothing names an id that answers 404."""
    driver = Driver(Behaviour(uploads=(UploadRule(Outcome.DUPLICATE),)))
    (known,) = driver.finished(bill_pdf())["duplicateDocumentIds"]
    assert driver.get(f"/document/{known}").status == 404


def test_several_documents_share_the_records_of_one_file() -> None:
    """Nothing is counted twice: each record is in one of them, the total in the first."""
    rule = UploadRule(Outcome.SEVERAL, documents=3)
    driver = Driver(Behaviour(uploads=(rule,)))
    ids = driver.finished(bill_pdf())["parsedDocumentIds"]
    documents = [driver.get(f"/document/{item}").json() for item in ids]
    assert [len(document["usageData"]) for document in documents] == [1, 0, 0]
    assert [document["totalCharges"] for document in documents] == ["208.00", None, None]


def test_rules_go_by_name_and_by_order() -> None:
    """The first rule that fits counts; a rule may leave some out and be used up."""
    rules = (
        UploadRule(Outcome.FAILED, file_name="SCAN*", skip=1, times=1),
        UploadRule(Outcome.EMPTY, file_name="*.png"),
    )
    driver = Driver(Behaviour(uploads=rules, duplicate_check=False))
    names = ("scan1.pdf", "scan2.pdf", "scan3.pdf", "x.PNG")
    statuses = [driver.finished(bill_pdf(), name) for name in names]
    assert [job["status"] for job in statuses] == ["COMPLETED", "FAILED", "COMPLETED", "COMPLETED"]
    assert [len(job["parsedDocumentIds"]) for job in statuses] == [1, 0, 1, 0]


def test_a_document_may_come_late() -> None:
    """It answers 404 and is in no list until then, although its job is done."""
    driver = Driver(Behaviour(uploads=(UploadRule(document_late_seconds=100),)))
    (document_id,) = driver.finished(bill_pdf())["parsedDocumentIds"]
    lists = f"/document/company/{HARBOR_MILL_FOODS.id}"
    assert driver.get(f"/document/{document_id}").status == 404
    assert driver.get(lists).json()["documents"] == []
    driver.now += 100
    assert driver.get(f"/document/{document_id}").status == 200
    assert len(driver.get(lists).json()["documents"]) == 1


def test_usage_may_come_later_than_its_document() -> None:
    """The document is there without usage first, in the usage list too."""
    driver = Driver(Behaviour(uploads=(UploadRule(usage_late_seconds=100),)))
    document = driver.document_of(bill_pdf())
    assert document["usageData"] == []
    assert driver.get(f"/usage/document/{document['id']}").json()["usageData"] == []
    driver.now += 100
    assert len(driver.get(f"/document/{document['id']}").json()["usageData"]) == 1
    assert len(driver.get(f"/usage/document/{document['id']}").json()["usageData"]) == 1


def test_usage_may_be_in_the_list_only() -> None:
    """The document never has it."""
    driver = Driver(Behaviour(uploads=(UploadRule(usage_only_in_list=True),)))
    document = driver.document_of(bill_pdf())
    (record,) = driver.get(f"/usage/document/{document['id']}").json()["usageData"]
    assert document["usageData"] == []
    assert record["usage"] == "1040"
    assert record["document"]["id"] == document["id"]


def test_usage_may_be_booked_on_another_site() -> None:
    """The records name the other site, and its lists have them."""
    driver = Driver(Behaviour(uploads=(UploadRule(booked_site="PLANT-02"),)))
    record = driver.document_of(bill_pdf())["usageData"][0]
    assert record["site"]["externalId"] == "PLANT-02"
    listed = [
        driver.get(f"/usage/site/{site}").json()["totalUsageData"]
        for site in (PLANT_07.id, record["site"]["id"])
    ]
    assert listed == [0, 1]


def test_a_sparse_document_has_next_to_nothing() -> None:
    """Null, a number for a string, a member unknown to all, a time without its zone."""
    driver = Driver(Behaviour(uploads=(UploadRule(sparse=True),)))
    document = driver.document_of(bill_pdf())
    assert (document["url"], document["lineItems"]) == (None, None)
    assert str(document["totalCharges"]) == "208.00"
    assert not document["created"].endswith("Z")
    assert "somethingNew" in document
    assert document["usageData"][0]["usage"] is None


def test_numbers_keep_their_digits() -> None:
    """208.00 stays 208.00 as a number too."""
    driver = Driver(Behaviour(decimals=Decimals.NUMBERS))
    document = driver.document_of(bill_pdf())
    body = driver.get(f"/document/{document['id']}").body
    assert b'"totalCharges": 208.00,' in body
    assert b'"usage": 1040,' in body


@pytest.mark.parametrize(
    ("names", "form"), [(FileNames.NULL, "None"), (FileNames.CHANGED, "upload-[0-9a-f]{8}.pdf")]
)
def test_names_may_be_lost(names: FileNames, form: str) -> None:
    """A client cannot rely on finding its upload by name."""
    driver = Driver(Behaviour(file_names=names))
    name = driver.document_of(bill_pdf(), "Bill.pdf")["fileName"]
    assert re.fullmatch(form, str(name))


@pytest.mark.parametrize(("form", "kind"), [(SiteForm.ID, str), (SiteForm.NULL, type(None))])
def test_the_site_of_a_record_may_be_an_id_or_nothing(form: SiteForm, kind: type) -> None:
    """Both are shapes that pages of the API show."""
    record = Driver(Behaviour(site_form=form)).document_of(bill_pdf())["usageData"][0]
    assert isinstance(record["site"], kind)


def test_a_link_is_new_each_time() -> None:
    """It looks pre-signed, and no two fetches are the same byte for byte."""
    driver = Driver()
    first = driver.document_of(bill_pdf())
    second = driver.get(f"/document/{first['id']}").json()
    assert "X-Amz-Signature=" in first["url"]
    assert first.pop("url") != second.pop("url")
    assert first == second


def test_an_upload_may_be_answered_without_any_id_or_body() -> None:
    """Both are successes that leave the client in doubt; the job is made all the same."""
    driver = Driver(Behaviour(upload_answer=UploadAnswer.NOTHING, upload_status=202))
    sent = driver.upload(bill_pdf())
    assert (sent.status, sent.json()) == (202, {})
    driver.emulator.behaviour = Behaviour(upload_status=204)
    assert driver.upload(bill_pdf("7")).body == b""
    assert len(driver.emulator.world.jobs) == 2


def test_ids_are_the_same_in_every_run_and_others_with_another_seed() -> None:
    """A test that failed can be run again with the same ids."""
    ids = [
        Driver(Behaviour(seed=seed)).finished(bill_pdf())["parsedDocumentIds"] for seed in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.skipif(not BILLS.is_dir(), reason="the sample bills are not beside us")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("locked-user-password.pdf", "password"),
        ("pages-151.pdf", "151 pages"),
        ("zero-bytes.pdf", "empty"),
        ("login-page.pdf", "Only PDF"),
        ("scan.tiff", "Only PDF"),
    ],
)
def test_files_that_cannot_be_taken_are_refused_with_a_reason(name: str, words: str) -> None:
    """400, naming the file alone, with a sentence a person understands."""
    refused = Driver().upload((BILLS / "edge" / name).read_bytes(), name)
    assert refused.status == 400
    errors = refused.json()["errors"]
    assert list(errors) == ["document"]
    assert words in errors["document"][0]


@pytest.mark.skipif(not BILLS.is_dir(), reason="the sample bills are not beside us")
@pytest.mark.parametrize(
    "name", ["pages-150.pdf", "locked-owner-only.pdf", "junk-before-header.pdf", "small.jpg"]
)
def test_files_within_the_limits_are_taken(name: str) -> None:
    """The limits themselves, and files that every viewer opens, are no reason to refuse."""
    assert Driver().upload((BILLS / "edge" / name).read_bytes(), name).status == 201


def test_a_file_over_25_million_bytes_is_too_large() -> None:
    """25,000,000 bytes go, one more gets 413."""
    driver = Driver()
    whole = bill_pdf()
    filled = whole + b"%" * (25_000_000 - len(whole) - 6) + b"\n%%EOF"
    assert driver.upload(filled).status == 201
    assert driver.upload(filled + b"\n").status == 413
