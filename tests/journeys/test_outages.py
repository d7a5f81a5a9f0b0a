"""Long troubles of the whole account: what they cost; nothing is lost or doubled by them."""

from __future__ import annotations

import pytest
from bill_files import bill_pdf, bills
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import DAY, HOUR, KEY

from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.requests import Cut

BILL = "Plant 7/Bill.pdf"


def drop_many(world: HoldWorld, count: int, name: str = "") -> None:
    """Drop so many bills."""
    for number, content in enumerate(bills(count)):
        world.drop(f"Plant 7/{name}{number:03}.pdf", content)


def is_all_done(world: HoldWorld, count: int) -> bool:
    """Whether so many bills have their results, each sent once, and nothing holds."""
    sent = [each.sha256 for each in world.uploads()]
    is_done = list(world.bills().values()) == [("done", None)] * count
    return is_done and len(sent) == len(set(sent)) == count and world.holds() == {}


def begin_at_work(make_hold_world: MakeHoldWorld, count: int) -> HoldWorld:
    """Return a world that is cut off in the middle: jobs under way, uploads in doubt, a queue."""
    fault = Fault(method="POST", path="/job/company/*", cut=Cut.AFTER_BODY, skip=20, times=4)
    world = make_hold_world(
        behaviour=Behaviour(keys=(KEY,), processing_seconds=300.0, faults=(fault,)),
        scan_seconds=1800,
        longest_jump=900,
    )
    drop_many(world, 40, "early ")
    while len(world.uploads()) < 25:
        world.advance(0.05)
    for number, content in enumerate(bills(count)[40:]):
        world.drop(f"Plant 7/late {number:03}.pdf", content)
    world.advance(1)
    codes = [code for _, code in world.bills().values()]
    assert codes.count("upload-in-doubt") >= 3
    assert sum(state == "sent" for state, _ in world.bills().values()) >= 20
    assert sum(state == "waiting" for state, _ in world.bills().values()) >= count - 40
    return world


def test_a_day_cut_off_in_the_middle_of_work(make_hold_world: MakeHoldWorld) -> None:
    """24 hours without Nectar, 200 bills queued, sent and in doubt: 150 requests, nothing lost."""
    world = begin_at_work(make_hold_world, 200)
    world.network.is_cut = True
    before = world.tries()
    world.advance(DAY)
    assert world.tries() - before <= 150
    assert world.hold_notices("no-connection") == 1
    assert world.ends("no-connection") == 0
    (hold,) = world.status()["holds"]
    assert (hold["code"], hold["scope"], hold["files"]) == ("no-connection", "account", 200)
    assert world.status()["service"]["state"] == "offline"
    assert world.status()["needsYou"] == 0
    world.network.is_cut = False
    world.advance(4 * HOUR)
    assert is_all_done(world, 200)


def test_a_day_of_another_kind_of_silence(make_hold_world: MakeHoldWorld) -> None:
    """The same while every answer is a 503: as cheap, and nothing lost."""
    world = begin_at_work(make_hold_world, 70)
    world.behaviour = Behaviour(keys=(KEY,), faults=(Fault(status=503, times=None),))
    before = world.tries()
    world.advance(DAY)
    assert world.tries() - before <= 150
    assert world.holds().keys() == {"no-connection"}
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(4 * HOUR)
    assert is_all_done(world, 70)


def test_a_key_revoked_in_the_middle_of_work(make_hold_world: MakeHoldWorld) -> None:
    """Bills queued, sent and in doubt: one notice, 10 requests an hour; then all go on."""
    world = begin_at_work(make_hold_world, 120)
    world.behaviour = Behaviour(keys=(), processing_seconds=300.0)
    world.advance(HOUR)
    before = world.tries()
    for _ in range(6):
        world.live(1)
        assert world.tries() - before <= 10
        before = world.tries()
    assert world.hold_notices("key-refused") == 1
    assert world.told == ["key-refused"]
    (hold,) = world.status()["holds"]
    assert (hold["code"], hold["files"]) == ("key-refused", 120)
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=300.0)
    world.ask("key-changed")
    world.advance(4 * HOUR)
    assert is_all_done(world, 120)


def test_a_cause_that_changes(make_hold_world: MakeHoldWorld) -> None:
    """Refused, then cut off, then no key at all: what is told is what is so, each once."""
    world = make_hold_world()
    world.behaviour = Behaviour(keys=())
    world.drop(BILL, bill_pdf())
    world.live(1)
    assert world.holds().keys() == {"key-refused"}
    world.network.is_cut = True
    world.live(1)
    assert world.holds().keys() == {"key-refused", "no-connection"}
    world.network.is_cut = False
    world.key = None
    world.ask("key-changed")
    world.live(1)
    assert world.holds().keys() == {"key-missing"}
    # The key is there, and the line is not: what says that there is no key must go.
    world.key = KEY
    world.network.is_cut = True
    world.ask("key-changed")
    world.live(1)
    assert world.holds().keys() == {"no-connection"}
    assert world.status()["needsYou"] == 0
    world.network.is_cut = False
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(1000)
    assert is_all_done(world, 1)
    assert world.told == ["key-refused", "key-missing"]


def test_a_certificate_that_is_trusted_while_nectar_is_ill(make_hold_world: MakeHoldWorld) -> None:
    """Once an answer came over TLS, nobody is told any more that it is not trusted."""
    world = make_hold_world(base_url="https://127.0.0.1:9/v2.2")
    world.network.is_distrusted = True
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"tls-not-trusted"}
    world.network.is_distrusted = False
    world.behaviour = Behaviour(keys=(KEY,), faults=(Fault(status=502, times=None),))
    world.advance(HOUR)
    assert world.holds().keys() == {"no-connection"}
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(1000)
    assert is_all_done(world, 1)


@pytest.mark.parametrize("first", ["pause", "key"])
def test_a_pause_during_a_hold(make_hold_world: MakeHoldWorld, first: str) -> None:
    """A hold that ends during a pause sends nothing; a pause that ends during a hold neither."""
    world = make_hold_world(behaviour=Behaviour(keys=()))
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    world.ask("pause")
    world.advance(HOUR)
    assert world.status()["service"]["state"] == "paused"
    if first == "key":
        world.behaviour = Behaviour(keys=(KEY,))
        world.advance(HOUR)
        assert world.holds() == {}
        assert world.uploads() == []
        world.ask("resume")
    else:
        world.ask("resume")
        world.advance(HOUR)
        assert world.uploads() == []
        assert world.holds().keys() == {"key-refused"}
        world.behaviour = Behaviour(keys=(KEY,))
    world.advance(1000)
    assert is_all_done(world, 1)


def test_the_configuration_is_edited_during_a_hold(make_hold_world: MakeHoldWorld) -> None:
    """An edit that heals nothing ends nothing and tells nobody again; one that heals does so."""
    world = make_hold_world(behaviour=Behaviour(keys=()), folders={"Plant 7": "PLANT-70"})
    world.drop(BILL, bill_pdf())
    world.live(1)
    assert world.holds().keys() == {"key-refused"}
    world.configure(quiet_seconds=5.0)
    world.live(1)
    assert world.hold_notices("key-refused") == 1
    assert world.ends("key-refused") == 0
    world.behaviour = Behaviour(keys=(KEY,))
    world.configure(quiet_seconds=6.0)
    world.advance(30)
    assert world.holds().keys() == {"site-missing"}
    world.configure(quiet_seconds=7.0)
    world.live(1)
    assert world.hold_notices("site-missing") == 1
    assert world.ends("site-missing") == 0
    world.configure({"Plant 7": "PLANT-07"})
    world.advance(120)
    assert is_all_done(world, 1)
    assert world.told == ["key-refused", "site-missing"]


def test_another_api_address_during_a_hold(make_hold_world: MakeHoldWorld) -> None:
    """What one environment's key was refused for says nothing about the other's."""
    world = make_hold_world(behaviour=Behaviour(keys=()))
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"key-refused"}
    world.behaviour = Behaviour(keys=(KEY,))
    world.configure(environment="sandbox")
    world.advance(120)
    assert is_all_done(world, 1)
