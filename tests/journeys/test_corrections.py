"""What Nectar corrects after the result was written comes as a new revision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from bill_files import bill_pdf, bills
from invariants import check
from journey_world import DAY, HOUR, KEY, MakeWorld, World

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault, Outcome, UploadRule
from agent.files.examiner import Examiner
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"
DAYS: dict[str, Any] = {"refresh_hours": 24.0, "scan_seconds": 7200.0, "longest_jump": 3600.0}
NAMED_BY: tuple[Literal["old", "new", "both"], ...] = ("old", "new", "both")


def done(make_world: MakeWorld) -> tuple[World, str]:
    """Return a world in which one bill was read, and its document's id."""
    world = make_world(**DAYS)
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
    world = make_world(behaviour=Behaviour(keys=(KEY,), uploads=(rule,)), **DAYS)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    document = world.result(BILL)["documents"][0]["id"]
    assert not world.result(BILL)["documents"][0]["usageData"]
    world.advance(hours=3)
    changes.correct_document(world.emulator.world, world.now.utc, document, {"notes": "read"})
    world.advance(hours=50)
    assert world.result(BILL)["documents"][0]["usageData"]
    assert world.result(BILL)["revision"] == 2


# --- while something else is going on ---------------------------------------------------------


def correct(world: World, document: str, total: str = "999.99") -> None:
    """Let Nectar correct a document, by its own clock."""
    now = world.time_at_nectar()
    changes.correct_document(world.emulator.world, now, document, {"totalCharges": total})


def test_a_removed_result_is_written_again_by_a_correction(make_world: MakeWorld) -> None:
    """A result that somebody took away stays away, until there is something new to say."""
    world, document = done(make_world)
    world.delete(f"{BILL}.json")
    world.advance(hours=50)
    assert world.bill(BILL) == ("done", "result-removed")
    correct(world, document)
    world.advance(hours=50)
    assert world.result(BILL)["revision"] == 2
    assert world.bill(BILL) == ("done", None)


def test_a_correction_whose_place_is_taken(make_world: MakeWorld) -> None:
    """Another program's file where the result was: it stays, the bill asks, and then it comes."""
    world, document = done(make_world)
    world.delete(f"{BILL}.json")
    world.drop(f"{BILL}.json", b'{"from": "another program"}')
    correct(world, document)
    world.advance(hours=50)
    assert (world.root / f"{BILL}.json").read_bytes() == b'{"from": "another program"}'
    assert world.bill(BILL)[1] in ("result-edited", "result-name-taken")
    world.delete(f"{BILL}.json")
    world.advance(hours=5)
    assert world.result(BILL)["revision"] == 2
    assert world.bill(BILL) == ("done", None)


def test_a_correction_while_the_folder_is_away(make_world: MakeWorld) -> None:
    """It is written when the folder is there again, however long that takes."""
    world, document = done(make_world)
    world.rename_root("Plant 7", "away")
    correct(world, document)
    world.advance(days=3)
    correct(world, document, "111.11")
    world.advance(days=3)
    world.rename_root("away", "Plant 7")
    world.advance(hours=3)
    result = world.result(BILL)
    assert (result["revision"], result["documents"][0]["totalCharges"]) == (3, "111.11")


def test_a_correction_of_a_bill_with_copies(make_world: MakeWorld) -> None:
    """Every copy's result says it, and which of them counts stays the same."""
    folders = {"Plant 7": "PLANT-07", "Inbox": "PLANT-07"}
    world = make_world(folders=folders, **DAYS)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.drop("Plant 7/Copy.pdf", bill_pdf())
    world.drop("Inbox/Copy.pdf", bill_pdf())
    world.run_until_still()
    correct(world, world.result(BILL)["documents"][0]["id"])
    world.advance(hours=50)
    copies = (
        (BILL, None),
        ("Plant 7/Copy.pdf", "Bill.pdf"),
        ("Inbox/Copy.pdf", "../Plant 7/Bill.pdf"),
    )
    for name, copy_of in copies:
        result = world.result(name)
        assert (result["revision"], result["copyOf"]) == (2, copy_of)
        assert result["documents"][0]["totalCharges"] == "999.99"
    assert len(world.uploads()) == 1


def test_a_correction_while_the_agent_is_off(make_world: MakeWorld) -> None:
    """What Nectar changed or deleted meanwhile is noticed soon after the start."""
    world, document = done(make_world)
    world.drop("Plant 7/Second.pdf", bill_pdf(account="second"))
    world.run_until_still()
    second = world.result("Plant 7/Second.pdf")["documents"][0]["id"]
    correct(world, document)
    changes.delete_document(world.emulator.world, world.now.utc, second)
    world.now = world.now.plus(20 * DAY)
    world.restart()
    world.advance(hours=3)
    assert world.result(BILL)["documents"][0]["totalCharges"] == "999.99"
    assert world.result("Plant 7/Second.pdf")["outcome"] == "no-data"


class WrongClockWorld(World):
    """A world whose machine's clock is wrong by ``skew`` seconds."""

    skew = 0.0

    def time_at_nectar(self) -> float:
        """Return the true time."""
        return self.now.utc - self.skew


@pytest.mark.parametrize("days", [-400, -3, 3, 400])
def test_corrections_with_a_wrong_clock(tmp_path: Path, examiner: Examiner, days: int) -> None:
    """Nectar's own clock says since when it is asked; ours may be ahead or behind by years."""
    world = WrongClockWorld(tmp_path, examiner, **(DAYS | {"refresh_hours": 6.0}))
    world.skew = days * DAY
    try:
        world.drop(BILL, bill_pdf())
        world.run_until_still()
        document = world.result(BILL)["documents"][0]["id"]
        for total in ("111.11", "222.22"):
            world.advance(hours=2 * 24 + 8)  # between two looks at all documents
            correct(world, document, total)
            world.advance(hours=7)
            assert world.result(BILL)["documents"][0]["totalCharges"] == total
            world.advance(hours=9)
        changes.delete_document(world.emulator.world, world.time_at_nectar(), document)
        world.advance(hours=50)
        assert world.result(BILL)["outcome"] == "no-data"
        check(world)
    finally:
        world.close()


# --- lists and what they cost -----------------------------------------------------------------


def test_corrections_on_many_pages(make_world: MakeWorld) -> None:
    """Each correction is found, on whatever page, also where pages break off now and then."""
    fault = Fault(path="/document/company/*", status=502, skip=3, times=2)
    behaviour = Behaviour(keys=(KEY,), page_size=3)
    world = make_world(behaviour=behaviour, **DAYS)
    for number, content in enumerate(bills(20)):
        world.drop(f"Plant 7/{number:02}.pdf", content)
    world.run_until_still()
    names = [f"Plant 7/{number:02}.pdf" for number in range(0, 20, 3)]
    for name in names:
        correct(world, world.result(name)["documents"][0]["id"])
    world.behaviour = replace(behaviour, faults=(fault,))
    world.advance(hours=30)
    revisions = {
        number: world.result(f"Plant 7/{number:02}.pdf")["revision"] for number in range(20)
    }
    assert revisions == {number: 2 if number % 3 == 0 else 1 for number in range(20)}


def test_a_change_that_says_nothing_new_is_fetched_once(make_world: MakeWorld) -> None:
    """A document that was only touched costs one look, and no new revision."""
    world, document = done(make_world)
    content = (world.root / f"{BILL}.json").read_bytes()
    changes.correct_document(world.emulator.world, world.now.utc + HOUR, document, {})
    before = world.emulator.log.counts["GET /document/{}"]
    world.advance(days=5)
    assert (world.root / f"{BILL}.json").read_bytes() == content
    assert world.emulator.log.counts["GET /document/{}"] == before + 1


def test_adopted_results_are_corrected_too(make_world: MakeWorld) -> None:
    """After a lost store what was read long ago is looked at with the rest."""
    world, document = done(make_world)
    world.now = world.now.plus(30 * DAY)
    world.lose_store()
    world.advance(hours=1)
    correct(world, document)
    world.advance(hours=26)
    result = world.result(BILL)
    assert (result["revision"], result["documents"][0]["totalCharges"]) == (2, "999.99")
    assert len(world.uploads()) == 1
