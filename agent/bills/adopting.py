"""A result of ours that the store does not know becomes known again; nothing is sent."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change, of_file
from agent.bills.linking import LinkContext
from agent.bills.names import upload_name
from agent.bills.outcomes import ReadBack
from agent.bills.owing import KEPT, rejection_token, result_token, with_result
from agent.bills.resolve import Unresolved
from agent.bills.rows import File, Place, Submission
from agent.bills.stages import FileStage, SubmissionStage


def adopt(file: File, found: ReadBack, context: LinkContext, now: float) -> Change:
    """Return what follows when the result beside ``file`` was read back.

    A result of something never sent rejects the file as it did before. One of something sent
    becomes the submission's answers, unless that submission is under way by itself.
    """
    if file.adoptable is None or found.beside.content_sha256 != file.adoptable.content_sha256:
        return Change(files=(replace(file, stage=FileStage.FOUND, due=now, adoptable=None),))
    if found.answers is None:
        rejected = replace(file, stage=FileStage.REJECTED, problem=found.problem, due=None)
        return of_file(
            with_result(rejected, rejection_token(rejected), found.beside, now),
            "rejected before; its result was adopted",
            at=now,
        )
    place = context.place
    if isinstance(place, Unresolved):
        return Change(files=(replace(file, due=None),))
    same = next((one for one in context.same_bytes if one.place.is_same(place)), None)
    if same is not None and same.stage.was_begun and not same.stage.is_final:
        kept = with_result(_linked(file, same, now), KEPT, found.beside, now)
        return replace(of_file(kept, "known bytes, same site", at=now), submission=same)
    if same is not None and same.stage.is_final and not _is_newer(found, same):
        is_older = found.job_id == same.job_id and found.beside.revision < same.revision
        linked = _linked(file, same, now)
        adopted = with_result(linked, KEPT if is_older else result_token(same), found.beside, now)
        return replace(of_file(adopted, "its result was adopted", at=now), submission=same)
    submission = _submission(file, found, context, place, same, now)
    linked = with_result(
        _linked(file, submission, now), result_token(submission), found.beside, now
    )
    return replace(
        of_file(linked, "its result was adopted", at=now),
        submission=submission,
        answers=found.answers,
    )


def _is_newer(found: ReadBack, same: Submission) -> bool:
    """Whether another machine wrote a correction that the store does not know yet."""
    return found.job_id == same.job_id and found.beside.revision > same.revision


def _submission(
    file: File,
    found: ReadBack,
    context: LinkContext,
    place: Place,
    same: Submission | None,
    now: float,
) -> Submission:
    if file.sha256 is None or file.kind is None:
        raise ValueError("an examined file has its sha256 and its kind")
    has_documents = found.answers is not None and found.problem is None
    is_fetched = has_documents or (found.problem is not None and _is_of_finished_job(found))
    return Submission(
        id=same.id if same else context.new_id,
        sha256=file.sha256,
        world=context.world,
        place=place,
        kind=file.kind,
        name=upload_name(file.path, file.sha256, file.kind),
        stage=SubmissionStage.FETCHED if is_fetched else SubmissionStage.FAILED,
        since=now,
        newest=file.signature.modified,
        begun_at=found.sent_at,
        sent_at=found.sent_at,
        answered_at=found.answered_at,
        job_id=found.job_id,
        revision=max(1, found.beside.revision),
        revision_at=now,
        outcome=found.outcome,
        problem=found.problem,
        warnings=found.warnings,
        fingerprint=found.fingerprint,
    )


def _is_of_finished_job(found: ReadBack) -> bool:
    return found.problem is not None and found.problem.code in ("no-data", "not-a-utility-bill")


def _linked(file: File, submission: Submission, now: float) -> File:
    return replace(
        file,
        stage=FileStage.LINKED,
        submission_id=submission.id,
        asked_site=submission.place.site_external_id,
        question=None,
        due=None,
        since=now,
    )
