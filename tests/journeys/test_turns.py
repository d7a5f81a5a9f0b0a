"""What a turn does with what came too late, came in heaps, or belongs to a plan of before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from bill_files import bill_pdf
from journey_world import HOUR, KEY, MakeWorld, World

from agent.bills.errors import Transient
from agent.bills.outcomes import Bug, Failed, StepOutcome
from agent.bills.values import FolderId
from agent.emulator.behaviour import Behaviour, Fault
from agent.pipeline.memory import FOLDER_STEPS
from agent.pipeline.work import Key, Kind, Lane, Report, Step

BILL = "Plant 7/Bill.pdf"
AWAY = Failed(Transient("away", "The share is away."))


@pytest.mark.parametrize("outcome", [Bug("a mistake"), AWAY], ids=["bug", "away"])
@pytest.mark.parametrize(
    ("kind", "table", "row"),
    [
        (Kind.EXAMINE, "files", 999),
        (Kind.POLL, "submissions", 999),
        (Kind.READ_FOLDER, "folders", 999),
        (Kind.READ_SITES, "companies", "Nobody"),
    ],
)
def test_a_report_about_what_is_gone_changes_nothing(
    world: World, kind: Kind, table: str, row: int | str, outcome: StepOutcome
) -> None:
    """A file, submission, folder or company may be forgotten while a step of it is out."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    before = (world.bills(), world.holds(), world.history())
    step = Step(kind, Key(table, row), Lane.DISK, lambda: outcome)
    world.scheduler.report(Report(step, outcome))
    world.turn()
    assert (world.bills(), world.holds(), world.history()) == before


def test_a_heap_of_files_keeps_no_folder_waiting(make_world: MakeWorld) -> None:
    """Few steps a folder are out at once, however many files lie there."""
    folders = {f"Folder {number}": "PLANT-07" for number in range(9)}
    world = make_world(folders=folders)
    world.run_until_still()
    names = [f"{folder}/{number}.pdf" for folder in folders for number in range(5)]
    for number, name in enumerate(names):
        world.drop(name, bill_pdf(account=str(number)))
    world.advance(4)  # they are seen, and wait to be quiet
    world.held = []
    world.advance(120)
    out = Counter(step.folder for step in world.held if step.folder is not None)
    assert len(out) >= 8, "nothing waits for a folder that is full"
    assert max(out.values()) <= FOLDER_STEPS
    assert world.scheduler.is_anything_moving()
    held, world.held = world.held, None
    for step in held:
        world.scheduler.report(Report(step, step.run()))
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.bills()) == len(names)


def test_what_waits_is_forgotten_with_its_folder(make_world: MakeWorld) -> None:
    """What Nectar knows, and what has its result, stays known; the rest is met anew later."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.drop("Inbox/Done.pdf", bill_pdf(account="done"))
    world.drop("Inbox/Page.pdf", b"<html></html>")
    world.run_until_still()
    assert world.ask("pause", folder=world.path("Inbox"))["declined"] == []
    world.drop("Inbox/Waits.pdf", bill_pdf(account="waits"))
    world.advance(HOUR)
    world.configure({"Plant 7": "PLANT-07"})
    world.run_until_still()
    known = {path.rsplit("/", 1)[1] for path in (row.path for row in world.rows())}
    assert known == {"Done.pdf", "Page.pdf"}
    assert len(world.uploads()) == 1
    world.configure({"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.ask("resume", folder=world.path("Inbox"))
    world.run_until_still()
    assert world.bill("Inbox/Waits.pdf") == ("done", None)
    assert len(world.uploads()) == 2


def test_still_is_what_only_a_person_or_nectar_can_move(make_world: MakeWorld) -> None:
    """`once` waits for what goes on by itself, and for nothing else."""
    world = make_world()
    assert world.scheduler.is_anything_moving(), "no folder was read yet"
    world.behaviour = Behaviour(keys=(KEY,), faults=(Fault(path="/company*", status=503, times=1),))
    world.advance(0.3)
    assert world.scheduler.is_anything_moving(), "the sites may come"
    world.behaviour = Behaviour(keys=("another",))
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"key-refused"}
    world.run_until_still(limit=1.0)
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(HOUR)
    assert world.ask("pause")["declined"] == []
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill("Plant 7/Other.pdf")[0] == "waiting"
    world.ask("resume")
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}


def test_a_file_of_a_folder_that_is_not_watched_has_no_place(world: World) -> None:
    """Nothing says what site it is for, and so it is linked to nothing."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    where = world.scheduler.map
    elsewhere = replace(world.row(BILL), folder_id=FolderId(99))
    assert where.place_of(elsewhere) is None
    assert where.asked_site(elsewhere) is None
    assert where.link_context(elsewhere) is None


def test_a_folder_without_its_subfolders_reads_no_nested_one(make_world: MakeWorld) -> None:
    """What lay in a nested folder is not taken for its own once that is watched no more."""
    flat = {"Plant 7": {"site": "PLANT-07", "recursive": False}}
    world = make_world(folders={**flat, "Plant 7/c": "PLANT-07"})
    world.drop(BILL, bill_pdf())
    world.drop("Plant 7/c/Inner.pdf", bill_pdf(account="inner"))
    world.run_until_still()
    homes = {row.path: row.folder_id for row in world.rows()}
    assert len(set(homes.values())) == 2
    world.configure(flat)
    world.run_until_still()
    assert {row.path: row.folder_id for row in world.rows()} == homes


def test_a_new_plan_waits_for_uploads_that_are_out(world: World) -> None:
    """A bill on its way is not mapped anew, and what came of it is written down."""
    world.run_until_still()
    world.drop(BILL, bill_pdf())
    world.held = []
    while not any(step.kind is Kind.SEND for step in world.held):
        world.advance(0.5)
        for step in [each for each in world.held if each.kind is not Kind.SEND]:
            world.held.remove(step)
            world.scheduler.report(Report(step, step.run()))
    (sending,), world.held = world.held, None
    world.configure({"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.scheduler.report(Report(sending, sending.run()))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
