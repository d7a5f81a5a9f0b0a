"""The owner mark in trouble: nobody sends from a folder of which nobody can tell whose it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bill_files import bill_pdf
from invariants import check
from journey_world import HOUR, MakeWorld, MoodyDisk, World

from agent.bills.names import MARK_NAME
from agent.bills.plan import FolderPlan
from agent.bills.values import Reading
from agent.files.examiner import Examiner

BILL = "Plant 7/Bill.pdf"


class SweptDisk(MoodyDisk):
    """A disk on which another program removes marks while ``is_swept``."""

    is_swept = False
    readings = 0

    def read(self, folder: FolderPlan, **how: Any) -> Reading:
        """Read the folder; what lay in the mark's place is gone at once."""
        reading = super().read(folder, **how)
        self.readings += 1
        if self.is_swept:
            (Path(folder.path) / MARK_NAME).unlink(missing_ok=True)
        return reading


class SweptWorld(World):
    """A world on such a disk."""

    disk: SweptDisk

    def _make_disk(self, examiner: Examiner) -> SweptDisk:
        return SweptDisk(examiner, self.identity, lambda: self.now)


@pytest.fixture
def swept(tmp_path: Path, examiner: Examiner) -> Iterator[SweptWorld]:
    """A world with one folder, ``Plant 7``, on such a disk."""
    world = SweptWorld(tmp_path, examiner)
    yield world
    try:
        check(world)
    finally:
        world.close()


def damage(mark: Path, how: str) -> None:
    """Let the mark say nothing any more."""
    whole = mark.read_bytes()
    mark.unlink()
    match how:
        case "empty":
            mark.write_bytes(b"")
        case "half":
            mark.write_bytes(whole[: len(whole) // 2])
        case "garbage":
            mark.write_bytes(b"\0" * 200)
        case "other":
            mark.write_bytes(b'{"agentId": 7}')
        case "folder":
            mark.mkdir()
        case _:
            mark.symlink_to(mark.name)


TROUBLES = ["empty", "half", "garbage", "other", "folder"]
if sys.platform != "win32":
    TROUBLES.append("unreadable")


@pytest.mark.parametrize("how", TROUBLES)
def test_a_damaged_mark(world: World, how: str) -> None:
    """Nothing is sent, the hold says what to do, and that helps."""
    world.run_until_still()
    mark = world.root / "Plant 7" / MARK_NAME
    damage(mark, how)
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"folder-taken"}
    assert world.uploads() == []
    answer = world.ask("take", folder=world.path("Plant 7"))
    if how == "folder":
        assert "Move it away" in answer["declined"][0]
        mark.rmdir()
        world.advance(150)
    else:
        assert answer == {"done": 1, "declined": []}
    world.run_until_still()
    assert world.holds() == {}
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
    assert world.identity.id in mark.read_text(encoding="utf-8")


@pytest.mark.parametrize("how", ["half", "gone"])
def test_a_mark_that_is_whole_again(world: World, how: str) -> None:
    """Read while another program was writing it, or while it was away: it goes on by itself."""
    world.run_until_still()
    mark = world.root / "Plant 7" / MARK_NAME
    whole = mark.read_bytes()
    if how == "half":
        damage(mark, how)
    else:
        mark.unlink()
    world.drop(BILL, bill_pdf())
    world.advance(120)
    mark.write_bytes(whole)
    world.advance(150)  # nobody waits for a hold, but it is looked at again
    world.run_until_still()
    assert world.holds() == {}
    assert world.bill(BILL) == ("done", None)


def test_a_mark_that_is_taken_away_all_the_time(swept: SweptWorld) -> None:
    """Something removes every mark at once: nothing is sent, and nothing runs in circles."""
    swept.run_until_still()
    before = swept.disk.readings
    swept.disk.is_swept = True
    swept.drop(BILL, bill_pdf())
    swept.advance(HOUR)
    assert swept.uploads() == []
    assert swept.disk.readings - before < 120
    swept.disk.is_swept = False
    swept.run_until_still(limit=3 * HOUR)
    assert swept.bill(BILL) == ("done", None)


def test_another_mark_is_missed_twice_before_the_folder_is_claimed(make_world: MakeWorld) -> None:
    """The mark of another machine may be on its way: one reading without it decides nothing."""
    world = make_world()
    world.run_until_still()
    mark = world.root / "Plant 7" / MARK_NAME
    theirs = mark.read_bytes().replace(world.identity.id.encode(), b"f" * 32)
    mark.write_bytes(theirs)
    world.advance(120)
    assert world.holds().keys() == {"folder-taken"}
    mark.unlink()
    world.ask("rescan")
    world.advance(5)
    assert world.holds().keys() == {"folder-taken"}
    assert not mark.exists()
    mark.write_bytes(theirs)
    world.advance(300)
    assert mark.read_bytes() == theirs
    mark.unlink()
    world.drop(BILL, bill_pdf())
    world.advance(150)
    world.run_until_still()
    assert world.holds() == {}
    assert world.identity.id in mark.read_text(encoding="utf-8")
    assert world.bill(BILL) == ("done", None)


def test_a_sleep_in_which_both_clocks_went_on(world: World) -> None:
    """As on Windows: the pause itself tells of the sleep, and every folder is read at once."""
    world.scheduler._longest_pause = 90.0
    world.configure(scan_seconds=86400.0)
    world.advance(5)
    for slept in (60.0, 9 * HOUR):
        world.now = world.now.plus(slept)
        world.turn()
        world.turn()
        (folder,) = world.store.folders()
        assert (folder.read_at == world.now.utc) is (slept > 90.0)


def test_take_where_nothing_can_be_written(world: World) -> None:
    """The person is told why, and the folder stays the other's."""
    world.run_until_still()
    mark = world.root / "Plant 7" / MARK_NAME
    mark.write_bytes(mark.read_bytes().replace(world.identity.id.encode(), b"f" * 32))
    world.advance(120)
    world.rename_root("Plant 7", "away")
    answer = world.ask("take", folder=world.path("Plant 7"))
    assert answer["done"] == 0
    assert "is missing" in answer["declined"][0]
    world.rename_root("away", "Plant 7")
    world.advance(300)
    assert world.holds().keys() == {"folder-taken"}


def test_take_of_a_folder_that_is_ours_changes_nothing(world: World) -> None:
    """It answers well, and bills go on as before: nothing is looked for first."""
    world.run_until_still()
    before = (world.root / "Plant 7" / MARK_NAME).read_bytes()
    assert world.ask("take", folder=world.path("Plant 7")) == {"done": 1, "declined": []}
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert (world.root / "Plant 7" / MARK_NAME).read_bytes() == before
    assert "GET /document/company/{}" not in world.emulator.log.counts


def test_after_take_a_change_of_environment_is_no_lost_store(world: World) -> None:
    """The mark that `take` leaves is known as this store's own in a later first look."""
    world.run_until_still()
    mark = world.root / "Plant 7" / MARK_NAME
    mark.write_bytes(mark.read_bytes().replace(world.identity.id.encode(), b"f" * 32))
    world.advance(120)
    world.ask("take", folder=world.path("Plant 7"))
    world.run_until_still()
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.configure(environment="sandbox")
    world.run_until_still()
    assert "first-look" not in world.holds()
