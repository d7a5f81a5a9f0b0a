"""Which notifications are sent: one for each new trouble, one for a batch of finished bills.

Pure: of what is seen, what was told before, and what is waiting to be told together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from types import MappingProxyType

from agent.bills.printing import printable
from agent.bills.stages import State
from agent.store.views import ServiceState
from agent.tray.seen import Seen
from agent.tray.troubles import Trouble, counted, troubles

GATHER_SECONDS = 6.0
"""What comes at once is told at once: so long nothing more must have come."""
LONGEST_GATHER_SECONDS = 180.0
SAME_AGAIN_SECONDS = 1800.0
"""More of a trouble, or the same one anew, is told of this long after it was told of last."""
BATCH_PAUSE_SECONDS = 300.0
"""Between two notifications of finished bills."""
LONGEST_BATCH_SECONDS = 3600.0
_TEXT = 240


@dataclass(frozen=True, slots=True)
class ToldTrouble:
    """How much of a trouble was told of, and when; ``count`` follows it down, 0 once it is over."""

    count: int
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """What a person has been told; kept over a restart.

    ``finished_until``: of bills finished up to here; None before the first look.
    """

    troubles: Mapping[str, ToldTrouble] = field(default_factory=lambda: MappingProxyType({}))
    finished_until: float | None = None
    finished_told: float = 0.0


@dataclass(frozen=True, slots=True)
class Gathering:
    """What is waiting to be told together. Lost at a restart, which gathers anew."""

    first_seen: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    began: float = 0.0
    size: int = 0
    grown: float = 0.0


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Next:
    """What follows from a look."""

    told: Told
    gathering: Gathering
    notices: tuple[Notice, ...]


def next_notices(told: Told, gathering: Gathering, seen: Seen) -> Next:
    """Return what to tell now; ``told`` of the answer holds once it has been told."""
    needing = troubles(seen)
    until = told.finished_until
    told = Told(
        _followed(told.troubles, needing, seen.now),
        # A clock that was set back leaves moments in the future behind.
        finished_until=seen.now if until is None else min(until, seen.now),
        finished_told=min(told.finished_told, seen.now),
    )
    told, gathering, of_troubles = _troubles(told, gathering, needing, seen.now)
    told, of_bills = _finished(told, seen)
    return Next(told, gathering, (*of_troubles, *of_bills) if seen.may_notify else ())


def _followed(
    told: Mapping[str, ToldTrouble], needing: tuple[Trouble, ...], now: float
) -> Mapping[str, ToldTrouble]:
    """Let what was told follow the troubles down, and forget those that are long over."""
    counts = {each.key: each.count for each in needing}
    return {
        key: ToldTrouble(min(each.count, counts.get(key, 0)), min(each.at, now))
        for key, each in told.items()
        if key in counts or now - each.at < SAME_AGAIN_SECONDS
    }


def _troubles(
    told: Told, gathering: Gathering, needing: tuple[Trouble, ...], now: float
) -> tuple[Told, Gathering, tuple[Notice, ...]]:
    first_seen = {each.key: min(gathering.first_seen.get(each.key, now), now) for each in needing}
    new = [each for each in needing if _is_new(each, told, now - first_seen[each.key], now)]
    size = sum(each.count - _told_of(each, told) for each in new)
    if not new:
        return told, Gathering(first_seen), ()
    has_grown = size > gathering.size
    gathered = Gathering(
        first_seen,
        began=min(gathering.began, now) if gathering.size else now,
        size=size,
        grown=now if has_grown else min(gathering.grown, now),
    )
    is_quiet = now - gathered.grown >= GATHER_SECONDS
    if not is_quiet and now - gathered.began < LONGEST_GATHER_SECONDS:
        return told, gathered, ()
    known = dict(told.troubles) | {each.key: ToldTrouble(each.count, now) for each in new}
    notice = _of_one(new[0], told) if len(new) == 1 else _of_many(new, told)
    return replace(told, troubles=known), Gathering(first_seen), (notice,)


def _is_new(trouble: Trouble, told: Told, seen_for: float, now: float) -> bool:
    if seen_for < trouble.patience:
        return False
    before = told.troubles.get(trouble.key)
    if before is None:
        return True
    return trouble.count > before.count and now - before.at >= SAME_AGAIN_SECONDS


def _told_of(trouble: Trouble, told: Told) -> int:
    before = told.troubles.get(trouble.key)
    return before.count if before is not None else 0


def _of_one(trouble: Trouble, told: Told) -> Notice:
    before = _told_of(trouble, told)
    more = f" ({trouble.count - before:,} more)" if before else ""
    return Notice(printable(trouble.title) + more, _text(f"{trouble.message}\n{trouble.advice}"))


def _of_many(new: list[Trouble], told: Told) -> Notice:
    number = sum(each.count - _told_of(each, told) for each in new)
    lines = [printable(each.title) for each in new[:3]]
    if len(new) > 3:
        lines.append(f"and {counted(len(new) - 3, 'more thing', 'more things')}")
    return Notice(f"{number:,} things need you", _text("\n".join(lines)))


def _finished(told: Told, seen: Seen) -> tuple[Told, tuple[Notice, ...]]:
    """Tell of finished bills once nothing moves any more, in a long row once an hour."""
    finished = seen.finished
    if not finished.count or told.finished_until is None:
        return told, ()
    if seen.now - told.finished_told < BATCH_PAUSE_SECONDS:
        return told, ()
    is_moving = seen.state is ServiceState.WORKING
    waited = seen.now - finished.latest
    is_over = waited >= (BATCH_PAUSE_SECONDS if is_moving else GATHER_SECONDS)
    if not is_over and seen.now - finished.first < LONGEST_BATCH_SECONDS:
        return told, ()
    told = replace(told, finished_until=finished.latest, finished_told=seen.now)
    names = [PurePath(each.path).name for each in seen.recent if each.state is State.DONE]
    if finished.count == 1 and names:
        return told, (
            Notice("A bill is read", _text(f"The result of {printable(names[0])} lies beside it.")),
        )
    title = f"{counted(finished.count, 'bill is', 'bills are')} read"
    return told, (Notice(title, "The results lie beside them."),)


def _text(text: str) -> str:
    lines = "\n".join(printable(line) for line in text.splitlines() if line)
    return lines if len(lines) <= _TEXT else f"{lines[: _TEXT - 1]}…"
