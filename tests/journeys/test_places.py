"""Companies and sites: a bill goes to no guessed place, and goes by itself once there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bill_files import bill_pdf, bills
from journey_world import HOUR, KEY, MakeWorld, World

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour
from agent.emulator.world import HARBOR_MILL_FOODS, LAKESIDE_CLINICS

BILL = "Plant 7/Bill.pdf"


def add_site(world: World, name: str, external_id: str) -> str:
    """Add a site to Harbor Mill Foods; return its id."""
    nectar = world.emulator.world
    return changes.add_site(nectar, world.now.utc, HARBOR_MILL_FOODS.id, name, external_id).id


def test_a_site_that_is_missing(make_world: MakeWorld) -> None:
    """No such site: one hold with near names, nothing sent; it goes on once Nectar has it."""
    world = make_world(folders={"Plant 7": "PLANT-08"})
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    hold = world.holds()["site-missing"]
    assert "PLANT-07" in hold.advice
    assert world.bill(BILL)[0] == "waiting"
    assert world.uploads() == []
    assert world.tries() < 20
    add_site(world, "Plant 8", "PLANT-08")
    world.advance(1000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_a_site_that_is_missing_is_corrected_in_the_file(make_world: MakeWorld) -> None:
    """No such site: correcting the configuration lets the bills go at once."""
    world = make_world(folders={"Plant 7": "PLANT-70"})
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    world.configure({"Plant 7": "PLANT-07"})
    world.run_until_still(limit=120)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_a_site_that_is_ambiguous(world: World) -> None:
    """Two sites with one externalId: hold, nothing sent; it goes on once there is one."""
    second = add_site(world, "Another Plant 7", "PLANT-07")
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert "site-ambiguous" in world.holds()
    assert world.uploads() == []
    changes.remove_site(world.emulator.world, world.now.utc, second)
    world.advance(1000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_a_site_that_is_archived(make_world: MakeWorld) -> None:
    """An archived site: hold, nothing sent; it goes on once it is active again."""
    world = make_world(folders={"Plant 2": "PLANT-02"})
    world.drop("Plant 2/Bill.pdf", bill_pdf())
    world.advance(HOUR)
    assert "site-archived" in world.holds()
    assert world.uploads() == []
    changes.archive_site(world.emulator.world, world.now.utc, "PLANT-02", day=None)
    world.advance(1000)
    assert world.bill("Plant 2/Bill.pdf") == ("done", None)
    assert world.holds() == {}


def test_a_site_that_is_archived_between_reading_and_sending(world: World) -> None:
    """A site archived since the last look: Nectar's refusal is told by its cause, then heals."""
    world.run_until_still()
    changes.archive_site(world.emulator.world, world.now.utc, "PLANT-07")
    world.drop(BILL, bill_pdf())
    world.advance(120)
    assert "site-archived" in world.holds()
    assert world.bill(BILL)[0] == "waiting"
    changes.archive_site(world.emulator.world, world.now.utc, "PLANT-07", day=None)
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_one_bad_site_stops_no_other(make_world: MakeWorld) -> None:
    """A hold of one site leaves the bills of the others alone."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Plant 8": "PLANT-08"})
    world.drop(BILL, bill_pdf())
    world.drop("Plant 8/Bill.pdf", bill_pdf(account="eight"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.bill("Plant 8/Bill.pdf")[0] == "waiting"


def test_a_company_that_is_missing(make_world: MakeWorld) -> None:
    """No such company: hold, nothing sent; it goes on once the key sees it."""
    world = make_world(company="ACME", folders={"Plant 7": "A-1"})
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"company-missing"}
    assert world.tries() < 30
    nectar = world.emulator.world
    company = changes.add_company(nectar, world.now.utc, "Acme", "ACME")
    changes.add_site(nectar, world.now.utc, company.id, "First", "A-1")
    world.advance(1000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_no_company_named_and_several_seen(make_world: MakeWorld) -> None:
    """No company in the settings and a key that sees two: hold; naming one lets bills go."""
    world = make_world(company=None)
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert "company-ambiguous" in world.holds()
    assert world.uploads() == []
    world.configure(company="HMF")
    world.run_until_still(limit=120)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_the_only_company_is_remembered(make_world: MakeWorld) -> None:
    """The only company is taken; when the key sees another one instead, nothing is sent to it."""
    scopes = {KEY: (HARBOR_MILL_FOODS.id,)}
    world = make_world(company=None, behaviour=Behaviour(keys=(KEY,), scopes=scopes))
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    world.behaviour = Behaviour(keys=(KEY,), scopes={KEY: (LAKESIDE_CLINICS.id,)})
    world.restart()
    world.drop("Plant 7/Next.pdf", bill_pdf(account="next"))
    world.advance(HOUR)
    assert "company-changed" in world.holds()
    assert len(world.uploads()) == 1
    world.behaviour = Behaviour(keys=(KEY,), scopes=scopes)
    world.advance(HOUR)
    assert world.bill("Plant 7/Next.pdf") == ("done", None)
    assert world.holds() == {}


def test_an_inactive_company_refuses_for_all(world: World) -> None:
    """A company that takes no uploads: one hold, no file blamed; all go once it is active."""
    changes.change_company(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, is_active=False
    )
    for number, content in enumerate(bills(10)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.advance(3 * HOUR)
    assert world.holds().keys() == {"upload-refused"}
    assert {state for state, _ in world.bills().values()} == {"waiting"}
    changes.change_company(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, is_active=True
    )
    world.advance(HOUR)
    assert set(world.bills().values()) == {("done", None)}


def test_a_renamed_externalid_stops_what_is_new(world: World) -> None:
    """A site whose externalId changed at Nectar: what was sent stays, new bills wait."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    changes.change_site(world.emulator.world, world.now.utc, "PLANT-07", external_id="P7")
    world.advance(2 * HOUR)
    world.drop("Plant 7/Next.pdf", bill_pdf(account="next"))
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)
    assert world.bill("Plant 7/Next.pdf")[0] == "waiting"
    assert "site-missing" in world.holds()
    world.configure({"Plant 7": "P7"})
    world.run_until_still()
    assert world.bill("Plant 7/Next.pdf") == ("done", None)
    assert world.uploads()[0].site_id == world.uploads()[1].site_id


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_name_that_changes_while_a_bill_waits(world: World, *, is_restarted: bool) -> None:
    """Site and company may be renamed at Nectar: they are still the same, and the bill goes."""
    world.ask("pause")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    assert [row.stage.value for row in world.submissions()] == ["queued"]
    nectar, now = world.emulator.world, world.now.utc
    changes.change_site(nectar, now, "PLANT-07", name="Works 7")
    changes.change_company(nectar, now, HARBOR_MILL_FOODS.id, name="Harbor Mill plc")
    if is_restarted:
        world.restart()
    world.advance(2 * HOUR)
    world.ask("resume")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    result = world.result(BILL)
    assert (result["site"]["name"], result["company"]["name"]) == ("Works 7", "Harbor Mill plc")
    assert len(world.uploads()) == 1


def test_two_companies(make_world: MakeWorld) -> None:
    """Folders of two companies: each bill goes to its own."""
    world = make_world(
        folders={"Plant 7": "PLANT-07", "Clinic": {"site": "LC-01", "company": "Lakeside Clinics"}}
    )
    world.drop(BILL, bill_pdf())
    world.drop("Clinic/Bill.pdf", bill_pdf(account="clinic"))
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert {each.company_id for each in world.uploads()} == {
        HARBOR_MILL_FOODS.id,
        LAKESIDE_CLINICS.id,
    }


@pytest.mark.parametrize("where", ["GET", "list"])
def test_sites_that_cannot_be_read_for_a_while(world: World, where: str) -> None:
    """While the sites cannot be read nothing is sent; afterwards all goes."""
    del where
    nectar = world.emulator.world
    company = nectar.companies[HARBOR_MILL_FOODS.id]
    del nectar.companies[HARBOR_MILL_FOODS.id]
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.uploads() == []
    nectar.companies[company.id] = replace(company)
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)


def test_a_subfolder_with_another_sites_name_waits_for_an_answer(make_world: MakeWorld) -> None:
    """In a folder of one site a subfolder named like another site is no guess: it waits."""
    world = make_world()
    add_site(world, "Plant 8", "PLANT-08")
    world.drop("Plant 7/PLANT-08/Bill.pdf", bill_pdf())
    world.drop("Plant 7/Other.pdf", bill_pdf(account="900-0005"))
    world.run_until_still()
    assert "looks-like-other-site" in world.holds()
    assert world.bill("Plant 7/PLANT-08/Bill.pdf")[0] == "waiting"
    assert world.bill("Plant 7/Other.pdf")[0] == "done"
    world.move("Plant 7/PLANT-08/Bill.pdf", "Plant 7/Bill.pdf")
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf")[0] == "done"
    assert "looks-like-other-site" not in world.holds()
