"""One subfolder of a watched folder takes no results; the folder itself and the others do."""

from __future__ import annotations

import errno
import shutil
import sys

import pytest
from bill_files import bill_pdf
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import HOUR, KEY

from agent.bills.holds import company_scope, new_hold
from agent.emulator.behaviour import Behaviour

CLOSED = "Plant 7/Of May"
HELD = f"{CLOSED}/Bill.pdf"
CODE = "folder-not-writable"


def close(world: HoldWorld) -> None:
    """Let no file be made in the subfolder."""
    world.disk.unwritable.add(world.path(CLOSED))


def test_results_elsewhere_are_written_and_do_not_end_it(make_hold_world: MakeHoldWorld) -> None:
    """What was sent before gets its results soon; the hold is told once, and stays all the time."""
    world = make_hold_world(max_requests=10)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=120.0)
    sent = [f"Plant 7/{number}.pdf" for number in range(8)]
    for name in sent:
        world.drop(name, bill_pdf(account=name))
    while len(world.uploads()) < len(sent):
        world.advance(1.0)
    close(world)
    world.drop(HELD, bill_pdf(account="held"))
    world.advance(60)
    assert [each["code"] for each in world.status()["holds"]] == [CODE]
    assert not any(world.has_result(name) for name in sent)
    world.advance(360)
    assert all(world.bill(name) == ("done", None) for name in sent)
    world.live(3)
    (row,) = (each for each in world.listed() if each.path == world.path(HELD))
    assert (row.state, row.code) == ("waiting", CODE)
    assert "Of May" in str(row.message)
    assert (world.hold_notices(CODE), world.ends(CODE)) == (1, 0)
    assert len(world.uploads()) == len(sent)
    world.disk.unwritable.clear()
    world.advance(1200)
    assert world.bill(HELD) == ("done", None)
    assert world.status()["holds"] == []


def test_bills_elsewhere_in_the_folder_are_sent(make_hold_world: MakeHoldWorld) -> None:
    """Only what lies in the closed subfolder waits, and the status says so of it alone."""
    world = make_hold_world()
    close(world)
    for number in range(60):
        world.drop(f"{CLOSED}/{number}.pdf", bill_pdf(account=f"closed {number}"))
    world.advance(120)
    elsewhere = ["Plant 7/New.pdf", "Plant 7/Of June/New.pdf"]
    for name in elsewhere:
        world.drop(name, bill_pdf(account=name))
    world.advance(15)
    codes = {each.path: each.code for each in world.listed()}
    assert all(codes[world.path(name)] is None for name in elsewhere)
    world.advance(180)
    assert all(world.bill(name) == ("done", None) for name in elsewhere)
    status = world.status()
    (hold,) = status["holds"]
    assert (hold["scope"], hold["files"]) == (f"folder: {world.path(CLOSED)}", 60)
    (folder,) = status["folders"]
    assert (folder["holds"], folder["state"]) == ([CODE], "watching")
    assert {each.code for each in world.listed() if each.state == "waiting"} == {CODE}
    assert len(world.uploads()) == 2


def test_a_subfolder_that_closes_under_a_bill_stops_the_rest_only_until_it_is_known(
    make_hold_world: MakeHoldWorld,
) -> None:
    """A refused write stops the whole folder, until a reading finds only a subfolder closed."""
    world = make_hold_world()
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=30.0)
    world.drop(HELD, bill_pdf(account="held"))
    while not world.uploads():
        world.advance(1.0)
    close(world)
    world.disk.refusing[world.path(CLOSED)] = errno.EACCES
    world.advance(180)
    assert [each["scope"] for each in world.status()["holds"]] == [f"folder: {world.path(CLOSED)}"]
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.advance(180)
    assert world.bill("Plant 7/New.pdf") == ("done", None)
    assert not world.has_result(HELD)
    world.disk.unwritable.clear()
    world.disk.refusing.clear()
    world.advance(1200)
    assert world.bill(HELD) == ("done", None)
    assert world.status()["holds"] == []


def test_a_subfolder_stays_held_when_it_becomes_a_folder_of_its_own(
    make_hold_world: MakeHoldWorld,
) -> None:
    """With and without an entry for the subfolder nothing is sent from it, and only from it."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(120)
    for folders in (
        {"Plant 7": "PLANT-07", CLOSED: "PLANT-07"},
        {"Plant 7": "PLANT-07"},
    ):
        world.configure(folders)
        name = f"Plant 7/{len(folders)}.pdf"
        world.drop(name, bill_pdf(account=name))
        world.advance(HOUR)
        assert [each["scope"] for each in world.status()["holds"]] == [
            f"folder: {world.path(CLOSED)}"
        ]
        assert world.bill(name) == ("done", None)
    assert not world.has_result(HELD)
    assert len(world.uploads()) == 2
    world.configure({"Other": "PLANT-07"})
    world.advance(60)
    assert world.status()["holds"] == []


def test_once_ends_with_the_results_that_can_be_written(make_hold_world: MakeHoldWorld) -> None:
    """Who runs the agent now and then gets all but what is held, in that run."""
    world = make_hold_world(max_requests=10)
    close(world)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=30.0)
    for number in range(5):
        world.drop(f"Plant 7/{number}.pdf", bill_pdf(account=str(number)))
    world.advance(15)
    world.drop(HELD, bill_pdf(account="held"))
    world.drop("Plant 7/Late.pdf", bill_pdf(account="late"))
    world.run_until_still()
    names = [*(f"{number}.pdf" for number in range(5)), "Late.pdf"]
    assert all(world.bill(f"Plant 7/{name}") == ("done", None) for name in names)
    assert world.bill(HELD) == ("waiting", None)
    assert (len(world.uploads()), world.hold_notices(CODE), world.ends(CODE)) == (6, 1, 0)


def test_results_wait_behind_none_that_cannot_be_written(make_hold_world: MakeHoldWorld) -> None:
    """However many are owed in the closed subfolder, those elsewhere are written at once."""
    world = make_hold_world(max_requests=10)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=60.0)
    for number in range(70):
        world.drop(f"{CLOSED}/{number}.pdf", bill_pdf(account=f"closed {number}"))
    while len(world.uploads()) < 70:
        world.advance(1.0)
    close(world)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=600.0)
    world.drop("Plant 7/Late.pdf", bill_pdf(account="late"))
    world.advance(900)
    assert world.bill("Plant 7/Late.pdf") == ("done", None)


def test_a_closed_archive_holds_nothing(make_hold_world: MakeHoldWorld) -> None:
    """Where nothing is to be written any more nobody minds that nothing can be."""
    world = make_hold_world()
    world.drop(HELD, bill_pdf())
    world.advance(120)
    close(world)
    world.live(1)
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.live(1)
    assert world.bill("Plant 7/New.pdf") == ("done", None)
    assert (world.status()["holds"], world.hold_notices(CODE)) == ([], 0)


@pytest.mark.parametrize("how", ["moved", "deleted"])
def test_it_ends_when_the_bill_is_elsewhere(make_hold_world: MakeHoldWorld, how: str) -> None:
    """A bill that no longer lies there lets nothing wait; one that was moved is sent."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(120)
    assert world.holds().keys() == {CODE}
    if how == "moved":
        world.move(HELD, "Plant 7/Bill.pdf")
    else:
        world.delete(HELD)
    world.advance(HOUR)
    assert world.status()["holds"] == []
    assert len(world.uploads()) == (how == "moved")


def test_nothing_is_sent_from_there_after_a_restart(make_hold_world: MakeHoldWorld) -> None:
    """What a run has seen of its folders the next one sees for itself, before it sends."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(5)
    for _ in range(3):
        world.restart()
        world.advance(60)
    assert world.uploads() == []
    assert world.holds().keys() == {CODE}


def test_bytes_that_lie_elsewhere_too_are_sent_from_there(make_hold_world: MakeHoldWorld) -> None:
    """A copy in another folder goes; the one that is held gets its result once it can have one."""
    clinic = {"site": "PLANT-07", "company": "HMF"}
    world = make_hold_world(folders={"Plant 7": "PLANT-07", "Other": clinic})
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(60)
    world.drop("Other/Copy.pdf", bill_pdf())
    world.advance(200)
    assert world.bill("Other/Copy.pdf") == ("done", None)
    assert not world.has_result(HELD)
    assert world.holds().keys() == {CODE}
    world.disk.unwritable.clear()
    world.advance(1200)
    assert world.bill(HELD) == ("done", None)
    assert len(world.uploads()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a name is no bytes there")
def test_a_subfolder_whose_name_is_no_text_is_held_as_any(make_hold_world: MakeHoldWorld) -> None:
    """Its bill says why it waits, and a restart changes nothing of its hold."""
    world = make_hold_world()
    odd = ["Plant 7/caf\udce8", "Plant 7/caf\udce9"]
    for name in odd:
        world.disk.unwritable.add(world.path(name))
        world.drop(f"{name}/Bill.pdf", bill_pdf(account=ascii(name)))
    world.advance(120)
    for _ in range(2):
        assert [each["files"] for each in world.status()["holds"]] == [1, 1]
        assert [each.code for each in world.listed()] == [CODE, CODE]
        world.restart()
        world.run_until_still()
    assert (world.uploads(), world.ends(CODE)) == ([], 0)
    world.disk.unwritable.clear()
    world.advance(1200)
    assert all(world.bill(f"{name}/Bill.pdf") == ("done", None) for name in odd)


def test_a_full_disk_stays_full_when_a_subfolder_closes(make_hold_world: MakeHoldWorld) -> None:
    """That the one result that found it full cannot be tried any more proves no space."""
    world = make_hold_world(max_requests=10)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=30.0)
    world.drop(HELD, bill_pdf(account="held"))
    while not world.uploads():
        world.advance(1.0)
    world.disk.refusing[world.path("Plant 7")] = errno.ENOSPC
    world.advance(120)
    close(world)
    world.advance(300)
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.advance(900)
    assert {"disk-full", CODE} == world.holds().keys()
    assert len(world.uploads()) == 1
    world.disk.refusing.clear()
    world.disk.unwritable.clear()
    world.advance(HOUR)
    assert world.status()["holds"] == []
    assert world.bill(HELD) == world.bill("Plant 7/New.pdf") == ("done", None)


def test_nothing_is_fetched_from_the_cloud_for_it(make_hold_world: MakeHoldWorld) -> None:
    """What cannot be sent is not downloaded either, until it can."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(120)
    away = f"{CLOSED}/Away.pdf"
    world.drop(away, bill_pdf(account="away"))
    world.put_in_cloud([away])
    world.advance(HOUR)
    assert world.cloud.asked == []
    world.restart()
    world.run_until_still()
    assert world.cloud.asked == []
    world.disk.unwritable.clear()
    world.advance(HOUR)
    assert world.bill(away) == ("done", None)


def test_it_stays_held_while_nobody_can_look_into_it(make_hold_world: MakeHoldWorld) -> None:
    """A closed subfolder that cannot be read either is no open one."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(120)
    world.disk.unreadable.add(world.path("Plant 7/Of May"))
    world.advance(HOUR)
    assert world.holds().keys() == {CODE}
    assert world.uploads() == []
    world.disk.unreadable.clear()
    world.disk.unwritable.clear()
    world.advance(HOUR)
    assert world.bill(HELD) == ("done", None)


def test_it_stays_held_while_its_volume_is_away(make_hold_world: MakeHoldWorld) -> None:
    """An empty mount point tells nothing of what lies on the volume: nobody is told twice."""
    world = make_hold_world()
    close(world)
    world.drop(HELD, bill_pdf())
    world.advance(120)
    world.rename_root("Plant 7", "away")
    (world.root / "Plant 7").mkdir()
    world.disk.unmounted.add(world.path("Plant 7"))
    world.advance(300)
    assert world.holds().keys() == {CODE, "folder-missing"}
    shutil.rmtree(world.root / "Plant 7")
    world.rename_root("away", "Plant 7")
    world.disk.unmounted.clear()
    world.advance(300)
    assert world.holds().keys() == {CODE}
    assert (world.hold_notices(CODE), world.ends(CODE)) == (1, 0)


def test_probes_of_refused_uploads_take_none_of_its_bills(make_hold_world: MakeHoldWorld) -> None:
    """Not even of a subfolder that looks open to a reading, and refused a result before."""
    world = make_hold_world()
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=30.0)
    close(world)
    world.drop(HELD, bill_pdf(account="held"))
    first, second = "Plant 7/Of June/1.pdf", "Plant 7/Of June/2.pdf"
    world.drop(first, bill_pdf(account="first"))
    while not world.uploads():
        world.advance(1.0)
    world.disk.refusing[world.path("Plant 7/Of June")] = errno.EACCES
    world.advance(90)
    scopes = {each["scope"] for each in world.holds_of(CODE)}
    assert scopes == {f"folder: {world.path(each)}" for each in (CLOSED, "Plant 7/Of June")}
    world.drop(second, bill_pdf(account="second"))
    refused = new_hold("upload-refused", company_scope("HMF"), "Refused.", "", world.now.utc)
    holds = world.scheduler.holds
    for _ in range(600):
        holds.begin(refused, world.now.utc)
        holds.hasten_one(holds.find(refused.scope) or refused, world.now.utc)
        world.advance(1.0)
    assert len(world.uploads()) == 1
