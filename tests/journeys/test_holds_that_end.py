"""Holds whose cause goes in ways that nobody planned; and what must not make one, or end one."""

from __future__ import annotations

from bill_files import bill_pdf, bills
from hold_world import MakeHoldWorld
from journey_world import DAY, HOUR

BILL = "Plant 7/Bill.pdf"


def test_a_first_look_of_files_that_go_away(make_hold_world: MakeHoldWorld) -> None:
    """More than 25 files ask and are taken away: nothing asks any more, and the hold ends."""
    world = make_hold_world(existing="ask")
    for number, content in enumerate(bills(30)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.advance(60)
    assert world.holds().keys() == {"first-look"}
    for number in range(30):
        world.delete(f"Plant 7/{number}.pdf")
    world.advance(300)
    assert world.holds() == {}
    assert world.status()["needsYou"] == 0


def test_a_missing_folder_is_looked_at_less_often(make_hold_world: MakeHoldWorld) -> None:
    """A folder that is away for a day is looked at about a hundred times, not every minute."""
    world = make_hold_world(longest_jump=300)
    world.run_until_still()
    world.rename_root("Plant 7", "away")
    before = world.disk.asked["readings"]
    world.advance(DAY)
    assert 90 <= world.disk.asked["readings"] - before <= 110
    world.rename_root("away", "Plant 7")
    world.drop(BILL, bill_pdf())  # the system tells of it, as it does when a drive is connected
    world.advance(120)
    assert world.bill(BILL) == ("done", None)


def test_a_missing_folder_is_notified_after_half_an_hour(make_hold_world: MakeHoldWorld) -> None:
    """Shown at once; a person is told after 30 minutes without it, counted anew each time."""
    world = make_hold_world()
    world.run_until_still()
    for _ in range(2):
        world.rename_root("Plant 7", "away")
        world.ask("rescan")
        world.advance(20)
        assert world.holds_of("folder-missing") != []
        world.live(0.4, look_every=60)
        assert world.told == []
        world.rename_root("away", "Plant 7")
        world.ask("rescan")
        world.advance(20)
        assert world.holds() == {}
    world.rename_root("Plant 7", "away")
    world.ask("rescan")
    world.live(0.6, look_every=60)
    assert world.told == ["folder-missing"]
    assert world.status()["needsYou"] == 1
    world.rename_root("away", "Plant 7")
    world.advance(HOUR)
    assert world.holds() == {}
