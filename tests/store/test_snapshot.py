"""What people read of the store: against a store that the real writer wrote."""

from __future__ import annotations

import ntpath
import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from stored_bills import LOCKED, NOW, WORLD, StoredBills

from agent.bills.answers import Company, CompanySites, Site
from agent.bills.change import Change
from agent.bills.cloud import put_in_cloud
from agent.bills.holds import ACCOUNT, company_scope, folder_scope, site_scope
from agent.bills.plan import SUBFOLDER, FolderPlan
from agent.bills.questions import first_look
from agent.bills.rows import CompanyKey, CompanyRow, Folder
from agent.bills.stages import FileStage, ResultFate, State
from agent.bills.values import Outcome, Problem, ResultWarning
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.remembered import PAUSE, SETTINGS_ERROR, UNHEARD
from agent.store.snapshot import Snapshot, nothing_yet, snapshot
from agent.store.views import BillFilter, FinishedBills, FolderState, Overview, ServiceState

HMF = CompanyKey("HMF")
ELSEWHERE = ResultWarning("site-differs", "Nectar booked usage on another site than asked.")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredBills]:
    """A store that is empty yet."""
    bills = StoredBills(tmp_path / "data")
    yield bills
    bills.close()


@contextmanager
def looked_at(
    stored: StoredBills, *plans: FolderPlan, site_names: dict[str, str] | None = None
) -> Iterator[Snapshot]:
    """Read the store as a command does, while the writer has it open."""
    connection = open_for_people(store_path(stored.store.path.parent))
    assert connection is not None
    try:
        with snapshot(connection, plans, site_names) as view:
            yield view
    finally:
        connection.close()


def fixed(folder: Folder, site: str = "PLANT-07") -> FolderPlan:
    """Return the entry of a folder for one site."""
    return FolderPlan(folder.path, site, HMF)


def by_subfolder(folder: Folder) -> FolderPlan:
    """Return the entry of a folder whose subfolders tell the site."""
    return FolderPlan(folder.path, SUBFOLDER, HMF)


def overview_of(stored: StoredBills, *plans: FolderPlan, now: float = NOW) -> Overview:
    """Return the whole agent as the store tells it."""
    with looked_at(stored, *plans) as view:
        return view.overview(now)


def codes(
    stored: StoredBills, *plans: FolderPlan, **kwargs: dict[str, str]
) -> dict[str, str | None]:
    """Return each file's code by its name."""
    with looked_at(stored, *plans, **kwargs) as view:
        return {Path(row.path).name: row.code for row in view.bills(BillFilter())}


def test_counts_by_state_and_folder(stored: StoredBills) -> None:
    """Every file counts once, in the state that people see."""
    folder = stored.folder("/bills/seven")
    stored.found(folder, "a.pdf")
    stored.sent(folder, "b.pdf")
    stored.done(folder, "c.pdf")
    stored.rejected(folder, "d.pdf")
    stored.left(folder, "e.pdf")
    stored.gone(folder, "f.pdf")
    found = overview_of(stored, fixed(folder))
    expected = dict.fromkeys(State, 1) | {State.ASKS: 0}
    assert expected == found.counts
    assert expected == found.folders[0].counts
    assert (found.folders[0].site, found.folders[0].company) == ("PLANT-07", "HMF")
    assert found.folders[0].state is FolderState.WATCHING


def test_gone_files_of_a_folder_no_longer_watched_do_not_count(stored: StoredBills) -> None:
    """What is gone from where nobody looks any more is nobody's business."""
    folder = stored.folder("/bills/old", is_configured=False)
    stored.gone(folder, "a.pdf")
    stored.done(folder, "b.pdf")
    found = overview_of(stored)
    assert found.counts[State.GONE] == 0
    assert found.counts[State.DONE] == 1
    assert found.folders == ()


def test_a_waiting_file_has_its_holds_code(stored: StoredBills) -> None:
    """The widest hold counts, and a site's hold speaks of the files of that site alone."""
    seven, every = stored.folder("/bills/seven"), stored.folder("/bills/all")
    stored.found(seven, "seven.pdf")
    stored.found(every, "PLANT-07/nested.pdf")
    stored.found(every, "Harbor/named.pdf")
    stored.found(every, "NOSUCH/wrong.pdf")
    stored.found(every, "direct.pdf", FileStage.EXAMINED)
    stored.hold("site-missing", site_scope("HMF", "NOSUCH"))
    stored.hold("site-archived", site_scope("HMF", "PLANT-07"))
    stored.hold("no-site", folder_scope(every.path))
    plans = fixed(seven), by_subfolder(every)
    assert codes(stored, *plans, site_names={"Harbor": "PLANT-07"}) == {
        "seven.pdf": "site-archived",
        "nested.pdf": "site-archived",
        "named.pdf": "site-archived",
        "wrong.pdf": "site-missing",
        "direct.pdf": "no-site",
    }
    stored.hold("upload-refused", company_scope("HMF"))
    assert set(codes(stored, *plans).values()) == {"upload-refused"}
    stored.hold("no-connection", ACCOUNT)
    assert set(codes(stored, *plans).values()) == {"no-connection"}


def test_a_first_look_stops_only_those_that_ask(stored: StoredBills) -> None:
    """A file that comes later waits for no answer."""
    folder = stored.folder("/bills/seven")
    stored.asks(folder, "old.pdf", first_look(folder.path))
    stored.found(folder, "new.pdf")
    stored.hold("first-look", folder_scope(folder.path))
    assert codes(stored, fixed(folder)) == {"old.pdf": "first-look", "new.pdf": None}
    assert overview_of(stored, fixed(folder)).folders[0].state is FolderState.WATCHING


def test_holds_count_the_files_that_wait(stored: StoredBills) -> None:
    """Each hold says how many files wait for its end."""
    seven, every = stored.folder("/bills/seven"), stored.folder("/bills/all")
    for name in ("a.pdf", "b.pdf"):
        stored.found(seven, name)
    stored.found(every, "NOSUCH/wrong.pdf")
    stored.found(every, "NOSUCH2/other.pdf")
    stored.found(every, "direct.pdf", FileStage.EXAMINED)
    stored.asks(every, "old.pdf", first_look(every.path))
    stored.sent(seven, "c.pdf")
    stored.hold("site-missing", site_scope("HMF", "NOSUCH"))
    stored.hold("no-site", folder_scope(every.path))
    stored.hold("first-look", folder_scope(every.path))
    stored.hold("folder-missing", folder_scope(seven.path))
    stored.hold("upload-refused", company_scope("HMF"))
    stored.hold("key-refused", ACCOUNT)
    found = overview_of(stored, fixed(seven), by_subfolder(every))
    assert {each.hold.code: each.files for each in found.holds} == {
        "site-missing": 1,
        "no-site": 1,
        "first-look": 1,
        "folder-missing": 2,
        "upload-refused": 5,
        "key-refused": 6,
    }
    assert set(found.folders[0].holds) == {"folder-missing", "upload-refused", "key-refused"}
    assert found.folders[0].state is FolderState.WAITING


def test_needs_you_counts_what_the_contract_names(stored: StoredBills) -> None:
    """Undismissed rejected and asks, site-differs, and holds that need a person: nothing else."""
    folder = stored.folder("/bills/seven")
    stored.rejected(folder, "a.pdf")
    stored.change(replace(stored.rejected(folder, "b.pdf"), dismissed=True))
    stored.done(folder, "c.pdf", problem=Problem("no-data", "None.", ""), outcome=Outcome.NO_DATA)
    stored.done(folder, "d.pdf", warnings=(ELSEWHERE,))
    stored.change(replace(stored.done(folder, "e.pdf", warnings=(ELSEWHERE,)), dismissed=True))
    stored.done(folder, "f.pdf", warnings=(ResultWarning("several-documents", "Two."),))
    stored.asks(folder, "g.pdf", Problem("result-name-taken", "Taken.", "Move it."))
    for name in ("h.pdf", "i.pdf"):
        stored.asks(folder, name, first_look(folder.path))
    stored.hold("first-look", folder_scope(folder.path))
    stored.hold("no-connection", ACCOUNT)
    stored.hold("folder-missing", folder_scope(folder.path))
    soon = overview_of(stored, fixed(folder), now=NOW + 60)
    assert {(each.code, each.files) for each in soon.concerns} == {
        ("password-protected", 1),
        ("no-data", 1),
        ("site-differs", 1),
        ("result-name-taken", 1),
    }
    assert soon.needs_you == 5
    assert overview_of(stored, fixed(folder), now=NOW + 1800).needs_you == 6


def test_an_edited_result_is_a_hold_of_its_file(stored: StoredBills) -> None:
    """A new revision that waits for an edited JSON is shown as a hold, until it was seen."""
    folder = stored.folder("/bills/seven")
    file = stored.done(folder, "a.pdf")
    edited = stored.change(replace(file, fate=ResultFate.EDITED))
    assert overview_of(stored, fixed(folder)).holds == ()
    waits = stored.change(replace(edited, present="1.0"))
    (hold,) = overview_of(stored, fixed(folder)).holds
    assert ("result-edited", f"file: {file.path}", 1) == (
        hold.hold.code,
        hold.hold.scope.words,
        hold.files,
    )
    assert hold.needs_person
    stored.change(replace(waits, dismissed=True))
    assert overview_of(stored, fixed(folder)).needs_you == 0


def test_a_file_that_is_still_in_the_cloud_waits_for_it(stored: StoredBills) -> None:
    """It needs no person, and the file's code says what it waits for."""
    folder = stored.folder("/bills/seven")
    file = put_in_cloud(stored.found(folder, "a.pdf"), NOW)
    stored.change(file)
    found = overview_of(stored, fixed(folder))
    assert [each.hold.code for each in found.holds] == ["waiting-for-cloud"]
    assert file.path in found.holds[0].hold.message
    assert found.needs_you == 0
    assert codes(stored, fixed(folder)) == {"a.pdf": "waiting-for-cloud"}


def test_the_service_in_one_word(stored: StoredBills) -> None:
    """The first that holds, in the contract's order."""
    folder = stored.folder("/bills/seven")
    plan = fixed(folder)

    def word(*, is_alive: bool = True, are_settings_wrong: bool = False) -> ServiceState:
        return overview_of(stored, plan).service_state(
            is_alive=is_alive, are_settings_wrong=are_settings_wrong
        )

    assert word() is ServiceState.IDLE
    stored.sent(folder, "a.pdf")
    assert word() is ServiceState.WORKING
    stored.rejected(folder, "b.pdf")
    assert word() is ServiceState.NEEDS_YOU
    stored.hold("no-connection", ACCOUNT)
    assert word() is ServiceState.OFFLINE
    stored.remember(PAUSE, "0.0")
    assert word() is ServiceState.PAUSED
    assert word(are_settings_wrong=True) is ServiceState.SETTINGS_WRONG
    stored.remember(SETTINGS_ERROR, "config.toml:3: wrong")
    assert word() is ServiceState.SETTINGS_WRONG
    assert word(is_alive=False) is ServiceState.STOPPED


def test_files_under_a_hold_or_a_pause_do_not_move(stored: StoredBills) -> None:
    """`working` is said only where something goes on by itself."""
    every = stored.folder("/bills/all")
    stored.found(every, "NOSUCH/wrong.pdf")
    stored.found(every, "direct.pdf", FileStage.EXAMINED)
    assert overview_of(stored, by_subfolder(every)).is_moving
    stored.hold("site-missing", site_scope("HMF", "NOSUCH"))
    stored.hold("no-site", folder_scope(every.path))
    assert not overview_of(stored, by_subfolder(every)).is_moving
    stored.found(every, "PLANT-07/right.pdf")
    assert overview_of(stored, by_subfolder(every)).is_moving
    stored.record_paused(every)
    assert not overview_of(stored, by_subfolder(every)).is_moving


def test_a_row_says_state_outcome_reason_and_result(stored: StoredBills) -> None:
    """A result's path is told exactly where one speaks of the bytes beside it."""
    folder = stored.folder("/bills/seven")
    done, rejected = stored.done(folder, "a.pdf"), stored.rejected(folder, "b.pdf")
    removed = stored.done(folder, "c.pdf")
    stored.change(replace(removed, fate=ResultFate.REMOVED))
    stored.sent(folder, "d.pdf")
    with looked_at(stored, fixed(folder)) as view:
        rows = {Path(row.path).name: row for row in view.bills(BillFilter())}
    assert rows["a.pdf"].result == f"{done.path}.json"
    assert (rows["a.pdf"].outcome, rows["a.pdf"].code) == (Outcome.PROCESSED, None)
    assert rows["a.pdf"].since == NOW + 5
    assert rows["b.pdf"].result == f"{rejected.path}.json"
    assert (rows["b.pdf"].outcome, rows["b.pdf"].code) == (Outcome.REJECTED, LOCKED.code)
    assert (rows["b.pdf"].message, rows["b.pdf"].advice) == (LOCKED.message, LOCKED.advice)
    assert (rows["c.pdf"].code, rows["c.pdf"].result) == ("result-removed", None)
    assert (rows["d.pdf"].state, rows["d.pdf"].since) == (State.SENT, NOW + 2)
    assert rows["d.pdf"].result is None


def test_filters(stored: StoredBills) -> None:
    """By folder, by a folder below, by state, by a part of the path in any case, and the latest."""
    seven, every = stored.folder("/bills/seven"), stored.folder("/bills/seven-and-more")
    stored.found(seven, "Été.pdf")
    stored.found(seven, "sub/b.pdf")
    stored.rejected(every, "c.pdf")

    def names(wanted: BillFilter) -> list[str]:
        with looked_at(stored, fixed(seven), fixed(every)) as view:
            return [Path(row.path).name for row in view.bills(wanted)]

    assert names(BillFilter()) == ["c.pdf", "b.pdf", "Été.pdf"]
    assert names(BillFilter(below=seven.path)) == ["b.pdf", "Été.pdf"]
    assert names(BillFilter(below=str(Path(seven.path, "sub")))) == ["b.pdf"]
    assert names(BillFilter(state=State.REJECTED)) == ["c.pdf"]
    assert names(BillFilter(search="ÉTÉ")) == ["Été.pdf"]
    assert names(BillFilter(search="E\u0301TE\u0301")) == ["Été.pdf"]
    assert names(BillFilter(limit=2)) == ["c.pdf", "b.pdf"]
    dismissed = stored.change(replace(stored.rejected(seven, "d.pdf"), dismissed=True))
    locked = BillFilter(code=LOCKED.code)
    assert names(locked) == [Path(dismissed.path).name, "c.pdf"]
    assert names(replace(locked, is_dismissed=False)) == ["c.pdf"]
    assert names(BillFilter(code="too-large")) == []


def test_the_latest_results_and_what_was_finished(stored: StoredBills) -> None:
    """By the time that the result was written; only what is done counts as finished."""
    folder = stored.folder("/bills/seven")
    first = stored.done(folder, "first.pdf")
    stored.change(replace(stored.done(folder, "last.pdf"), present_at=NOW + 90))
    stored.rejected(folder, "rejected.pdf")
    stored.found(folder, "waits.pdf")
    with looked_at(stored) as view:
        names = [Path(row.path).name for row in view.latest_results(2)]
        assert names == ["last.pdf", "rejected.pdf"]
        assert view.finished_after(0.0) == FinishedBills(2, first.present_at, NOW + 90)
        assert view.finished_after(NOW + 5) == FinishedBills(1, NOW + 90, NOW + 90)
        assert view.finished_after(NOW + 90) == FinishedBills()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_no_text_come_through(stored: StoredBills) -> None:
    """A path keeps every byte on its way through the store."""
    folder = stored.folder("/bills/seven")
    file = stored.found(folder, os.fsdecode(b"caf\xe9.pdf"))
    with looked_at(stored, fixed(folder)) as view:
        assert view.stored_path(file.path) == file.path
        assert [row.path for row in view.bills(BillFilter(search="CAF"))] == [file.path]


def test_where_case_does_not_matter_a_file_is_found_in_any_spelling(stored: StoredBills) -> None:
    """On Windows people type names as they like; the store keeps them as the disk has them."""
    folder = stored.folder("/bills/seven")
    stored.found(folder, "Gas.pdf")
    file = stored.found(folder, "Électricité.pdf")
    stored.found(folder, "Water.pdf")
    typed = file.path.upper()
    assert typed != file.path
    with looked_at(stored, fixed(folder)) as view:
        assert view.stored_path(typed, ntpath.normcase) == file.path
        assert view.stored_path(file.path, ntpath.normcase) == file.path
        assert view.stored_path(f"{typed}x", ntpath.normcase) is None
        assert view.stored_path(typed, posixpath.normcase) is None


def test_all_about_one_file(stored: StoredBills) -> None:
    """History of the file and of its submission in order, revisions, and Nectar's answers."""
    folder = stored.folder("/bills/seven")
    file = stored.done(folder, "a.pdf")
    with looked_at(stored, fixed(folder)) as view:
        detail = view.bill(file.path)
        assert detail is not None
        assert detail.submission is not None
        assert view.bill(str(Path(folder.path, "unknown.pdf"))) is None
        kept = view.answers(detail.submission.id, 1)
        assert view.answers(detail.submission.id, 2) is None
    assert "job completed" in [event.what for event in detail.history]
    assert [(each.revision, each.outcome) for each in detail.revisions] == [(1, Outcome.PROCESSED)]
    assert kept is not None
    assert kept.documents[0].id == "d-1"


def test_a_snapshot_is_one_instant(stored: StoredBills) -> None:
    """What the service writes meanwhile is not seen halfway."""
    folder = stored.folder("/bills/seven")
    stored.found(folder, "a.pdf")
    with looked_at(stored, fixed(folder)) as view:
        assert view.overview(NOW).counts[State.WAITING] == 1
        stored.found(folder, "b.pdf")
        assert view.overview(NOW).counts[State.WAITING] == 1
        assert len(list(view.bills(BillFilter()))) == 1
    assert overview_of(stored, fixed(folder)).counts[State.WAITING] == 2


def test_without_a_store_the_folders_are_new() -> None:
    """The status of an agent that never ran names its folders."""
    found = nothing_yet((FolderPlan("/bills/seven", "PLANT-07", HMF),))
    assert [(each.path, each.state) for each in found.folders] == [
        ("/bills/seven", FolderState.NEW)
    ]
    assert found.needs_you == 0


def test_what_the_checks_and_the_report_ask(stored: StoredBills) -> None:
    """Paths, rows, answers and companies, and since when a folder is not heard of."""
    folder = stored.folder("/bills/Plant 7")
    file = stored.done(folder, "Bill.pdf")
    stored.remember(f"{UNHEARD}{folder.path}", "5.5")
    plant = Site("s-7", "Plant 7", "PLANT-07", None)
    found = CompanySites(Company("c-1", "Harbor Mill Foods", "HMF"), (plant,))
    stored.record(Change(company=CompanyRow(HMF, WORLD, found=found)))
    with looked_at(stored, fixed(folder)) as view:
        assert list(view.paths()) == [file.path]
        assert (view.stored_path(file.path), view.stored_path("/no")) == (file.path, None)
        rows = view.rows_of(file.path)
        assert rows is not None
        assert rows[0].id == file.id
        assert rows[1] is not None
        assert view.rows_of("/no") is None
        assert view.bill("/no") is None
        assert view.answers(rows[1].id, 1) is not None
        assert view.answers(rows[1].id, 2) is None
        assert view.unheard_since() == {folder.path: 5.5}
        assert view.companies() == [found]


def test_a_folder_that_was_never_read_is_new(stored: StoredBills) -> None:
    """Until its first reading, whether the store knows it or not."""
    known = stored.folder("/bills/Plant 7")
    stored.record(Change(folder=replace(known, read_at=None)))
    unknown = FolderPlan("/bills/Plant 8", SUBFOLDER, HMF)
    hold = stored.hold("no-site", folder_scope(unknown.path))
    other = stored.hold("folder-missing", folder_scope("/bills/no longer"))
    seen = overview_of(stored, fixed(known), unknown)
    assert [each.state for each in seen.folders] == [FolderState.NEW, FolderState.NEW]
    assert {each.hold.code: each.files for each in seen.holds} == {hold.code: 0, other.code: 0}


def test_usage_on_another_site_is_said_of_the_bill(stored: StoredBills) -> None:
    """It is done, and says what a person should look at."""
    folder = stored.folder("/bills/Plant 7")
    stored.done(folder, "Bill.pdf", warnings=(ELSEWHERE,))
    with looked_at(stored, fixed(folder)) as view:
        (row,) = view.bills(BillFilter())
    assert row.message == ELSEWHERE.message


def test_a_sites_hold_counts_only_folders_where_files_wait(stored: StoredBills) -> None:
    """One whose subfolders tell the site, and in which nothing waits, adds none."""
    folder = stored.folder("/bills/All")
    stored.hold("site-missing", site_scope(HMF, "PLANT-07"))
    unknown = FolderPlan("/bills/More", SUBFOLDER, HMF)
    seen = overview_of(stored, by_subfolder(folder), unknown)
    assert [each.files for each in seen.holds] == [0]
