"""What people and programs change while a step is out: the step ends, and harms nothing."""

from __future__ import annotations

import errno
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bill_files import bill_pdf
from hold_world import HoldWorld, MakeHoldWorld
from invariants import check
from journey_world import HOUR, World

from agent.bills.names import MARK_NAME
from agent.bills.plan import Plan
from agent.bills.values import Mark
from agent.emulator import changes
from agent.emulator.world import HARBOR_MILL_FOODS
from agent.files.examiner import Examiner
from agent.pipeline.work import Kind
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.watch.mark import read_mark, replace_mark

BILL = "Plant 7/Bill.pdf"
TWO_FOLDERS = {"Plant 7": "PLANT-07", "Inbox": "PLANT-07"}
THEIRS = Mark("b" * 32, "NAS-1", "jon", "2026-01-01T00:00:00Z")


def until_out(world: HoldWorld, kind: Kind) -> None:
    """Let time pass until a step of a kind is out, and keep it there."""
    world.slow = kind
    for _ in range(600):
        if world.under_way:
            return
        world.advance(1.0)
    raise AssertionError(f"no {kind} went out")


def leave(world: HoldWorld, kind: str, **payload: Any) -> int:
    """Leave a request, and let the agent see it."""
    people = open_for_people(store_path(world._data))
    assert people is not None
    with closing(people):
        number = leave_request(people, kind, payload, world.now.utc)
    world.advance(1.0)
    return number


def answered(world: HoldWorld, number: int) -> dict[str, Any] | None:
    """Return the answer to a request, None while there is none."""
    people = open_for_people(store_path(world._data))
    assert people is not None
    with closing(people):
        return answer_of(people, number)


def test_a_file_that_goes_while_it_is_fetched_from_the_cloud(
    make_hold_world: MakeHoldWorld,
) -> None:
    """It is gone, nothing is sent, and the next one is fetched at once."""
    world = make_hold_world()
    for name in (BILL, "Plant 7/Next.pdf"):
        world.drop(name, bill_pdf(account=name))
    world.put_in_cloud([BILL, "Plant 7/Next.pdf"])
    until_out(world, Kind.RECALL)
    fetched = Path(world.under_way[0].about or "")
    world.delete(str(fetched.relative_to(world.root)))
    world.end_slow()
    world.run_until_still()
    (left,) = world.bills().values()
    assert left == ("done", None)
    assert len(world.uploads()) == 1


def test_a_site_that_changes_while_a_result_is_read_back(make_hold_world: MakeHoldWorld) -> None:
    """After a lost store: the result says which site it was; nothing goes twice."""
    world = make_hold_world()
    changes.add_site(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, "Plant 8", "PLANT-08"
    )
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    before = (world.root / f"{BILL}.json").read_bytes()
    world.lose_store()
    until_out(world, Kind.ADOPT)
    world.configure({"Plant 7": "PLANT-08"})
    world.configure({"Plant 7": "PLANT-07"})
    world.end_slow()
    world.run_until_still()
    assert (world.root / f"{BILL}.json").read_bytes() == before
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_folder_that_is_taken_over_and_given_up_while_its_bill_is_sent(
    make_hold_world: MakeHoldWorld,
) -> None:
    """Another machine's mark keeps it from being sent, and nobody reads what is watched no more."""
    world = make_hold_world(folders=TWO_FOLDERS)
    world.drop("Inbox/Bill.pdf", bill_pdf())
    until_out(world, Kind.SEND)
    replace_mark(world.path("Inbox"), THEIRS)
    world.configure({"Plant 7": "PLANT-07"})
    world.end_slow()
    world.run_until_still()
    world.advance(HOUR)
    assert world.uploads() == []
    assert not world.has_result("Inbox/Bill.pdf")
    assert read_mark(world.path("Inbox")) == THEIRS


def test_take_while_the_folder_is_read(make_hold_world: MakeHoldWorld) -> None:
    """Who takes a folder over need not wait: it is ours with the next reading."""
    world = make_hold_world()
    world.run_until_still()
    replace_mark(world.path("Plant 7"), THEIRS)
    world.advance(200)
    assert "folder-taken" in world.holds()
    until_out(world, Kind.READ_FOLDER)
    number = leave(world, "take", folder=world.path("Plant 7"))
    assert answered(world, number) is None
    world.end_slow()
    world.advance(60)
    assert answered(world, number) is not None
    mark = read_mark(world.path("Plant 7"))
    assert mark is not None
    assert mark.agent_id == world.identity.id
    assert world.holds() == {}


def test_a_request_for_a_file_whose_step_is_out_waits_for_it(
    make_hold_world: MakeHoldWorld,
) -> None:
    """What a person wants of a file is judged by what the step learned."""
    world = make_hold_world()
    world.drop(BILL, bill_pdf())
    until_out(world, Kind.SEND)
    number = leave(world, "send", files=[world.path(BILL)])
    assert answered(world, number) is None
    world.end_slow()
    world.run_until_still()
    answer = answered(world, number)
    assert answer is not None
    assert answer["declined"] != []
    assert len(world.uploads()) == 1
    assert world.bill(BILL) == ("done", None)


def test_a_result_that_cannot_be_written_for_a_moment_is_waited_for(
    make_hold_world: MakeHoldWorld,
) -> None:
    """`once` does not end while another program has the place in use."""
    world = make_hold_world()
    world.disk.refusing = {world.path("Plant 7"): errno.EBUSY}
    world.drop(BILL, bill_pdf())
    world.advance(30)
    assert not world.has_result(BILL)
    assert world.scheduler.is_anything_moving()
    world.disk.refusing = {}
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)


def test_a_sleep_wakes_no_folder_that_is_watched_no_more(make_hold_world: MakeHoldWorld) -> None:
    """Its bills stay known, and nobody reads it again."""
    world = make_hold_world(folders=TWO_FOLDERS)
    world.drop("Inbox/Bill.pdf", bill_pdf())
    world.run_until_still()
    world.configure({"Plant 7": "PLANT-07"})
    world.run_until_still()
    world.drop("Inbox/New.pdf", bill_pdf(account="new"))
    world.wake_after_sleep(1.0)
    world.advance(HOUR)
    assert world.bills() == {"Inbox/Bill.pdf": ("done", None)}
    assert len(world.uploads()) == 1


class WithoutMark(World):
    """An agent that leaves no mark in its folders, as the demonstration does."""

    def _plan(self) -> Plan:
        return replace(super()._plan(), leaves_mark=False)


class WithoutEvents(World):
    """An agent on a system that tells of no changes."""

    def _hooks(self) -> dict[str, Any]:
        return {"events_come": lambda _: False}


@pytest.mark.parametrize("kind", [WithoutMark, WithoutEvents])
def test_agents_that_lack_something_do_their_work(
    tmp_path: Path, examiner: Examiner, kind: type[World]
) -> None:
    """Without marks none lies there; without events a bill is found within seconds."""
    world = kind(tmp_path, examiner, scan_seconds=600)
    with closing(world):
        world.run_until_still()
        path = world.drop(BILL, bill_pdf())
        world._hints.clear()
        world.advance(45 if kind is WithoutEvents else HOUR)
        world.run_until_still()
        assert world.bill(BILL) == ("done", None)
        assert (path.parent / MARK_NAME).exists() is (kind is WithoutEvents)
        check(world)
