"""What happened in a turn, for those who show it: `run`'s lines, the demo, the tray's notices."""

from __future__ import annotations

from dataclasses import dataclass

from agent.bills.holds import Hold
from agent.bills.stages import State


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A file's state changed (``before`` None: it is new), or only its code did."""

    path: str
    before: State | None
    after: State
    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class HoldBegan:
    """A scope waits from now on. ``is_again``: people know of it already."""

    hold: Hold
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class HoldEnded:
    """A scope goes on."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class StoreBegunAnew:
    """A new store was begun in place of one that was damaged or lost; ``message`` tells it."""

    message: str


Notice = StateChanged | HoldBegan | HoldEnded | StoreBegunAnew


def line_of(notice: Notice) -> str:
    """Return what happened in one line for people."""
    match notice:
        case HoldBegan(hold):
            line = f"hold {hold.code} [{hold.scope.words}]: {hold.message} {hold.advice}"
        case HoldEnded(hold):
            line = f"hold {hold.code} [{hold.scope.words}] ended"
        case StoreBegunAnew(message):
            line = message
        case _:
            code = f" ({notice.code})" if notice.code else ""
            tail = f": {notice.message}" if notice.message else ""
            line = f"{notice.after.value}{code} {notice.path}{tail}"
    return line
