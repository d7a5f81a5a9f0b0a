"""The life of a bill, in order: what each step does once, and what it learns.

A folder is **read**; a file is **settled**, **examined**, perhaps **adopted**; its company's
**sites are read**; its bytes are **sent**, their job is **polled**, its documents are **fetched**;
a lost answer is looked for in the **documents read**; the result is **written**. Steps know
nothing of what follows: :mod:`agent.bills` decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from agent.bills.answers import Answers, Job, Upload
from agent.bills.cloud import IN_CLOUD
from agent.bills.corrections import job_without, superseded
from agent.bills.errors import (
    InDoubt,
    NeedsAttention,
    NotThere,
    Rejected,
    Transient,
    UploadRefused,
)
from agent.bills.fingerprint import content_fingerprint
from agent.bills.outcomes import (
    Accepted,
    Answered,
    BytesChanged,
    BytesInCloud,
    DocumentsRead,
    Doubtful,
    Examined,
    Failed,
    Fetched,
    FolderRead,
    JobNotThere,
    Looked,
    NoBytes,
    NotOurs,
    NotSent,
    Polled,
    ReadBack,
    Recalled,
    Refused,
    ResultKept,
    ResultRemoved,
    ResultSeen,
    ResultWritten,
    SitesRead,
    Unfit,
    Vanished,
)
from agent.bills.plan import FolderPlan
from agent.bills.resolve import Unresolved, find_company
from agent.bills.rows import CompanyRow, File, Submission
from agent.bills.stages import FileStage
from agent.bills.values import BesideKind, Sha256
from agent.pipeline.gathering import clean_job, gather
from agent.pipeline.ports import DateType, Disk, Nectar
from agent.pipeline.work import Source
from agent.results.recognise import sha256_of

MOST_PAGES = 1000


# --- a folder and its files -------------------------------------------------------------------


def read_folder(
    disk: Disk,
    folder: FolderPlan,
    started: float,
    *,
    claim: float | None,
    take: float | None,
    tidy: bool,
    heads_wanted: Callable[[str], bool] | None,
) -> FolderRead | Failed:
    """Read a folder. In a first look also tell which files have a result of ours beside them."""
    try:
        reading = disk.read(folder, claim=claim, take=take, tidy=tidy)
        ours: set[str] = set()
        if heads_wanted is not None:
            for seen in reading.seen:
                if seen.result is not None and heads_wanted(seen.path):
                    beside = disk.beside(seen.path)
                    is_ours = beside.kind is BesideKind.OURS
                    if is_ours and beside.file_size == seen.signature.size:
                        ours.add(seen.path)
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    return FolderRead(reading, started, frozenset(ours))


def settle(
    disk: Disk, file: File, *, was_quiet: bool = False
) -> Looked | Examined | Unfit | BytesChanged | Vanished | Failed:
    """Look at a file that may still be moving.

    One that ``was_quiet`` long enough, and is as it was and complete, is examined at once.
    """
    try:
        looked = disk.look(file.path)
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    if looked is None:
        return Vanished()
    if was_quiet and looked.is_complete and looked.signature == file.signature:
        return examine(disk, file)
    return looked


def recall(disk: Disk, file: File) -> Recalled | Vanished | Failed:
    """Bring the file's content from the cloud."""
    try:
        return Recalled() if disk.recall(file.path) else Vanished()
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def examine(disk: Disk, file: File) -> Examined | Unfit | BytesChanged | Vanished | Failed:
    """Read a settled file once: fingerprint, kind, fitness, and what lies beside it."""
    try:
        found = disk.examine(file.path, file.signature)
        if found is not None:
            return found
        return Vanished() if disk.look(file.path) is None else BytesChanged()
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def adopt(disk: Disk, file: File) -> ReadBack | BytesChanged | Failed:
    """Read a result of ours back that the store does not know."""
    try:
        return disk.read_back(disk.beside(file.path)) or BytesChanged()
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def write(
    disk: Disk, file: File, content: bytes
) -> ResultWritten | ResultKept | BytesChanged | Failed:
    """Write the owed result beside its own bytes, replacing nothing but what we wrote before.

    Where the bill is not there, its folder may be an empty mount point: it is tried again.
    """
    try:
        found = disk.signature(file.path)
        if found is None:
            return Failed(_not_there(file))
        if found != file.signature:
            return BytesChanged()
        put = disk.write_result(file.path, content, file.present_sha256)
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    if isinstance(put, tuple):
        return ResultWritten(file.owed, *put)
    return ResultKept(put)


def write_unwatched(
    disk: Disk, file: File, content: bytes
) -> ResultWritten | ResultKept | Vanished | BytesChanged | Failed:
    """Write the owed result in a folder that is not read any more."""
    try:
        if disk.signature(file.path) is None:
            return Vanished()
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    return write(disk, file, content)


def remove(disk: Disk, file: File, root: str) -> ResultRemoved | ResultKept | Failed:
    """Remove the result of bytes that are no longer there, unless somebody changed it.

    Where its directory went with it, while the watched folder ``root`` is there, it is gone.
    """
    if file.present_sha256 is None:
        return ResultRemoved()
    try:
        if disk.remove_result(file.path, file.present_sha256):
            return ResultRemoved()
        return ResultKept(disk.beside(file.path))
    except (Transient, NeedsAttention) as error:
        went_along = error.code == "folder-missing" and file.stage is FileStage.GONE
        return ResultRemoved() if went_along and disk.is_folder(root) else Failed(error)


def inspect(disk: Disk, file: File) -> ResultSeen | Failed:
    """Look whether the result is still as we wrote it; where the bill is away, nobody can tell."""
    try:
        if disk.signature(file.path) is None:
            return Failed(_not_there(file))
        return ResultSeen(disk.beside(file.path))
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def recognise(disk: Disk, file: File, content: bytes) -> ResultWritten | ResultSeen | Failed:
    """Look whether the owed result lies there: put in place, and not noted before a kill."""
    try:
        beside = disk.beside(file.path)
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    if beside.signature is not None and beside.content_sha256 == sha256_of(content):
        return ResultWritten(file.owed, beside.content_sha256, beside.signature)
    return ResultSeen(beside)


def _not_there(file: File) -> Transient:
    return Transient("bill-away", f"{file.path} is not there.", "It is looked for by itself.")


# --- Nectar -----------------------------------------------------------------------------------


def ping(nectar: Nectar) -> Answered | Failed:
    """Ask whether Nectar is there and the key is good: the cheap probe of account holds."""
    try:
        nectar.ping()
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    return Answered()


def read_sites(nectar: Nectar, row: CompanyRow) -> SitesRead | Failed:
    """Read the companies of the key, and the sites of the one that is meant."""
    remembered = row.found.company.id if row.found is not None else None
    try:
        companies = nectar.companies()
        company = find_company(companies, row.key, remembered)
        if isinstance(company, Unresolved):
            return SitesRead(companies, None)
        return SitesRead(companies, nectar.company_sites(company.id))
    except NotThere as error:
        return Failed(Transient(error.code, error.message, error.advice))
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def send(
    nectar: Nectar, disk: Disk, submission: Submission, sources: tuple[Source, ...]
) -> Accepted | NotSent | Doubtful | Refused | NoBytes | BytesInCloud | NotOurs | Failed:
    """Send the bytes of a submission from any present file that still holds them.

    The owner mark is looked at last, just before the upload: another machine may have taken the
    folder since it was read, while this one slept perhaps.
    """
    content = _bytes_of_any(disk, submission.sha256, sources)
    if not isinstance(content, bytes):
        return content
    place = submission.place
    upload = Upload(
        place.company_id,
        place.site_id,
        submission.name,
        submission.kind.media_type,
        content,
    )
    try:
        return Accepted(nectar.upload(upload))
    except InDoubt as error:
        return Doubtful(error)
    except Rejected as error:
        return Refused(error, is_about_file=True)
    except UploadRefused as error:
        return Refused(error, is_about_file=False)
    except Transient as error:
        return NotSent(error)
    except NeedsAttention as error:
        return Failed(error)


def _bytes_of_any(
    disk: Disk, sha256: Sha256, sources: tuple[Source, ...]
) -> bytes | NotSent | NoBytes | BytesInCloud | NotOurs:
    in_cloud: list[str] = []
    trouble: Transient | None = None
    is_taken = False
    for source in sources:
        try:
            content = disk.bytes_of(source.path, sha256)
            is_ours = source.marked is None or disk.is_ours(source.marked)
        except Transient as error:
            trouble = trouble or error
        except NeedsAttention as error:
            if error.code == IN_CLOUD:
                in_cloud.append(source.path)
            else:
                trouble = trouble or Transient(error.code, error.message, error.advice)
        else:
            if content is not None and is_ours:
                return content
            is_taken = is_taken or not is_ours
    if is_taken:
        return NotOurs()
    if in_cloud:
        return BytesInCloud(tuple(in_cloud))
    return NotSent(trouble, was_tried=False) if trouble is not None else NoBytes()


def poll(nectar: Nectar, submission: Submission) -> Polled | JobNotThere | Failed:
    """Ask for the job."""
    try:
        return Polled(clean_job(nectar.job(submission.job_id or "")))
    except NotThere:
        return JobNotThere()
    except (Transient, NeedsAttention) as error:
        return Failed(error)


def fetch(nectar: Nectar, job: Job, *, is_refresh: bool = False) -> Fetched | Failed:
    """Fetch what a finished job gave: parsed documents with their usage, duplicates if possible.

    In a refresh a document that another one replaces is left out, from then on.
    """
    try:
        gathered = gather(nectar, job)
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    given, missing = gathered.documents, gathered.missing
    if is_refresh:
        replaced = superseded(given, missing)
        given = tuple(one for one in given if one.id not in replaced)
        missing = tuple(one for one in missing if one not in replaced)
        missing += tuple(one.id for one in gathered.duplicates if one.document is None)
        job = job_without(job, replaced)
    without_usage = sum(
        not (one.document or {}).get("usageData") and not one.usage for one in gathered.documents
    )
    answers = Answers(clean_job(job), given, gathered.duplicates)
    return Fetched(answers, missing, without_usage, content_fingerprint(answers))


def read_documents(
    nectar: Nectar, company_id: str, since: date, date_type: DateType, page: int, started: float
) -> DocumentsRead | Failed:
    """Read one page of a company's documents: for uploads in doubt, and for corrections.

    A list that does not end tells of nothing that it is absent.
    """
    if page > MOST_PAGES:
        return Failed(Transient("unreadable-answer", "Nectar's list of documents does not end."))
    try:
        found = nectar.documents_page(company_id, since=since, date_type=date_type, page=page)
    except NotThere as error:
        return Failed(Transient(error.code, error.message, error.advice))
    except (Transient, NeedsAttention) as error:
        return Failed(error)
    return DocumentsRead(found.items, page, found.is_last, started, found.answered)
