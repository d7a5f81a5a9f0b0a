"""Building a result from facts: the JSON in the contract's order, and its exact bytes.

Pure. What Nectar said is kept as it was said: members in their order, unknown ones too, digits
never through a float. Pre-signed links are taken out at any depth (`agent.bills.links`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from agent.bills.answers import Company, FetchedDocument, complete_document
from agent.bills.exact_json import Json, json_text
from agent.bills.instant import utc_text
from agent.bills.links import without_signed_links
from agent.bills.values import Outcome, Problem, ResultWarning, Sha256

FORMAT = "nectar-bill-result/1"

_INDENT = 2
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The file that the result speaks about. ``modified`` is UTC seconds since 1970."""

    name: str
    size: int
    sha256: Sha256
    modified: float


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The site asked for; what is not known yet is None."""

    external_id: str | None
    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What was sent and what came of it; times are UTC seconds since 1970.

    ``id`` is None where Nectar refused the upload or named no job, ``answered`` and ``payload``
    (the last job answer) where there never was one.
    """

    id: str | None
    sent: float
    answered: float | None
    payload: Json


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """Everything that a result says. ``written`` is UTC seconds; ``job`` None: nothing was sent."""

    outcome: Outcome
    problem: Problem | None
    warnings: tuple[ResultWarning, ...]
    file: FileFacts
    site: SiteFacts
    company: Company | None
    api: str
    environment: str
    job: JobFacts | None
    documents: tuple[FetchedDocument, ...]
    duplicates: tuple[FetchedDocument, ...]
    copy_of: str | None
    revision: int
    written: float
    agent_version: str


def build_result(facts: ResultFacts) -> dict[str, Any]:
    """Return the result as the contract has it (section 3), members in its order.

    Parsed documents that could not be fetched are left out (their ids stand in ``job.nectar``); a
    duplicate that could not be fetched has ``"document": null``. ``facts`` is not changed.
    """
    return {
        "format": FORMAT,
        "outcome": facts.outcome.value,
        "problem": _problem(facts.problem),
        "warnings": [{"code": each.code, "message": each.message} for each in facts.warnings],
        "file": {
            "name": facts.file.name,
            "size": facts.file.size,
            "sha256": facts.file.sha256,
            "modified": utc_text(facts.file.modified),
        },
        "site": {
            "externalId": facts.site.external_id,
            "id": facts.site.id,
            "name": facts.site.name,
        },
        "company": _company(facts.company),
        "api": facts.api,
        "environment": facts.environment,
        "job": _job(facts.job),
        "documents": _documents(facts.documents),
        "duplicates": _duplicates(facts.duplicates),
        "copyOf": facts.copy_of,
        "revision": facts.revision,
        "written": utc_text(facts.written),
        "agent": f"nectar-bill-agent {facts.agent_version}",
    }


def result_bytes(result: Json) -> bytes:
    r"""Return ``result`` as it lies on the disk: UTF-8, indented, ending in a newline.

    Half characters (the bytes of a file name that are no text, or a broken escape of Nectar's) are
    written as ``\udXXX`` escapes: the file stays UTF-8, and a reader gets back what was there.
    """
    text = json_text(result, indent=_INDENT) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _HALF_CHARACTER.sub(lambda half: f"\\u{ord(half.group()):04x}", text).encode()


def copy_of(first_path: str, second_path: str, *, flavour: type[PurePath] = PurePath) -> str:
    """Return where the first file lies, seen from the second one's folder, with ``/`` everywhere.

    Absolute where no relative path exists (another drive or share). ``flavour`` says how paths
    read; the default is this system's way.
    """
    first, folder = flavour(first_path), flavour(second_path).parent
    if first.anchor.lower() != folder.anchor.lower() or not first.is_absolute():
        return first.as_posix()
    shared = 0
    # Parts compared as paths, so that case counts exactly where it does on that system.
    for one, other in zip(first.parts, folder.parts, strict=False):
        if flavour(one) != flavour(other):
            break
        shared += 1
    up = [".."] * (len(folder.parts) - shared)
    return "/".join([*up, *first.parts[shared:]])


def _problem(problem: Problem | None) -> Json:
    if problem is None:
        return None
    return {"code": problem.code, "message": problem.message, "advice": problem.advice}


def _company(company: Company | None) -> Json:
    if company is None:
        return None
    return {"externalId": company.external_id, "id": company.id, "name": company.name}


def _job(job: JobFacts | None) -> Json:
    if job is None:
        return None
    return {
        "id": job.id,
        "sent": utc_text(job.sent),
        "answered": None if job.answered is None else utc_text(job.answered),
        "nectar": without_signed_links(job.payload),
    }


def _documents(documents: tuple[FetchedDocument, ...]) -> list[Json]:
    return [
        without_signed_links(document)
        for fetched in documents
        if (document := complete_document(fetched)) is not None
    ]


def _duplicates(duplicates: tuple[FetchedDocument, ...]) -> list[Json]:
    return [
        {"id": fetched.id, "document": without_signed_links(complete_document(fetched))}
        for fetched in duplicates
    ]
