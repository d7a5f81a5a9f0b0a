"""Rows of the store to values and back."""

from __future__ import annotations

import math
import os
import zlib
from typing import Any

from agent.bills.answers import Answers, Company, CompanySites, FetchedDocument, Job, Site
from agent.bills.exact_json import DEEPEST, json_text, parse_json
from agent.bills.holds import Hold, Scope, ScopeKind
from agent.bills.identities import whole
from agent.bills.instant import utc_seconds
from agent.bills.rows import (
    Adoptable,
    CompanyKey,
    CompanyRow,
    File,
    Folder,
    Place,
    Submission,
    World,
)
from agent.bills.stages import FileStage, ResultFate, State, SubmissionStage
from agent.bills.values import (
    FileId,
    FolderId,
    Kind,
    Outcome,
    Problem,
    ResultWarning,
    Sha256,
    Signature,
    SubmissionId,
)
from agent.store.naming import reading
from agent.store.plausible import (
    check_counts_and_moments,
    check_file,
    check_folder,
    check_submission,
    check_texts,
)

FILE_COLUMNS = (
    "id, folder_id, path, size, modified_ns, file_number, stage, state, code, since, first_seen, "
    "last_seen, due, failures, bugs, question, problem, sha256, kind, submission_id, asked_site, "
    "owed, owed_since, copy_of, present, present_sha256, present_signature, present_at, write_due, "
    "fate, adoptable, missing, dismissed, may_go_elsewhere, "
    "sought_since"
)
SUBMISSION_COLUMNS = (
    "id, sha256, world, company_id, site_id, place, kind, name, stage, since, newest, due, "
    "failures, bugs, begun_at, doubted_at, doubt_ends, sent_at, answered_at, job_id, "
    "not_there_since, tries, refusals, refused_at, reason, revision, revision_at, outcome, "
    "problem, warnings, fingerprint"
)
FOLDER_COLUMNS = (
    "id, path, is_configured, due, read_at, read_seconds, failures, first_look, volume, "
    "is_paused, missing_since, unsupported, others, met_at, is_lost, unread"
)
COMPANY_COLUMNS = (
    "name, world, found, read_at, due, failures, accepted_at, documents_due, documents_tries, "
    "corrections_read_at, corrections_due, job_seconds"
)
_DEEPEST_ANSWERS = DEEPEST + 3
"""A document lies three levels down in what is kept of a job."""
HOLD_COLUMNS = "code, kind, name, since, message, advice, due, tries"
LAST_JOBS = 20
"""So many jobs of a company tell how long a document may take to appear."""


def marks(columns: str) -> str:
    """Return as many question marks as there are columns."""
    return ", ".join("?" * (columns.count(",") + 1))


def update_of(columns: str, key: str) -> str:
    """Return the assignments of an upsert for every column but the key."""
    names = [name.strip() for name in columns.split(",")]
    return ", ".join(f"{name} = excluded.{name}" for name in names if name != key)


def file_row(file: File, state: State, code: str | None) -> tuple[Any, ...]:
    """Return the columns of a file."""
    signature = file.signature
    return (
        file.id,
        file.folder_id,
        os.fsencode(file.path),
        signature.size,
        signature.modified_ns,
        str(signature.file_number),
        file.stage.value,
        state.value,
        code,
        file.since,
        file.first_seen,
        file.last_seen,
        file.due,
        file.failures,
        file.bugs,
        problem_text(file.question),
        problem_text(file.problem),
        file.sha256,
        file.kind.value if file.kind else None,
        file.submission_id,
        None if file.asked_site is None else storable(file.asked_site),
        file.owed,
        file.owed_since,
        os.fsencode(file.copy_of) if file.copy_of is not None else None,
        file.present,
        file.present_sha256,
        _signature_text(file.present_signature),
        file.present_at,
        file.write_due,
        file.fate.value,
        _adoptable_text(file.adoptable),
        file.missing,
        int(file.dismissed),
        int(file.may_go_elsewhere),
        file.sought_since,
    )


_FILE_STAGES = {stage.value: stage for stage in FileStage}
_FATES = {fate.value: fate for fate in ResultFate}


@reading
def file_of(row: tuple[Any, ...]) -> File:
    """Return the file of its columns (``FILE_COLUMNS``)."""
    file = File(
        id=FileId(row[0]),
        folder_id=FolderId(row[1]),
        path=os.fsdecode(row[2]),
        signature=Signature(row[3], row[4], int(row[5])),
        stage=_FILE_STAGES[row[6]],
        since=row[9],
        first_seen=row[10],
        last_seen=row[11],
        due=row[12],
        failures=row[13],
        bugs=row[14],
        question=problem_of(row[15]),
        problem=problem_of(row[16]),
        sha256=row[17],
        kind=Kind(row[18]) if row[18] else None,
        submission_id=row[19],
        asked_site=row[20],
        owed=row[21],
        owed_since=row[22],
        copy_of=os.fsdecode(row[23]) if row[23] is not None else None,
        present=row[24],
        present_sha256=row[25],
        present_signature=_signature_of(row[26]),
        present_at=row[27],
        write_due=row[28],
        fate=_FATES[row[29]],
        adoptable=_adoptable_of(row[30]),
        missing=row[31],
        dismissed=bool(row[32]),
        may_go_elsewhere=bool(row[33]),
        sought_since=row[34],
    )
    return check_file(file)


_STATES = {state.value: state for state in State}


@reading
def shown_of(row: tuple[Any, ...]) -> tuple[State, str | None]:
    """Return the state and code that people see, of a file's columns."""
    return _STATES[row[7]], row[8]


def submission_row(row: Submission) -> tuple[Any, ...]:
    """Return the columns of a submission."""
    return (
        row.id,
        row.sha256,
        row.world.key,
        row.place.company_id,
        row.place.site_id,
        _text(
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


def folder_row(folder: Folder) -> tuple[Any, ...]:
    """Return the columns of a folder."""
    return (
        folder.id,
        os.fsencode(folder.path),
        int(folder.is_configured),
        folder.due,
        folder.read_at,
        folder.read_seconds,
        folder.failures,
        folder.first_look,
        folder.volume,
        int(folder.is_paused),
        folder.missing_since,
        json_text([os.fsencode(path).decode("utf-8", "replace") for path in folder.unsupported]),
        folder.others,
        folder.met_at,
        int(folder.is_lost),
        _text(folder.unread),
    )


@reading
def folder_of(row: tuple[Any, ...]) -> Folder:
    """Return the folder of its columns (``FOLDER_COLUMNS``)."""
    folder = Folder(
        id=FolderId(row[0]),
        path=os.fsdecode(row[1]),
        is_configured=bool(row[2]),
        due=row[3],
        read_at=row[4],
        read_seconds=row[5],
        failures=row[6],
        first_look=row[7],
        volume=row[8],
        is_paused=bool(row[9]),
        missing_since=row[10],
        unsupported=tuple(parse_json(row[11])),
        others=row[12],
        met_at=row[13],
        is_lost=bool(row[14]),
        unread=tuple(parse_json(row[15])),
    )
    return check_folder(folder)


def company_row(row: CompanyRow, job_seconds: str) -> tuple[Any, ...]:
    """Return the columns of a company; ``job_seconds`` are those of its last jobs, as JSON."""
    return (
        row.key,
        row.world.key,
        _sites_text(row.found),
        row.read_at,
        row.due,
        row.failures,
        row.accepted_at,
        row.documents_due,
        row.documents_tries,
        row.corrections_read_at,
        row.corrections_due,
        job_seconds,
    )


@reading
def company_of(row: tuple[Any, ...]) -> CompanyRow:
    """Return the company of its columns (``COMPANY_COLUMNS``)."""
    seconds = [float(one) for one in parse_json(row[11])]
    check_counts_and_moments((row[5], row[8]), (*row[3:5], *row[6:8], *row[9:11], *seconds))
    return CompanyRow(
        key=CompanyKey(row[0]),
        world=world_of(row[1]),
        found=_sites_of(row[2]),
        read_at=row[3],
        due=row[4],
        failures=row[5],
        accepted_at=row[6],
        documents_due=row[7],
        documents_tries=row[8],
        corrections_read_at=row[9],
        corrections_due=row[10],
        slowest_job=max(seconds) if seconds else None,
    )


@reading
def hold_of(row: tuple[Any, ...]) -> Hold:
    """Return the hold of its columns (``HOLD_COLUMNS``)."""
    code, kind, name, since, message, advice, due, tries = row
    check_counts_and_moments((tries,), (since, due))
    return Hold(code, Scope(ScopeKind(kind), name), since, message, advice, due, tries)


@reading
def state_of(text: str) -> State:
    """Return the state that a column names."""
    return _STATES[text]


@reading
def outcome_of(text: str | None) -> Outcome | None:
    """Return the outcome that a column names, None for none yet."""
    return Outcome(text) if text else None


@reading
def number_of(text: str) -> float:
    """Return the number that a remembered value is."""
    return float(text)


def world_of(key: str) -> World:
    """Return the world of its key."""
    api, _, environment = key.rpartition(" ")
    return World(api, environment)


def problem_text(problem: Problem | None) -> str | None:
    """Return a problem as text."""
    if problem is None:
        return None
    return json_text([storable(one) for one in (problem.code, problem.message, problem.advice)])


@reading
def problem_of(text: str | None) -> Problem | None:
    """Return the problem of its text."""
    if text is None:
        return None
    code, message, advice = parse_json(text)
    check_texts(code, message, advice)
    return Problem(code, message, advice)


def warnings_text(warnings: tuple[ResultWarning, ...]) -> str:
    """Return warnings as text."""
    return json_text([[storable(one.code), storable(one.message)] for one in warnings])


@reading
def warnings_of(text: str) -> tuple[ResultWarning, ...]:
    """Return the warnings of their text."""
    warnings = tuple(ResultWarning(code, message) for code, message in parse_json(text))
    check_texts(*(word for each in warnings for word in (each.code, each.message)))
    return warnings


def storable(text: str) -> str:
    """Return text without the lone surrogates that undecodable names bring; SQLite refuses them."""
    return whole(text)


def _text(value: Any) -> str:
    return json_text(value, is_ascii=True)


def _signature_text(signature: Signature | None) -> str | None:
    if signature is None:
        return None
    return f"{signature.size} {signature.modified_ns} {signature.file_number}"


def _signature_of(text: str | None) -> Signature | None:
    if text is None:
        return None
    size, modified_ns, file_number = text.split(" ")
    return Signature(int(size), int(modified_ns), int(file_number))


def _adoptable_text(found: Adoptable | None) -> str | None:
    if found is None:
        return None
    return _text(
        [
            found.content_sha256,
            _signature_text(found.signature),
            found.api,
            found.environment,
            found.company_id,
            found.site_id,
            found.site_words,
            found.was_sent,
        ]
    )


def _adoptable_of(text: str | None) -> Adoptable | None:
    if text is None:
        return None
    sha256, signature_text, *rest = parse_json(text)
    signature = _signature_of(signature_text)
    if signature is None:
        raise ValueError("a result was found without its signature")
    return Adoptable(sha256, signature, *rest)


def _sites_text(found: CompanySites | None) -> str | None:
    if found is None:
        return None
    company = found.company
    sites = [[site.id, site.name, site.external_id, site.archived_on] for site in found.sites]
    return _text([[company.id, company.name, company.external_id], sites])


def _sites_of(text: str | None) -> CompanySites | None:
    if text is None:
        return None
    company, sites = parse_json(text)
    return CompanySites(Company(*company), tuple(Site(*site) for site in sites))


def answers_blob(answers: Answers) -> bytes:
    """Return answers as compressed JSON."""
    job = answers.job
    value = {
        "job": [
            job.id,
            job.status,
            list(job.parsed_document_ids),
            job.duplicates,
            list(job.duplicate_document_ids),
            list(job.non_utility_document_ids),
            job.termination_reason,
            job.payload,
        ],
        "documents": [[one.id, one.document, list(one.usage)] for one in answers.documents],
        "duplicates": [[one.id, one.document, list(one.usage)] for one in answers.duplicates],
    }
    return zlib.compress(json_text(value).encode("utf-8", "surrogatepass"), 6)


@reading
def answers_of(blob: bytes) -> Answers:
    """Return the answers of their blob."""
    text = zlib.decompress(blob).decode("utf-8", "surrogatepass")
    value = parse_json(text, deepest=_DEEPEST_ANSWERS, most_values=math.inf)
    identity, status, parsed, duplicates, duplicate_ids, non_utility, reason, payload = value["job"]
    job = Job(
        identity,
        status,
        tuple(parsed),
        duplicates,
        tuple(duplicate_ids),
        tuple(non_utility),
        reason,
        payload,
    )
    return Answers(job, _documents(value["documents"]), _documents(value["duplicates"]))


def updated_of(fetched: FetchedDocument) -> str | None:
    """Return when Nectar last changed a document, as it says; None where it does not."""
    updated = (fetched.document or {}).get("updated")
    return storable(updated) if isinstance(updated, str) else None


def created_of(fetched: FetchedDocument) -> float | None:
    """Return when Nectar made a document, as it says; None where it does not."""
    created = (fetched.document or {}).get("created")
    return utc_seconds(created) if isinstance(created, str) else None


def _documents(values: list[list[Any]]) -> tuple[FetchedDocument, ...]:
    return tuple(FetchedDocument(one[0], one[1], tuple(one[2])) for one in values)
