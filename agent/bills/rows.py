"""The rows of the store as frozen values: what is known of files, submissions, folders, companies.

Times are seconds since 1970 (UTC). ``due`` is when a row is to be looked at again, None for never.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NewType

from agent.bills.answers import CompanySites
from agent.bills.stages import FileStage, ResultFate, SubmissionStage
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

CompanyKey = NewType("CompanyKey", str)
"""The company as the configuration names it; "" for the only one that the key sees."""


@dataclass(frozen=True, slots=True)
class World:
    """Where bills go: nothing of one world is ever mixed with another's."""

    api: str
    environment: str

    @property
    def key(self) -> str:
        """One string for both, for the store."""
        return f"{self.api} {self.environment}"


@dataclass(frozen=True, slots=True)
class Place:
    """A company and a site by Nectar's ids, with the words that a result needs."""

    company_id: str
    company_external_id: str | None
    company_name: str
    site_id: str
    site_external_id: str
    site_name: str

    def is_same(self, other: Place) -> bool:
        """Whether both are one site of one company, whatever these are called by now."""
        return (self.company_id, self.site_id) == (other.company_id, other.site_id)

    @property
    def words(self) -> str:
        """How people know the site."""
        return f"{self.site_external_id} ({self.site_name})"


@dataclass(frozen=True, slots=True)
class Adoptable:
    """A result of ours found beside a file whose history the store does not know."""

    content_sha256: Sha256
    signature: Signature
    api: str | None
    environment: str | None
    company_id: str | None
    site_id: str | None
    site_words: str | None
    was_sent: bool


@dataclass(frozen=True, slots=True)
class File:
    """One candidate. ``sha256`` and ``kind`` speak of the bytes last examined.

    ``owed`` names the result that should lie beside it, ``present`` the one that we wrote last
    ("" for none); they are compared to know what is to be written. ``first_seen`` is since when
    these bytes are there, ``missing`` counts readings in a row that did not see the file.
    ``question`` is what waits for a person's answer. ``sought_since`` is the earliest moment at
    which a lost store, or another machine, may have sent these bytes: they are looked for at
    Nectar before they go.
    """

    id: FileId
    folder_id: FolderId
    path: str
    signature: Signature
    stage: FileStage
    since: float
    first_seen: float
    last_seen: float
    due: float | None = None
    failures: int = 0
    bugs: int = 0
    question: Problem | None = None
    problem: Problem | None = None
    sha256: Sha256 | None = None
    kind: Kind | None = None
    submission_id: SubmissionId | None = None
    asked_site: str | None = None
    owed: str = ""
    owed_since: float = 0.0
    copy_of: str | None = None
    present: str = ""
    present_sha256: Sha256 | None = None
    present_signature: Signature | None = None
    present_at: float = 0.0
    write_due: float | None = None
    fate: ResultFate = ResultFate.AS_WRITTEN
    adoptable: Adoptable | None = None
    missing: int = 0
    dismissed: bool = False
    may_go_elsewhere: bool = False
    """A person answered ``send``: these bytes may go to this site too."""
    sought_since: float | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """The bytes of one file for one site: sent once, whatever happens.

    ``newest`` is the last change of its newest file (newest go first). ``doubted_at`` is when the
    first upload was begun, or may have been, whose answer was lost. ``reason`` says why it is
    sent once more. ``tries`` counts the uploads that left no trace, then the looks at documents.
    ``sent_at`` is when the last upload was begun, if Nectar said that it took it.
    """

    id: SubmissionId
    sha256: Sha256
    world: World
    place: Place
    kind: Kind
    name: str
    stage: SubmissionStage
    since: float
    newest: float
    due: float | None = None
    failures: int = 0
    bugs: int = 0
    begun_at: float | None = None
    doubted_at: float | None = None
    doubt_ends: float | None = None
    sent_at: float | None = None
    answered_at: float | None = None
    job_id: str | None = None
    not_there_since: float | None = None
    tries: int = 0
    refusals: int = 0
    refused_at: float | None = None
    reason: str | None = None
    revision: int = 0
    revision_at: float = 0.0
    outcome: Outcome | None = None
    problem: Problem | None = None
    warnings: tuple[ResultWarning, ...] = ()
    fingerprint: str = ""

    @property
    def was_begun(self) -> bool:
        """Whether Nectar may know these bytes by us, now or from before they were queued again."""
        return self.stage.was_begun or self.reason is not None


@dataclass(frozen=True, slots=True)
class Folder:
    """One watched folder. ``first_look`` is the world whose first look is settled, "" for none.

    ``met_at`` is when the store met the folder; the owner mark that this store leaves says the same
    moment, so that a mark of a store that was lost is told from it. ``is_lost`` is whether the
    store began anew in place of another. ``unread`` are files and subfolders that the first look
    could not read: theirs is still to come. ``unsupported`` are names for the status: documents
    that Nectar does not read; ``others`` counts what is left alone.
    """

    id: FolderId
    path: str
    is_configured: bool = True
    due: float | None = 0.0
    read_at: float | None = None
    read_seconds: float = 0.0
    failures: int = 0
    first_look: str = ""
    volume: str = ""
    is_paused: bool = False
    missing_since: float | None = None
    unsupported: tuple[str, ...] = ()
    others: int = 0
    met_at: float = 0.0
    is_lost: bool = False
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A company as the configuration names it, with its sites as last read."""

    key: CompanyKey
    world: World
    found: CompanySites | None = None
    read_at: float | None = None
    due: float | None = 0.0
    failures: int = 0
    accepted_at: float | None = None
    """When Nectar last took an upload for it."""
    documents_due: float | None = None
    documents_tries: int = 0
    corrections_read_at: float | None = None
    corrections_due: float | None = None
    slowest_job: float | None = None
    """The slowest of the last 20 jobs, in seconds; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a bill's history."""

    at: float
    what: str
    file_id: FileId | None = None
    submission_id: SubmissionId | None = None
    detail: dict[str, str] = field(default_factory=dict)
