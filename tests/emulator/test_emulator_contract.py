"""Every answer of the emulator, held against the contract of the Nectar API."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from emulator_driver import Driver, bill_pdf, form, text_pdf
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from agent.emulator.behaviour import (
    Behaviour,
    Decimals,
    Outcome,
    Shape,
    SiteForm,
    UploadAnswer,
    UploadRule,
)
from agent.emulator.changes import correct_document, delete_document, revise_document
from agent.emulator.requests import EmulatorAnswer
from agent.emulator.world import HARBOR_MILL_FOODS, LAKESIDE_CLINICS, OLD_SMOKEHOUSE, PLANT_07

CONTRACT = Path(__file__).parents[3] / "shared" / "nectar-api" / "openapi.yaml"
HMF = HARBOR_MILL_FOODS.id
NOBODY = "00000000-0000-4000-8000-000000000000"
pytestmark = pytest.mark.skipif(not CONTRACT.is_file(), reason="the contract is not beside us")


@dataclass(frozen=True)
class Contract:
    """The contract's answers as schemas."""

    text: dict[str, Any]
    registry: Registry[Any]

    def check(self, call: str, answer: EmulatorAnswer) -> Any:
        """Fail unless the contract has this answer to ``call``; return its JSON."""
        method, _, path = call.partition(" ")
        answers = self.text["paths"][path][method.lower()]["responses"]
        assert str(answer.status) in answers, f"{call} has no answer {answer.status}"
        assert ("Content-Type", "application/json") in answer.headers
        found = answers[str(answer.status)]
        where = f"/paths/{_escaped(path)}/{method.lower()}/responses/{answer.status}"
        if "$ref" in found:
            where = found["$ref"].removeprefix("#")
        pointer = f"contract#{where}/content/application~1json/schema"
        value = _floats(answer.json())
        OAS31Validator(
            {"$ref": pointer}, registry=self.registry, format_checker=oas31_format_checker
        ).validate(value)
        return value


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")


def _floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_floats(item) for item in value]
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    return value if isinstance(value, str | int | None) else float(value)


@pytest.fixture(scope="module")
def contract() -> Contract:
    """Read the contract once."""
    text = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    resource = DRAFT202012.create_resource(text)
    return Contract(text, Registry().with_resource("contract", resource))


CALLS = {
    "GET /ping": "/ping",
    "GET /company": "/company",
    "GET /company/{company_id}": f"/company/{HMF}",
    "GET /site/company/{company_id}": f"/site/company/{HMF}",
    "GET /site/{site_id}": f"/site/{PLANT_07.id}",
    "GET /job/company/{company_id}": f"/job/company/{HMF}",
    "GET /document/company/{company_id}": f"/document/company/{HMF}",
    "GET /document/site/{site_id}": f"/document/site/{PLANT_07.id}",
    "GET /usage/site/{site_id}": f"/usage/site/{PLANT_07.id}",
    "GET /usage/company/{company_id}": f"/usage/company/{HMF}",
}


def after_uploads(behaviour: Behaviour | None = None) -> Driver:
    """Return a driver whose service has read a bill, known one again and refused a letter."""
    driver = Driver(behaviour)
    driver.finished(bill_pdf())
    driver.finished(bill_pdf(), "again.pdf")
    driver.finished(text_pdf("Dear neighbour, the summer party is on Friday. Bring a salad."))
    driver.finished(b"\x89PNG\r\n\x1a\n a picture", "scan.png")
    driver.upload(bill_pdf(account="900-0009"), "waiting.pdf")
    return driver


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(site_list=Shape.ENVELOPE, job_list=Shape.ENVELOPE, page_size=1),
        Behaviour(decimals=Decimals.NUMBERS, site_form=SiteForm.ID),
        Behaviour(uploads=(UploadRule(sparse=True),), site_form=SiteForm.NULL),
    ],
    ids=["plain", "envelopes", "numbers", "sparse"],
)
def test_lists_and_details_have_the_shape_of_the_contract(
    contract: Contract, call: str, behaviour: Behaviour
) -> None:
    """A client written against the contract can read every call, however it is set."""
    contract.check(call, after_uploads(behaviour).get(CALLS[call]))


def documents_in_every_state() -> Iterator[tuple[Driver, str]]:
    """Yield a document as read, sparse, corrected, revised and with late usage."""
    for rule in (
        UploadRule(),
        UploadRule(sparse=True),
        UploadRule(usage_late_seconds=500),
        UploadRule(usage_only_in_list=True),
        UploadRule(Outcome.SEVERAL),
        UploadRule(booked_site="PLANT-02"),
    ):
        driver = Driver(Behaviour(uploads=(rule,)))
        document_id = driver.finished(bill_pdf())["parsedDocumentIds"][0]
        yield driver, document_id
        world = driver.emulator.world
        correct_document(world, driver.now, document_id, {"usageData": [{"usage": "1041"}, {}]})
        yield driver, document_id
        yield driver, revise_document(world, driver.now, document_id, {}, "both").id
        yield driver, document_id


def test_documents_in_every_state_have_the_shape_of_the_contract(contract: Contract) -> None:
    """A document and its usage can be read whatever happened to it."""
    for driver, document_id in documents_in_every_state():
        contract.check("GET /document/{document_id}", driver.get(f"/document/{document_id}"))
        usage = driver.get(f"/usage/document/{document_id}")
        contract.check("GET /usage/document/{document_id}", usage)


@pytest.mark.parametrize("outcome", [item for item in Outcome if item is not Outcome.LOST])
def test_jobs_of_every_outcome_have_the_shape_of_the_contract(
    contract: Contract, outcome: Outcome
) -> None:
    """A job can be read while it runs and when it has ended, however it ends."""
    driver = Driver(Behaviour(uploads=(UploadRule(outcome),)))
    started = driver.upload(bill_pdf())
    contract.check("POST /job/company/{company_id}", started)
    job = f"/job/{started.json()['id']}"
    for seconds in (0, 2, 10):
        driver.now += seconds
        contract.check("GET /job/{job_id}", driver.get(job))


@pytest.mark.parametrize("form", [UploadAnswer.FULL, UploadAnswer.ID, UploadAnswer.JOB_ID])
@pytest.mark.parametrize("status", [200, 201])
def test_every_answer_to_an_upload_is_the_contracts(
    contract: Contract, form: UploadAnswer, status: int
) -> None:
    """The three forms that the contract allows for a started job are what it allows."""
    driver = Driver(Behaviour(upload_answer=form, upload_status=status))
    contract.check("POST /job/company/{company_id}", driver.upload(bill_pdf()))


def test_files_by_address_are_terminated_with_a_reason(contract: Contract) -> None:
    """The bulk call takes its request and says honestly that nothing was fetched."""
    driver = Driver()
    body = b'{"documents": ["https://files.example/a.pdf"], "siteId": "%s"}' % PLANT_07.id.encode()
    started = driver.send("POST", f"/job/company/{HMF}/bulk", body=body)
    job_id = contract.check("POST /job/company/{company_id}/bulk", started)["id"]
    driver.now += 60
    job = contract.check("GET /job/{job_id}", driver.get(f"/job/{job_id}"))
    assert job["status"] == "TERMINATED"
    assert "fetches no files" in job["terminationReason"]


def test_a_site_can_be_made_and_is_there_at_once(contract: Contract) -> None:
    """What POST /site makes is in the company, so a folder can be mapped to it."""
    driver = Driver()
    body = b'{"name": "New Hall", "externalId": "HALL", "path": ["US"], "address": "1 Way"}'
    made = driver.send("POST", f"/site/company/{HMF}", body=body)
    site = contract.check("POST /site/company/{company_id}", made)
    company = contract.check("GET /company/{company_id}", driver.get(f"/company/{HMF}"))
    assert site in company["sites"]
    assert site == contract.check("GET /site/{site_id}", driver.get(f"/site/{site['id']}"))


UPLOAD = "POST /job/company/{company_id}"


@pytest.mark.parametrize(
    ("data", "site", "member"),
    [
        (None, None, "document"),
        (b"", None, "document"),
        (b"plain text", None, "document"),
        (b"%PDF-1.4 and nothing more", None, "document"),
        (bill_pdf(), "no-uuid", "siteId"),
        (bill_pdf(), NOBODY, "siteId"),
        (bill_pdf(), OLD_SMOKEHOUSE.id, "siteId"),
        (bill_pdf(), "", "siteId"),
    ],
)
def test_a_wrong_upload_is_refused_with_the_member_named(
    contract: Contract, data: bytes | None, site: str | None, member: str
) -> None:
    """The agent can tell a refusal of the file from one of the site by the member named."""
    refused = Driver().upload(data, site=site)
    assert refused.status == 400
    assert list(contract.check(UPLOAD, refused)["errors"]) == [member]


def test_other_wrong_requests_are_refused_as_the_contract_says(contract: Contract) -> None:
    """Forms that are none, bodies that are no JSON and values not allowed get 400."""
    driver = Driver()
    headers, body = form(bill_pdf(), part="file")
    uploads = f"/job/company/{HMF}"
    contract.check(UPLOAD, driver.send("POST", uploads, headers, body))
    contract.check(UPLOAD, driver.send("POST", uploads, headers, body[:-20]))
    contract.check(UPLOAD, driver.send("POST", uploads, {"Content-Type": "application/json"}, b""))
    bulk = "POST /job/company/{company_id}/bulk"
    for wrong in (b"", b"[]", b'{"documents": []}', b'{"documents": ["http://x"]}'):
        contract.check(bulk, driver.send("POST", f"{uploads}/bulk", body=wrong))
    site = "POST /site/company/{company_id}"
    for wrong in (b"", b"{}", b'{"name": ""}', b'{"name": 1, "path": [1], "address": 2}'):
        contract.check(site, driver.send("POST", f"/site/company/{HMF}", body=wrong))
    documents = "GET /document/company/{company_id}"
    for name, value in (
        ("startDate", "yesterday"),
        ("endDate", "20260101"),
        ("dateType", "SOME_DATE"),
        ("datasourceType", "SEWER"),
        ("identifier", ""),
        ("isDeleted", "perhaps"),
    ):
        refused = driver.get(f"/document/company/{HMF}", **{name: value})
        assert refused.status == 400
        assert list(contract.check(documents, refused)["errors"]) == [name]


def test_an_inactive_company_takes_no_uploads(contract: Contract) -> None:
    """The refusal is a 400 that does not blame the file."""
    driver = Driver()
    driver.emulator.world.companies.clear()
    company = type(HARBOR_MILL_FOODS)(HMF, "Harbor Mill Foods", "HMF", is_active=False)
    driver.emulator.world.companies[HMF] = company
    refused = contract.check(UPLOAD, driver.upload(bill_pdf()))
    assert "not active" in refused["detail"]
    assert "errors" not in refused


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there_and_what_is_not_ones_own_look_alike(
    contract: Contract, status: int
) -> None:
    """A key that sees one company gets the same error for the other as for none at all."""
    scopes = {"narrow": (LAKESIDE_CLINICS.id,)}
    driver = Driver(Behaviour(scopes=scopes, missing_status=status))
    document_id = driver.finished(bill_pdf())["parsedDocumentIds"][0]
    job_id = driver.upload(bill_pdf("8")).json()["id"]
    driver.key = "narrow"
    listed = driver.get("/company").json()
    assert [company["id"] for company in listed] == [LAKESIDE_CLINICS.id]
    mine = {**CALLS, "GET /job/{job_id}": f"/job/{job_id}"}
    mine["GET /document/{document_id}"] = f"/document/{document_id}"
    mine["GET /usage/document/{document_id}"] = f"/usage/document/{document_id}"
    for call, path in mine.items():
        if "{" in call:
            foreign, nobodys = driver.get(path), driver.get(f"{path.rpartition('/')[0]}/{NOBODY}")
            assert (foreign.status, nobodys.status) == (status, status)
            assert contract.check(call, foreign) == contract.check(call, nobodys)
    assert driver.upload(bill_pdf()).status == status


@pytest.mark.parametrize("call", CALLS)
def test_a_key_that_is_not_accepted_is_refused_everywhere(contract: Contract, call: str) -> None:
    """Without a key it is 401; with a revoked one it is what the behaviour says."""
    driver = Driver(Behaviour(keys=("good",), key_refusal=403), key="")
    assert driver.get(CALLS[call]).status == 401
    contract.check(call, driver.get(CALLS[call]))
    driver.key = "bad"
    assert driver.get(CALLS[call]).status == 403
    contract.check(call, driver.get(CALLS[call]))
    driver.key = "good"
    assert driver.get(CALLS[call]).status == 200


def test_an_unknown_call_and_a_wrong_method_are_refused() -> None:
    """A mistake in an address is no success; the methods that exist are named."""
    driver = Driver()
    assert driver.get("/companies").status == 404
    refused = driver.send("DELETE", f"/site/company/{HMF}")
    assert (refused.status, dict(refused.headers)["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("version", ["", "/v2", "/v2.1", "/v2.2"])
def test_every_version_is_served(version: str) -> None:
    """The address may name any version that Nectar serves, or none."""
    assert Driver().send("GET", f"{version}/ping").status == 200


def test_a_deleted_document_is_gone_but_listed_when_asked_for(contract: Contract) -> None:
    """GET answers 404; the list has it only with isDeleted."""
    driver = Driver()
    document_id = driver.finished(bill_pdf())["parsedDocumentIds"][0]
    delete_document(driver.emulator.world, driver.now, document_id)
    assert driver.get(f"/document/{document_id}").status == 404
    call = "GET /document/company/{company_id}"
    listed = [
        contract.check(call, driver.get(f"/document/company/{HMF}", isDeleted=flag))
        for flag in ("false", "true")
    ]
    assert [page["totalDocuments"] for page in listed] == [0, 1]
