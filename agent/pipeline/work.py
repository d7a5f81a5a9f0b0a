"""One step as it is handed to a worker, and what a worker hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from agent.bills.outcomes import StepOutcome


class Lane(StrEnum):
    """Which workers do it: those of the disk, the one for the cloud, those that talk to Nectar."""

    DISK = "disk"
    CLOUD = "cloud"
    NECTAR = "nectar"


class Kind(StrEnum):
    """What is done, in the words of the architecture."""

    READ_FOLDER = "read a folder"
    SETTLE = "settle"
    EXAMINE = "examine"
    RECALL = "fetch from the cloud"
    ADOPT = "adopt"
    WRITE = "write"
    INSPECT = "inspect"
    PING = "ping"
    READ_SITES = "read the sites"
    READ_DOCUMENTS = "read the documents"
    SEND = "send"
    POLL = "poll"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to send from. ``marked`` is the folder whose owner mark must be ours, if any must."""

    path: str
    marked: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """What a step is about: ``row`` is the id or name of its file, submission, folder, company."""

    table: str
    row: int | str


@dataclass(frozen=True, slots=True)
class Step:
    """One step that is due. ``run`` touches the world and returns what it learned.

    ``folder`` is the watched folder whose files a disk step touches, so that a hung share cannot
    take all workers. ``about`` is the path of its file, or of the folder that it reads.
    """

    kind: Kind
    key: Key
    lane: Lane
    run: Callable[[], StepOutcome]
    folder: str | None = None
    about: str = ""

    @property
    def waits_for(self) -> str:
        """What a disk is asked, for people."""
        match self.kind:
            case Kind.READ_FOLDER:
                return "the list of its files"
            case Kind.WRITE | Kind.INSPECT | Kind.ADOPT:
                return f"the result of {PurePath(self.about).name}"
            case _:
                return PurePath(self.about).name


@dataclass(frozen=True, slots=True)
class Report:
    """A step and what it learned."""

    step: Step
    outcome: StepOutcome
