"""What a step learned, as a closed union: never what should follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.bills.answers import Answers, Company, CompanySites, Job
from agent.bills.errors import AgentError, InDoubt, NeedsAttention, Transient
from agent.bills.values import (
    Beside,
    Kind,
    Outcome,
    Problem,
    Reading,
    ResultWarning,
    Sha256,
    Signature,
)

# --- of a file ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """The file's stat, and whether its bytes are complete as far as an end mark tells."""

    signature: Signature
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Vanished:
    """There is no such file now."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The file's content came from the cloud."""


@dataclass(frozen=True, slots=True)
class BytesChanged:
    """The file changed while it was read."""


@dataclass(frozen=True, slots=True)
class Examined:
    """The bytes can be sent. ``beside`` is what lies at the place of the result."""

    signature: Signature
    sha256: Sha256
    kind: Kind
    beside: Beside


@dataclass(frozen=True, slots=True)
class Unfit:
    """The bytes can never be sent; ``problem`` says why."""

    signature: Signature
    sha256: Sha256
    problem: Problem
    beside: Beside


@dataclass(frozen=True, slots=True)
class ResultWritten:
    """The owed result lies beside the file."""

    owed: str
    sha256: Sha256
    signature: Signature


@dataclass(frozen=True, slots=True)
class ResultRemoved:
    """Nothing of ours lies beside the file any more."""


@dataclass(frozen=True, slots=True)
class ResultKept:
    """Something lies beside the file that we did not write, or that was changed since."""

    beside: Beside


@dataclass(frozen=True, slots=True)
class ResultSeen:
    """What lies beside the file now."""

    beside: Beside


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A result of ours for these very bytes, read back into values; nothing has to be sent.

    ``answers`` is None where nothing was sent. Times are seconds since 1970.
    """

    beside: Beside
    outcome: Outcome
    problem: Problem | None
    warnings: tuple[ResultWarning, ...]
    answers: Answers | None
    job_id: str | None
    sent_at: float | None
    answered_at: float | None
    fingerprint: str


# --- of a submission ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """Nectar took the upload and gave a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class NotSent:
    """The upload was surely not taken. ``was_tried`` is whether Nectar was asked at all."""

    error: Transient
    was_tried: bool = True


@dataclass(frozen=True, slots=True)
class NotOurs:
    """Nothing was sent: the owner marks of the files' folders are not this agent's any more."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The whole body left; whether it was taken, or as which job, is not known."""

    error: InDoubt


@dataclass(frozen=True, slots=True)
class Refused:
    """Nectar refused the upload: for good (about the file), or for a reason not of the file."""

    error: AgentError
    is_about_file: bool


@dataclass(frozen=True, slots=True)
class NoBytes:
    """No present file could give the bytes; nothing was sent."""


@dataclass(frozen=True, slots=True)
class BytesInCloud:
    """The bytes are in the cloud, at these paths; nothing was sent."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Polled:
    """The job's answer."""

    job: Job


@dataclass(frozen=True, slots=True)
class JobNotThere:
    """The job cannot be asked for now: 403 or 404."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """All documents, with what could be had.

    ``missing`` are the parsed documents that answered 403 or 404, in a refresh duplicates too;
    ``without_usage`` counts those that are there without usage; ``fingerprint`` changes when
    anything of worth changes at Nectar.
    """

    answers: Answers
    missing: tuple[str, ...]
    without_usage: int
    fingerprint: str


# --- of a folder, a company, the account ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class FolderRead:
    """One reading. ``ours`` are paths of unknown files with a result of ours beside them."""

    reading: Reading
    started: float
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SitesRead:
    """The companies of the key, and the one asked for with its sites (None if not found)."""

    companies: tuple[Company, ...]
    found: CompanySites | None


@dataclass(frozen=True, slots=True)
class DocumentsRead:
    """One page of a company's documents. ``started`` is when the list's first page was asked.

    ``answered`` is when this page was answered, by Nectar's own clock.
    """

    items: tuple[dict[str, Any], ...]
    page: int
    is_last: bool
    started: float
    answered: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """``/ping`` was answered: the key is good and Nectar is there."""


# --- of any step ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failed:
    """The step could not learn anything: time or a person heals the cause."""

    error: Transient | NeedsAttention


@dataclass(frozen=True, slots=True)
class Bug:
    """An unexpected exception; the log has the traceback."""

    text: str


FileOutcome = (
    Looked
    | Vanished
    | Recalled
    | BytesChanged
    | Examined
    | Unfit
    | ResultWritten
    | ResultRemoved
    | ResultKept
    | ResultSeen
    | ReadBack
    | Failed
    | Bug
)
SubmissionOutcome = (
    Accepted
    | NotSent
    | Doubtful
    | Refused
    | NoBytes
    | BytesInCloud
    | NotOurs
    | Polled
    | JobNotThere
    | Fetched
    | Failed
    | Bug
)
FolderOutcome = FolderRead | Failed | Bug
CompanyOutcome = SitesRead | DocumentsRead | Failed | Bug
StepOutcome = FileOutcome | SubmissionOutcome | FolderOutcome | CompanyOutcome | Answered
