"""What a company's document list tells about uploads in doubt and jobs that cannot be asked for."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.answers import Answers, Job
from agent.bills.change import Change, of_submission
from agent.bills.decide_submission import accepted, is_long_not_there, job_lost, upload_lost
from agent.bills.listed import ListedDocument
from agent.bills.names import bears_fingerprint
from agent.bills.rows import Event, Submission
from agent.bills.stages import SubmissionStage

LIST_OVERLAP_DAYS = 2
"""Lists begin so many UTC days before the upload: days are cut, and clocks differ."""


def is_sought(document: ListedDocument, sought: tuple[Submission, ...]) -> bool:
    """Whether the document may be that of an upload or job that is looked for."""
    return any(
        bears_fingerprint(document.file_name, row.sha256)
        or (row.job_id is not None and row.job_id == document.job_id)
        for row in sought
    )


def conclude(
    documents: tuple[ListedDocument, ...],
    sought: tuple[Submission, ...],
    our_jobs: frozenset[str],
    started: float,
    now: float,
) -> tuple[Change, ...]:
    """Return what a complete list, begun at ``started``, tells about the rows that are sought.

    Of several documents of one upload the earliest is taken, the others are noted. Absence is
    believed only when the list was begun after the wait of the row.
    """
    taken = set(our_jobs)
    changes: list[Change] = []
    for row in sorted(sought, key=lambda one: one.begun_at or 0.0):
        if row.stage is SubmissionStage.BEGUN and row.doubt_ends is not None:
            changes.append(_upload(row, documents, taken, started, now))
        elif row.stage is SubmissionStage.ACCEPTED and row.not_there_since is not None:
            changes.append(_job(row, documents, taken, started, now))
    return tuple(changes)


def sent_by_another(
    row: Submission, documents: tuple[ListedDocument, ...], our_jobs: frozenset[str], now: float
) -> Change | None:
    """Return what follows where Nectar has the bytes of ``row``, that waits here, from elsewhere.

    None where it does not, as far as ``documents`` tell.
    """
    matches = [
        one
        for one in documents
        if one.job_id is not None
        and one.job_id not in our_jobs
        and bears_fingerprint(one.file_name, row.sha256)
    ]
    if not matches:
        return None
    first = min(matches, key=lambda one: one.created)
    assert first.job_id is not None
    job = Job(first.job_id, "PENDING", (), 0, (), (), None, {"id": first.job_id})
    change = accepted(replace(row, begun_at=min(now, first.created or now)), job, now)
    return change.with_events(
        Event(now, "not sent: another machine had sent it", submission_id=row.id)
    )


def _upload(
    row: Submission,
    documents: tuple[ListedDocument, ...],
    taken: set[str],
    started: float,
    now: float,
) -> Change:
    matches = sorted(
        (
            one
            for one in documents
            if bears_fingerprint(one.file_name, row.sha256) and one.job_id not in taken
        ),
        key=lambda one: one.created,
    )
    if matches:
        first = matches[0]
        if first.job_id is None:
            return _finished(row, (first.id,), now)
        taken.add(first.job_id)
        others = {one.job_id for one in matches[1:] if one.job_id and one.job_id not in taken}
        job = Job(first.job_id, "PENDING", (), 0, (), (), None, {"id": first.job_id})
        # An upload of a lost store was begun before this one knew of it.
        begun_at = min(row.begun_at or now, first.created or now)
        change = accepted(replace(row, begun_at=begun_at), job, now)
        notes = [
            Event(now, f"Nectar also has job {other} of this file", submission_id=row.id)
            for other in sorted(others)
        ]
        return change.with_events(*notes)
    if row.doubt_ends is not None and started >= row.doubt_ends:
        return upload_lost(row, now)
    return Change()


def _job(
    row: Submission,
    documents: tuple[ListedDocument, ...],
    others: set[str],
    started: float,
    now: float,
) -> Change:
    found = tuple(one.id for one in documents if one.job_id == row.job_id)
    if found:
        return _finished(row, found, now)
    if not is_long_not_there(row, started):
        return Change()
    # The answer to the upload may have named another job than the one that it became.
    named = tuple(
        one.id
        for one in documents
        if bears_fingerprint(one.file_name, row.sha256) and one.job_id not in others
    )
    return _finished(row, named, now) if named else job_lost(row, now)


def _finished(row: Submission, document_ids: tuple[str, ...], now: float) -> Change:
    payload = {"id": row.job_id, "status": None, "parsedDocumentIds": list(document_ids)}
    job = Job(row.job_id or "", "COMPLETED", document_ids, 0, (), (), None, payload)
    finished = replace(
        row,
        stage=SubmissionStage.FINISHED,
        since=now,
        due=now,
        tries=0,
        failures=0,
        answered_at=now,
        sent_at=row.sent_at or row.begun_at,
        not_there_since=None,
        doubt_ends=None,
    )
    change = of_submission(finished, "its document was found at Nectar", at=now)
    return replace(change, answers=Answers(job))
