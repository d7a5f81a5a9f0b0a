"""What is stored comes back as it was, to the last digit and byte."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from store_rows import (
    WORLD,
    a_file,
    a_folder,
    a_submission,
    answers,
    companies,
    files,
    folders,
    submissions,
)

from agent.bills.answers import Answers, FetchedDocument, Job
from agent.bills.rows import CompanyKey, CompanyRow, Event, File, Folder, Submission
from agent.bills.stages import FileStage, State, SubmissionStage
from agent.bills.values import Outcome, SubmissionId
from agent.store import answers_codec
from agent.store.file_codec import FILE_COLUMNS, file_of, file_row
from agent.store.naming import UnreadableRowError, cannot_open
from agent.store.requests import request_of
from agent.store.store import Store

# One store serves all examples: each is undone.
with_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


@contextmanager
def tried(store: Store) -> Iterator[None]:
    """Run an example and undo what it wrote."""
    with store.transaction(), ExitStack() as after:
        after.callback(store._connection.execute, "ROLLBACK TO example")
        store._connection.execute("SAVEPOINT example")
        yield


@with_store
@given(file=files)
def test_files(store: Store, file: File) -> None:
    """Any file, whatever bytes its name holds and whatever times it claims."""
    with tried(store):
        store.save_folder(a_folder())
        store.save_file(file, State.WAITING, "first-look")
        assert store.file_as_shown(file.id) == (file, State.WAITING, "first-look")
        assert store.file_at(file.path) == file


@with_store
@given(row=submissions)
def test_submissions(store: Store, row: Submission) -> None:
    """Any submission at any stage."""
    with tried(store):
        store.save_submission(row)
        assert store.submission(row.id) == row
        assert store.submissions_with(row.sha256, row.world) == (row,)


@with_store
@given(folder=folders)
def test_folders(store: Store, folder: Folder) -> None:
    """Any folder."""
    with tried(store):
        store.save_folder(folder)
        assert store.folders() == [folder]


@with_store
@given(row=companies)
def test_companies(store: Store, row: CompanyRow) -> None:
    """Any company with its sites, whatever names Nectar gives."""
    with tried(store):
        store.save_company(row)
        assert store.companies(row.world) == [row]


@with_store
@given(given_answers=answers)
def test_answers(store: Store, given_answers: Answers) -> None:
    """Whatever Nectar gave, before and after its end."""
    with tried(store):
        row = a_submission(stage=SubmissionStage.FINISHED, begun_at=1.0)
        store.save_submission(row)
        store.save_answers(row, given_answers)
        assert store.working_answers(row.id) == given_answers
        ended = replace(row, stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1)
        store.save_submission(ended)
        store.save_answers(ended, given_answers)
        assert store.working_answers(row.id) is None
        blob = store.answers_blob(row.id, 1)
        assert blob is not None
        assert answers_codec.answers_of(blob) == given_answers
        assert store.has_revision(row.id, 1)
        assert not store.has_revision(row.id, 2)


def test_digits_are_kept() -> None:
    """Trailing zeros and numbers beyond any float survive, as numbers and as text."""
    usage = {"a": Decimal("77.10"), "b": "77.10", "c": Decimal("1E+400"), "d": 10**400}
    job = Job("j", "COMPLETED", ("d",), 0, (), (), None, {"n": Decimal("0.100")})
    kept = answers_codec.answers_of(
        answers_codec.answers_blob(Answers(job, (FetchedDocument("d", {"usageData": [usage]}),)))
    )
    document = kept.documents[0].document
    assert document is not None
    assert str(document["usageData"][0]["a"]) == "77.10"
    assert document["usageData"][0] == usage
    assert str(kept.job.payload["n"]) == "0.100"


@pytest.mark.parametrize("name", [b"\xff\xfe.pdf", "é.pdf".encode(), b"a\nb\t.pdf", b" .pdf "])
def test_names_of_any_bytes(store: Store, name: bytes) -> None:
    """A bill whose name cannot be decoded, in a subfolder whose name is the site, is kept."""
    path = os.fsdecode(b"/bills/\xe9\xff/" + name)
    with store.transaction():
        store.save_folder(a_folder())
        store.save_file(a_file(path=path, asked_site=os.fsdecode(b"\xe9\xff")), State.WAITING, None)
        store.add_events([Event(1.0, f"asks: {path}", file_id=a_file().id)])
    kept = store.file_at(path)
    assert kept is not None
    assert os.fsencode(kept.path) == b"/bills/\xe9\xff/" + name
    assert kept.asked_site == "??"


def test_rows_are_replaced_not_doubled(store: Store) -> None:
    """Saving a row again changes it."""
    with store.transaction():
        store.save_folder(a_folder())
        store.save_file(a_file(), State.WAITING, None)
        store.save_file(a_file(stage=FileStage.GONE), State.GONE, None)
    assert [file.stage for file in store.files_in(a_folder().id)] == [FileStage.GONE]
    assert store.next_file_id() == 2


def test_the_slowest_of_the_last_twenty_jobs(store: Store) -> None:
    """A company's pace follows its last 20 jobs, and saving the company keeps it."""
    row = CompanyRow(CompanyKey("HMF"), WORLD)
    with store.transaction():
        store.save_company(row)
        for seconds in (500.0, *range(20, 40)):
            store.note_job_seconds(row.key, WORLD, seconds)
        store.save_company(replace(row, failures=1))
    (kept,) = store.companies(WORLD)
    assert (kept.slowest_job, kept.failures) == (39.0, 1)


def test_known_jobs(store: Store) -> None:
    """Jobs of other submissions are known, one's own is not counted."""
    with store.transaction():
        store.save_submission(a_submission(job_id="job-1"))
    assert store.known_jobs(["job-1", "job-2"]) == {"job-1"}
    assert store.known_jobs(["job-1"], but=SubmissionId(5)) == frozenset()


def test_what_cannot_be_is_no_row() -> None:
    """A request without names, and a result that was found without its signature, are damage."""
    with pytest.raises(UnreadableRowError):
        request_of((1, "retry", "[]"))
    row = list(file_row(a_file(), State.WAITING, None))
    row[FILE_COLUMNS.split(", ").index("adoptable")] = '["sha", null, "", "", "", "", "", true]'
    with pytest.raises(UnreadableRowError):
        file_of(tuple(row))


def test_jobs_of_a_company_that_nobody_knows_are_not_kept(store: Store) -> None:
    """Nothing tells how long they take."""
    assert store.note_job_seconds(CompanyKey("Nobody"), WORLD, 5.0) is None


def test_a_part_of_a_turn_is_undone_by_itself(store: Store) -> None:
    """What was written before it stays."""

    def write_a_part() -> None:
        with store.savepoint():
            store.set_meta("inside", "undone")
            store._connection.execute("INSERT INTO meta VALUES ('before', 'twice')")

    with store.transaction():
        store.set_meta("before", "kept")
        with pytest.raises(sqlite3.IntegrityError):
            write_a_part()
    assert (store.meta("before"), store.meta("inside")) == ("kept", None)


def test_a_full_disk_is_named_when_a_store_is_opened(tmp_path: Path) -> None:
    """It is no damage: the store is not put aside for it."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert cannot_open(tmp_path / "store.sqlite3", error).code == "disk-full"
