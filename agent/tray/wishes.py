"""What a person may ask for by a click; ``agent.cli`` does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.bills.stages import State


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """Show a folder; ``path`` is the folder itself."""

    path: str


@dataclass(frozen=True, slots=True)
class OpenText:
    """Show a text file to read or to edit."""

    path: Path


@dataclass(frozen=True, slots=True)
class ShowAdvice:
    """Show what there is to do about the trouble of this key."""

    key: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Leave a request for the service, as the command ``kind`` does."""

    kind: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskForBills:
    """Leave a request about every bill that is in ``state`` with ``code``."""

    kind: str
    state: State
    code: str


@dataclass(frozen=True, slots=True)
class StartService:
    """Start the service."""


@dataclass(frozen=True, slots=True)
class StopService:
    """Stop the service."""


@dataclass(frozen=True, slots=True)
class StartAtLogin:
    """Let service and icon start at login, or not."""

    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Quit:
    """End the tray; the service goes on."""


Wish = (
    OpenFolder
    | OpenText
    | ShowAdvice
    | Ask
    | AskForBills
    | StartService
    | StopService
    | StartAtLogin
    | Quit
)
