"""What happens in every office some day, and has broken other programs that watch folders.

The table of the thirty in ``tests/README.md`` names these tests beside many others.
"""

from __future__ import annotations

import gc
import hashlib
import io
import shutil
import tracemalloc

import pikepdf
import pytest
from bill_files import bill_pdf, bills
from journey_world import DAY, HOUR, KEY, MakeWorld, World
from troubled_world import MakeTroubledWorld, TroubledWorld

from agent.bills.values import FolderId
from agent.emulator.behaviour import Behaviour, Outcome, UploadRule
from agent.pipeline.work import Kind, Lane

BILL = "Plant 7/Bill.pdf"
OTHER = "Plant 7/Other.pdf"
PAGE = "Plant 7/Page.pdf"


@pytest.fixture
def office(make_troubled_world: MakeTroubledWorld) -> TroubledWorld:
    """A world with one folder, ``Plant 7``, and all the troubles of an office."""
    return make_troubled_world()


def locked_pdf() -> bytes:
    """Return a bill that opens with a password only."""
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(bill_pdf())) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    return locked.getvalue()


# --- files ------------------------------------------------------------------------------------


def test_a_locked_bill_stops_no_other(world: World) -> None:
    """After a bill that wants a password, the next one is done as if nothing had been."""
    world.drop(BILL, locked_pdf())
    world.run_until_still()
    world.drop(OTHER, bill_pdf())
    world.run_until_still()
    assert world.bills() == {BILL: ("rejected", "password-protected"), OTHER: ("done", None)}


@pytest.mark.parametrize("gap", [0.2, 4.0, 9.0])
def test_a_scanner_that_saves_page_by_page(world: World, gap: float) -> None:
    """A scanner that closes and reopens a whole PDF for each page has its last page sent too."""
    pages = [bill_pdf(account=f"{page} pages") for page in range(1, 8)]
    for content in pages:
        world.drop(BILL, content)
        world.advance(gap)
    world.run_until_still()
    whole = hashlib.sha256(pages[-1]).hexdigest()
    assert [each.sha256 for each in world.uploads()] == [whole]
    assert world.bill(BILL) == ("done", None)


def test_a_bill_that_another_program_has_open(office: TroubledWorld) -> None:
    """A bill in use is neither rejected nor forgotten: it goes by itself once it is free."""
    office.disk.in_use.add(office.path(BILL))
    office.drop(BILL, bill_pdf())
    office.drop(OTHER, bill_pdf(account="other"))
    office.advance(600)
    assert office.bills() == {BILL: ("waiting", None), OTHER: ("done", None)}
    assert office.holds() == {}
    office.disk.in_use.clear()
    office.advance(HOUR)
    assert office.bill(BILL) == ("done", None)


def test_a_bill_that_nobody_can_ever_open(make_troubled_world: MakeTroubledWorld) -> None:
    """It is tried ever less, yet for ever: in a week not even fifty times."""
    office = make_troubled_world(scan_seconds=3600, longest_jump=3600.0)
    office.disk.in_use.add(office.path(BILL))
    office.drop(BILL, bill_pdf())
    office.advance(7 * DAY)
    assert office.bill(BILL) == ("waiting", None)
    assert 15 < office.disk.opened < 50
    office.disk.in_use.clear()
    office.advance(7 * HOUR)
    assert office.bill(BILL) == ("done", None)


def test_a_folder_that_comes_back_from_a_backup(world: World) -> None:
    """All bills with new numbers, times and volume are the bills that they were: nothing is sent.

    What a file is follows from its bytes; its number and its time only say that it is to be read.
    """
    for number, content in enumerate(bills(3)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.run_until_still()
    folder, backup = world.root / "Plant 7", world.root / "Backup"
    shutil.copytree(folder, backup, copy_function=shutil.copyfile)
    shutil.rmtree(folder)
    backup.rename(folder)
    world.advance(HOUR)
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 3


def test_an_empty_mount_point(make_troubled_world: MakeTroubledWorld) -> None:
    """A drive that went away and left an empty folder: no bill is gone, a person is told which."""
    office = make_troubled_world(scan_seconds=900)
    office.drop(BILL, bill_pdf())
    office.run_until_still()
    office.rename_root("Plant 7", "On the drive")
    (office.root / "Plant 7").mkdir()
    office.disk.unmounted.add(office.path("Plant 7"))
    office.advance(days=1)
    assert office.bills() == {BILL: ("done", None)}
    hold = office.holds()["folder-missing"]
    assert office.path("Plant 7") in hold.message
    assert "Connect the drive" in hold.advice
    shutil.rmtree(office.root / "Plant 7")
    office.rename_root("On the drive", "Plant 7")
    office.disk.unmounted.clear()
    office.advance(HOUR)
    assert (office.bills(), office.holds()) == ({BILL: ("done", None)}, {})
    assert len(office.uploads()) == 1


def test_results_are_no_bills(make_world: MakeWorld) -> None:
    """What the agent writes is never taken for a bill, however long it lies in the folder."""
    world = make_world(scan_seconds=3600, longest_jump=3600.0)
    world.drop(BILL, bill_pdf())
    world.drop(PAGE, b"<html></html>")
    world.run_until_still()
    world.restart()
    world.advance(days=1)
    own = [f"{BILL}.json", f"{PAGE}.json"]
    assert world.tree() == sorted([*own, BILL, PAGE])
    assert world.bills() == {BILL: ("done", None), PAGE: ("rejected", "not-a-bill-file")}
    assert (world.scheduler.map.folders[FolderId(1)].others, len(world.uploads())) == (0, 1)


# --- Nectar -----------------------------------------------------------------------------------


def test_jobs_that_do_not_end_leave_room_for_uploads(make_world: MakeWorld) -> None:
    """Thirty jobs that never end are asked for with half of the requests, while bills wait."""
    stuck = Behaviour(keys=(KEY,), uploads=(UploadRule(outcome=Outcome.NEVER),))
    world = make_world(behaviour=stuck, max_requests=4)
    for number, content in enumerate(bills(30)):
        world.drop(f"Plant 7/{number:02}.pdf", content)
    world.advance(hours=1)
    assert len(world.uploads()) == 30
    world.ask("pause")
    for number in range(5):
        world.drop(f"Plant 7/new-{number}.pdf", bill_pdf(account=f"new {number}"))
    world.advance(30)
    world.now = world.now.plus(1200)  # every job is due to be asked for
    world.held = []
    world.ask("resume")
    asked = [step.kind for step in world.held if step.lane is Lane.NECTAR]
    assert sorted(asked) == [Kind.POLL, Kind.POLL, Kind.SEND, Kind.SEND]


def test_a_bill_that_is_told_of_a_hundred_times(world: World) -> None:
    """However often a file is announced, read or saved anew, it is one row and one upload."""
    content = bill_pdf()
    world.behaviour = Behaviour(keys=(KEY,), processing_seconds=120.0)
    for _ in range(100):
        world.drop(BILL, content)
        world.advance(3.0)
    world.run_until_still()
    assert (len(world.rows()), len(world.submissions()), len(world.uploads())) == (1, 1, 1)
    assert world.bill(BILL) == ("done", None)


# --- the machine ------------------------------------------------------------------------------


def test_what_came_while_the_machine_slept(make_world: MakeWorld) -> None:
    """After a sleep every folder is read at once, not when its next reading would be due."""
    world = make_world(scan_seconds=3600)
    world.run_until_still()
    world.wake_after_sleep(hours=0.5)
    world.drop(BILL, bill_pdf())
    world._hints.clear()  # the watcher slept, too
    world.advance(60)
    assert world.bills() == {BILL: ("done", None)}


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_result_that_cannot_be_written(
    make_troubled_world: MakeTroubledWorld, trouble: str
) -> None:
    """The last step fails for a day, over a restart: the bill is not sent again, its JSON comes."""
    office = make_troubled_world(scan_seconds=900)
    office.behaviour = Behaviour(keys=(KEY,), processing_seconds=60.0)
    office.drop(BILL, bill_pdf())
    while not office.uploads():
        office.advance(1.0)
    if trouble == "full":
        office.disk.is_full = True
    else:
        office.disk.read_only.add(office.path("Plant 7"))
    office.advance(HOUR)
    assert office.holds().keys() == {"disk-full" if trouble == "full" else "folder-not-writable"}
    assert not office.has_result(BILL)
    office.restart()
    office.advance(days=1)
    office.disk.is_full = False
    office.disk.read_only.clear()
    office.advance(2 * HOUR)
    assert office.bill(BILL) == ("done", None)
    assert office.result(BILL)["outcome"] == "processed"
    assert (len(office.uploads()), office.holds()) == (1, {})


def test_reading_again_and_again_keeps_nothing(make_world: MakeWorld) -> None:
    """Thirty readings of a folder in which nothing happens leave the memory as it was."""
    world = make_world(existing="new")
    for number in range(400):
        world.drop(f"Plant 7/{number:03}.pdf", b"")
    world.advance(600)
    assert set(world.bills().values()) == {("left", None)}
    tracemalloc.start()
    try:
        world.advance(120)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        world.advance(1800)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 50_000  # one reading of these files takes more
