"""What follows from one reading of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from bill_rows import (
    EMPTY,
    LATER_SIGNATURE,
    NOW,
    SIGNATURE,
    a_file,
    a_folder,
    a_plan,
    only_file,
)
from hypothesis import given
from hypothesis import strategies as st

from agent.bills import questions
from agent.bills.arrivals import ArrivalsContext, arrivals, count_waiting
from agent.bills.change import Change
from agent.bills.first_look import FirstLook, first_look
from agent.bills.folder_health import looks_unmounted, unmounted
from agent.bills.outcomes import FolderRead
from agent.bills.ownership import OURS, Ownership
from agent.bills.plan import FIRST_LOOK_LIMIT
from agent.bills.rows import Event, File, Folder
from agent.bills.stages import FileStage, ResultFate
from agent.bills.values import FileId, Mark, Reading, Seen, Signature, SubmissionId

FOLDER = "/bills/Plant 7"
BILL = f"{FOLDER}/Bill.pdf"
SETTLED_FOLDER = a_folder()
MET_AT = 1_769_904_000.0  # 2026-02-01T00:00:00Z, as the mark says
NEW_FOLDER = a_folder(first_look="", volume="", read_at=None, met_at=MET_AT)
MINE = Mark("agent-1", "pc-1", "ada", "2026-02-01T00:00:00Z")
LINKED = a_file(
    stage=FileStage.LINKED,
    submission_id=SubmissionId(5),
    owed="5.1",
    present="5.1",
    present_at=NOW - 100,
    present_signature=SIGNATURE,
)


def seen(
    path: str = BILL, signature: Signature = SIGNATURE, result: Signature | None = None
) -> Seen:
    """Return one candidate as a reading saw it."""
    return Seen(path, signature, result)


def read(*candidates: Seen, ours: Iterable[str] = (), **members: Any) -> FolderRead:
    """Return a reading of the folder."""
    given: dict[str, Any] = {
        "seen": candidates,
        "unreadable": (),
        "unsupported": (),
        "placeholders": (),
        "others": 0,
        "mark": MINE,
        "volume": "8:1",
        "writable": True,
        "seconds": 0.1,
    }
    return FolderRead(Reading(**(given | members)), NOW - 1, frozenset(ours))


def arrived(
    outcome: FolderRead,
    *known: File,
    folder: Folder = SETTLED_FOLDER,
    busy: Iterable[int] = (),
    ownership: Ownership = OURS,
    **plan: Any,
) -> Change:
    """Return what follows from the reading, concluded in one part."""
    context = ArrivalsContext(
        plan=a_plan(**plan),
        seen=outcome.reading.seen,
        known={file.path: file for file in known},
        first_id=100,
        in_cloud=frozenset(outcome.reading.placeholders),
        busy=frozenset(FileId(one) for one in busy),
        ownership=ownership,
    )
    waiting = count_waiting(folder, outcome, context, NOW)
    look = first_look(folder, outcome, context.plan, waiting, NOW)
    return arrivals(folder, outcome, replace(context, look=look), NOW)


def many(count: int, signature: Signature = SIGNATURE) -> list[Seen]:
    """Return so many candidates."""
    return [seen(f"{FOLDER}/{number:03}.pdf", signature) for number in range(count)]


def codes(change: Change) -> list[str]:
    """Return the codes of the holds that begin or stay."""
    return [hold.code for hold in change.holds]


# --- what comes ---------------------------------------------------------------------------------


def test_a_new_file_is_found() -> None:
    """It is looked at after the quiet time."""
    file = only_file(arrived(read(seen())))
    assert (file.id, file.stage, file.due) == (100, FileStage.FOUND, NOW + 10)


def test_a_file_as_it_was_changes_nothing() -> None:
    """A quiet folder writes no file."""
    change = arrived(read(seen(result=SIGNATURE)), LINKED)
    assert (change.files, change.inspect, change.events) == ((), frozenset(), ())


def test_a_changed_file_settles_anew() -> None:
    """It is looked at again; what lies beside it stays until its bytes are known."""
    file = only_file(arrived(read(seen(signature=LATER_SIGNATURE, result=SIGNATURE)), LINKED))
    assert (file.stage, file.due, file.present) == (FileStage.FOUND, NOW + 10, "5.1")
    assert (file.id, file.signature) == (LINKED.id, LATER_SIGNATURE)


def test_a_gone_file_that_is_back() -> None:
    """It is the same row, seen first now."""
    file = only_file(arrived(read(seen()), replace(LINKED, stage=FileStage.GONE, missing=2)))
    assert (file.stage, file.missing, file.first_seen) == (FileStage.FOUND, 0, NOW)


def test_a_file_under_way_is_left_to_its_step() -> None:
    """A reading decides nothing about a file whose step or write is out."""
    for outcome in (read(), read(seen(signature=LATER_SIGNATURE))):
        assert arrived(outcome, LINKED, busy=[1]).files == ()


def test_of_two_new_ones_the_older_comes_first() -> None:
    """Of copies the older one is the first, the others name it."""
    change = arrived(read(seen(f"{FOLDER}/a.pdf", LATER_SIGNATURE), seen(f"{FOLDER}/b.pdf")))
    assert [file.path for file in change.files] == [f"{FOLDER}/b.pdf", f"{FOLDER}/a.pdf"]


# --- what goes ----------------------------------------------------------------------------------


def test_gone_needs_two_readings() -> None:
    """One reading that does not see a file proves nothing; its result stays in any case."""
    once = only_file(arrived(read(), LINKED))
    assert (once.stage, once.missing) == (FileStage.LINKED, 1)
    twice = only_file(arrived(read(), once))
    assert (twice.stage, twice.present, twice.write_due) == (FileStage.GONE, "5.1", None)
    assert arrived(read(), twice).files == ()


def test_seen_in_between() -> None:
    """A file that is seen again counts from nothing."""
    assert only_file(arrived(read(seen(result=SIGNATURE)), replace(LINKED, missing=1))).missing == 0


def test_nothing_is_concluded_about_an_unreadable_subtree() -> None:
    """Files below a folder that could not be listed are not missing."""
    below = replace(LINKED, path=f"{FOLDER}/2026/Bill.pdf")
    beside = replace(LINKED, id=FileId(2), path=f"{FOLDER}/2026b/Bill.pdf")
    change = arrived(read(unreadable=(f"{FOLDER}/2026",)), below, beside)
    assert only_file(change).id == 2


def test_an_empty_folder_on_another_volume_is_a_missing_drive() -> None:
    """An empty mount point concludes nothing about the bills that were on the drive."""
    assert looks_unmounted(SETTLED_FOLDER, read(volume="0:42").reading, has_files=True)
    change = unmounted(SETTLED_FOLDER, NOW)
    assert change.files == ()
    assert codes(change) == ["folder-missing"]
    assert change.folder is not None
    assert (change.folder.volume, change.folder.missing_since) == ("8:1", NOW)


def test_a_new_empty_folder_on_the_same_volume_is_empty() -> None:
    """Somebody made the folder anew: its files are gone."""
    assert not looks_unmounted(SETTLED_FOLDER, read(volume="8:1").reading, has_files=True)
    assert not looks_unmounted(SETTLED_FOLDER, read(volume="0:42").reading, has_files=False)
    assert not looks_unmounted(SETTLED_FOLDER, read(seen(), volume="0:42").reading, has_files=True)
    change = arrived(read(volume="8:1"), LINKED)
    assert only_file(change).missing == 1
    assert codes(change) == []


# --- people's hands on results ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "result", "is_looked_at"),
    [
        (ResultFate.AS_WRITTEN, SIGNATURE, False),
        (ResultFate.AS_WRITTEN, None, True),
        (ResultFate.AS_WRITTEN, LATER_SIGNATURE, True),
        (ResultFate.REMOVED, None, False),
        (ResultFate.REMOVED, SIGNATURE, True),
        (ResultFate.EDITED, SIGNATURE, False),
    ],
)
def test_results_are_looked_at(
    fate: ResultFate, result: Signature | None, *, is_looked_at: bool
) -> None:
    """A result that may have been taken away, edited or brought back is looked at once."""
    change = arrived(read(seen(result=result)), replace(LINKED, fate=fate))
    assert (LINKED.id in change.inspect) is is_looked_at


def test_a_result_written_since_the_reading_began_is_not_missed() -> None:
    """A reading that began before the write knows nothing of it."""
    change = arrived(read(seen(result=None)), replace(LINKED, present_at=NOW))
    assert change.inspect == frozenset()


def test_a_taken_place_that_is_free_again() -> None:
    """The question ends by itself when what lay there was moved."""
    taken = replace(
        LINKED,
        present="",
        question=questions.other_world(BILL, None, None),
        present_signature=SIGNATURE,
    )
    assert arrived(read(seen(result=SIGNATURE)), taken).files == ()
    for result in (None, LATER_SIGNATURE):
        file = only_file(arrived(read(seen(result=result)), taken))
        assert (file.question, file.stage, file.due) == (None, FileStage.FOUND, NOW)


# --- the first look -----------------------------------------------------------------------------


def test_a_few_files_are_not_asked_about() -> None:
    """Up to 25 files of a new folder go."""
    change = arrived(read(*many(FIRST_LOOK_LIMIT)), folder=NEW_FOLDER)
    assert all(file.due and file.question is None for file in change.files)
    assert codes(change) == []
    assert change.folder is not None
    assert change.folder.first_look == a_plan().world.key


def test_more_files_are_asked_about() -> None:
    """With 26 a person is asked once, and none goes; results of ours do not count."""
    change = arrived(read(*many(26)), folder=NEW_FOLDER)
    assert all(file.question and file.due is None for file in change.files)
    assert codes(change) == ["first-look"]
    change = arrived(read(*many(26), ours=[f"{FOLDER}/000.pdf"]), folder=NEW_FOLDER)
    assert codes(change) == []


def test_later_files_go() -> None:
    """What comes after the first look is not asked about, however much it is."""
    change = arrived(read(*many(300)))
    assert all(file.due and file.question is None for file in change.files)


@pytest.mark.parametrize(
    ("existing", "left"),
    [
        ("all", 0),
        ("new", 30),
        (date(2026, 2, 1), 30),
        (date(2026, 2, 3), 30),
        (date(2026, 1, 1), 0),
    ],
)
def test_existing(existing: object, left: int) -> None:
    """The owner's word beforehand: all go, none goes, or those changed since a day."""
    old = replace(SIGNATURE, modified_ns=1_769_774_400_000_000_000)  # 2026-01-30T12:00Z
    change = arrived(read(*many(30, old)), folder=NEW_FOLDER, existing=existing)
    stages = [file.stage for file in change.files]
    assert stages.count(FileStage.LEFT) == left
    assert codes(change) == []


def test_a_bill_of_any_claimed_age_stops_no_folder() -> None:
    """A file from the year 2262 or from before 1970 is compared like any other."""
    for moment in (2**63 - 1, -(2**63) + 1, 0):
        odd = replace(SIGNATURE, modified_ns=moment)
        change = arrived(read(seen(signature=odd)), folder=NEW_FOLDER, existing=date(2026, 1, 1))
        assert only_file(change).stage in (FileStage.FOUND, FileStage.LEFT)


@pytest.mark.parametrize(
    ("folder", "mark", "since"),
    [
        (replace(NEW_FOLDER, met_at=MET_AT + 1), MINE, MET_AT),
        (replace(NEW_FOLDER, is_lost=True), MINE, 0.0),
        (replace(NEW_FOLDER, is_lost=True), None, 0.0),
        (replace(NEW_FOLDER, is_lost=True, met_at=MET_AT + 1), MINE, MET_AT),
    ],
)
def test_after_a_lost_store_even_one_file_asks(
    folder: Folder, mark: Mark | None, since: float
) -> None:
    """A mark that another store left, or a store that knows it was begun anew: ask, then look."""
    change = arrived(read(seen(), mark=mark), folder=folder, existing="all")
    file = only_file(change)
    assert file.question is not None
    assert file.sought_since == since
    assert codes(change) == ["first-look"]


@pytest.mark.parametrize("existing", ["ask", "all", "new"])
def test_what_the_first_look_could_not_read_has_its_own_later(existing: str) -> None:
    """A subfolder that opens later is judged as files that were there; new files beside it go."""
    deep = f"{FOLDER}/deep"
    folder = arrived(read(unreadable=(deep,)), folder=NEW_FOLDER, existing=existing).folder
    assert folder is not None
    assert folder.unread == (deep,)
    files = [seen(f"{deep}/{number}.pdf") for number in range(26)]
    opened = arrived(read(seen(), *files), folder=folder, existing=existing)
    asking = [file for file in opened.files if file.question is not None]
    left = [file for file in opened.files if file.stage is FileStage.LEFT]
    assert (len(asking), len(left)) == {"ask": (26, 0), "all": (0, 0), "new": (0, 26)}[existing]
    assert codes(opened) == (["first-look"] if existing == "ask" else [])
    assert opened.folder is not None
    assert opened.folder.unread == ()


def test_another_world_is_a_first_look() -> None:
    """A change of environment starts anew; our own rejections count everywhere."""
    rejected = a_file(
        id=FileId(2), path=f"{FOLDER}/Empty.pdf", stage=FileStage.REJECTED, problem=EMPTY
    )
    folder = a_folder(first_look="https://x.example sandbox")
    change = arrived(
        read(seen(result=SIGNATURE), seen(rejected.path)), LINKED, rejected, folder=folder
    )
    file = only_file(change)
    assert (file.id, file.stage, file.submission_id, file.present) == (
        1,
        FileStage.FOUND,
        None,
        "",
    )


# --- the folder's health ------------------------------------------------------------------------


def test_a_folder_of_another_agent() -> None:
    """The hold names the machine and the command that changes owner."""
    mark = Mark("agent-2", "pc-2", "bob", "2026-01-01T00:00:00Z")
    change = arrived(read(mark=mark), ownership=Ownership(is_of_another=True))
    assert codes(change) == ["folder-taken"]
    assert "pc-2" in change.holds[0].message
    assert "bill-agent take" in change.holds[0].advice


def test_results_in_a_folder_of_another_agent_are_not_looked_at() -> None:
    """What lies beside its bills is its own: neither a change nor a removal is noticed here."""
    row = LINKED
    change = arrived(read(seen(row.path)), row, ownership=Ownership(is_of_another=True))
    assert change.inspect == frozenset()
    assert arrived(read(seen(row.path)), row).inspect == {row.id}


def test_a_folder_that_is_ours_again() -> None:
    """A result that is not as we left it is looked at anew; what has none may have been sent."""
    taken_over = Ownership(taken_over=NOW - 1000)
    written = LINKED
    kept = arrived(read(seen(written.path, result=SIGNATURE)), written, ownership=taken_over)
    assert kept.files == ()
    assert kept.inspect == frozenset()
    other = replace(SIGNATURE, size=1)
    met = arrived(read(seen(written.path, result=other)), written, ownership=taken_over)
    assert only_file(met).present == ""
    assert met.inspect == {written.id}
    waiting = a_file(stage=FileStage.LINKED, submission_id=SubmissionId(5))
    for busy in ((), (waiting.id,)):
        change = arrived(read(seen(waiting.path)), waiting, ownership=taken_over, busy=busy)
        assert only_file(change).sought_since == NOW - 1000
    new = arrived(read(seen(waiting.path)), ownership=taken_over)
    assert only_file(new).sought_since == NOW - 1000
    replaced = arrived(read(seen(signature=LATER_SIGNATURE)), written, ownership=taken_over)
    assert (only_file(replaced).sha256, only_file(replaced).sought_since) == (None, NOW - 1000)


def test_a_result_that_comes_where_none_is_ours_is_looked_at() -> None:
    """Another machine's result beside a bill that waits here: it is looked at before sending."""
    row = a_file(stage=FileStage.LINKED, submission_id=SubmissionId(5))
    assert arrived(read(seen(row.path, result=SIGNATURE)), row).inspect == {row.id}


def test_a_folder_that_cannot_be_written() -> None:
    """It is told before anything is sent from there."""
    assert codes(arrived(read(writable=False))) == ["folder-not-writable"]


def test_a_healthy_reading_ends_what_it_disproves() -> None:
    """Missing, unreadable and taken end with a reading that shows the contrary."""
    lifted = {code for _, code in arrived(read()).lifted}
    assert lifted == {"folder-missing", "folder-not-readable", "folder-taken"}


# --- anything -----------------------------------------------------------------------------------

stages = st.sampled_from(FileStage)
known_files = st.lists(
    st.builds(
        lambda number, stage, missing: replace(
            LINKED,
            id=FileId(number + 1),
            path=f"{FOLDER}/{number:03}.pdf",
            stage=stage,
            missing=missing,
            submission_id=SubmissionId(5) if stage is FileStage.LINKED else None,
        ),
        st.integers(0, 5),
        stages,
        st.integers(0, 1),
    ),
    max_size=5,
    unique_by=lambda file: file.path,
)
candidates = st.lists(
    st.builds(
        lambda number, signature, result: seen(f"{FOLDER}/{number:03}.pdf", signature, result),
        st.integers(0, 7),
        st.sampled_from([SIGNATURE, LATER_SIGNATURE]),
        st.sampled_from([None, SIGNATURE]),
    ),
    max_size=6,
    unique_by=lambda one: one.path,
)


@given(known_files, candidates, st.sampled_from([SETTLED_FOLDER, NEW_FOLDER]))
def test_whatever_a_reading_sees(known: list[File], found: list[Seen], folder: Folder) -> None:
    """Every candidate has one row, none goes in one reading, and reading again changes nothing."""
    change = arrived(read(*found), *known, folder=folder)
    assert len({file.id for file in change.files}) == len(change.files)
    after = {file.path: file for file in known} | {file.path: file for file in change.files}
    assert {one.path for one in found} <= after.keys()
    before = {file.path: file for file in known}
    for path, file in after.items():
        was = before.get(path)
        if file.stage is FileStage.GONE and was is not None and was.stage is not FileStage.GONE:
            assert was.missing == 1
    assert change.folder is not None
    again = arrived(read(*found), *after.values(), folder=change.folder)
    assert all(file.path not in {one.path for one in found} for file in again.files)


@given(known_files, candidates, st.sampled_from([SETTLED_FOLDER, NEW_FOLDER]), st.integers(1, 3))
def test_in_parts_as_in_one(
    known: list[File], found: list[Seen], folder: Folder, size: int
) -> None:
    """What follows for each file is the same however many parts a reading is concluded in."""
    outcome = read(*found, unreadable=(f"{FOLDER}/001.pdf",))
    by_path = {one.path: one for one in found}
    new = sorted(each for each in by_path if each not in {file.path for file in known})
    whole = ArrivalsContext(
        plan=a_plan(),
        seen=outcome.reading.seen,
        known={file.path: file for file in known},
        first_id=100,
        look=FirstLook("new") if folder is NEW_FOLDER else None,
        is_last=False,
    )
    parts = [
        replace(whole, known=rows, seen=tuple(by_path[each] for each in rows if each in by_path))
        for start in range(0, len(known), size)
        for rows in ({file.path: file for file in known[start : start + size]},)
    ] + [replace(whole, known={}, seen=(by_path[each],)) for each in new]
    changes = [arrivals(folder, outcome, part, NOW) for part in parts]
    expected = arrivals(folder, outcome, whole, NOW)
    for member in ("files", "events"):
        got = [_but_for_id(each) for change in changes for each in getattr(change, member)]
        assert sorted(got, key=repr) == sorted(
            map(_but_for_id, getattr(expected, member)), key=repr
        )
    assert expected.inspect == frozenset().union(*(change.inspect for change in changes))


def _but_for_id(row: File | Event) -> File | Event:
    """Return what is written down, without the id that it gave a new file."""
    if isinstance(row, Event):
        return replace(row, file_id=None)
    return replace(row, id=FileId(0)) if row.id >= 100 else row
