"""What the scheduler remembers between turns. Memory is a hint: losing it costs a second look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.bills.instant import Instant
from agent.bills.rows import CompanyKey
from agent.bills.values import FileId, FolderId, Signature, SubmissionId
from agent.pipeline.listing import Glance, Listing
from agent.pipeline.work import Key, Kind, Step

STEPPED_SECONDS = 120.0
FOLDER_STEPS = 4
"""At most so many disk steps at once in one folder."""


@dataclass(slots=True)
class Memory:
    """What this run knows beside the store.

    ``quiet`` is since when (monotonic) a moving file has had its signature. ``read_folders`` and
    ``read_companies`` were read in this run: nothing is sent before. ``steady`` is a folder's last
    reading that changed nothing, so that an equal one needs no comparing.
    """

    out: dict[Key, Step] = field(default_factory=dict)
    outdated: frozenset[Step] = frozenset()
    """Steps under way that were begun under another plan: their reports tell nothing now."""
    quiet: dict[FileId, tuple[Signature, float]] = field(default_factory=dict)
    stepped: dict[FileId, float] = field(default_factory=dict)
    """When the last step about a file ended: a reading that began before knows less of it."""
    inspect: set[FileId] = field(default_factory=set)
    read_folders: set[FolderId] = field(default_factory=set)
    recognised: set[FolderId] = field(default_factory=set)
    """Folders whose results were looked at that the last run may have left unnoted."""
    read_companies: set[CompanyKey] = field(default_factory=set)
    take: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """Folders that a person told us to serve: None until it is done, then the answer."""
    taking: set[str] = field(default_factory=set)
    """Those in which our mark is to replace another's with the next reading."""
    unmarked: set[str] = field(default_factory=set)
    """Folders of other machines whose mark was missing in the last reading."""
    hinted: set[FolderId] = field(default_factory=set)
    """Folders in which something moved while they were read: they are read once more, soon."""
    unwritable: set[FolderId] = field(default_factory=set)
    """Folders in which no file can be made, as their last reading found."""
    closed: dict[FolderId, frozenset[str]] = field(default_factory=dict)
    """Directories below a folder's root in which none can be made, as its last reading found."""
    without_space: set[FolderId] | None = None
    """Folders whose disk was full when a result was written; None: look in the store."""
    listings: dict[CompanyKey, Listing] = field(default_factory=dict)
    """Lists of companies' documents that are being read."""
    shared: dict[str, float] | None = None
    """When another machine was last known to serve each folder too; None: look in the store."""
    glances: dict[CompanyKey, Glance] = field(default_factory=dict)
    """What is at Nectar already, as seen before bills of such folders are sent."""
    glances_wanted: set[CompanyKey] = field(default_factory=set)
    steady: dict[FolderId, int] = field(default_factory=dict)
    pauses: dict[str, float] | None = None
    """Until when each folder ("" for all) is paused, 0 without end; None: look in the store."""
    failures_in_a_row: int = 0
    is_proving: bool = False
    """After an outage one step at a time goes out, until one succeeds."""
    not_before: float = 0.0
    """Nectar asked to be left alone until then (429 with Retry-After)."""
    last_turn: Instant | None = None
    recalls_failed: int = 0
    """How many files in a row did not come from the cloud."""
    no_recall_before: float = 0.0
    """The cloud gave nothing: another file is tried then, whatever their number."""

    def is_out(self, key: Key) -> bool:
        """Whether a step about this row is under way."""
        return key in self.out

    def is_out_submission(self, submission_id: SubmissionId) -> bool:
        """Whether a step of a submission is under way: nothing else changes its row then."""
        return Key("submissions", submission_id) in self.out

    def count(self, *kinds: Kind) -> int:
        """Return how many steps of these kinds are under way."""
        return sum(step.kind in kinds for step in self.out.values())

    def is_inspecting(self, path: str) -> bool:
        """Whether results in a folder are being looked at."""
        steps = self.out.values()
        return any(step.kind is Kind.INSPECT and step.folder == path for step in steps)

    def is_folder_full(self, path: str) -> bool:
        """Whether a folder has as many steps under way as it may."""
        return sum(step.folder == path for step in self.out.values()) >= FOLDER_STEPS

    def busy_files(self) -> frozenset[FileId]:
        """Return the files that some step is about now."""
        return frozenset(
            FileId(key.row) for key in self.out if key.table == "files" and isinstance(key.row, int)
        )

    def stepped_since(self, started: float, now: float) -> frozenset[FileId]:
        """Return the files of which some step ended after ``started``; forget what is long ago.

        What ended in the future did so before the clock was set back: that is long ago, too.
        """
        self.stepped = {
            each: ended
            for each, ended in self.stepped.items()
            if 0.0 <= now - ended < STEPPED_SECONDS
        }
        return frozenset(each for each, ended in self.stepped.items() if ended > started)

    def quiet_for(self, file_id: FileId, signature: Signature, now: Instant) -> float:
        """Return how long the file has had this signature in this run, on the monotonic clock."""
        known = self.quiet.get(file_id)
        if known is None or known[0] != signature:
            self.quiet[file_id] = (signature, now.monotonic)
            return 0.0
        return now.monotonic - known[1]
