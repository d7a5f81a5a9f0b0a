"""What Nectar corrects after the result was written comes as a new revision."""

from __future__ import annotations

from typing import Literal

import pytest
from bill_files import bill_pdf
from journey_world import KEY, MakeWorld, World

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Outcome, UploadRule
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"
NAMED_BY: tuple[Literal["old", "new", "both"], ...] = ("old", "new", "both")


def done(make_world: MakeWorld) -> tuple[World, str]:
    """Return a world in which one bill was read, and its document's id."""
    world = make_world(refresh_hours=24.0, scan_seconds=7200.0)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    return world, world.result(BILL)["documents"][0]["id"]


def test_a_changed_document_is_a_new_revision_and_the_old_one_is_kept(
    make_world: MakeWorld,
) -> None:
    """A correction at Nectar reaches the JSON within a day, as a new revision."""
    world, document = done(make_world)
    before = world.result(BILL)
    changes.correct_document(
        world.emulator.world, world.now.utc, document, {"totalCharges": "999.99"}
    )
    world.advance(hours=50)
    after = world.result(BILL)
    assert after["documents"][0]["totalCharges"] == "999.99"
    assert after["revision"] == 2
    assert before["revision"] == 1
    assert len(world.uploads()) == 1
    assert world.bill(BILL) == ("done", None)


def test_without_a_change_no_result_is_written_again(make_world: MakeWorld) -> None:
    """Looking for corrections for a week leaves results byte for byte as they are."""
    world, _ = done(make_world)
    content = (world.root / f"{BILL}.json").read_bytes()
    world.advance(days=7)
    assert (world.root / f"{BILL}.json").read_bytes() == content


def test_a_revision_takes_the_place_of_the_document_that_it_replaces(
    make_world: MakeWorld,
) -> None:
    """A bill and its revision are never both counted, whichever of them names the other."""
    for named_by in NAMED_BY:
        world, document = done(make_world)
        changes.revise_document(
            world.emulator.world, world.now.utc, document, {"notes": "revised"}, named_by=named_by
        )
        world.advance(hours=50)
        ids = [one["id"] for one in world.result(BILL)["documents"]]
        assert len(ids) == 1
        assert ids[0] != document


def test_an_edited_result_is_not_overwritten_by_a_correction(make_world: MakeWorld) -> None:
    """A person's edit stays; the file says that a new revision waits."""
    world, document = done(make_world)
    edited = world.edit_result(BILL)
    changes.correct_document(
        world.emulator.world, world.now.utc, document, {"totalCharges": "1.00"}
    )
    world.advance(hours=50)
    assert (world.root / f"{BILL}.json").read_bytes() == edited
    assert world.bill(BILL) == ("done", "result-edited")


@pytest.mark.parametrize("is_touched", [False, True])
def test_a_correction_that_was_just_written_at_a_kill_is_no_edit(
    make_world: MakeWorld, is_touched: bool
) -> None:
    """Killed once the new revision has its name, before that is noted: it counts as written."""
    world, document = done(make_world)
    changes.correct_document(
        world.emulator.world, world.now.utc, document, {"totalCharges": "999.99"}
    )
    world.kill_during(Kind.WRITE, "after")
    while not world.deaths:
        world.advance(hours=1)
    assert world.result(BILL)["revision"] == 2
    if is_touched:
        world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.result(BILL)["revision"] == 2


def test_a_bill_without_data_becomes_processed_when_nectar_reads_it_later(
    make_world: MakeWorld,
) -> None:
    """`no-data` is not the last word: usage that comes a day later is written."""
    rule = UploadRule(outcome=Outcome.READ, usage_late_seconds=7200.0)
    world = make_world(
        behaviour=Behaviour(keys=(KEY,), uploads=(rule,)), refresh_hours=24.0, scan_seconds=7200.0
    )
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    document = world.result(BILL)["documents"][0]["id"]
    assert not world.result(BILL)["documents"][0]["usageData"]
    world.advance(hours=3)
    changes.correct_document(world.emulator.world, world.now.utc, document, {"notes": "read"})
    world.advance(hours=50)
    assert world.result(BILL)["documents"][0]["usageData"]
    assert world.result(BILL)["revision"] == 2
