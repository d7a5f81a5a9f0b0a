"""A result of ours back into values: for a store that was lost, or never knew this file.

Pure. What the result kept is all there is: its documents are already complete and without
pre-signed links, and give the same fingerprint as the answers that they were written from.
"""

from __future__ import annotations

from typing import Any

from agent.bills.answers import Answers, FetchedDocument, Job, objects
from agent.bills.exact_json import Json
from agent.bills.fingerprint import content_fingerprint
from agent.bills.instant import utc_seconds
from agent.bills.outcomes import ReadBack
from agent.bills.values import Beside, BesideKind, Outcome, Problem, ResultWarning
from agent.results.recognise import parse_result


def read_back(beside: Beside) -> ReadBack | None:
    """Return what the result ``beside`` says; None where it is not ours.

    An outcome that only a newer version knows is read as the nearest that this one does: all
    well, failed, or never sent.
    """
    if beside.kind is not BesideKind.OURS or beside.content is None:
        return None
    result = parse_result(beside.content)
    job, problem = result["job"], _problem(result.get("problem"))
    answers = None if job is None else _answers(job, result)
    return ReadBack(
        beside=beside,
        outcome=_outcome(beside.outcome, problem, was_sent=beside.was_sent),
        problem=problem,
        warnings=_warnings(result.get("warnings")),
        answers=answers,
        job_id=None if job is None else _text(job.get("id")),
        sent_at=None if job is None else _time(job.get("sent")),
        answered_at=None if job is None else _time(job.get("answered")),
        fingerprint="" if answers is None else content_fingerprint(answers),
    )


def _outcome(word: str | None, problem: Problem | None, *, was_sent: bool) -> Outcome:
    if word in set(Outcome):
        return Outcome(word)
    if problem is None:
        return Outcome.PROCESSED
    return Outcome.FAILED if was_sent else Outcome.REJECTED


def _answers(job: dict[str, Any], result: dict[str, Any]) -> Answers:
    return Answers(
        job=_job(job),
        documents=tuple(
            FetchedDocument(_text(document.get("id")) or "", document)
            for document in objects(result["documents"])
        ),
        duplicates=tuple(
            FetchedDocument(_text(known.get("id")) or "", _object_or_none(known.get("document")))
            for known in objects(result["duplicates"])
        ),
    )


def _job(job: dict[str, Any]) -> Job:
    payload = job.get("nectar")
    said = payload if isinstance(payload, dict) else {}
    count = said.get("duplicates")
    return Job(
        id=_text(job.get("id")) or "",
        status=_text(said.get("status")) or "UNKNOWN",
        parsed_document_ids=_ids(said.get("parsedDocumentIds")),
        duplicates=count if isinstance(count, int) else 0,
        duplicate_document_ids=_ids(said.get("duplicateDocumentIds")),
        non_utility_document_ids=_ids(said.get("nonUtilityDocumentIds")),
        termination_reason=_text(said.get("terminationReason")),
        payload=payload,
    )


def _problem(value: Json) -> Problem | None:
    if not isinstance(value, dict):
        return None
    return Problem(*(_text(value.get(name)) or "" for name in ("code", "message", "advice")))


def _warnings(value: Json) -> tuple[ResultWarning, ...]:
    return tuple(
        ResultWarning(_text(each.get("code")) or "", _text(each.get("message")) or "")
        for each in objects(value)
    )


def _object_or_none(value: Json) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _ids(value: Json) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _time(value: Json) -> float | None:
    return utc_seconds(value) if isinstance(value, str) else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
