"""The frozen values that the whole house speaks in: files, readings, problems, what lies beside.

Paths are absolute strings as ``os.fsdecode`` gives them, so that every byte survives the way to
the disk and back.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Self

FileId = NewType("FileId", int)
SubmissionId = NewType("SubmissionId", int)
FolderId = NewType("FolderId", int)
Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

# Windows tells the file index only to who opens each file; a signature taken from a listing must
# equal one taken from the file.
_LISTINGS_NUMBER_FILES = sys.platform != "win32"

_LATEST_NS = 2**63 - 1
"""The year 2262: a file may claim to be from any later time, which the store cannot keep."""


class Kind(StrEnum):
    """What Nectar reads, told by a file's first bytes and never by its name."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"

    @property
    def media_type(self) -> str:
        """The Content-Type of the upload."""
        return {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}[self.value]


@dataclass(frozen=True, slots=True)
class Signature:
    """What ``stat`` tells of a file; equal signatures let us skip reading it, nothing more.

    ``size`` in bytes, ``modified_ns`` since 1970 in nanoseconds, ``file_number`` the inode or file
    index (0 where the volume has none).
    """

    size: int
    modified_ns: int
    file_number: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the signature that this answer of ``lstat`` or of a listing gives."""
        return cls(
            status.st_size,
            min(max(status.st_mtime_ns, -_LATEST_NS), _LATEST_NS),
            status.st_ino if _LISTINGS_NUMBER_FILES else 0,
        )

    @property
    def modified(self) -> float:
        """The last change, in seconds since 1970."""
        return self.modified_ns / 1e9


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a bill has no usage data: a stable code, a sentence for people, the one next step."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class ResultWarning:
    """Something a reader of the result should know: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One candidate as one reading saw it; ``result`` is the stat of ``<name>.json`` beside it.

    ``is_stub``: only the cloud's stub of it lies there, under another name, and ``signature``
    speaks of that.
    """

    path: str
    signature: Signature
    result: Signature | None
    is_stub: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The owner mark ``.nectar-bill-agent`` of a folder: which agent serves it."""

    agent_id: str
    machine: str
    user: str
    since: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One complete look at one folder.

    ``seen`` holds every candidate. Nothing may be concluded about paths below ``unreadable``
    (absolute paths of subtrees whose listing failed). ``unsupported`` are documents that Nectar
    does not read (``.tif``, ``.docx`` …), ``others`` counts what is left alone. ``placeholders``
    are candidates whose content is not on this disk yet. ``volume`` names the device, so that a
    replaced root is noticed. ``seconds`` is what the reading took. ``has_other_marks`` is whether a
    sync program keeps another mark beside the owner's (`.nectar-bill-agent (conflicted copy)`).
    ``leftovers`` are temporary files of ours: a reading at a start finds those of a killed run.
    ``writable`` speaks of the root, ``closed`` are directories below it with candidates in which
    no file can be made.
    """

    seen: tuple[Seen, ...]
    unreadable: tuple[str, ...]
    unsupported: tuple[str, ...]
    placeholders: tuple[str, ...]
    others: int
    mark: Mark | None
    volume: str
    writable: bool
    seconds: float
    has_other_marks: bool = False
    leftovers: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


class BesideKind(StrEnum):
    """What lies at the place of a result."""

    NOTHING = "nothing"
    OURS = "ours"
    """A result of this format, whole and readable."""
    FOREIGN = "foreign"
    """Anything else: another program's JSON, a directory, a result that was cut."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies at the place of a file's result, read in one go.

    ``content_sha256`` and ``signature`` speak of the JSON itself, the other members of what it
    says. They are None where it does not say, or is not ours.
    """

    kind: BesideKind
    content_sha256: Sha256 | None = None
    signature: Signature | None = None
    content: bytes | None = None
    file_sha256: Sha256 | None = None
    file_size: int | None = None
    api: str | None = None
    environment: str | None = None
    company_id: str | None = None
    site_id: str | None = None
    site_words: str | None = None
    """The site as people know it: its externalId, else its name."""
    outcome: str | None = None
    was_sent: bool = False
    revision: int = 0


class Outcome(StrEnum):
    """How a bill ended, as its result says it (contract, section 3), first of several wins."""

    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    NOT_A_UTILITY_BILL = "not-a-utility-bill"
    NO_DATA = "no-data"
    FAILED = "failed"
    REJECTED = "rejected"
