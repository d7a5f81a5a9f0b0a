"""Every hold there is: told once, cheap while it lasts, nothing lost, and it ends by itself.

The causes are in `hold_causes`; holds that are about one file or about the store have journeys of
their own. A code without a journey fails the first test.
"""

from __future__ import annotations

from typing import Any

import pytest
from bill_files import bill_pdf
from hold_causes import (
    AT_ONCE,
    Cause,
    CompanyAmbiguous,
    CompanyChanged,
    CompanyMissing,
    DiskFull,
    FirstLook,
    FolderMissing,
    FolderNotReadable,
    FolderNotWritable,
    FolderTaken,
    KeyMissing,
    KeyRefused,
    LooksLikeOtherSite,
    NoConnection,
    NoSite,
    SiteAmbiguous,
    SiteArchived,
    SiteMissing,
    SubfolderNotWritable,
    TlsNotTrusted,
    UploadRefused,
    WritingRefused,
)
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import DAY, HOUR

from agent.bills.codes import HOLDS

CAUSES = (
    CompanyAmbiguous,
    CompanyChanged,
    CompanyMissing,
    DiskFull,
    FirstLook,
    FolderMissing,
    FolderNotReadable,
    FolderNotWritable,
    FolderTaken,
    KeyMissing,
    KeyRefused,
    LooksLikeOtherSite,
    NoConnection,
    NoSite,
    SiteAmbiguous,
    SiteArchived,
    SiteMissing,
    SubfolderNotWritable,
    TlsNotTrusted,
    UploadRefused,
    WritingRefused,
)
OF_FILES = {"result-edited", "waiting-for-cloud"}
OF_THE_STORE = {"store-damaged", "disk-full"}
BYSTANDER = "Clinic/Bill.pdf"
SLOWEST_PROBE = 16 * 60.0


def make(make_hold_world: MakeHoldWorld, cause: Cause, **settings: Any) -> HoldWorld:
    """Return a world that is still, in which the cause may come about."""
    given = {"scan_seconds": 900, "longest_jump": 300} | dict(cause.settings) | settings
    world = make_hold_world(folders=dict(cause.folders), **given)
    world.run_until_still()
    return world


def drop(world: HoldWorld, cause: Cause, *names: str) -> None:
    """Drop bills where they are to wait."""
    for name in names:
        world.drop(cause.place(name), bill_pdf(account=name))


def bring_about(world: HoldWorld, cause: Cause) -> None:
    """Let the cause begin while a bill was seen and not yet sent, where that tells more."""
    if cause.code in ("folder-missing", "folder-not-readable"):
        world.drop("Plant 7/Before.pdf", bill_pdf(account="before"))
        world.advance(5)
    cause.begin(world)


def has_bystander(cause: Cause) -> bool:
    """Whether another folder must go on."""
    return "Clinic" in cause.folders and cause.kind != "account"


def all_done(world: HoldWorld) -> bool:
    """Whether every bill has its result."""
    return bool(world.bills()) and set(world.bills().values()) == {("done", None)}


def each_sent_once(world: HoldWorld) -> bool:
    """Whether Nectar got each file's bytes exactly once."""
    sent = [each.sha256 for each in world.uploads()]
    return len(sent) == len(set(sent)) == len({*world.originals.values()})


def by_name(cause: type[Cause]) -> str:
    """Return how a test of a cause is called."""
    return cause.__name__


def test_every_code_has_its_journey() -> None:
    """Whoever adds a hold adds a journey."""
    assert {cause.code for cause in CAUSES} | OF_FILES | OF_THE_STORE == HOLDS.keys()


@pytest.mark.parametrize("kind", CAUSES, ids=by_name)
def test_a_hold_from_its_begin_to_its_end(
    make_hold_world: MakeHoldWorld, kind: type[Cause]
) -> None:
    """Told once with its next step, no one else waits, nothing is lost, and it ends by itself."""
    cause = kind()
    world = make(make_hold_world, cause)
    bring_about(world, cause)
    drop(world, cause, "One.pdf", "Two.pdf")
    if has_bystander(cause):
        world.drop(BYSTANDER, bill_pdf(account="bystander"))
    world.advance(400)
    # What people read.
    (hold,) = world.status()["holds"]
    assert (hold["code"], hold["scope"]) == (cause.code, cause.scope(world))
    assert hold["files"] == cause.files(2)
    assert cause.says in hold["message"]
    assert cause.advises in hold["advice"]
    assert world.status()["needsYou"] == cause.counted()
    if has_bystander(cause):
        assert world.bill(BYSTANDER) == ("done", None)
    # A day of it.
    drop(world, cause, "Three.pdf")
    world.live(24)
    assert world.hold_notices(cause.code) == 1
    assert world.ends(cause.code) == 0
    assert world.told == ([cause.code] if cause.is_counted else [])
    assert not all_done(world)
    assert [each["code"] for each in world.status()["holds"]] == [cause.code]
    # Its end.
    if cause.is_by_command:
        cause.command(world)
        world.advance(AT_ONCE)
    else:
        cause.end(world)
        world.advance(SLOWEST_PROBE + AT_ONCE)
    assert world.status()["holds"] == []
    assert world.ends(cause.code) == 1
    world.advance(cause.looked_for_seconds)
    assert all_done(world), world.bills()
    assert each_sent_once(world)


@pytest.mark.parametrize("kind", [each for each in CAUSES if not each.is_by_command], ids=by_name)
def test_a_hold_that_was_short(make_hold_world: MakeHoldWorld, kind: type[Cause]) -> None:
    """A cause that is gone before the first probe leaves nothing behind."""
    cause = kind()
    world = make(make_hold_world, cause)
    bring_about(world, cause)
    drop(world, cause, "One.pdf")
    world.advance(45)
    cause.end(world)
    world._hint(world.root / "Plant 7")
    world.advance(SLOWEST_PROBE)
    assert world.status()["holds"] == []
    assert all_done(world), world.bills()
    assert each_sent_once(world)


@pytest.mark.parametrize("how", ["rescan", "wake", "reconnect"])
@pytest.mark.parametrize("kind", [each for each in CAUSES if not each.is_by_command], ids=by_name)
def test_a_hold_is_looked_at_at_once_when_there_is_reason(
    make_hold_world: MakeHoldWorld, kind: type[Cause], how: str
) -> None:
    """After a wake, a reconnect or `rescan` nobody waits for the next slow probe."""
    cause = kind()
    if how == "reconnect" and cause.kind == "account":
        pytest.skip("its own probe tells of a reconnect")
    world = make(make_hold_world, cause)
    bring_about(world, cause)
    drop(world, cause, "One.pdf")
    world.advance(3 * HOUR)
    if how == "reconnect":
        world.network.is_cut = True
        world.ask("rescan")
        world.advance(60)
        assert "no-connection" in world.holds()
        cause.end(world)
        world.network.is_cut = False
        while "no-connection" in world.holds():
            world.advance(1)
    else:
        cause.end(world)
        world.ask("rescan") if how == "rescan" else world.wake_after_sleep(0.01)
    world.advance(AT_ONCE)
    assert world.status()["holds"] == []
    assert all_done(world), world.bills()
    assert each_sent_once(world)


@pytest.mark.parametrize("kind", CAUSES, ids=by_name)
def test_what_a_hold_costs_does_not_grow_with_the_files(
    make_hold_world: MakeHoldWorld, kind: type[Cause]
) -> None:
    """A day under a hold: about a hundred cheap probes, for two bills as for thirty."""
    costs: list[tuple[int, int]] = []
    for count in (2, 30):
        cause = kind()
        world = make(make_hold_world, cause, scan_seconds=1800, longest_jump=900)
        bring_about(world, cause)
        drop(world, cause, *(f"{number:03}.pdf" for number in range(count)))
        world.advance(HOUR)
        requests, before = world.tries(), world.disk.asked.copy()
        world.advance(DAY)
        asked = world.disk.asked - before
        readings = asked.pop("readings", 0)
        assert readings <= 24 * 2 * len(cause.folders) + 100
        costs.append((world.tries() - requests, asked.total()))
    (few_requests, few_looks), (many_requests, many_looks) = costs
    # Two requests a probe for a company's sites, and an hourly look for them without any hold.
    assert many_requests <= cause.most_requests
    assert many_looks <= 110
    assert abs(many_requests - few_requests) <= 10
    assert abs(many_looks - few_looks) <= 10
