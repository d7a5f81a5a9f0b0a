"""The description the emulator serves: valid, and true of what it answers."""

from typing import Any

import pytest
from emulator_driver import Driver, bill_pdf
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from agent.emulator.control import answer_control
from agent.emulator.nectar import _ROUTES
from agent.emulator.openapi import description
from agent.emulator.requests import EmulatorRequest
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07

ORIGIN = "http://127.0.0.1:8123"
HMF = HARBOR_MILL_FOODS.id


def test_it_is_valid_openapi() -> None:
    """Postman, Insomnia and Swagger UI import what the validator accepts."""
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(description(ORIGIN))


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_it_is_served_with_its_own_address(path: str) -> None:
    """An imported description calls this emulator, not Nectar."""
    request = EmulatorRequest.of("GET", path)
    answer = answer_control(Driver().emulator, request, ORIGIN, 0.0)
    assert answer.json() == description(ORIGIN)
    assert answer.json()["servers"][0]["url"] == f"{ORIGIN}/v2.2"


def test_it_names_every_call_and_no_other() -> None:
    """Calls and description cannot drift apart."""
    described = {
        (tuple("{}" if part.startswith("{") else part for part in path.split("/")[1:]), method)
        for path, calls in description(ORIGIN)["paths"].items()
        for method in calls
        if method != "parameters"
    }
    served = {(path, method.lower()) for path, calls in _ROUTES.items() for method in calls}
    assert described == served


def answers() -> dict[str, Any]:
    """Return one answer to each call that reads, by its described path."""
    driver = Driver()
    job = driver.finished(bill_pdf())
    document_id = job["parsedDocumentIds"][0]
    paths = {
        "/ping": "/ping",
        "/company": "/company",
        "/company/{company_id}": f"/company/{HMF}",
        "/site/company/{company_id}": f"/site/company/{HMF}",
        "/site/{site_id}": f"/site/{PLANT_07.id}",
        "/job/company/{company_id}": f"/job/company/{HMF}",
        "/job/{job_id}": f"/job/{job['id']}",
        "/document/{document_id}": f"/document/{document_id}",
        "/document/company/{company_id}": f"/document/company/{HMF}",
        "/document/site/{site_id}": f"/document/site/{PLANT_07.id}",
        "/usage/document/{document_id}": f"/usage/document/{document_id}",
        "/usage/site/{site_id}": f"/usage/site/{PLANT_07.id}",
        "/usage/company/{company_id}": f"/usage/company/{HMF}",
    }
    return {path: driver.get(asked).json() for path, asked in paths.items()}


def test_answers_are_as_described() -> None:
    """Every described member is there where it has to be, and of its kind."""
    described = description(ORIGIN)
    resource = DRAFT4.create_resource(described)
    registry: Registry[Any] = Registry().with_resource("described", resource)
    for path, answer in answers().items():
        pointer = path.replace("/", "~1")
        reference = f"described#/paths/{pointer}/get/responses/200/content/application~1json/schema"
        OAS30Validator(
            {"$ref": reference}, registry=registry, format_checker=oas30_format_checker
        ).validate(answer)
