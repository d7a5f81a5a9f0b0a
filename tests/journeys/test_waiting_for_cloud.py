"""Files in the cloud: fetched one at a time and off the other bills' way, never sent truncated."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from bill_files import bill_pdf, bills
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import DAY, HOUR, KEY

from agent.emulator.behaviour import Behaviour
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"


@pytest.fixture
def world(make_hold_world: MakeHoldWorld) -> HoldWorld:
    """A world with one folder, ``Plant 7``, for the site PLANT-07."""
    return make_hold_world()


def drop_in_cloud(world: HoldWorld, *names: str) -> None:
    """Let files appear whose content is in the cloud."""
    for name in names:
        world.drop(name, bill_pdf(account=name))
    world.put_in_cloud(names)


def test_a_placeholder_is_fetched_and_sent(world: HoldWorld) -> None:
    """A file in the cloud is fetched, and nothing opens it before its content is here."""
    drop_in_cloud(world, BILL)
    world.cloud.refuses = True
    world.advance(60)
    assert world.disk.opened == set()
    world.cloud.refuses = False
    world.run_until_still()
    world.advance(200)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_the_hold_is_shown_by_file(world: HoldWorld) -> None:
    """Each such file is a hold of its own with its advice, and none needs a person."""
    world.cloud.refuses = True
    drop_in_cloud(world, BILL, "Plant 7/Other.pdf")
    world.advance(300)
    status = world.status()
    assert status["needsYou"] == 0
    assert {each["scope"] for each in status["holds"]} == {
        f"file: {world.path(name)}" for name in (BILL, "Plant 7/Other.pdf")
    }
    assert {(each["code"], each["files"]) for each in status["holds"]} == {("waiting-for-cloud", 1)}
    assert all("open the file" in each["advice"] for each in status["holds"])
    assert world.bill(BILL) == ("waiting", "waiting-for-cloud")
    told = [one for one in world.notices if getattr(one, "code", None) == "waiting-for-cloud"]
    assert len(told) == 2
    assert all("cloud" in one.message for one in told)  # type: ignore[union-attr]


def test_it_goes_on_by_itself_once_the_content_is_here(world: HoldWorld) -> None:
    """Whoever brought the content: the next reading sees it, and the bill goes."""
    world.cloud.refuses = True
    drop_in_cloud(world, BILL)
    world.advance(HOUR)
    world.cloud.away.clear()
    world.advance(120)
    assert world.bill(BILL) == ("done", None)
    assert world.status()["holds"] == []


@pytest.mark.parametrize("how", ["rescan", "wake"])
def test_it_is_tried_at_once_when_there_is_reason(world: HoldWorld, how: str) -> None:
    """After a `rescan` or a wake nobody waits for the next try."""
    world.cloud.refuses = True
    drop_in_cloud(world, BILL, "Plant 7/Other.pdf")
    world.advance(3 * HOUR)
    world.cloud.refuses = False
    if how == "rescan":
        world.ask("rescan")
    else:
        world.wake_after_sleep(0.1)
    world.advance(60)
    assert set(world.bills().values()) == {("done", None)}


def test_one_at_a_time_and_off_the_other_bills_way(world: HoldWorld) -> None:
    """While one file is fetched no other is, and bills that are here go on."""
    names = [f"Plant 7/Away {number}.pdf" for number in range(40)]
    drop_in_cloud(world, *names)
    world.slow = Kind.RECALL
    world.advance(15)
    for number, content in enumerate(bills(40)):
        world.drop(f"Plant 7/Here {number}.pdf", content)
    world.advance(HOUR)
    states = world.bills()
    assert {states[f"Plant 7/Here {number}.pdf"] for number in range(40)} == {("done", None)}
    assert {states[name] for name in names} == {("waiting", "waiting-for-cloud")}
    assert len(world.under_way) == 1
    world.end_slow()
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.cloud.asked) == 40


def test_one_that_never_comes_keeps_nobody_waiting(make_hold_world: MakeHoldWorld) -> None:
    """A file that hangs is given up and tried again ever later; the others come."""
    world = make_hold_world(scan_seconds=600, longest_jump=600)
    names = [f"Plant 7/{number}.pdf" for number in range(6)]
    drop_in_cloud(world, *names)
    stuck = world.path(names[-1])
    world.cloud.keeps = {stuck}
    world.advance(1800)
    assert sorted(set(world.bills().values()), key=str) == [
        ("done", None),
        ("waiting", "waiting-for-cloud"),
    ]
    world.cloud.asked.clear()
    world.advance(DAY)
    assert 90 <= world.cloud.asked.count(stuck) <= 100
    world.cloud.keeps.clear()
    world.advance(920)
    assert set(world.bills().values()) == {("done", None)}


@pytest.mark.parametrize("count", [2, 60])
def test_what_a_silent_cloud_costs_does_not_grow(
    make_hold_world: MakeHoldWorld, count: int
) -> None:
    """However many files wait: one is tried every 15 minutes, not each of them."""
    world = make_hold_world(scan_seconds=600, longest_jump=600)
    world.cloud.refuses = True
    drop_in_cloud(world, *(f"Plant 7/{number:03}.pdf" for number in range(count)))
    world.advance(DAY)
    assert 90 <= len(world.cloud.asked) <= 105
    assert world.disk.asked["looks"] == 0
    assert world.tries() <= 50  # sites are read hourly, whatever waits
    world.cloud.refuses = False
    world.advance(960)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == count


def test_evicted_before_it_was_sent(make_hold_world: MakeHoldWorld) -> None:
    """A bill whose content went to the cloud while it waited is fetched, and sent whole."""
    world = make_hold_world(behaviour=Behaviour(keys=()))
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    world.put_in_cloud([BILL])
    world.cloud.refuses = True
    world.behaviour = Behaviour(keys=(KEY,))
    world.ask("rescan")
    world.advance(60)
    assert world.bill(BILL) == ("waiting", "waiting-for-cloud")
    assert world.uploads() == []
    world.cloud.refuses = False
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_evicted_copy_of_a_bill_that_is_here(make_hold_world: MakeHoldWorld) -> None:
    """Of two copies one is in the cloud: the other is sent, and nothing is fetched for it."""
    world = make_hold_world(behaviour=Behaviour(keys=()))
    world.drop(BILL, bill_pdf())
    world.drop("Plant 7/Copy.pdf", bill_pdf())
    world.advance(HOUR)
    world.put_in_cloud([BILL])
    world.behaviour = Behaviour(keys=(KEY,))
    world.ask("rescan")
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert world.cloud.asked == []


def test_a_done_bill_may_go_to_the_cloud(world: HoldWorld) -> None:
    """A bill that is done and put into the cloud is left alone: nothing is fetched."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.put_in_cloud([BILL])
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.restart()
    world.advance(HOUR)
    assert set(world.bills().values()) == {("done", None)}
    assert world.cloud.asked == []


def test_a_provider_whose_placeholders_stay_placeholders(world: HoldWorld) -> None:
    """A file that can be read and still counts as a placeholder is fetched once, and sent."""
    world.cloud.flags_stay = True
    drop_in_cloud(world, BILL)
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.cloud.asked) == 1


def test_a_file_that_is_sent_away_again_and_again(make_hold_world: MakeHoldWorld) -> None:
    """A file whose content leaves as soon as it came is not fetched without an end."""
    world = make_hold_world(scan_seconds=600, longest_jump=600)
    drop_in_cloud(world, BILL)
    world.cloud.takes_back = True
    world.advance(DAY)
    assert len(world.cloud.asked) <= 105
    assert world.bill(BILL) == ("waiting", "waiting-for-cloud")


def test_a_first_look_fetches_nothing(make_hold_world: MakeHoldWorld) -> None:
    """Files that wait for `admit` stay in the cloud; once admitted they come."""
    world = make_hold_world(existing="ask")
    names = [f"Plant 7/{number}.pdf" for number in range(30)]
    drop_in_cloud(world, *names)
    world.advance(HOUR)
    assert set(world.bills().values()) == {("asks", "first-look")}
    assert world.cloud.asked == []
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}


def test_once_does_not_wait_for_a_cloud_that_gives_nothing(world: HoldWorld) -> None:
    """`once` tries what is in the cloud, and does not wait for what does not come."""
    world.cloud.refuses = True
    drop_in_cloud(world, BILL, "Plant 7/Other.pdf")
    world.drop("Plant 7/Here.pdf", bill_pdf())
    world.run_until_still(limit=600)
    assert world.bill("Plant 7/Here.pdf") == ("done", None)
    assert len(world.cloud.asked) >= 1


def test_it_vanishes_while_it_is_in_the_cloud(world: HoldWorld) -> None:
    """A file that is deleted in the cloud is gone, and its hold with it."""
    world.cloud.refuses = True
    drop_in_cloud(world, BILL)
    world.advance(300)
    world.delete(BILL)
    world.cloud.away.clear()
    world.advance(300)
    assert world.bills() == {}
    assert world.status()["holds"] == []


def test_other_bytes_arrive_in_the_cloud(world: HoldWorld) -> None:
    """Other bytes under the name of a done bill, still in the cloud: fetched, then sent."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.drop(BILL, bill_pdf(account="new"))
    world.put_in_cloud([BILL])
    world.cloud.refuses = True
    world.advance(300)
    assert world.bill(BILL) == ("waiting", "waiting-for-cloud")
    assert Path(world.path(f"{BILL}.json")).exists()
    world.cloud.refuses = False
    world.advance(HOUR)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_restart_begins_anew(world: HoldWorld, when: Literal["before", "after"]) -> None:
    """Killed while a file is fetched: it is fetched again, or seen to be here."""
    drop_in_cloud(world, BILL)
    world.kill_during(Kind.RECALL, when)
    world.advance(60)
    assert world.deaths == 1
    world.run_until_still()
    world.advance(120)
    assert world.bill(BILL) == ("done", None)
