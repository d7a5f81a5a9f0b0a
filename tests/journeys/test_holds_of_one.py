"""Holds of one file, and of the store itself."""

from __future__ import annotations

import pytest
from bill_files import bill_pdf, bills
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import DAY, HOUR, KEY

from agent.bills.holds import SLOWEST_PROBE_SECONDS
from agent.emulator import changes
from agent.emulator.behaviour import Behaviour
from agent.pipeline.notices import HoldBegan, StateChanged

BILL = "Plant 7/Bill.pdf"


def edited(make_hold_world: MakeHoldWorld) -> HoldWorld:
    """Return a world in which a newer revision waits, for a person edited the result."""
    world = make_hold_world(refresh_hours=1.0, longest_jump=600)
    world.drop(BILL, bill_pdf())
    world.advance(120)
    (document,) = (one["id"] for one in world.result(BILL)["documents"])
    world.edit_result(BILL)
    nectar = world.emulator.world
    changes.correct_document(nectar, world.now.utc, document, {"totalCharges": "1.00"})
    world.live(2)
    return world


def test_an_edited_result_is_told_once_with_its_next_step(make_hold_world: MakeHoldWorld) -> None:
    """`result-edited`: the file's hold, one line with advice, one notice, no cost; others go on."""
    world = edited(make_hold_world)
    (hold,) = world.status()["holds"]
    assert (hold["code"], hold["scope"]) == ("result-edited", f"file: {world.path(BILL)}")
    assert (hold["files"], world.status()["needsYou"]) == (1, 1)
    assert "Bill.pdf.json was edited" in hold["message"]
    assert "bill-agent rewrite" in hold["advice"]
    (told,) = (
        one for one in world.notices if isinstance(one, StateChanged) and one.code == hold["code"]
    )
    assert told.message == f"{hold['message']} {hold['advice']}"
    before = world.disk.asked["writes"]
    world.live(8)
    assert world.disk.asked["writes"] == before
    assert world.told == ["result-edited"]
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.advance(120)
    assert world.bill("Plant 7/Other.pdf") == ("done", None)


@pytest.mark.parametrize("how", ["moved away", "moved away, rewrite", "put back"])
def test_an_edited_result_that_makes_room(make_hold_world: MakeHoldWorld, how: str) -> None:
    """Once the edited JSON is elsewhere, or as it was, the newer revision is written."""
    world = make_hold_world(refresh_hours=1.0)
    world.drop(BILL, bill_pdf())
    world.advance(120)
    written = (world.root / f"{BILL}.json").read_bytes()
    (document,) = (one["id"] for one in world.result(BILL)["documents"])
    world.edit_result(BILL)
    changes.correct_document(
        world.emulator.world, world.now.utc, document, {"totalCharges": "1.00"}
    )
    world.advance(2 * HOUR)
    assert world.bill(BILL) == ("done", "result-edited")
    if how == "put back":
        world.originals.pop(world.root / f"{BILL}.json")
        (world.root / f"{BILL}.json").write_bytes(written)
    else:
        world.move(f"{BILL}.json", "Plant 7/mine.txt")
    world.ask("rescan")
    world.advance(10)
    if how.endswith("rewrite"):
        world.ask("rewrite", files=[world.path(BILL)])
    world.advance(120)
    assert world.bill(BILL) == ("done", None)
    assert world.result(BILL)["documents"][0]["totalCharges"] == "1.00"
    assert world.status()["holds"] == []
    assert len(world.uploads()) == 1


def test_a_full_disk_of_the_store(make_hold_world: MakeHoldWorld) -> None:
    """`disk-full` of the store: told once, shown as the account's, nothing lost; ends by itself."""
    world = make_hold_world(behaviour=Behaviour(keys=(KEY,), processing_seconds=60.0))
    for number, content in enumerate(bills(6)):
        world.drop(f"Plant 7/{number}.pdf", content)
    while len(world.uploads()) < 3:
        world.advance(0.1)
    world.fill_disk_of_store()
    for number, content in enumerate(bills(60)[6:]):
        world.drop(f"Plant 7/late {number}.pdf", content)
    world.advance(HOUR)
    (hold,) = world.status()["holds"]
    assert (hold["code"], hold["scope"]) == ("disk-full", "account")
    assert "store" in hold["message"]
    assert "Make room" in hold["advice"]
    assert world.status()["needsYou"] == 1
    assert world.status()["folders"][0]["holds"] == ["disk-full"]
    sent = len(world.uploads())
    requests = world.tries()
    world.advance(DAY)
    assert (len(world.uploads()), world.tries()) == (sent, requests)
    assert world.hold_notices("disk-full") == 1
    world.make_room_for_store()
    world.advance(HOUR)
    assert world.ends("disk-full") == 1
    assert world.status()["holds"] == []
    assert list(world.bills().values()) == [("done", None)] * 60
    assert len({each.sha256 for each in world.uploads()}) == len(world.uploads()) == 60


def test_who_starts_the_agent_reads_what_it_waits_for(make_hold_world: MakeHoldWorld) -> None:
    """After a restart each hold is said once more, and is no news to who was told before."""
    world = make_hold_world(behaviour=Behaviour(keys=()))
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    world.notices.clear()
    world.restart()
    world.advance(10)
    began = [one for one in world.notices if isinstance(one, HoldBegan)]
    assert [(one.hold.code, one.is_again) for one in began] == [("key-refused", True)]


def test_a_file_that_may_not_be_read_says_so(make_hold_world: MakeHoldWorld) -> None:
    """It waits without a code and needs nobody, yet people read why; then it goes on by itself."""
    world = make_hold_world(scan_seconds=900)
    path = world.path(BILL)
    world.disk.locked.add(path)
    world.drop(BILL, bill_pdf())
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.live(24)
    assert world.bill("Plant 7/Other.pdf") == ("done", None)
    row = next(each for each in world.listed() if each.path == path)
    assert (row.state, row.code) == ("waiting", None)
    assert row.message == f"The file {path} may not be read by this user."
    assert row.advice == "Give this user the permission to read it."
    status = world.status()
    assert (status["holds"], status["needsYou"], world.told) == ([], 0, [])
    assert not world.overview().is_moving
    unreadable = world.overview().unreadable
    assert unreadable is not None
    assert (unreadable.files, unreadable.message) == (1, row.message)
    assert "1 bill waits" in world.status_text()
    # Without blanks: a long path is broken where the line ends.
    assert "".join(row.message.split()) in "".join(world.status_text().split())
    world.disk.locked.clear()
    world.advance(SLOWEST_PROBE_SECONDS + 60)
    assert world.bill(BILL) == ("done", None)
    assert world.overview().unreadable is None


def test_nobody_waits_for_a_file_that_may_not_be_read(make_hold_world: MakeHoldWorld) -> None:
    """It is looked at for some seconds, as another program may keep it; then `once` ends."""
    world = make_hold_world()
    world.disk.locked.add(world.path(BILL))
    world.drop(BILL, bill_pdf())
    world.run_until_still(limit=120)
    world.disk.locked.clear()
    world.advance(SLOWEST_PROBE_SECONDS)
    assert world.bill(BILL) == ("done", None)


def test_a_rejection_that_was_dismissed_stays_so_when_it_was_locked(
    make_hold_world: MakeHoldWorld,
) -> None:
    """Who touches a file, and keeps it for a moment, brings nobody back to what was seen."""
    world = make_hold_world()
    world.drop(BILL, b"no bill")
    world.advance(60)
    path = world.path(BILL)
    assert world.ask("dismiss", files=[path]) == {"done": 1, "declined": []}
    world.disk.locked.add(path)
    world.drop(BILL, b"no bill")
    world.advance(60)
    assert world.bill(BILL) == ("waiting", None)
    world.disk.locked.clear()
    world.advance(SLOWEST_PROBE_SECONDS)
    assert world.bill(BILL) == ("rejected", "not-a-bill-file")
    assert world.status()["needsYou"] == 0


def test_a_file_that_was_rejected_tells_nothing_of_that_once_it_changed(
    make_hold_world: MakeHoldWorld,
) -> None:
    """What was wrong with earlier bytes is no reason why the new ones wait."""
    world = make_hold_world(quiet_seconds=100.0)
    world.drop(BILL, b"no bill")
    world.advance(300)
    world.drop(BILL, bill_pdf())
    world.advance(20)
    (row,) = world.listed()
    assert (row.state, row.code, row.message) == ("waiting", None, None)
    world.advance(300)
    assert world.bill(BILL) == ("done", None)
