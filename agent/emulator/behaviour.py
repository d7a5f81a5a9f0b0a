"""Every setting of the emulator. The defaults are a service in good health.

All of them can be given in Python or, by the same names, as JSON to ``/_emulator/behaviour``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.emulator.requests import Cut


class Outcome(StrEnum):
    """What becomes of an upload."""

    READ = "read"
    """Read by the plain text search; what follows is what the file is."""
    DUPLICATE = "duplicate"
    DUPLICATE_WITHOUT_IDS = "duplicate_without_ids"
    NON_UTILITY = "non_utility"
    EMPTY = "empty"
    """COMPLETED with nothing in it."""
    FAILED = "failed"
    TERMINATED = "terminated"
    SEVERAL = "several"
    """Several documents of one file; the records are dealt out among them."""
    UNKNOWN_STATUS = "unknown_status"
    """A status nobody announced for ``unknown_seconds``, then as read."""
    NEVER = "never"
    """PENDING for ever."""
    LOST = "lost"
    """The job answers 404 and no document ever comes."""


class Shape(StrEnum):
    """How a list that the contract leaves open is answered."""

    ARRAY = "array"
    ENVELOPE = "envelope"


class UploadAnswer(StrEnum):
    """Which members the answer to an upload has."""

    FULL = "full"
    ID = "id"
    JOB_ID = "jobId"
    NOTHING = "nothing"
    """An object without either: a success nobody can follow."""


class FileNames(StrEnum):
    """The ``fileName`` of a document."""

    KEPT = "kept"
    CHANGED = "changed"
    NULL = "null"


class Decimals(StrEnum):
    """How decimals are written."""

    STRINGS = "strings"
    NUMBERS = "numbers"


class SiteForm(StrEnum):
    """How a usage record names its site."""

    OBJECT = "object"
    ID = "id"
    NULL = "null"


class FaultBody(StrEnum):
    """The body of an answer that a fault spoils."""

    ERROR = "error"
    """JSON with ``detail``."""
    HTML = "html"
    EMPTY = "empty"
    GARBAGE = "garbage"
    """Called JSON, but cut short and not readable."""
    HUGE = "huge"
    """``size`` bytes of valid JSON."""


@dataclass(frozen=True, slots=True)
class UploadRule:
    """What becomes of the uploads whose name matches; the first rule that applies counts."""

    outcome: Outcome = Outcome.READ
    file_name: str = "*"
    """Pattern as of the shell, case ignored."""
    skip: int = 0
    """So many matching uploads are left alone first."""
    times: int | None = None
    """At most so many; None: all."""
    processing_seconds: float | None = None
    """None: as in the behaviour."""
    reason: str = "The file could not be opened."
    """The ``terminationReason``."""
    documents: int = 2
    """How many documents SEVERAL makes."""
    status: str = "IN_REVIEW"
    unknown_seconds: float = 5.0
    document_late_seconds: float = 0.0
    """The document answers 404 for so long after COMPLETED."""
    usage_late_seconds: float = 0.0
    """The document has no usage for so long after COMPLETED."""
    usage_only_in_list: bool = False
    """Usage is in the by-document list and never in the document."""
    sparse: bool = False
    """Nearly every member null or missing, one value a number, one member unknown."""
    booked_site: str | None = None
    """External id or id of the site that the usage is booked on instead of the one asked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the requests that match; the first fault that applies counts."""

    method: str = "*"
    path: str = "*"
    """Pattern over the path without version, such as ``/job/company/*``."""
    skip: int = 0
    times: int | None = 1
    probability: float = 1.0
    status: int | None = None
    """Answered instead. With ``carried_out`` the request has its effect all the same."""
    carried_out: bool = False
    body: FaultBody | None = None
    """None: an error body where ``status`` is given, else the true one."""
    size: int = 32_000_000
    retry_after: str | None = None
    location: str | None = None
    cut: Cut | None = None
    """AFTER_BODY and IN_ANSWER have the request's effect, the other two do not."""
    cut_share: float = 0.5
    """How much of the body has passed at a cut IN_BODY or IN_ANSWER, from 0 to 1."""
    delay_seconds: float = 0.0
    """Before the answer begins."""
    drip_seconds: float = 0.0
    """In the middle of the answer's body."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the emulator behaves."""

    latency_seconds: float = 0.0
    processing_seconds: float = 1.0
    page_size: int = 100
    keys: tuple[str, ...] | None = None
    """The keys that are accepted; None: any. Empty: all are revoked."""
    key_refusal: int = 401
    """Status for a key that is not accepted, 401 or 403. A missing key is always 401."""
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Company ids that a key sees, for keys that do not see all."""
    missing_status: int = 404
    """Status for what is not there or not the key's, 404 or 403."""
    site_list: Shape = Shape.ARRAY
    job_list: Shape = Shape.ARRAY
    upload_status: int = 201
    upload_answer: UploadAnswer = UploadAnswer.FULL
    duplicate_check: bool = True
    duplicate_ids: bool = True
    """Whether a job names the earlier documents."""
    file_names: FileNames = FileNames.KEPT
    decimals: Decimals = Decimals.STRINGS
    site_form: SiteForm = SiteForm.OBJECT
    uploads: tuple[UploadRule, ...] = ()
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    """Of the ids and of the faults that have a probability."""
