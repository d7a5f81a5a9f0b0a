"""Holds whose cause goes in ways that nobody planned; and what must not make one, or end one."""

from __future__ import annotations

import pytest
from bill_files import bill_pdf, bills
from hold_causes import (
    CLINIC,
    CompanyMissing,
    FolderNotWritable,
    KeyRefused,
    SiteArchived,
    UploadRefused,
)
from hold_world import MakeHoldWorld
from journey_world import DAY, HOUR, KEY

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.requests import Cut
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"


def test_a_first_look_of_files_that_go_away(make_hold_world: MakeHoldWorld) -> None:
    """More than 25 files ask and are taken away: nothing asks any more, and the hold ends."""
    world = make_hold_world(existing="ask")
    for number, content in enumerate(bills(30)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.advance(60)
    assert world.holds().keys() == {"first-look"}
    for number in range(30):
        world.delete(f"Plant 7/{number}.pdf")
    world.advance(300)
    assert world.holds() == {}
    assert world.status()["needsYou"] == 0


def test_a_missing_folder_is_looked_at_less_often(make_hold_world: MakeHoldWorld) -> None:
    """A folder that is away for a day is looked at about a hundred times, not every minute."""
    world = make_hold_world(longest_jump=300)
    world.run_until_still()
    world.rename_root("Plant 7", "away")
    before = world.disk.asked["readings"]
    world.advance(DAY)
    assert 90 <= world.disk.asked["readings"] - before <= 110
    world.rename_root("away", "Plant 7")
    world.drop(BILL, bill_pdf())  # the system tells of it, as it does when a drive is connected
    world.advance(120)
    assert world.bill(BILL) == ("done", None)


def test_a_missing_folder_is_notified_after_half_an_hour(make_hold_world: MakeHoldWorld) -> None:
    """Shown at once; a person is told after 30 minutes without it, counted anew each time."""
    world = make_hold_world()
    world.run_until_still()
    for _ in range(2):
        world.rename_root("Plant 7", "away")
        world.ask("rescan")
        world.advance(20)
        assert world.holds_of("folder-missing") != []
        world.live(0.4, look_every=60)
        assert world.told == []
        world.rename_root("away", "Plant 7")
        world.ask("rescan")
        world.advance(20)
        assert world.holds() == {}
    world.rename_root("Plant 7", "away")
    world.ask("rescan")
    world.live(0.6, look_every=60)
    assert world.told == ["folder-missing"]
    assert world.status()["needsYou"] == 1
    world.rename_root("away", "Plant 7")
    world.advance(HOUR)
    assert world.holds() == {}


@pytest.mark.parametrize("what", ["renamed", "archived", "doubled", "removed"])
def test_a_site_that_changes_while_bills_wait_and_jobs_run(
    make_hold_world: MakeHoldWorld, what: str
) -> None:
    """What is at Nectar gets its result; what waits is held, and goes once the site is right."""
    world = make_hold_world(behaviour=Behaviour(keys=(KEY,), processing_seconds=4 * HOUR))
    nectar, site = world.emulator.world, PLANT_07
    for number, content in enumerate(bills(5)):
        world.drop(f"Plant 7/Sent {number}.pdf", content)
    while len(world.uploads()) < 5:
        world.advance(1)
    world.ask("pause")
    world.drop("Plant 7/Queued.pdf", bill_pdf(account="queued"))
    world.advance(60)
    match what:
        case "renamed":
            changes.change_site(nectar, world.now.utc, site.id, external_id="P-7")
        case "archived":
            changes.archive_site(nectar, world.now.utc, site.id)
        case "doubled":
            twin = changes.add_site(nectar, world.now.utc, HARBOR_MILL_FOODS.id, "Twin", "PLANT-07")
        case _:
            nectar.sites.pop(site.id)
    if what in ("renamed", "doubled"):  # Nectar would take the queued one, which is none to blame
        world.ask("rescan")
        world.advance(5)
    world.ask("resume")
    world.ask("rescan")
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.live(6)
    code = {"archived": "site-archived", "doubled": "site-ambiguous"}.get(what, "site-missing")
    assert world.holds().keys() == {code}
    assert world.hold_notices(code) == 1
    assert world.holds_of(code)[0]["files"] == 2
    states = {name: state for name, (state, _) in world.bills().items()}
    assert {states[f"Plant 7/Sent {number}.pdf"] for number in range(5)} == {"done"}
    assert {states["Plant 7/Queued.pdf"], states["Plant 7/New.pdf"]} == {"waiting"}
    if what == "doubled":
        changes.remove_site(nectar, world.now.utc, twin.id)
    else:
        nectar.sites[site.id] = site
    world.advance(5 * HOUR)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 7
    assert {each.site_id for each in world.uploads()} == {site.id}
    assert world.holds() == {}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_several_holds_at_once(make_hold_world: MakeHoldWorld, order: tuple[int, ...]) -> None:
    """Four holds on one bill, gone in any order: nothing is sent before the last, then it is."""
    world = make_hold_world(longest_jump=300)
    world.run_until_still()
    company = CompanyMissing()
    causes = [company, SiteArchived(), FolderNotWritable(), KeyRefused()]
    causes[1].begin(world)
    world.advance(60)
    causes[0].begin(world)
    causes[2].begin(world)
    world.drop(BILL, bill_pdf())
    world.advance(60)
    causes[3].begin(world)
    world.ask("rescan")
    world.advance(1000)
    assert {cause.code for cause in causes} == world.holds().keys()
    assert world.overview().holds
    for number in order:
        assert world.uploads() == []
        assert world.bill(BILL)[0] == "waiting"
        causes[number].end(world)
        if number == 0 and 3 not in order[: order.index(0)]:
            causes[3].begin(world)  # the key is refused still
        if number == 3 and 0 not in order[: order.index(3)]:
            company.change(world)  # the company is not seen still
        world.advance(2000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}
    assert len(world.uploads()) == 1


def test_two_subfolders_that_look_like_other_sites(make_hold_world: MakeHoldWorld) -> None:
    """Each file that waits for it says so, and only those are counted."""
    world = make_hold_world()
    for name in ("PLANT-08", "PLANT-09"):
        nectar = world.emulator.world
        changes.add_site(nectar, world.now.utc, HARBOR_MILL_FOODS.id, f"The {name}", name)
        world.drop(f"Plant 7/{name}/Bill.pdf", bill_pdf(account=name))
    world.ask("pause")
    world.drop("Plant 7/Plain.pdf", bill_pdf(account="plain"))
    world.advance(120)
    (hold,) = world.holds_of("looks-like-other-site")
    assert hold["files"] == 2
    assert "PLANT-08" in hold["message"]
    assert "PLANT-09" in hold["message"]
    codes = {each.path: each.code for each in world.listed()}
    assert codes[world.path("Plant 7/PLANT-08/Bill.pdf")] == "looks-like-other-site"
    assert codes[world.path("Plant 7/PLANT-09/Bill.pdf")] == "looks-like-other-site"
    assert codes[world.path("Plant 7/Plain.pdf")] is None
    world.ask("resume")
    world.advance(60)
    assert world.bill("Plant 7/Plain.pdf") == ("done", None)
    world.move("Plant 7/PLANT-08/Bill.pdf", "Plant 7/Eight.pdf")
    world.advance(120)
    (hold,) = world.holds_of("looks-like-other-site")
    assert (hold["files"], "PLANT-08" in hold["message"]) == (1, False)
    world.move("Plant 7/PLANT-09/Bill.pdf", "Plant 7/Nine.pdf")
    world.advance(120)
    assert world.holds() == {}
    assert set(world.bills().values()) == {("done", None)}


def test_a_hold_of_one_bill_that_is_gone_speaks_of_another(make_hold_world: MakeHoldWorld) -> None:
    """A hold whose example was moved names one that still waits."""
    world = make_hold_world(folders={"Plant 7": "{subfolder}"})
    world.drop("Plant 7/One.pdf", bill_pdf(account="one"))
    world.drop("Plant 7/Two.pdf", bill_pdf(account="two"))
    world.advance(120)
    named = "One" if "One.pdf" in world.holds()["no-site"].message else "Two"
    other = "Two" if named == "One" else "One"
    world.move(f"Plant 7/{named}.pdf", f"Plant 7/PLANT-07/{named}.pdf")
    world.advance(120)
    assert f"{other}.pdf" in world.holds()["no-site"].message
    assert world.holds_of("no-site")[0]["files"] == 1


def test_a_company_that_is_listed_and_cannot_be_read(make_hold_world: MakeHoldWorld) -> None:
    """404 for the company itself is told as its hold, and no other company waits for it."""
    path = f"/company/{HARBOR_MILL_FOODS.id}"
    world = make_hold_world(
        folders={"Plant 7": "PLANT-07", "Clinic": CLINIC},
        behaviour=Behaviour(keys=(KEY,), faults=(Fault(path=path, status=404, times=None),)),
        longest_jump=300,
    )
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"company-missing"}
    before = world.tries()
    world.live(24)
    assert world.tries() - before <= 300
    world.drop("Clinic/Bill.pdf", bill_pdf(account="clinic"))
    world.advance(120)
    assert world.bill("Clinic/Bill.pdf") == ("done", None)
    assert world.told == ["company-missing"]
    assert world.hold_notices("no-connection") == 0
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(1000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}


def test_many_missing_sites_cost_what_one_does(make_hold_world: MakeHoldWorld) -> None:
    """Ten subfolders without a site: one reading of the company answers for all of them."""
    world = make_hold_world(folders={"All": "{subfolder}"}, longest_jump=300)
    for number in range(10):
        world.drop(f"All/NO-{number}/Bill.pdf", bill_pdf(account=f"{number}"))
        world.advance(97)
    world.advance(HOUR)
    assert len(world.holds_of("site-missing")) == 10
    before = world.tries()
    world.advance(DAY)
    assert world.tries() - before <= 260


def test_a_refusal_after_its_company_was_taken_out(make_hold_world: MakeHoldWorld) -> None:
    """An upload that is refused when no folder is for its company any more holds nothing."""
    fault = Fault(method="POST", path="/job/company/*", status=403, times=None)
    world = make_hold_world(behaviour=Behaviour(keys=(KEY,), faults=(fault,)))
    world.drop(BILL, bill_pdf())
    world.slow = Kind.SEND
    world.advance(60)
    assert len(world.under_way) == 1
    world.configure({"Plant 7": {"site": "LC-01", "company": "Lakeside Clinics"}})
    world.end_slow()
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(HOUR)
    assert world.holds() == {}
    assert world.bill(BILL) == ("done", None)


def test_a_refusal_of_a_company_with_two_names(make_hold_world: MakeHoldWorld) -> None:
    """A company that was renamed in the settings while its hold is on: it still ends."""
    world = make_hold_world(longest_jump=300)
    world.run_until_still()
    refused = UploadRefused()
    refused.begin(world)
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"upload-refused"}
    world.configure(company=HARBOR_MILL_FOODS.name)
    world.live(2)
    assert world.holds().keys() == {"upload-refused"}
    refused.end(world)
    world.advance(1000)
    assert world.bill(BILL) == ("done", None)
    assert world.holds() == {}
    assert len(world.uploads()) == 1


@pytest.mark.parametrize("how", ["renamed", "taken out"])
def test_an_upload_in_doubt_whose_company_is_edited_away(
    make_hold_world: MakeHoldWorld, how: str
) -> None:
    """What may be at Nectar is looked for, whatever the settings call its company by now."""
    fault = Fault(method="POST", path="/job/company/*", cut=Cut.AFTER_BODY)
    world = make_hold_world(
        folders={"Plant 7": "PLANT-07", "Clinic": CLINIC},
        behaviour=Behaviour(keys=(KEY,), faults=(fault,)),
    )
    world.drop(BILL, bill_pdf())
    world.advance(15)
    assert world.bill(BILL) == ("sent", "upload-in-doubt")
    if how == "renamed":
        world.configure(company=HARBOR_MILL_FOODS.name)
    else:
        world.configure({"Clinic": CLINIC})
    world.advance(2 * HOUR)
    assert world.result(BILL)["outcome"] == "processed"
    assert len(world.uploads()) == 1
