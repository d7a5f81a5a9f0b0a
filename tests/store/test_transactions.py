"""One turn is all or nothing, impossible rows are refused, and only one thread writes."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from store_rows import NOW, WORLD, a_file, a_folder, a_submission

from agent.bills.holds import ACCOUNT, new_hold
from agent.bills.rows import CompanyKey, CompanyRow
from agent.bills.stages import FileStage, State, SubmissionStage
from agent.bills.values import FileId, FolderId, Outcome, SubmissionId
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.store.store import Store


class Stop(Exception):
    """Ends a transaction in the middle."""


def test_all_or_nothing(store: Store) -> None:
    """What an exception ends leaves nothing behind, and the store works on."""

    def broken_off() -> None:
        with store.transaction():
            store.save_folder(a_folder())
            store.set_meta("name", "value")
            raise Stop

    with pytest.raises(Stop):
        broken_off()
    assert store.folders() == []
    assert store.meta("name") is None
    with store.transaction():
        store.save_folder(a_folder())
    assert store.folders() == [a_folder()]


def test_a_part_is_undone_by_itself(store: Store) -> None:
    """A savepoint that fails takes nothing else of the turn along."""

    def broken_off() -> None:
        with store.savepoint():
            store.set_meta("inside", "1")
            raise Stop

    with store.transaction():
        store.set_meta("before", "1")
        with pytest.raises(Stop):
            broken_off()
        with store.savepoint():
            store.set_meta("after", "1")
    assert [store.meta(name) for name in ("before", "inside", "after")] == ["1", None, "1"]


def test_a_crash_before_the_commit(store: Store) -> None:
    """Others never see half a turn."""
    people = open_for_people(store.path)
    assert people is not None
    with closing(people), store.transaction():
        store.save_folder(a_folder())
        assert people.execute("SELECT count(*) FROM folders").fetchone() == (0,)


@pytest.mark.parametrize(
    "members",
    [
        {"stage": SubmissionStage.BEGUN},
        {"stage": SubmissionStage.ACCEPTED, "begun_at": NOW},
        {"stage": SubmissionStage.ACCEPTED, "job_id": "job-1"},
        {"stage": SubmissionStage.FINISHED},
        {"stage": SubmissionStage.FETCHED, "begun_at": NOW},
        {"stage": SubmissionStage.FAILED},
        {"sha256": "abc"},
    ],
)
def test_impossible_submissions_are_refused(store: Store, members: dict[str, Any]) -> None:
    """No mistake of ours can store an upload that never began, or an end without outcome."""
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.save_submission(a_submission(**members))


def test_the_same_bytes_for_one_site_are_one_row(store: Store) -> None:
    """A second submission of the same bytes, world, company and site cannot be stored."""
    with store.transaction():
        store.save_submission(a_submission())
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.save_submission(a_submission(id=SubmissionId(6)))
    sandbox = replace(WORLD, environment="sandbox")
    with store.transaction():
        store.save_submission(a_submission(id=SubmissionId(6), world=sandbox))


@pytest.mark.parametrize(
    "members",
    [
        {"stage": FileStage.LINKED},
        {"folder_id": FolderId(7)},
        {"submission_id": SubmissionId(7)},
    ],
)
def test_impossible_files_are_refused(store: Store, members: dict[str, Any]) -> None:
    """A linked file without submission, or of a folder that is not there, cannot be stored."""
    with store.transaction():
        store.save_folder(a_folder())
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.save_file(a_file(**members), State.WAITING, None)


def test_a_path_is_one_row(store: Store) -> None:
    """Two rows of the same path cannot be stored."""
    with store.transaction():
        store.save_folder(a_folder())
        store.save_file(a_file(), State.WAITING, None)
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        store.save_file(a_file(id=FileId(2)), State.WAITING, None)


def test_another_thread_is_refused(store: Store) -> None:
    """Only the thread that opened the store may use it."""
    refused: list[type[BaseException]] = []

    def intrude() -> None:
        try:
            store.folders()
        except sqlite3.ProgrammingError as error:
            refused.append(type(error))

    thread = threading.Thread(target=intrude)
    thread.start()
    thread.join(10)
    assert refused == [sqlite3.ProgrammingError]


def test_people_read_and_ask_while_the_writer_works(store: Store) -> None:
    """Another connection reads at any time, and leaves requests that the writer then answers."""
    people = open_for_people(store.path)
    assert people is not None
    with closing(people):
        before = store.data_version()
        payload = {"files": ["/bills/\udcff.pdf", "/bills/é.pdf"], "seconds": 5}
        number = leave_request(people, "retry", payload, NOW)
        assert store.data_version() != before
        (request,) = store.requests()
        assert (request.id, request.kind, request.payload) == (number, "retry", payload)
        assert answer_of(people, number) is None
        with store.transaction():
            assert people.execute("SELECT count(*) FROM meta").fetchone() == (2,)
            store.answer_request(number, {"done": 1, "declined": ["/bills/\udcff.pdf"]}, NOW)
        assert answer_of(people, number) == {"done": 1, "declined": ["/bills/\udcff.pdf"]}
        assert store.requests() == []


def test_requests_keep_their_order(store: Store) -> None:
    """They are applied as they came, and an answered one's number is never given again."""
    people = open_for_people(store.path)
    assert people is not None
    with closing(people):
        numbers = [leave_request(people, kind, {}, NOW) for kind in ("pause", "resume", "rescan")]
        assert [one.kind for one in store.requests()] == ["pause", "resume", "rescan"]
        with store.transaction():
            store.answer_request(numbers[2], {}, NOW)
        assert leave_request(people, "rescan", {}, NOW) > numbers[2]


def test_next_due(store: Store) -> None:
    """The earliest moment after now, whatever table it stands in."""
    assert store.next_due(NOW) is None
    file = a_file(due=NOW + 50, write_due=NOW + 40)
    with store.transaction():
        store.save_folder(a_folder(due=NOW - 5))
        store.save_file(file, State.WAITING, None)
    assert store.next_due(NOW) == NOW + 40
    assert store.next_due(NOW + 40) == NOW + 50
    company = CompanyRow(CompanyKey("HMF"), WORLD, due=NOW + 35, documents_due=NOW + 34)
    with store.transaction():
        store.save_company(company)
    assert store.next_due(NOW) == NOW + 34
    with store.transaction():
        store.save_submission(a_submission(due=NOW + 20))
        store.save_hold(replace(new_hold("key-refused", ACCOUNT, "", "", NOW), due=NOW + 10))
    assert store.next_due(NOW) == NOW + 10
    assert store.next_due(NOW + 10) == NOW + 20


def test_a_clock_set_back(store: Store) -> None:
    """What would wait longer than anything waits is due at once."""
    with store.transaction():
        store.save_folder(a_folder(due=NOW + 1e6))
        store.save_file(a_file(due=NOW + 1e6), State.WAITING, None)
        store.pull_back(NOW, 21_600.0)
    assert (store.folders()[0].due, store.files_due(NOW, 9, ())[0].due) == (NOW, NOW)


def test_holds(store: Store) -> None:
    """One of a code and scope; it ends by name."""
    hold = new_hold("key-refused", ACCOUNT, "No.", "Set another.", NOW)
    with store.transaction():
        store.save_hold(hold)
        store.save_hold(hold.probed(NOW))
    assert store.holds() == [hold.probed(NOW)]
    with store.transaction():
        store.remove_hold(ACCOUNT, "no-connection")
        store.remove_hold(ACCOUNT, "key-refused")
    assert store.holds() == []


def queue_three(store: Store) -> None:
    """Queue a submission for each of three files: 2 is the newest, then 1, then 3."""
    store.save_folder(a_folder())
    for number, newest in ((1, NOW - 50), (2, NOW), (3, NOW - 100)):
        sha = f"{number:064x}"
        row = a_submission(id=SubmissionId(number), sha256=sha, newest=newest, due=NOW)
        store.save_submission(row)
        path = f"/bills/{number}.pdf"
        file = a_file(id=FileId(number), path=path, stage=FileStage.LINKED, submission_id=row.id)
        store.save_file(file, State.WAITING, None)


def test_newest_bills_go_first(store: Store) -> None:
    """What is queued is sent by the last change of its file; other worlds wait."""
    with store.transaction():
        queue_three(store)
    rows = store.submissions_queued(WORLD, NOW, 9)
    assert [row.id for row in rows] == [2, 1, 3]
    assert store.submissions_queued(replace(WORLD, environment="sandbox"), NOW, 9) == []


def test_what_is_stopped_hides_nothing_behind_it(store: Store) -> None:
    """Bills of stopped folders and companies take no place among those that can be sent."""
    with store.transaction():
        queue_three(store)
        store.save_folder(a_folder(id=FolderId(8), path="/elsewhere"))
        oldest = store.file(FileId(3))
        assert oldest is not None
        deep = replace(oldest, folder_id=FolderId(8), path="/bills/deep/3.pdf")
        store.save_file(deep, State.WAITING, None)
    assert [row.id for row in store.submissions_queued(WORLD, NOW, 1, 0, (), (), ["/bills"])] == [3]
    stopped = [a_folder().id]
    assert [row.id for row in store.submissions_queued(WORLD, NOW, 1, 0, (), stopped)] == [3]
    company = a_submission().place.company_id
    assert store.submissions_queued(WORLD, NOW, 9, 0, [company]) == []


def test_more_directories_are_left_out_than_sqlite_takes_values(store: Store) -> None:
    """A tree of very many closed subfolders stops neither the queries nor what lies elsewhere."""
    with store.transaction():
        queue_three(store)
    many = [f"/bills/{number}" for number in range(300_000)]
    assert [row.id for row in store.submissions_queued(WORLD, NOW, 1, 0, (), (), many)] == [2]
    assert store.submissions_queued(WORLD, NOW, 9, 0, (), (), [*many, "/bills"]) == []


def test_a_revision_is_kept_beside_the_next(store: Store) -> None:
    """Earlier revisions stay when Nectar corrected a bill."""
    ended = a_submission(stage=SubmissionStage.FETCHED, outcome=Outcome.NO_DATA, revision=1)
    with store.transaction():
        store.save_submission(ended)
        store.save_answers(ended, None)
        store.save_answers(replace(ended, revision=2), None)
    assert store.has_revision(ended.id, 1)
    assert store.has_revision(ended.id, 2)
