"""A mistake of ours costs the row that it is about, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from bill_files import bill_pdf
from invariants import check
from journey_world import HOUR, MoodyDisk, World

from agent.bills.errors import NotAnswering, Transient
from agent.bills.outcomes import Looked
from agent.bills.plan import FolderPlan
from agent.bills.rows import File, Folder, Submission
from agent.bills.stages import FileStage, State, SubmissionStage
from agent.bills.values import Reading
from agent.files.examiner import Examiner
from agent.store.connecting import store_path
from agent.store.store import Store

BILL, ODD = "Plant 7/Bill.pdf", "Plant 7/Odd.pdf"


class StumblingStore(Store):
    """A store with a mistake: it cannot keep what was learned of the files of one name."""

    odd_name = "Odd.pdf"

    def save_file(self, file: File, state: State, code: str | None) -> None:
        """Save it, or stumble."""
        if Path(file.path).name == self.odd_name and file.stage is FileStage.EXAMINED:
            raise ZeroDivisionError("a mistake of ours")
        super().save_file(file, state, code)

    odd_stage: SubmissionStage | None = None

    def save_submission(self, row: Submission) -> None:
        """Save it, or stumble."""
        if row.stage is self.odd_stage:
            raise ZeroDivisionError("a mistake of ours")
        super().save_submission(row)

    odd_folder = ""

    def save_folder(self, folder: Folder) -> None:
        """Save it, or stumble."""
        if Path(folder.path).name == self.odd_folder:
            raise ZeroDivisionError("a mistake of ours")
        super().save_folder(folder)


class StumblingDisk(MoodyDisk):
    """A disk of which folders fail, or do not answer, while a test says so."""

    failing: Transient | None = None
    hanging: NotAnswering | None = None

    def read(
        self, folder: FolderPlan, *, claim: float | None, take: float | None, tidy: bool
    ) -> Reading:
        """Read the folder, or fail."""
        if self.failing is not None:
            raise self.failing
        return super().read(folder, claim=claim, take=take, tidy=tidy)

    def look(self, path: str) -> Looked | None:
        """Look at the file, if the disk answers."""
        if self.hanging is not None:
            raise self.hanging
        return super().look(path)


class StumblingWorld(World):
    """A world of both."""

    disk: StumblingDisk
    store: StumblingStore

    def _make_disk(self, examiner: Examiner) -> StumblingDisk:
        return StumblingDisk(examiner, self.identity, lambda: self.now)

    def _open_store(self) -> StumblingStore:
        return StumblingStore(store_path(self._data))


@pytest.fixture
def world(tmp_path: Path, examiner: Examiner) -> Iterator[StumblingWorld]:
    """A world with one folder, ``Plant 7``."""
    world = StumblingWorld(tmp_path, examiner)
    yield world
    try:
        check(world)
    finally:
        world.close()


def live(world: StumblingWorld, hours: float) -> None:
    """Let time pass, as the main loop does: a turn that could not be written is done again."""
    end = world.now.utc + hours * HOUR
    while world.now.utc < end:
        with suppress(Transient):
            world._pass(end)


def test_what_cannot_be_written_down_stops_no_other(world: StumblingWorld) -> None:
    """The other bill is done, and the odd one asks a person after five tries."""
    world.run_until_still()
    world.drop(ODD, bill_pdf(account="odd"))
    world.drop(BILL, bill_pdf())
    live(world, 24)
    assert world.bill(BILL) == ("done", None)
    assert world.bill(ODD) == ("asks", "internal-error")
    assert len(world.uploads()) == 1
    world.store.odd_name = ""
    assert world.ask("retry", all=True) == {"done": 1, "declined": []}
    world.run_until_still()
    assert world.bill(ODD) == ("done", None)


@pytest.mark.parametrize("stage", [SubmissionStage.ACCEPTED, SubmissionStage.FINISHED])
def test_an_answer_that_cannot_be_written_down_is_sent_once(
    world: StumblingWorld, stage: SubmissionStage
) -> None:
    """The upload is looked for, never sent again; a job that cannot go on asks a person."""
    world.run_until_still()
    world.store.odd_stage = stage
    world.drop(BILL, bill_pdf())
    live(world, 24)
    assert world.bill(BILL)[0] in ("sent", "asks")
    world.store.odd_stage = None
    if world.bill(BILL) == ("asks", "internal-error"):
        world.ask("retry", all=True)
    live(world, 24)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_plan_that_cannot_be_taken_up_changes_nothing(world: StumblingWorld) -> None:
    """It may be given again; until then the old one is in force."""
    world.run_until_still()
    world.store.odd_folder = "Inbox"
    folders = {"Plant 7": "PLANT-07", "Inbox": "PLANT-07"}
    with pytest.raises(ZeroDivisionError):
        world.configure(folders)
    assert [Path(folder.path).name for folder in world.store.folders()] == ["Plant 7"]
    world.store.odd_folder = ""
    world.configure(folders)
    world.drop("Inbox/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert world.bill("Inbox/Bill.pdf") == ("done", None)


def test_a_folder_that_fails_three_times_is_told(world: StumblingWorld) -> None:
    """Trouble that passes is nothing to tell; what stays is, and ends by itself."""
    world.run_until_still()
    world.disk.failing = Transient("away", "The share is away.")
    world.ask("rescan")
    world.advance(1)
    assert world.holds() == {}
    world.advance(HOUR)
    assert world.holds().keys() == {"folder-not-readable"}
    assert "The share is away." in world.holds()["folder-not-readable"].message
    world.drop(BILL, bill_pdf())
    world.disk.failing = None
    world.advance(2 * HOUR)
    world.run_until_still()
    assert world.holds() == {}
    assert world.bill(BILL) == ("done", None)


def test_files_wait_while_a_disk_does_not_answer(world: StumblingWorld) -> None:
    """The folder is told of once, and its files go on when the disk has answered."""
    world.run_until_still()
    world.disk.hanging = NotAnswering("folder-missing", "It does not answer.", "Look there.")
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.holds().keys() == {"folder-missing"}
    assert world.hold_notices("folder-missing") == 1
    assert world.uploads() == []
    world.disk.hanging = None
    world.advance(2 * HOUR)
    world.run_until_still()
    assert world.holds() == {}
    assert world.bill(BILL) == ("done", None)


def test_a_look_everywhere_is_no_news(world: StumblingWorld) -> None:
    """Told to look everywhere, it reads each folder at once, and tells nobody anything new."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    notices = len(world.notices)
    world.scheduler.look_everywhere(world.now)
    world.run_until_still()
    assert len(world.notices) == notices
    assert len(world.uploads()) == 1


def test_people_are_answered_whatever_they_ask(world: StumblingWorld) -> None:
    """What cannot be done is declined with the reason; another version's requests too."""
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert "not watched" in world.ask("retry", folder="/elsewhere")["declined"][0]
    assert "not known" in world.ask("retry", files=["/elsewhere/x.pdf"])["declined"][0]
    assert "does not know" in world.ask("dance")["declined"][0]
    assert "Nobody waits" in world.ask("checkup", until=world.now.utc - 1)["declined"][0]
    assert "declined" in world.ask("checkup", until=world.now.utc + 60)
    assert "Nothing moves" in world.ask("wait-until-still")["message"]
    assert "new key" in world.ask("key-changed")["message"]
    assert world.ask("retry", all=True)["done"] == 0
