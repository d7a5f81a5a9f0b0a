"""How a bill ended at Nectar: the outcome, the problem in words, and what a reader should know.

Outcomes stand in the order of the contract (section 3); the first that holds names the whole.
Nothing here trusts the shape of what Nectar said: a text where a list was due counts as no list.
Words of Nectar are quoted, shortened and freed of pre-signed links, never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from agent.bills.answers import (
    Answers,
    FetchedDocument,
    Job,
    complete_document,
    has_usage_or_charges,
    objects,
)
from agent.bills.exact_json import Json, json_text
from agent.bills.links import without_signed_links_in_text
from agent.bills.values import Outcome, Problem, ResultWarning

_LONGEST_QUOTE = 200
"""Characters of Nectar's words in one sentence; the whole answer stands in the result anyway."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a bill ended. ``problem`` is None for ``processed`` and ``duplicate`` only."""

    outcome: Outcome
    problem: Problem | None = None
    warnings: tuple[ResultWarning, ...] = ()


class JobFailure(StrEnum):
    """How a job can end without an answer about the bill; the value is the problem's code."""

    FAILED = "job-failed"
    TERMINATED = "job-terminated"
    LOST = "job-lost"


def verdict(answers: Answers, site_id: str) -> Verdict:
    """Return how a finished job ended for a bill that was sent for the site ``site_id``.

    Never raises, whatever the payloads hold.
    """
    documents = _complete(answers.documents)
    warnings = _warnings(answers, documents, site_id)
    if any(has_usage_or_charges(document) for document in documents):
        return Verdict(Outcome.PROCESSED, None, warnings)
    job = answers.job
    if job.duplicates > 0 or job.duplicate_document_ids or answers.duplicates:
        return Verdict(Outcome.DUPLICATE, None, warnings)
    if job.non_utility_document_ids:
        return Verdict(Outcome.NOT_A_UTILITY_BILL, _NOT_A_UTILITY_BILL, warnings)
    missing = bool(job.parsed_document_ids or answers.documents) and not documents
    return Verdict(Outcome.NO_DATA, _NOT_FETCHED if missing else _NO_DATA, warnings)


def failure_verdict(job: Job | None, reason: JobFailure) -> Verdict:
    """Return how a bill ended whose job failed, was terminated or is unknown to Nectar now.

    ``job`` is the last answer about it, None where there is none.
    """
    name = f" the job {_quoted(job.id)}" if job else " this job (its number is in the result)"
    support = f"Write to Nectar's support and name{name}."
    if reason is JobFailure.LOST:
        problem = Problem(
            reason.value,
            "Nectar no longer knows the job of this file, and no bill came of it.",
            'Start it again with "bill-agent retry FILE".',
        )
    elif reason is JobFailure.TERMINATED:
        words = job.termination_reason if job else None
        said = f" and says: {_quoted(words)}" if words else "; it gave no reason."
        problem = Problem(reason.value, f"Nectar stopped reading this file{said}", support)
    else:
        problem = Problem(reason.value, "Nectar could not read this file.", support)
    return Verdict(Outcome.FAILED, problem)


def uploads_lost_verdict(uploads: int) -> Verdict:
    """Return how a bill ended of which so many uploads left neither a job nor a document."""
    problem = Problem(
        JobFailure.LOST.value,
        f"{uploads} uploads of this file were begun, but Nectar named no job and shows no bill of "
        "them.",
        "Ask Nectar's support what became of them, then start it again with \"bill-agent retry "
        'FILE".',
    )
    return Verdict(Outcome.FAILED, problem)


def adopt_duplicate(answers: Answers) -> Answers:
    """Return ``answers`` with the duplicates that could be fetched as parsed documents.

    For the duplicate that is our own first upload, whose answer was lost: its bill is processed,
    and its result holds the document where readers look for it. A document that is there already
    is not added twice; duplicates that could not be fetched stay duplicates.
    """
    known = {fetched.id for fetched in answers.documents}
    adopted = tuple(fetched for fetched in answers.duplicates if fetched.document is not None)
    return replace(
        answers,
        documents=answers.documents + tuple(each for each in adopted if each.id not in known),
        duplicates=tuple(each for each in answers.duplicates if each.document is None),
    )


_NOT_A_UTILITY_BILL = Problem(
    "not-a-utility-bill",
    "Nectar read this file and says that it is not a utility bill.",
    "Take it out of this folder; if it is a bill, write to Nectar's support.",
)
_NO_DATA = Problem(
    "no-data",
    "Nectar finished reading this file, but found neither usage nor charges in it.",
    "Look whether the file shows the whole bill clearly, and replace it with a better copy.",
)
_NOT_FETCHED = Problem(
    "no-data",
    "Nectar finished reading this file, but does not hand out the bill that it made of it.",
    "Look for the bill in Nectar; once it can be read there, it is written here by itself.",
)


def _complete(fetched: tuple[FetchedDocument, ...]) -> list[dict[str, Any]]:
    return [document for each in fetched if (document := complete_document(each)) is not None]


def _warnings(
    answers: Answers, documents: list[dict[str, Any]], site_id: str
) -> tuple[ResultWarning, ...]:
    # A known bill may stand on another site just as well, and that is what a person must hear.
    booked = documents + _complete(answers.duplicates)
    found = (
        _site_differs(booked, site_id),
        _several_documents(answers),
        _flagged(documents),
        _estimated(documents),
    )
    return tuple(warning for warning in found if warning is not None)


def _usage_records(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for document in documents:
        yield from objects(document.get("usageData"))


def _site_differs(documents: list[dict[str, Any]], site_id: str) -> ResultWarning | None:
    others = [
        _site_words(site)
        for record in _usage_records(documents)
        if (site := record.get("site")) and _names_another(site, site_id)
    ]
    if not others:
        return None
    sites = ", ".join(dict.fromkeys(others))
    return ResultWarning(
        "site-differs", f"Nectar booked usage of this bill on another site than asked: {sites}."
    )


def _names_another(site: Json, site_id: str) -> bool:
    booked = site.get("id") if isinstance(site, dict) else site
    if isinstance(booked, int) and not isinstance(booked, bool) and site_id.strip().isdecimal():
        booked = str(booked)  # ids are numbers there, for the site asked for as well
    if not isinstance(booked, str):
        return False
    return booked.strip().lower() != site_id.strip().lower()


def _site_words(site: Json) -> str:
    if not isinstance(site, dict):
        return _quoted(site)
    words = [site[key] for key in ("name", "externalId") if isinstance(site.get(key), str)]
    return " ".join(_quoted(word) for word in words) or _quoted(site.get("id"))


def _several_documents(answers: Answers) -> ResultWarning | None:
    ids = dict.fromkeys(
        [*answers.job.parsed_document_ids, *(fetched.id for fetched in answers.documents)]
    )
    if len(ids) < 2:
        return None
    return ResultWarning("several-documents", f"Nectar found {len(ids)} bills in this file.")


def _flagged(documents: list[dict[str, Any]]) -> ResultWarning | None:
    words = dict.fromkeys(
        _quoted(word)
        for document in documents
        if (word := document.get("flaggedStatus")) is not None and str(word).strip()
    )
    if not words:
        return None
    return ResultWarning("flagged-by-nectar", f"Nectar flagged this bill: {', '.join(words)}.")


def _estimated(documents: list[dict[str, Any]]) -> ResultWarning | None:
    records = list(_usage_records(documents))
    estimated = sum(record.get("isEstimated") is True for record in records)
    if not estimated:
        return None
    return ResultWarning(
        "usage-estimated",
        f"The utility estimated the usage in {estimated} of {len(records)} usage records.",
    )


def _quoted(word: Json) -> str:
    """Return Nectar's word in quotes: on one line, short, without pre-signed links."""
    text = word if isinstance(word, str) else json_text(word)
    plain = " ".join(without_signed_links_in_text(text).split())
    if len(plain) > _LONGEST_QUOTE:
        plain = plain[: _LONGEST_QUOTE - 1] + "…"
    return f"“{plain}”"
