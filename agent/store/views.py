"""What a person may know, read at one instant: frozen values for the commands and the tray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.bills.holds import Hold
from agent.bills.rows import File, Submission
from agent.bills.stages import State
from agent.bills.values import Outcome, ResultWarning


class ServiceState(StrEnum):
    """The service in one word (contract, section 4): the first that holds, in this order."""

    STOPPED = "stopped"
    SETTINGS_WRONG = "settings-wrong"
    PAUSED = "paused"
    OFFLINE = "offline"
    NEEDS_YOU = "needs-you"
    WORKING = "working"
    IDLE = "idle"


class FolderState(StrEnum):
    """A watched folder in one word: the first that holds, in this order."""

    PAUSED = "paused"
    WAITING = "waiting"
    """A hold stops every file in it."""
    NEW = "new"
    """It was never read yet."""
    WATCHING = "watching"


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold in force. ``files`` is how many wait for its end."""

    hold: Hold
    files: int
    needs_person: bool


@dataclass(frozen=True, slots=True)
class FolderView:
    """One watched folder. ``site`` and ``company`` are None while the settings cannot be read.

    ``holds`` are the codes that apply to it, wider ones too. ``unsupported`` are documents that
    Nectar does not read, ``others`` counts what is left alone.
    """

    path: str
    site: str | None
    company: str | None
    state: FolderState
    counts: Mapping[State, int]
    holds: tuple[str, ...]
    unsupported: tuple[str, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Concern:
    """Files that need a person for one reason, with one of them as the example.

    ``message`` and ``advice`` speak of the example.
    """

    state: State
    code: str
    files: int
    example: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole agent at one instant.

    ``pid`` and ``since`` (seconds since 1970) are those of the service that ran last; whether it
    is alive, its lock tells. ``paused_until`` is None where not all is paused, 0 for "until
    resumed". ``is_moving`` is whether some file goes on by itself. ``begun_anew`` says that the
    store was damaged or lost, in the first weeks after. ``unreadable`` are files that this user may
    not read.
    """

    pid: int | None
    since: float | None
    settings_error: str | None
    paused_until: float | None
    counts: Mapping[State, int]
    folders: tuple[FolderView, ...]
    holds: tuple[HoldView, ...]
    concerns: tuple[Concern, ...]
    is_moving: bool
    begun_anew: str | None = None
    unreadable: Concern | None = None

    @property
    def needs_you(self) -> int:
        """How many files and holds need a person."""
        return sum(each.files for each in self.concerns) + sum(
            each.needs_person for each in self.holds
        )

    def service_state(self, *, is_alive: bool, are_settings_wrong: bool) -> ServiceState:
        """Return the service in one word."""
        if not is_alive:
            return ServiceState.STOPPED
        if are_settings_wrong or self.settings_error is not None:
            return ServiceState.SETTINGS_WRONG
        if self.paused_until is not None:
            return ServiceState.PAUSED
        if any(each.hold.code == "no-connection" for each in self.holds):
            return ServiceState.OFFLINE
        if self.needs_you:
            return ServiceState.NEEDS_YOU
        return ServiceState.WORKING if self.is_moving else ServiceState.IDLE


@dataclass(frozen=True, slots=True)
class BillView:
    """One file as a row. ``result`` is the path of its JSON, None where none speaks of it.

    ``since`` is when the state was reached, in seconds since 1970.
    """

    path: str
    folder: str
    site: str | None
    state: State
    since: float
    outcome: Outcome | None
    code: str | None
    message: str | None
    advice: str | None
    result: str | None


@dataclass(frozen=True, slots=True)
class FinishedBills:
    """The bills that were done after some moment; ``first`` and ``latest`` are 0 where none was."""

    count: int = 0
    first: float = 0.0
    latest: float = 0.0


@dataclass(frozen=True, slots=True)
class BillFilter:
    """Which files are wanted. ``below`` is a folder, ``search`` a part of the path in any case.

    ``code`` is that of a file in state ``asks`` or ``rejected``, or of a warning of one that is
    ``done``.
    """

    below: str | None = None
    state: State | None = None
    search: str | None = None
    limit: int | None = None
    code: str | None = None
    is_dismissed: bool | None = None


@dataclass(frozen=True, slots=True)
class BillEvent:
    """One line of a file's history."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One revision of what Nectar gave."""

    revision: int
    at: float
    outcome: Outcome | None
    code: str | None
    warnings: tuple[ResultWarning, ...]


@dataclass(frozen=True, slots=True)
class BillDetail:
    """All that is known about one file."""

    view: BillView
    file: File
    submission: Submission | None
    history: tuple[BillEvent, ...]
    revisions: tuple[RevisionView, ...]
