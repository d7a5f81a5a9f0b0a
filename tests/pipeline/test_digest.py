"""A reading is written down in parts: every file once, whatever the parts."""

from __future__ import annotations

import pytest

from agent.bills.outcomes import FolderRead
from agent.bills.rows import File
from agent.bills.stages import FileStage
from agent.bills.values import FileId, FolderId, Reading, Seen, Signature
from agent.pipeline.digest import PART, Digest
from agent.pipeline.work import Key, Kind, Lane, Step

SIGNATURE = Signature(1, 2, 3)
FILES = 2 * PART + 7
"""Files of a folder; every other one is known already."""


def seen(number: int) -> Seen:
    """Return what a reading tells of one file."""
    return Seen(f"/bills/{number:04}.pdf", SIGNATURE, None)


def row(number: int) -> File:
    """Return the row of one file."""
    stage = FileStage.FOUND
    return File(FileId(number + 1), FolderId(1), seen(number).path, SIGNATURE, stage, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("decides", [False, True])
@pytest.mark.parametrize("known", [range(0), range(0, FILES, 2), range(FILES), range(FILES + 700)])
def test_each_file_is_counted_and_met_once(decides: bool, known: range) -> None:
    """Known or new, gone or there: in parts that a turn has time for, and none twice."""
    files = {row(number).id: row(number) for number in known}
    reading = Reading(tuple(map(seen, range(FILES))), (), (), (), 0, None, "1:2", True, 1.0)
    step = Step(Kind.READ_FOLDER, Key("folders", 1), Lane.DISK, lambda: FolderRead(reading, 0.0))
    digest = Digest(step, FolderRead(reading, 0.0), 0, decides, list(files))
    counted: list[Seen] = []
    left = len(files)
    while not digest.is_counted:
        part = digest.rows_to_count()
        there = digest.seen_to_count(files[each] for each in part)
        counted += there
        left -= len(part)
        assert len(part) <= PART
        # What has no row comes with the last rows.
        assert left == 0 or {each.path for each in there} <= {files[each].path for each in part}
    met: list[Seen] = []
    rows: list[FileId] = []
    while not digest.is_done:
        part = digest.rows_to_meet()
        arrived = digest.seen_to_meet([files[each] for each in part])
        assert max(len(part), len(arrived)) <= PART
        rows += part
        met += arrived
    assert sorted(rows) == sorted(files)
    assert sorted(each.path for each in met) == [seen(number).path for number in range(FILES)]
    assert sorted(each.path for each in counted) == (
        sorted(each.path for each in met) if decides else []
    )
