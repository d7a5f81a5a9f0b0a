"""Folders with thousands of files: written down part by part, decided as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

from bill_files import bill_pdf
from journey_world import MakeWorld, World

from agent.bills.errors import NeedsAttention
from agent.pipeline.digest import PART
from agent.pipeline.work import Kind
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.store.store import Store

MANY = 2 * PART + 100


def with_many(make_world: MakeWorld, count: int = MANY, **settings: object) -> World:
    """Return a world whose folder held so many files before the agent first looked."""
    world = make_world(**{"existing": "ask", **settings})
    for number in range(count):
        world.drop(f"Plant 7/{number // 500}/{number:05}.pdf", b"%d" % number)
    return world


def into_first_look(world: World) -> None:
    """Let turns pass until the first part of a first look is written down."""
    while not world.rows():
        due = world.turn() or 0.0
        world.now = world.now.plus(max(due - world.now.utc, 0.001))


def states(world: World) -> Counter[tuple[str, str | None]]:
    """Return how many files are in each state with each code."""
    return Counter(world.bills().values())


def test_a_turn_writes_down_a_part_at_most(make_world: MakeWorld) -> None:
    """However large a folder is, each turn is short; the whole of it asks one question."""
    world = with_many(make_world)
    known = [0]
    while known[-1] < MANY:
        world.turn()
        world.now = world.now.plus(0.001)
        known.append(len(world.rows()))
    assert max(after - before for before, after in pairwise(known)) <= PART
    assert len(set(known)) >= MANY / PART
    world.run_until_still()
    assert states(world) == {("asks", "first-look"): MANY}
    assert str(MANY) in world.holds()["first-look"].message
    assert world.hold_notices("first-look") == 1
    assert world.uploads() == []


def test_requests_are_answered_during_a_first_look(make_world: MakeWorld) -> None:
    """`pause` is answered between two parts; `admit` waits for the whole and is for all of it."""
    world = with_many(make_world)
    into_first_look(world)
    people = open_for_people(store_path(world._data))
    assert people is not None
    with closing(people):
        answer = {"folder": world.path("Plant 7"), "since": "2100-01-01"}
        admission = leave_request(people, "admit", answer, world.now.utc)
        pause = leave_request(people, "pause", {}, world.now.utc)
        world.turn()
        assert answer_of(people, pause) == {"done": 1, "declined": []}
        assert answer_of(people, admission) is None
        assert len(world.rows()) < MANY
        world.run_until_still()
        assert answer_of(people, admission) == {"done": 0, "left": MANY, "declined": []}
    assert states(world) == {("left", None): MANY}
    assert world.holds() == {}


def test_nothing_goes_before_the_whole_is_decided(make_world: MakeWorld) -> None:
    """No file of a first look is looked at or sent while another of it is not written down."""
    world = with_many(make_world, existing="all", quiet_seconds=1.0)
    into_first_look(world)
    world.now = world.now.plus(5.0)  # the first part's files are quiet by now
    world.turn()
    assert len(world.rows()) < MANY
    assert {row.stage for row in world.rows()} == {"found"}
    assert world.scheduler.memory.count(Kind.SETTLE, Kind.EXAMINE) == 0
    assert world.scheduler.memory.quiet.keys() == {row.id for row in world.rows()}


def test_a_first_look_that_was_broken_off_asks_about_all(make_world: MakeWorld) -> None:
    """After an end in the midst of a first look the next start decides anew, about everything."""
    world = with_many(make_world)
    into_first_look(world)
    world.restart()
    assert 0 < len(world.rows()) < MANY
    world.run_until_still()
    assert states(world) == {("asks", "first-look"): MANY}
    assert str(MANY) in world.holds()["first-look"].message
    said = world.ask("admit", folder=world.path("Plant 7"))
    assert said["left"] == MANY


def test_a_first_look_broken_off_leaves_what_is_to_be_left(make_world: MakeWorld) -> None:
    """`new`: what was there is left alone, whatever was written down of it; what comes goes."""
    world = with_many(make_world, existing="new")
    into_first_look(world)
    world.restart()
    world.run_until_still()
    world.drop("Plant 7/New.pdf", bill_pdf())
    world.run_until_still()
    assert states(world) == {("left", None): MANY, ("done", None): 1}


def test_what_opens_later_is_decided_as_a_whole(make_world: MakeWorld) -> None:
    """A subfolder that the first look could not read asks about all of it, broken off or not."""
    world = make_world(existing="ask")
    world.disk.unreadable.add(world.path("Plant 7/Locked"))
    for number in range(MANY):
        world.drop(f"Plant 7/Locked/{number:05}.pdf", b"%d" % number)
    world.run_until_still()
    assert world.rows() == []
    world.disk.unreadable.clear()
    into_first_look(world)
    world.restart()
    assert 0 < len(world.rows()) < MANY
    world.run_until_still()
    assert states(world) == {("asks", "first-look"): MANY}
    assert str(MANY) in world.holds()["first-look"].message


def test_the_end_does_not_wait_for_the_rest(make_world: MakeWorld) -> None:
    """Stopped in the midst of a first look, the agent has nothing under way."""
    world = with_many(make_world)
    into_first_look(world)
    assert world.scheduler.memory.out
    world.scheduler.settle_up(world.now)
    assert world.scheduler.memory.out == {}
    assert len(world.rows()) < MANY


def test_other_settings_in_the_midst_of_a_first_look(make_world: MakeWorld) -> None:
    """A reading by the old settings is dropped; the new ones decide about everything."""
    world = with_many(make_world)
    into_first_look(world)
    world.configure(existing="new")
    world.run_until_still()
    assert states(world) == {("left", None): MANY}
    assert world.holds() == {}


class FullDisk(Store):
    """A store whose disk is full for one turn."""

    is_full = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run what is inside, and undo it while the disk is full."""
        with super().transaction():
            yield
            if self.is_full:
                raise NeedsAttention("disk-full", "No space.", "Make room.")


def test_a_full_disk_in_the_midst_of_a_first_look(make_world: MakeWorld) -> None:
    """A part that could not be written down is not lost: the folder is read again."""
    world = with_many(make_world)
    world.store.close()
    world.store = store = FullDisk(store_path(world._data))
    world._begin()
    into_first_look(world)
    before = len(world.rows())
    store.is_full = True
    for _ in range(3):
        try:
            world.turn()
        except NeedsAttention:
            continue
        raise AssertionError("the disk was not full")
    store.is_full = False
    assert len(world.rows()) == before < MANY
    world.run_until_still()
    assert states(world) == {("asks", "first-look"): MANY}
    assert world.hold_notices("first-look") == 1


def test_changes_in_a_large_folder(make_world: MakeWorld) -> None:
    """New, changed, renamed and deleted files among thousands are each noticed, others are not."""
    world = with_many(make_world, existing="new")
    world.run_until_still()
    world.drop("Plant 7/0/New.pdf", bill_pdf())
    world.drop("Plant 7/2/01050.pdf", bill_pdf("changed"))
    world.delete("Plant 7/1/00700.pdf")
    world.move("Plant 7/0/00001.pdf", "Plant 7/0/moved.pdf")
    world.run_until_still()
    assert states(world) == {
        ("left", None): MANY - 3,
        ("done", None): 2,
        ("rejected", "not-a-bill-file"): 1,
    }
    assert world.bill("Plant 7/0/moved.pdf")[0] == "rejected"
    gone = {row.path for row in world.rows() if row.stage == "gone"}
    assert gone == {world.path("Plant 7/1/00700.pdf"), world.path("Plant 7/0/00001.pdf")}
    assert len(world.uploads()) == 2


def test_a_small_folder_beside_a_large_one(make_world: MakeWorld) -> None:
    """While a large folder is written down, a bill in another one gets its result."""
    folders = {"Plant 7": "PLANT-07", "Inbox": "PLANT-07"}
    world = with_many(make_world, folders=folders)
    into_first_look(world)
    world.drop("Inbox/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert world.bill("Inbox/Bill.pdf") == ("done", None)
    assert states(world)["asks", "first-look"] == MANY
