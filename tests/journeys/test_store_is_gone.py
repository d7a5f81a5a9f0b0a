"""The store is gone, damaged or older than it should be: nothing is sent before a person answers.

What lies beside the bills and the mark in the folder's root tell what a new store cannot know.
"""

from __future__ import annotations

import shutil
from collections import Counter

from bill_files import bill_pdf, bills
from journey_world import HOUR, KEY, MakeWorld, results
from troubled_world import MakeTroubledWorld

from agent.emulator.behaviour import Behaviour
from agent.pipeline.work import Kind

ASKS = ("asks", "first-look")


def test_killed_before_the_first_reading_of_a_new_store(make_world: MakeWorld) -> None:
    """A store that was lost stays lost, however often the agent ends before it read a folder."""
    world = make_world()
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    world.run_until_still()
    world.delete("Plant 7/Bill.pdf.json")
    world.lose_store()
    world.restart()
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ASKS
    assert len(world.uploads()) == 1


def test_a_folder_that_was_away_when_the_store_was_lost(make_world: MakeWorld) -> None:
    """A share that comes back days and restarts after the loss is asked about all the same."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Share": "PLANT-07"})
    world.drop("Share/Bill.pdf", bill_pdf())
    world.run_until_still()
    world.delete("Share/Bill.pdf.json")
    world.rename_root("Share", "away")
    world.lose_store()
    world.advance(hours=3)
    world.restart()
    world.advance(hours=1)
    world.rename_root("away", "Share")
    world.advance(hours=1)
    assert world.bill("Share/Bill.pdf") == ASKS
    assert len(world.uploads()) == 1


def test_an_empty_mount_point_when_the_store_was_lost(
    make_troubled_world: MakeTroubledWorld,
) -> None:
    """What is seen first is not the share: when that is there, its bills are asked about."""
    office = make_troubled_world(folders={"Plant 7": "PLANT-07", "Share": "PLANT-07"})
    office.drop("Share/Bill.pdf", bill_pdf())
    office.run_until_still()
    office.delete("Share/Bill.pdf.json")
    office.rename_root("Share", "away")
    (office.root / "Share").mkdir()
    office.disk.unmounted.add(office.path("Share"))
    office.lose_store()
    office.advance(hours=3)
    shutil.rmtree(office.root / "Share")
    office.rename_root("away", "Share")
    office.disk.unmounted.clear()
    office.advance(hours=3)
    assert office.bill("Share/Bill.pdf") == ASKS
    assert office.holds().keys() == {"first-look"}
    office.ask("admit", folder=office.path("Share"), all=True)
    office.run_until_still()
    assert office.bill("Share/Bill.pdf") == ("done", None)
    assert len(office.uploads()) == 1


def test_a_subfolder_that_could_not_be_read_when_the_store_was_lost(make_world: MakeWorld) -> None:
    """The first look of a subfolder comes when it can be read, for the lost store's bills too."""
    world = make_world()
    world.drop("Plant 7/deep/Bill.pdf", bill_pdf())
    world.drop("Plant 7/deep/Done.pdf", bill_pdf(account="done"))
    world.run_until_still()
    world.delete("Plant 7/deep/Bill.pdf.json")
    world.disk.unreadable.add(world.path("Plant 7/deep"))
    world.lose_store()
    world.run_until_still()
    world.restart()
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.run_until_still()
    assert world.bill("Plant 7/New.pdf") == ("done", None)
    world.disk.unreadable.clear()
    world.ask("rescan")
    world.run_until_still()
    assert world.bill("Plant 7/deep/Bill.pdf") == ASKS
    assert world.bill("Plant 7/deep/Done.pdf") == ("done", None)
    assert "first-look" in world.holds()
    assert len(world.uploads()) == 3
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    world.run_until_still()
    assert world.bill("Plant 7/deep/Bill.pdf") == ("done", None)
    assert len(world.uploads()) == 3


def test_killed_when_the_mark_was_just_left(make_world: MakeWorld) -> None:
    """A mark that this very store left does not mean that another was lost."""
    world = make_world()
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    world.kill_during(Kind.READ_FOLDER, "after")
    world.run_until_still()
    assert world.deaths == 1
    assert world.bill("Plant 7/Bill.pdf") == ("done", None)


def test_another_environment_after_the_store_was_lost(make_world: MakeWorld) -> None:
    """The lost store may have sent to the other environment too: its first look asks as well."""
    world = make_world(environment="sandbox")
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    world.run_until_still()
    world.delete("Plant 7/Bill.pdf.json")
    world.lose_store(environment="production")
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ASKS
    world.ask("admit", folder=world.path("Plant 7"))
    world.configure(environment="sandbox")
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ASKS
    assert len(world.uploads()) == 1


def test_two_hundred_done_and_twenty_waiting(make_world: MakeWorld) -> None:
    """Data directory deleted: none is sent before `admit`, no result changes, then once each."""
    done, waiting = 200, 20
    world = make_world(behaviour=Behaviour(keys=(KEY,), processing_seconds=5.0), max_requests=10)
    contents = bills(done + waiting)
    for number in range(done):
        world.drop(f"Plant 7/{number:03}.pdf", contents[number])
    world.run_until_still()
    before = results(world)
    assert len(before) == len(world.uploads()) == done
    for number in range(done, done + waiting):
        world.drop(f"Plant 7/{number:03}.pdf", contents[number])
    world.lose_store()
    world.advance(hours=1)
    world.restart()
    world.run_until_still()
    assert Counter(world.bills().values()) == {("done", None): done, ASKS: waiting}
    assert len(world.uploads()) == done
    assert results(world) == before
    assert world.ask("admit", folder=world.path("Plant 7"), all=True)["done"] == waiting
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert Counter(upload.sha256 for upload in world.uploads()).most_common(1)[0][1] == 1
    assert len(world.uploads()) == done + waiting
    after = results(world)
    assert {name: after[name] for name in before} == before


def test_what_results_tell_of_the_lost_jobs(make_world: MakeWorld) -> None:
    """Adopted results say how long jobs take: an admitted bill is not looked for longer than so."""
    world = make_world(behaviour=Behaviour(keys=(KEY,), processing_seconds=40.0))
    world.drop("Plant 7/Done.pdf", bill_pdf())
    world.run_until_still()
    world.drop("Plant 7/Waits.pdf", bill_pdf(account="waits"))
    world.lose_store()
    world.run_until_still()
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    admitted = world.now.utc
    while len(world.uploads()) < 2:
        world.advance(10)
        assert world.now.utc < admitted + HOUR
    assert 3 * 40 < world.now.utc - admitted < 5 * 60
