"""Files that lay there before their folder was watched: nothing goes without the owner's word."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bill_files import bill_pdf, bills
from journey_world import DAY, MakeWorld, World

MANY = 26
FEW = 25


def with_existing(make_world: MakeWorld, count: int, **settings: Any) -> World:
    """Return a world whose folder held so many bills before the agent first looked."""
    world = make_world(**settings)
    for number, content in enumerate(bills(count)):
        day = date(2026, 1, 1 + number % 28)
        world.drop(f"Plant 7/{number:02}.pdf", content, modified=day)
    return world


def states(world: World) -> dict[tuple[str, str | None], int]:
    """Return how many files are in each state with each code."""
    found: dict[tuple[str, str | None], int] = {}
    for state in world.bills().values():
        found[state] = found.get(state, 0) + 1
    return found


def test_many_existing_files_wait_for_admit(make_world: MakeWorld) -> None:
    """`ask`, more than 25: all of them ask, one hold says so, nothing is read or sent."""
    world = with_existing(make_world, MANY, existing="ask")
    world.run_until_still()
    assert states(world) == {("asks", "first-look"): MANY}
    assert world.holds().keys() == {"first-look"}
    assert world.hold_notices("first-look") == 1
    assert world.uploads() == []
    assert all(row.sha256 is None for row in world.rows())


def test_few_existing_files_go(make_world: MakeWorld) -> None:
    """`ask`, up to 25: they go without a question."""
    world = with_existing(make_world, FEW, existing="ask")
    world.run_until_still()
    assert states(world) == {("done", None): FEW}
    assert len(world.uploads()) == FEW


def test_what_comes_later_goes(make_world: MakeWorld) -> None:
    """A bill that is dropped while others wait for `admit` is sent."""
    world = with_existing(make_world, MANY, existing="ask")
    world.run_until_still()
    world.drop("Plant 7/New.pdf", bill_pdf())
    world.run_until_still()
    assert world.bill("Plant 7/New.pdf") == ("done", None)
    assert len(world.uploads()) == 1


def test_existing_all(make_world: MakeWorld) -> None:
    """`all`: every existing file goes."""
    world = with_existing(make_world, MANY, existing="all")
    world.run_until_still()
    assert states(world) == {("done", None): MANY}


def test_existing_new(make_world: MakeWorld) -> None:
    """`new`: existing files are left alone for good, later ones go."""
    world = with_existing(make_world, 3, existing="new")
    world.run_until_still()
    world.restart()
    world.drop("Plant 7/New.pdf", bill_pdf())
    world.advance(hours=3)
    assert states(world) == {("left", None): 3, ("done", None): 1}
    assert world.holds() == {}


def test_existing_since_a_date(make_world: MakeWorld) -> None:
    """A date: existing files changed since then go, older ones are left."""
    world = with_existing(make_world, 10, existing="2026-01-06")
    world.run_until_still()
    assert states(world) == {("done", None): 5, ("left", None): 5}
    assert world.bill("Plant 7/05.pdf") == ("done", None)
    assert world.bill("Plant 7/04.pdf") == ("left", None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"all": True}, {("done", None): MANY}),
        ({"since": "2026-01-21"}, {("done", None): 6, ("left", None): 20}),
        ({}, {("left", None): MANY}),
    ],
)
def test_admit_answers(
    make_world: MakeWorld, answer: dict[str, Any], expected: dict[tuple[str, str | None], int]
) -> None:
    """`admit` lets all go, those changed since a date, or none; the hold ends."""
    world = with_existing(make_world, MANY, existing="ask")
    world.run_until_still()
    said = world.ask("admit", folder=world.path("Plant 7"), **answer)
    assert said["declined"] == []
    assert said["done"] + said["left"] == MANY
    world.run_until_still()
    assert states(world) == expected
    assert world.holds() == {}


def test_admit_none_then_all(make_world: MakeWorld) -> None:
    """What was left by one answer may be let go by a later one."""
    world = with_existing(make_world, MANY, existing="ask")
    world.run_until_still()
    world.ask("admit", folder=world.path("Plant 7"))
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    world.run_until_still()
    assert states(world) == {("done", None): MANY}


def test_a_left_file_with_other_bytes_goes(make_world: MakeWorld) -> None:
    """A file that was left alone and then changes is a new bill."""
    world = with_existing(make_world, 2, existing="new")
    world.run_until_still()
    world.drop("Plant 7/00.pdf", bill_pdf())
    world.run_until_still()
    assert world.bill("Plant 7/00.pdf") == ("done", None)


def test_files_that_ask_survive_a_restart(make_world: MakeWorld) -> None:
    """A restart, a reading and a day do not answer the question of a first look."""
    world = with_existing(make_world, MANY, existing="ask")
    world.run_until_still()
    world.restart()
    world.advance(days=1)
    assert states(world) == {("asks", "first-look"): MANY}
    assert "first-look" in world.holds()
    assert world.uploads() == []


def test_a_lost_store_asks_however_few(make_world: MakeWorld) -> None:
    """A lost store in a folder with our mark: results are adopted, the rest asks, be it one."""
    world = make_world(existing="all")
    world.drop("Plant 7/Done.pdf", bill_pdf())
    world.run_until_still()
    before = Path(world.path("Plant 7/Done.pdf.json")).read_bytes()
    world.drop("Plant 7/New.pdf", bill_pdf(account="new"))
    world.lose_store()
    world.run_until_still()
    assert world.bills() == {
        "Plant 7/Done.pdf": ("done", None),
        "Plant 7/New.pdf": ("asks", "first-look"),
    }
    assert Path(world.path("Plant 7/Done.pdf.json")).read_bytes() == before
    assert len(world.uploads()) == 1
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    world.run_until_still()
    assert world.bill("Plant 7/New.pdf") == ("done", None)


def test_what_is_admitted_after_a_lost_store_is_looked_for_first(make_world: MakeWorld) -> None:
    """The store lost while a bill was at Nectar: once admitted, its job is found, not doubled."""
    world = make_world(existing="all")
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    while not world.uploads():
        world.advance(1.0)
    world.lose_store()
    world.advance(60)
    assert world.bill("Plant 7/Bill.pdf") == ("asks", "first-look")
    world.ask("admit", folder=world.path("Plant 7"), all=True)
    world.run_until_still(limit=DAY)
    assert world.bill("Plant 7/Bill.pdf") == ("done", None)
    assert len(world.uploads()) == 1
    assert world.result("Plant 7/Bill.pdf")["outcome"] == "processed"


def test_existing_results_do_not_count_as_waiting(make_world: MakeWorld) -> None:
    """Files with a result of ours are adopted and not counted among those that ask."""
    world = make_world(existing="ask")
    for number, content in enumerate(bills(FEW)):
        world.drop(f"Plant 7/{number:02}.pdf", content)
    world.run_until_still()
    world.restart()
    world.configure({"Plant 7": "PLANT-07", "Second": "PLANT-07"})
    for number, content in enumerate(bills(FEW)):
        world.drop(f"Second/{number:02}.pdf", content)
    world.run_until_still()
    assert states(world) == {("done", None): 2 * FEW}
    assert len(world.uploads()) == FEW


def test_a_first_look_of_a_folder_that_is_away(make_world: MakeWorld) -> None:
    """A folder that is away at first gets its first look when it comes."""
    world = make_world(folders={"absent": "PLANT-07"}, existing="new")
    world.advance(hours=1)
    assert "folder-missing" in world.holds()
    world.drop("absent/Old.pdf", bill_pdf())
    world.advance(hours=1)
    assert world.bill("absent/Old.pdf") == ("left", None)
    world.drop("absent/New.pdf", bill_pdf(account="new"))
    world.run_until_still()
    assert world.bill("absent/New.pdf") == ("done", None)
    assert world.holds() == {}


def test_another_environment_is_a_first_look(make_world: MakeWorld) -> None:
    """A change of environment is a first look of every folder."""
    world = with_existing(make_world, MANY, existing="all", environment="sandbox")
    world.run_until_still()
    sent = len(world.uploads())
    world.configure(environment="production", existing="ask")
    world.run_until_still()
    # Results of the sandbox lie beside all of them, and those do not answer for production.
    assert set(world.bills().values()) <= {("asks", "first-look"), ("done", None)}
    assert len(world.uploads()) in (sent, 2 * sent)
