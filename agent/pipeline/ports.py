"""What this floor asks of the world: Nectar, the disk, somebody who runs steps."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Protocol

from agent.bills.answers import Company, CompanySites, Job, Page, Upload
from agent.bills.outcomes import Examined, Looked, ReadBack, Unfit
from agent.bills.plan import FolderPlan
from agent.bills.values import Beside, Reading, Sha256, Signature

DateType = Literal["CREATED_DATE", "UPDATED_DATE"]


class Nectar(Protocol):
    """Nectar's API. Every method raises the named errors of :mod:`agent.bills.errors`."""

    def ping(self) -> None:
        """Return when the key is good and Nectar is there."""

    def companies(self) -> tuple[Company, ...]:
        """Return every company that the key sees."""

    def company_sites(self, company_id: str) -> CompanySites:
        """Return one company with all its sites."""

    def upload(self, upload: Upload) -> Job:
        """Send one bill."""

    def job(self, job_id: str) -> Job:
        """Return the job's answer."""

    def document(self, document_id: str) -> dict[str, Any]:
        """Return the document as given."""

    def usage_page(self, document_id: str, page: int) -> Page:
        """Return one page, from 1, of a document's usage records."""

    def documents_page(
        self, company_id: str, *, since: date, date_type: DateType, page: int
    ) -> Page:
        """Return one page, from 1, of a company's documents."""


class Disk(Protocol):
    """Folders, bills and what lies beside them. Raises named errors; OSError never gets out."""

    def read(
        self, folder: FolderPlan, *, claim: float | None, take: float | None, tidy: bool
    ) -> Reading:
        """Read a folder; leave our mark where there is none, and with ``take`` in place of any.

        ``claim`` and ``take`` are since when (seconds since 1970) the mark says that we serve the
        folder; without ``claim`` none is left. The reading tells no mark that it has just left.
        ``tidy`` removes temporary files that a killed run left.
        """

    def look(self, path: str) -> Looked | None:
        """Return the file's stat and whether it is complete; None where there is no such file."""

    def recall(self, path: str) -> bool:
        """Bring the file's content from the cloud; False where there is no such file.

        Raises ``waiting-for-cloud`` where it does not come in time. As everything that needs
        bytes does where they are not here: nothing but this brings them.
        """

    def signature(self, path: str) -> Signature | None:
        """Return the file's stat alone; None where there is no such file."""

    def examine(self, path: str, expected: Signature) -> Examined | Unfit | None:
        """Read the file once and tell what it is and what lies beside it; None if it changed."""

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Return the file's bytes, None where it is not there or holds others."""

    def is_ours(self, folder: str) -> bool:
        """Whether the owner mark that lies in the watched folder now is this agent's."""

    def beside(self, path: str) -> Beside:
        """Return what lies at the place of the file's result."""

    def read_back(self, beside: Beside) -> ReadBack | None:
        """Return a result of ours as values, None where it cannot be read back."""

    def write_result(
        self, path: str, content: bytes, may_replace: Sha256 | None
    ) -> tuple[Sha256, Signature] | Beside:
        """Make ``content`` the file's result; return what lies there where that is not ours."""

    def is_folder(self, path: str) -> bool:
        """Whether a directory is there now."""

    def remove_result(self, path: str, expected: Sha256) -> bool:
        """Remove the file's result if it is the expected one; False where something else lies."""
