"""The exact bytes of what is owed to a file.

A pure function of rows, so that a kill between writing and committing ends with the same bytes.
"""

from __future__ import annotations

from pathlib import PurePath

from agent.bills.answers import Answers, Company
from agent.bills.resolve import Unresolved
from agent.bills.rows import File, Place, Submission, World
from agent.bills.stages import FileStage
from agent.bills.values import Outcome, Sha256
from agent.results.build import (
    FileFacts,
    JobFacts,
    ResultFacts,
    SiteFacts,
    build_result,
    copy_of,
    result_bytes,
)


def rejection_content(
    file: File, world: World, asked: str | None, place: Place | Unresolved | None, version: str
) -> bytes:
    """Return the result of a file that was rejected before it was sent."""
    known = place if isinstance(place, Place) else None
    facts = ResultFacts(
        outcome=Outcome.REJECTED,
        problem=file.problem,
        warnings=(),
        file=_file_facts(file),
        site=SiteFacts(asked, known.site_id if known else None, known.site_name if known else None),
        company=_company(known) if known else None,
        api=world.api,
        environment=world.environment,
        job=None,
        documents=(),
        duplicates=(),
        copy_of=None,
        revision=1,
        written=file.owed_since,
        agent_version=version,
    )
    return result_bytes(build_result(facts))


def submission_content(
    file: File, submission: Submission, answers: Answers | None, version: str
) -> bytes:
    """Return the result of a file whose submission has ended."""
    if file.stage is not FileStage.LINKED or submission.outcome is None:
        raise ValueError("only a file whose submission has ended has a result")
    place = submission.place
    job = None
    if submission.outcome is not Outcome.REJECTED:
        job = JobFacts(
            submission.job_id,
            submission.sent_at or submission.since,
            submission.answered_at,
            answers.job.payload if answers is not None else None,
        )
    facts = ResultFacts(
        outcome=submission.outcome,
        problem=submission.problem,
        warnings=submission.warnings,
        file=_file_facts(file),
        site=SiteFacts(place.site_external_id, place.site_id, place.site_name),
        company=_company(place),
        api=submission.world.api,
        environment=submission.world.environment,
        job=job,
        documents=answers.documents if answers is not None else (),
        duplicates=answers.duplicates if answers is not None else (),
        copy_of=copy_of(file.copy_of, file.path) if file.copy_of is not None else None,
        revision=submission.revision,
        written=file.owed_since,
        agent_version=version,
    )
    return result_bytes(build_result(facts))


def _file_facts(file: File) -> FileFacts:
    return FileFacts(
        name=PurePath(file.path).name,
        size=file.signature.size,
        sha256=file.sha256 or Sha256(""),
        modified=file.signature.modified,
    )


def _company(place: Place) -> Company:
    return Company(place.company_id, place.company_name, place.company_external_id)
