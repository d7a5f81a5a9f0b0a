"""Pages, dates and filters of the list calls, and what changes behind the client's back."""

from typing import Any

import pytest
from emulator_driver import START, Driver, bill_pdf
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator.behaviour import Behaviour, Shape
from agent.emulator.changes import (
    archive_site,
    change_site,
    correct_document,
    delete_document,
    lose_job,
    move_usage,
    revise_document,
)
from agent.emulator.lists import normalised_identifier
from agent.emulator.world import HARBOR_MILL_FOODS, OLD_SMOKEHOUSE, PLANT_07

HMF = HARBOR_MILL_FOODS.id
DAY = 86_400.0


def driver_with(count: int, behaviour: Behaviour | None = None) -> Driver:
    """Return a driver whose company has bills with totals 1.00, 2.00 and so on."""
    driver = Driver(behaviour)
    for number in range(1, count + 1):
        driver.upload(bill_pdf(f"900-{number:04}", total=f"{number}.00"), f"{number}.pdf")
    driver.now += 60
    return driver


def totals(driver: Driver, **query: Any) -> list[str]:
    """Return the totals of the company's documents that a query gives."""
    listed = driver.get(f"/document/company/{HMF}", **query).json()["documents"]
    return [document["totalCharges"] for document in listed]


def test_pages_hold_each_document_once_and_the_last_one_comes_again() -> None:
    """Page 1 to 3 are all there is; page 4 is page 3."""
    driver = driver_with(5, Behaviour(page_size=2))
    pages = [driver.get(f"/document/company/{HMF}", page=page).json() for page in (1, 2, 3, 4)]
    assert [page["currentPage"] for page in pages] == [1, 2, 3, 3]
    assert [page["hasNext"] for page in pages] == [True, True, False, False]
    assert [page["hasPrevious"] for page in pages] == [False, True, True, True]
    assert {page["totalDocuments"] for page in pages} == {5}
    shown = [document["fileName"] for page in pages[:3] for document in page["documents"]]
    assert shown == ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf"]


def test_a_page_that_is_no_number_from_1_up_is_refused_where_the_contract_allows() -> None:
    """Documents answer 400; sites, which have no such answer, give their first page."""
    driver = Driver(Behaviour(site_list=Shape.ENVELOPE))
    for page in ("0", "-1", "x", ""):
        assert driver.get(f"/document/company/{HMF}", page=page).status == 400
        assert driver.get(f"/site/company/{HMF}", page=page).json()["currentPage"] == 1


def test_a_page_has_100_unless_told_otherwise() -> None:
    """As the API documents it."""
    assert Driver().get(f"/document/company/{HMF}").json()["perPage"] == 100


def test_an_empty_list_has_one_empty_page() -> None:
    """A client that stops at hasNext false stops at once."""
    page = Driver().get(f"/usage/company/{HMF}").json()
    assert (page["totalPages"], page["currentPage"], page["hasNext"]) == (1, 1, False)


def test_created_days_are_utc_and_the_end_day_is_left_out() -> None:
    """A document of the 11th is found from the 11th on, and not up to the 11th."""
    driver = driver_with(1)  # made on 2026-02-11
    query = {"dateType": "CREATED_DATE"}
    assert totals(driver, startDate="2026-02-11", **query) == ["1.00"]
    assert totals(driver, startDate="2026-02-12", **query) == []
    assert totals(driver, endDate="2026-02-11", **query) == []
    assert totals(driver, endDate="2026-02-12", **query) == ["1.00"]


def test_updated_days_follow_a_correction() -> None:
    """A client that asks for what was updated finds what was corrected, and only that."""
    driver = driver_with(2)
    first = driver.get(f"/document/company/{HMF}").json()["documents"][0]
    driver.now += 2 * DAY
    correct_document(driver.emulator.world, driver.now, first["id"], {"totalCharges": "3.00"})
    assert totals(driver, dateType="UPDATED_DATE", startDate="2026-02-13") == ["3.00"]
    assert totals(driver, dateType="CREATED_DATE", startDate="2026-02-13") == []


def test_bill_dates_are_inclusive_and_the_default() -> None:
    """The bill is of 2025-06-03."""
    driver = driver_with(1)
    assert totals(driver, startDate="2025-06-03", endDate="2025-06-03") == ["1.00"]
    assert totals(driver, startDate="2025-06-04") == []
    assert totals(driver, endDate="2025-06-02") == []


def test_usage_periods_count_by_overlap() -> None:
    """May 2025 is touched by its first and its last day."""
    driver = driver_with(1)
    query = {"dateType": "USAGE_PERIOD"}
    assert totals(driver, endDate="2025-05-01", **query) == ["1.00"]
    assert totals(driver, startDate="2025-05-31", **query) == ["1.00"]
    assert totals(driver, startDate="2025-06-01", **query) == []
    usage = driver.get(f"/usage/company/{HMF}", startDate="2025-06-01", **query).json()
    assert usage["totalUsageData"] == 0


def test_the_usage_of_a_document_goes_by_its_period_by_default() -> None:
    """Unlike the other two usage lists, which go by the bill's date."""
    driver = driver_with(1)
    document_id = driver.get(f"/document/company/{HMF}").json()["documents"][0]["id"]
    query = {"startDate": "2025-06-01"}
    by_document = driver.get(f"/usage/document/{document_id}", **query).json()
    by_company = driver.get(f"/usage/company/{HMF}", **query).json()
    assert (by_document["totalUsageData"], by_company["totalUsageData"]) == (0, 1)


def test_kinds_of_utility_can_be_several() -> None:
    """A bill with electricity is found where electricity is among them."""
    driver = driver_with(1)
    assert totals(driver, datasourceType=["GAS", "ELECTRICITY"]) == ["1.00"]
    assert totals(driver, datasourceType=["GAS"]) == []


@pytest.mark.parametrize("asked", ["900-0001", "9000001", "0900 0001", "900_0001"])
def test_identifiers_are_compared_without_separators(asked: str) -> None:
    """Dashes, blanks and leading zeros do not count."""
    assert totals(driver_with(2), identifier=asked) == ["1.00"]


@given(st.text(alphabet="0123456789abcXYZ-_ ,/"))
@settings(deadline=None)
def test_a_normalised_identifier_stays_as_it_is(value: str) -> None:
    """Normalising twice equals doing it once."""
    once = normalised_identifier(value)
    assert once == normalised_identifier(once)


def test_documents_of_a_site_are_those_booked_on_it() -> None:
    """Without usage, the site that was asked for counts."""
    driver = driver_with(1)
    driver.upload(b"\x89PNG\r\n\x1a\n a picture", "scan.png")
    driver.now += 60
    listed = driver.get(f"/document/site/{PLANT_07.id}").json()["documents"]
    assert [document["fileName"] for document in listed] == ["1.pdf", "scan.png"]
    assert driver.get(f"/document/site/{OLD_SMOKEHOUSE.id}").json()["documents"] == []


def test_sites_and_jobs_come_as_array_or_in_an_envelope() -> None:
    """The contract leaves it open, so both can be had."""
    driver = driver_with(1)
    assert isinstance(driver.get(f"/site/company/{HMF}").json(), list)
    assert isinstance(driver.get(f"/job/company/{HMF}").json(), list)
    driver.emulator.behaviour = Behaviour(site_list=Shape.ENVELOPE, job_list=Shape.ENVELOPE)
    assert driver.get(f"/site/company/{HMF}").json()["totalSites"] == 3
    assert driver.get(f"/job/company/{HMF}").json()["totalJobs"] == 1


def only_document(driver: Driver) -> Any:
    """Return the first document of the company."""
    return driver.get(f"/document/company/{HMF}").json()["documents"][0]


def test_a_correction_changes_members_and_the_time() -> None:
    """The usage is merged by position; nothing else changes."""
    driver = driver_with(1)
    before = only_document(driver)
    driver.now += DAY
    change = {"usageData": [{"usage": "1041"}]}
    correct_document(driver.emulator.world, driver.now, before["id"], change)
    after = only_document(driver)
    assert after["usageData"][0]["usage"] == "1041"
    assert after["usageData"][0]["id"] == before["usageData"][0]["id"]
    assert after["updated"] > before["updated"]
    assert after["created"] == before["created"]


@pytest.mark.parametrize("named_by", ["old", "new", "both"])
def test_a_revision_is_a_new_document_tied_to_the_old(named_by: Any) -> None:
    """Which of them names the other is unknown, so every way can be had."""
    driver = driver_with(1)
    old = only_document(driver)
    members = {"totalCharges": "9.00"}
    new = revise_document(driver.emulator.world, driver.now, old["id"], members, named_by)
    links = [
        driver.get(f"/document/{item}").json()["revisedDocumentId"] for item in (old["id"], new.id)
    ]
    expected = [new.id if named_by != "new" else None, old["id"] if named_by != "old" else None]
    assert links == expected
    assert totals(driver) == ["1.00", "9.00"]


def test_usage_can_move_and_jobs_can_be_lost() -> None:
    """The moved record names the other site; the lost job leaves its document."""
    driver = driver_with(1)
    document = only_document(driver)
    world = driver.emulator.world
    move_usage(world, driver.now, document["id"], "PLANT-02")
    lose_job(world, driver.now, document["jobId"])
    assert only_document(driver)["usageData"][0]["site"]["id"] == OLD_SMOKEHOUSE.id
    assert driver.get(f"/job/{document['jobId']}").status == 404
    assert driver.get(f"/document/{document['id']}").status == 200


def test_a_deleted_bill_is_no_longer_known() -> None:
    """The same bytes are read anew."""
    driver = driver_with(1)
    delete_document(driver.emulator.world, driver.now, only_document(driver)["id"])
    again = driver.finished(bill_pdf("900-0001", total="1.00"))
    assert again["duplicates"] == 0


def test_sites_can_be_archived_and_renamed() -> None:
    """The company shows it at once, and takes no upload for an archived one."""
    driver = Driver()
    world = driver.emulator.world
    change_site(world, START, "PLANT-07", name="Mill 7", external_id="MILL-7")
    archive_site(world, START, "MILL-7", "2026-02-01")
    site = driver.get(f"/site/{PLANT_07.id}").json()
    assert (site["name"], site["externalId"]) == ("Mill 7", "MILL-7")
    assert site["dataCollectionStopDate"] == "2026-02-01"
    assert driver.upload(bill_pdf()).status == 400
    archive_site(world, START, "MILL-7", None)
    assert driver.upload(bill_pdf()).status == 201
