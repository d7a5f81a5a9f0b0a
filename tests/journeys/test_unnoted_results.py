"""Killed once a result lies there and before that is noted: it is ours, whatever came meanwhile."""

from __future__ import annotations

from bill_files import bill_pdf
from journey_world import HOUR, MakeWorld, World

from agent.emulator import changes
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"
RENAMED = "Plant 7/Renamed.pdf"


def killed_after_writing(world: World) -> None:
    """Let time pass until the agent was killed between writing a result and noting it."""
    world.kill_during(Kind.WRITE, "after")
    while not world.deaths:
        world._pass(world.now.utc + HOUR)
    assert world.has_result(BILL)


def test_replaced_meanwhile(world: World) -> None:
    """Other bytes came before the next start: the result of the first goes, they are a new bill."""
    world.drop(BILL, bill_pdf())
    killed_after_writing(world)
    first = world.result(BILL)["file"]["sha256"]
    world.drop(BILL, bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.result(BILL)["file"]["sha256"] != first
    assert len(world.uploads()) == 2


def test_renamed_meanwhile(world: World) -> None:
    """The bill was renamed before the next start: one result, beside it."""
    world.drop(BILL, bill_pdf())
    killed_after_writing(world)
    world.move(BILL, RENAMED)
    world.run_until_still()
    assert world.bills() == {RENAMED: ("done", None)}
    assert not world.has_result(BILL)
    assert world.has_result(RENAMED)
    assert len(world.uploads()) == 1


def test_a_rejected_file_replaced_meanwhile(world: World) -> None:
    """So it is with the result of a file that was never sent."""
    world.drop(BILL, b"no bill at all")
    killed_after_writing(world)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)


def test_corrected_and_replaced_meanwhile(make_world: MakeWorld) -> None:
    """So it is with a new revision."""
    world = make_world(refresh_hours=24.0, scan_seconds=7200.0)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    document = world.result(BILL)["documents"][0]["id"]
    changes.correct_document(
        world.emulator.world, world.now.utc, document, {"totalCharges": "999.99"}
    )
    killed_after_writing(world)
    assert world.result(BILL)["revision"] == 2
    world.drop(BILL, bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)


def test_edited_and_replaced_meanwhile(world: World) -> None:
    """A person's edit of a result that was never noted is theirs, and stays."""
    world.drop(BILL, bill_pdf())
    killed_after_writing(world)
    edited = world.edit_result(BILL)
    world.drop(BILL, bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill(BILL) == ("asks", "result-name-taken")
    assert (world.root / f"{BILL}.json").read_bytes() == edited
