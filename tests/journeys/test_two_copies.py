"""Two machines on two copies of one folder that a sync program keeps alike, later."""

from __future__ import annotations

from pathlib import Path

import pytest
from bill_files import bill_pdf
from journey_world import HOUR, KEY
from two_machines import Machine, MakeTwo, TwoMachines

from agent.bills.names import MARK_NAME
from agent.emulator.behaviour import Behaviour, Fault

BILL = "Plant 7/Bill.pdf"


def owners(two: TwoMachines) -> list[Machine]:
    """Return the machines that serve the folder as they themselves see it."""
    return [machine for machine in two.machines if not machine.is_held()]


def marks(two: TwoMachines) -> set[bytes]:
    """Return the different marks in the copies."""
    return {(machine.world.root / "Plant 7" / MARK_NAME).read_bytes() for machine in two.machines}


def test_the_second_copy_is_served_by_the_first_machine(make_two: MakeTwo) -> None:
    """A bill dropped on the second machine is sent by the first, and its result comes back."""
    two = make_two(copies=True)
    two.advance(30)
    two.start(two.second)
    two.second.world.drop(BILL, bill_pdf())
    two.run_until_still()
    assert owners(two) == [two.first]
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.result(BILL)["outcome"] == "processed"
    assert two.first.world.bill(BILL) == ("done", None)


def apart(make_two: MakeTwo) -> TwoMachines:
    """Return two machines that each marked its copy before the copies met."""
    two = make_two(copies=True)
    assert two.sync is not None
    two.sync.is_paused = True
    two.start(two.second)
    two.advance(120)
    assert len(marks(two)) == 2
    return two


def test_of_two_marks_one_stays_and_the_other_machine_stops(make_two: MakeTwo) -> None:
    """When the copies meet, both machines agree on one owner, and the other sends no more."""
    two = apart(make_two)
    two.first.world.drop("Plant 7/One.pdf", bill_pdf(account="one"))
    two.second.world.drop("Plant 7/Two.pdf", bill_pdf(account="two"))
    two.advance(120)
    assert len(two.emulator.world.uploads) == 2
    assert two.sync is not None
    two.sync.is_paused = False
    two.run_until_still()
    assert len(marks(two)) == 1
    assert len(owners(two)) == 1
    two.second.world.drop(BILL, bill_pdf())
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 3
    for machine in two.machines:
        for name in ("Plant 7/One.pdf", "Plant 7/Two.pdf", BILL):
            assert machine.world.result(name)["outcome"] == "processed"
    assert set(owners(two)[0].world.bills().values()) == {("done", None)}


@pytest.mark.parametrize(
    "name",
    [
        ".nectar-bill-agent (conflicted copy)",
        ".nectar-bill-agent (Mara's conflicted copy 2026-02-11)",
        ".nectar-bill-agent-PC-7",
        ".nectar-bill-agent (1)",
        ".sync-conflict-20260211-190000-ABCDEFG.nectar-bill-agent",
        ".nectar-bill-agent.pdf",
    ],
)
def test_conflicted_copies_of_the_mark_are_left_alone(make_two: MakeTwo, name: str) -> None:
    """Whatever a sync program calls them: they decide nothing, are no bills and stay."""
    two = make_two()
    two.run_until_still()
    mark = two.first.world.root / "Plant 7" / MARK_NAME
    other = mark.with_name(name)
    other.write_bytes(mark.read_bytes().replace(b"ONE", b"TWO"))
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    assert owners(two)[0] is two.first
    assert two.first.world.bill(BILL) == ("done", None)
    assert other.exists()
    other.unlink()


def test_take_on_one_copy_reaches_the_other(make_two: MakeTwo) -> None:
    """The old owner stops when the new mark reaches its copy, however long that takes."""
    two = make_two(copies=True)
    assert two.sync is not None
    two.advance(30)
    two.start(two.second)
    two.run_until_still()
    two.sync.delay = lambda _: HOUR
    two.take(two.second)
    two.advance(hours=2)
    assert owners(two) == [two.second]
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.bill(BILL) == ("done", None)


def test_both_sent_the_same_bill_before_the_copies_met(make_two: MakeTwo) -> None:
    """What nobody can prevent: two jobs, one of them a duplicate; yet one owner, one result."""
    two = apart(make_two)
    for machine in two.machines:
        machine.world.drop(BILL, bill_pdf())
        two.advance(60)
    assert len(two.emulator.world.uploads) == 2
    assert two.sync is not None
    two.sync.is_paused = False
    two.run_until_still()
    (owner,) = owners(two)
    assert owner.world.bill(BILL) == ("done", None)
    assert {machine.world.result(BILL)["outcome"] for machine in two.machines} <= {
        "processed",
        "duplicate",
    }


def test_results_that_come_late_are_adopted(make_two: MakeTwo) -> None:
    """`take` before the old owner's results arrived: they are found at Nectar, nothing is sent."""
    two = make_two(copies=True)
    assert two.sync is not None
    two.sync.delay = lambda name: 3 * HOUR if name.endswith(".json") else 5.0
    two.first.world.drop(BILL, bill_pdf())
    two.advance(120)
    two.switch_off(two.first)
    two.start(two.second)
    two.advance(120)
    two.take(two.second)
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    assert two.second.world.bill(BILL) == ("done", None)
    assert Path(two.second.world.path(f"{BILL}.json")).exists()


# --- looked for before it is sent -------------------------------------------------------------


def test_a_bill_that_the_other_machine_sent_is_found_at_nectar(make_two: MakeTwo) -> None:
    """The old owner's result is gone, the bill comes back under another name: no second upload."""
    two = make_two()
    two.first.world.drop(BILL, bill_pdf())
    two.run_until_still()
    two.first.world.drop(BILL, bill_pdf(account="other"))
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.take(two.second)
    two.run_until_still()
    two.second.world.drop("Plant 7/Again.pdf", bill_pdf())
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 2
    assert two.second.world.bill("Plant 7/Again.pdf") == ("done", None)
    assert two.second.world.result("Plant 7/Again.pdf")["outcome"] == "processed"


def test_a_bill_that_comes_before_its_result(make_two: MakeTwo) -> None:
    """Two marks met long ago; a bill of the other copy comes hours before its result does."""
    two = apart(make_two)
    sync = two.sync
    assert sync is not None
    sync.is_paused = False
    two.run_until_still()
    (owner,) = owners(two)
    (loser,) = (machine for machine in two.machines if machine is not owner)
    sync.is_paused = True
    mark = loser.world.root / "Plant 7" / MARK_NAME
    mark.unlink()  # it serves its copy again, until the copies meet
    two.advance(hours=1)
    loser.world.drop(BILL, bill_pdf())
    two.advance(120)
    assert len(two.emulator.world.uploads) == 1
    sync.delay = lambda name: 3 * HOUR if name.endswith(".json") else 5.0
    sync.is_paused = False
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 1
    assert owners(two)[0].world.bill(BILL) == ("done", None)


def test_looking_first_costs_few_requests(make_two: MakeTwo) -> None:
    """Bill after bill in a folder that changed hands: one look every ten minutes at most."""
    two = make_two()
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.take(two.second)
    two.run_until_still()
    before = two.emulator.log.counts["GET /document/company/{}"]
    for number in range(40):
        two.second.world.drop(f"Plant 7/{number:02}.pdf", bill_pdf(account=f"n{number}"))
        two.advance(60)
    two.run_until_still()
    assert len(two.emulator.world.uploads) == 40
    assert two.emulator.log.counts["GET /document/company/{}"] - before <= 5


def test_a_list_that_cannot_be_read_keeps_no_bill_waiting(make_two: MakeTwo) -> None:
    """Looking first is a help and no condition."""
    two = make_two()
    two.run_until_still()
    two.start(two.second)
    two.advance(120)
    two.take(two.second)
    two.run_until_still()
    two.emulator.behaviour = Behaviour(
        keys=(KEY,), faults=(Fault(path="/document/company/*", status=403, times=None),)
    )
    two.second.world.drop(BILL, bill_pdf())
    two.advance(60)
    assert two.second.world.bill(BILL) == ("done", None)
