"""Two machines on one folder: one serves it, the other waits, and nothing is sent by both."""

from __future__ import annotations

import pytest
from bill_files import bill_pdf, bills
from journey_world import KEY
from two_machines import MakeTwo

from agent.bills.stages import SubmissionStage
from agent.emulator.behaviour import Behaviour, Fault
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"


def slow(seconds: float = 600.0, *faults: Fault) -> Behaviour:
    """Return a Nectar that takes so long to read a bill."""
    return Behaviour(keys=(KEY,), processing_seconds=seconds, faults=faults)


# --- the second comes -------------------------------------------------------------------------


def test_the_second_sends_nothing(make_two: MakeTwo) -> None:
    """The first serves the folder; the second says so, and names the machine."""
    two = make_two()
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    two.start(two.second)
    two.first.world.drop("Plant 7/Next.pdf", bill_pdf(account="next"))
    two.run_until_still()
    assert two.second.is_held()
    assert "ONE" in two.second.world.holds()["folder-taken"].message
    assert len(two.emulator.world.uploads) == 2
    assert set(two.first.world.bills().values()) == {("done", None)}


def test_the_second_sees_what_the_first_is_doing_and_leaves_all_results(make_two: MakeTwo) -> None:
    """While the first works, the second writes and removes nothing, rejections neither."""
    two = make_two(behaviour=slow())
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.switch_off(two.first)
    two.first.world.drop("Plant 7/No bill.pdf", b"no bill at all")
    two.first.world.drop(BILL, bill_pdf())
    two.advance(hours=2)
    assert two.second.world.tree() == [BILL, "Plant 7/No bill.pdf"]
    two.start(two.first)
    two.run_until_still()
    assert two.first.world.bill("Plant 7/No bill.pdf") == ("rejected", "not-a-bill-file")
    assert two.first.world.bill(BILL) == ("done", None)
    assert len(two.emulator.world.uploads) == 1


# --- take -------------------------------------------------------------------------------------


def test_take_moves_the_folder(make_two: MakeTwo) -> None:
    """After `take` the second serves it, the first says so, and results are adopted."""
    two = make_two()
    for number, content in enumerate(bills(5)):
        two.first.world.drop(f"Plant 7/{number}.pdf", content)
    two.run_until_still()
    two.start(two.second)
    two.run_until_still()
    before = {path.name: path.read_bytes() for path in two.first.world.root.rglob("*.json")}
    assert two.take(two.second)["done"] == 1
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    assert two.first.is_held()
    assert not two.second.is_held()
    assert set(two.second.world.bills().values()) == {("done", None)}
    assert len(two.emulator.world.uploads) == 6
    after = {path.name: path.read_bytes() for path in two.first.world.root.rglob("*.json")}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("is_off", [True, False], ids=["first off", "first on"])
def test_take_finds_what_the_old_owner_has_under_way(make_two: MakeTwo, *, is_off: bool) -> None:
    """A bill that the first sent and has no result of is found at Nectar, not sent again."""
    two = make_two(behaviour=slow())
    two.first.world.drop(BILL, bill_pdf())
    two.advance(60)
    assert len(two.emulator.world.uploads) == 1
    two.start(two.second)
    two.advance(120)
    if is_off:
        two.switch_off(two.first)
    two.take(two.second)
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.bill(BILL) == ("done", None)
    assert two.second.world.result(BILL)["outcome"] == "processed"


def test_take_finds_an_upload_whose_answer_the_old_owner_never_got(make_two: MakeTwo) -> None:
    """The first was killed in the upload and never came back: its upload is found."""
    two = make_two(behaviour=slow(300.0))
    two.first.world.kill_during(Kind.SEND, "after")
    two.first.world.drop(BILL, bill_pdf())
    while not two.first.world.deaths:
        two.advance(0.5)
    two.switch_off(two.first)
    two.start(two.second)
    two.advance(5)
    two.take(two.second)
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.bill(BILL) == ("done", None)


def test_after_take_a_sleeper_sends_nothing(make_two: MakeTwo) -> None:
    """The first falls asleep with an upload in hand and wakes when the folder is the other's."""
    two = make_two()
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.first.world.drop(BILL, bill_pdf())
    two.fall_asleep(two.first, within=Kind.SEND)
    two.advance(hours=1)
    assert two.first.state == "asleep"
    two.take(two.second)
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    two.wake(two.first)
    two.run_until_still()
    assert two.first.is_held()
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.bill(BILL) == ("done", None)


@pytest.mark.parametrize("how", ["off", "asleep"])
def test_whoever_comes_back_reads_the_mark_first(make_two: MakeTwo, how: str) -> None:
    """A bill that waits on the first is not sent when it comes back after the other's `take`."""
    two = make_two()
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.first.world.network.is_cut = True
    two.first.world.drop(BILL, bill_pdf())
    two.advance(300)
    if how == "off":
        two.switch_off(two.first)
    else:
        two.fall_asleep(two.first)
    two.take(two.second)
    two.run_until_still()
    two.first.world.network.is_cut = False
    if how == "off":
        two.start(two.first)
    else:
        two.wake(two.first)
    two.run_until_still()
    assert two.first.is_held()
    assert len(two.emulator.world.uploads) == 1
    assert two.first.world.bill(BILL)[0] in ("waiting", "done")


def test_between_two_readings_the_mark_is_looked_at_before_each_upload(make_two: MakeTwo) -> None:
    """`take` counts at once: the first sends nothing more, however long until its next reading."""
    two = make_two(scan_seconds=3600.0)
    two.run_until_still()
    two.start(two.second)
    two.advance(5)
    two.first.world.network.is_cut = True
    two.first.world.drop(BILL, bill_pdf())
    two.advance(60)
    assert [row.stage for row in two.first.world.submissions()] == [SubmissionStage.QUEUED]
    tried = two.first.world.tries("POST")
    two.take(two.second)
    two.first.world.network.is_cut = False
    two.advance(900)
    assert two.first.is_held()
    assert two.first.world.tries("POST") == tried
    two.run_until_still()
    assert two.second.world.bill(BILL) == ("done", None)
    assert len(two.emulator.world.uploads) == 1


def test_take_and_take_back(make_two: MakeTwo) -> None:
    """The folder goes to the second and back: each adopts what the other wrote, nothing twice."""
    two = make_two()
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    two.start(two.second)
    two.run_until_still()
    two.take(two.second)
    two.second.world.drop("Plant 7/Second's.pdf", bill_pdf(account="second"))
    two.run_until_still()
    two.take(two.first)
    two.first.world.drop("Plant 7/First's.pdf", bill_pdf(account="first"))
    two.run_until_still()
    assert not two.first.is_held()
    assert two.second.is_held()
    assert set(two.first.world.bills().values()) == {("done", None)}
    assert len(two.first.world.bills()) == 3
    assert len(two.emulator.world.uploads) == 3
