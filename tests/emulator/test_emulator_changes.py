"""Companies and sites that come, go and change while the client looks elsewhere."""

import pytest
from emulator_driver import START, Driver, bill_pdf

from agent.emulator.changes import (
    CHANGES,
    add_company,
    add_site,
    change_company,
    remove_site,
)
from agent.emulator.requests import RefusedError
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07

HMF = HARBOR_MILL_FOODS.id


def external_ids(driver: Driver) -> list[str | None]:
    """Return the external ids of the company's sites."""
    return [site["externalId"] for site in driver.get(f"/company/{HMF}").json()["sites"]]


def test_two_sites_may_have_the_same_external_id() -> None:
    """Nothing at Nectar promises that it is unique."""
    driver = Driver()
    add_site(driver.emulator.world, START, "HMF", "Plant 7 again", "PLANT-07")
    assert external_ids(driver).count("PLANT-07") == 2


def test_a_site_can_be_gone() -> None:
    """It is in no list, and no upload is taken for it."""
    driver = Driver()
    remove_site(driver.emulator.world, START, "PLANT-07")
    assert "PLANT-07" not in external_ids(driver)
    assert driver.get(f"/site/{PLANT_07.id}").status == 404
    assert driver.upload(bill_pdf()).status == 400


def test_companies_can_be_added_renamed_and_made_inactive() -> None:
    """What is left out of a change stays as it was."""
    driver = Driver()
    world = driver.emulator.world
    added = add_company(world, START, "Third Ltd", "T3")
    change_company(world, START, added.id, name="Third plc")
    change_company(world, START, "HMF", external_id="HMF-2", is_active=False)
    listed = {item["name"]: item["externalId"] for item in driver.get("/company").json()}
    assert listed["Third plc"] == "T3"
    assert listed["Harbor Mill Foods"] == "HMF-2"
    assert driver.upload(bill_pdf()).status == 400
    change_company(world, START, "HMF-2", is_active=True)
    assert driver.upload(bill_pdf()).status == 201


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        ("correct_document", {"document_id": "x", "members": {}}),
        ("lose_job", {"job_id": "x"}),
        ("archive_site", {"site": "x"}),
        ("add_site", {"company_id": "x", "name": "y"}),
    ],
)
def test_what_is_not_there_cannot_be_changed(change: str, arguments: dict[str, object]) -> None:
    """The refusal names it."""
    with pytest.raises(RefusedError, match=r"There is no .* x"):
        CHANGES[change](Driver().emulator.world, START, **arguments)
