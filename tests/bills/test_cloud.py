"""What follows for a file whose content is in the cloud."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bill_rows import LATER_SIGNATURE, NOW, SIGNATURE, a_file, a_folder, a_plan, only_file

from agent.bills.arrivals import ArrivalsContext, arrivals
from agent.bills.cloud import fetched, is_in_cloud, put_in_cloud, still_in_cloud, waiting_for_cloud
from agent.bills.outcomes import FolderRead
from agent.bills.owing import public_code
from agent.bills.rows import File
from agent.bills.stages import FileStage
from agent.bills.values import Reading, Seen, Signature, SubmissionId

BILL = "/bills/Plant 7/Bill.pdf"
FOUND = a_file(path=BILL, stage=FileStage.FOUND, signature=SIGNATURE, due=NOW)
DONE = a_file(
    path=BILL,
    stage=FileStage.LINKED,
    signature=SIGNATURE,
    submission_id=SubmissionId(5),
    owed="5.1",
    present="5.1",
)


def read(
    *known: File, in_cloud: bool, is_stub: bool = False, signature: Signature = SIGNATURE
) -> File | None:
    """Return what a reading that sees the bill makes of its row; None for nothing new."""
    seen = Seen(BILL, signature, None, is_stub=is_stub)
    reading = Reading((seen,), (), (), (BILL,) if in_cloud else (), 0, None, "8:1", True, 0.1)
    in_cloud_now = frozenset(reading.placeholders)
    context = ArrivalsContext(
        a_plan(), reading.seen, {file.path: file for file in known}, 9, in_cloud_now
    )
    change = arrivals(a_folder(), FolderRead(reading, NOW - 1), context, NOW)
    return only_file(change) if change.files else None


def test_a_new_file_in_the_cloud() -> None:
    """It is fetched as soon as may be, and says what it waits for."""
    file = read(in_cloud=True)
    assert file is not None
    assert is_in_cloud(file)
    assert file.due == NOW
    assert public_code(file, None) == "waiting-for-cloud"


@pytest.mark.parametrize("stage", [FileStage.FOUND, FileStage.SETTLED])
def test_content_that_leaves_before_it_was_read(stage: FileStage) -> None:
    """A file that was here waits for its content anew."""
    file = read(replace(FOUND, stage=stage), in_cloud=True)
    assert file is not None
    assert is_in_cloud(file)


def test_content_that_came_by_other_hands() -> None:
    """The file is looked at at once, and its failures are forgotten."""
    waiting = still_in_cloud(put_in_cloud(FOUND, NOW - 500), None, NOW - 500)
    file = read(waiting, in_cloud=False)
    assert file is not None
    assert (file.stage, file.problem, file.failures, file.due) == (FileStage.FOUND, None, 0, NOW)


def test_what_waits_already_stays_as_it_is() -> None:
    """A reading changes nothing about a file that is known to be in the cloud."""
    assert read(put_in_cloud(FOUND, NOW - 500), in_cloud=True) is None


@pytest.mark.parametrize("is_stub", [False, True])
def test_a_done_bill_needs_no_content(*, is_stub: bool) -> None:
    """What is done may lie in the cloud; the stub in its place has another stat."""
    signature = LATER_SIGNATURE if is_stub else SIGNATURE
    done = replace(DONE, present_at=NOW)
    assert read(done, in_cloud=True, is_stub=is_stub, signature=signature) is None


def test_a_bill_that_returns_as_a_stub() -> None:
    """A file that was gone is fetched like a new one."""
    file = read(replace(FOUND, stage=FileStage.GONE), in_cloud=True, is_stub=True)
    assert file is not None
    assert is_in_cloud(file)


def test_a_file_that_asks_is_not_fetched() -> None:
    """What waits for a person's answer needs no content yet."""
    question = waiting_for_cloud(BILL)
    assert read(replace(FOUND, question=question, due=None), in_cloud=True) is None


def test_it_is_tried_ever_later() -> None:
    """After a minute, then less often, up to every 15 minutes."""
    file = put_in_cloud(FOUND, NOW)
    waits: list[float] = []
    for _ in range(6):
        file = still_in_cloud(file, None, NOW)
        assert file.due is not None
        waits.append(file.due - NOW)
    assert waits == [60, 120, 240, 480, 900, 900]


def test_one_that_leaves_again_waits() -> None:
    """Content that was fetched and is away before it was read counts as a failure."""
    file = put_in_cloud(fetched(put_in_cloud(FOUND, NOW), NOW), NOW)
    assert file.due is not None
    assert file.due > NOW
