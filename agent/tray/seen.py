"""What is known of the agent at one instant: all that the icon, the menu and the notices say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.store.views import BillView, FinishedBills, Overview, ServiceState


class Face(StrEnum):
    """What the icon says."""

    IDLE = "idle"
    WORKING = "working"
    ATTENTION = "needs-you"
    PAUSED = "paused"
    OFFLINE = "offline"
    STOPPED = "stopped"


_FACES = {
    ServiceState.STOPPED: Face.STOPPED,
    ServiceState.SETTINGS_WRONG: Face.ATTENTION,
    ServiceState.PAUSED: Face.PAUSED,
    ServiceState.OFFLINE: Face.OFFLINE,
    ServiceState.NEEDS_YOU: Face.ATTENTION,
    ServiceState.WORKING: Face.WORKING,
    ServiceState.IDLE: Face.IDLE,
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie that the menu opens. ``config`` may not be there yet."""

    config: Path
    log: Path


@dataclass(frozen=True, slots=True)
class AtLogin:
    """Whether service and icon start at login; ``is_known`` is False where no manager says so."""

    is_known: bool
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The agent as the tray sees it.

    ``is_set_up`` is False while there is no configuration. ``mistakes`` are those of settings that
    cannot be used. ``was_killed``: no service is alive, and the last one was not asked to end.
    ``finished`` counts what was finished since the moment that the tray asked about. ``recent`` are
    the bills whose results were written last.
    """

    state: ServiceState
    is_set_up: bool
    mistakes: tuple[str, ...]
    was_killed: bool
    overview: Overview
    recent: tuple[BillView, ...]
    finished: FinishedBills
    folders: tuple[str, ...]
    may_notify: bool
    places: Places
    at_login: AtLogin
    now: float

    @property
    def face(self) -> Face:
        """What the icon says of it."""
        return _FACES[self.state] if self.is_set_up else Face.ATTENTION
