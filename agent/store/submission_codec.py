"""Rows of submissions to values and back."""

from __future__ import annotations

from typing import Any

from agent.bills.exact_json import parse_json
from agent.bills.rows import Place, Submission
from agent.bills.stages import SubmissionStage
from agent.bills.values import Kind, Outcome, Sha256, SubmissionId
from agent.store.codec import (
    ascii_text,
    problem_of,
    problem_text,
    storable,
    warnings_of,
    warnings_text,
    world_of,
)
from agent.store.naming import reading
from agent.store.plausible import check_submission

SUBMISSION_COLUMNS = (
    "id, sha256, world, company_id, site_id, place, kind, name, stage, since, newest, due, "
    "failures, bugs, begun_at, doubted_at, doubt_ends, sent_at, answered_at, job_id, "
    "not_there_since, tries, refusals, refused_at, reason, revision, revision_at, outcome, "
    "problem, warnings, fingerprint"
)


def submission_row(row: Submission) -> tuple[Any, ...]:
    """Return the columns of a submission."""
    return (
        row.id,
        row.sha256,
        row.world.key,
        row.place.company_id,
        row.place.site_id,
        ascii_text(
            [
                row.place.company_external_id,
                row.place.company_name,
                row.place.site_external_id,
                row.place.site_name,
            ]
        ),
        row.kind.value,
        row.name,
        row.stage.value,
        row.since,
        row.newest,
        row.due,
        row.failures,
        row.bugs,
        row.begun_at,
        row.doubted_at,
        row.doubt_ends,
        row.sent_at,
        row.answered_at,
        None if row.job_id is None else storable(row.job_id),
        row.not_there_since,
        row.tries,
        row.refusals,
        row.refused_at,
        None if row.reason is None else storable(row.reason),
        row.revision,
        row.revision_at,
        row.outcome.value if row.outcome else None,
        problem_text(row.problem),
        warnings_text(row.warnings),
        row.fingerprint,
    )


@reading
def submission_of(row: tuple[Any, ...]) -> Submission:
    """Return the submission of its columns (``SUBMISSION_COLUMNS``)."""
    company_external_id, company_name, site_external_id, site_name = parse_json(row[5])
    submission = Submission(
        id=SubmissionId(row[0]),
        sha256=Sha256(row[1]),
        world=world_of(row[2]),
        place=Place(row[3], company_external_id, company_name, row[4], site_external_id, site_name),
        kind=Kind(row[6]),
        name=row[7],
        stage=SubmissionStage(row[8]),
        since=row[9],
        newest=row[10],
        due=row[11],
        failures=row[12],
        bugs=row[13],
        begun_at=row[14],
        doubted_at=row[15],
        doubt_ends=row[16],
        sent_at=row[17],
        answered_at=row[18],
        job_id=row[19],
        not_there_since=row[20],
        tries=row[21],
        refusals=row[22],
        refused_at=row[23],
        reason=row[24],
        revision=row[25],
        revision_at=row[26],
        outcome=Outcome(row[27]) if row[27] else None,
        problem=problem_of(row[28]),
        warnings=warnings_of(row[29]),
        fingerprint=row[30],
    )
    return check_submission(submission)
