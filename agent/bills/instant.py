"""A moment, as the scheduler gives it to every function: nobody else asks the system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86400
_FIRST_SECOND = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
_LAST_SECOND = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks.

    ``utc`` is seconds since 1970 (what is stored and shown); ``monotonic`` is seconds on a clock
    that is never set and starts anywhere (what quiet times are counted on).
    """

    utc: float
    monotonic: float

    def plus(self, seconds: float) -> Instant:
        """Return the moment ``seconds`` later on both clocks."""
        return Instant(self.utc + seconds, self.monotonic + seconds)


def utc_text(seconds: float) -> str:
    """Return ``2026-02-11T18:40:00Z`` for seconds since 1970; fractions are cut.

    A file may claim to be from any time: what lies outside the years 1 to 9999 is shown as their
    first or last second. (``fromtimestamp`` refuses times before 1970 on Windows.)
    """
    whole = int(min(max(_FIRST_SECOND, seconds), _LAST_SECOND) // 1)
    return (_EPOCH + timedelta(seconds=whole)).isoformat().replace("+00:00", "Z")


def utc_seconds(text: str) -> float | None:
    """Return seconds since 1970 for an ISO 8601 time, read as UTC where it names no zone.

    None where the text is no time. Nectar writes times with or without ``Z`` and fractions.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def utc_day(seconds: float, *, days_before: int = 0) -> date:
    """Return the UTC day of ``seconds`` since 1970, ``days_before`` days earlier."""
    return (_EPOCH + timedelta(seconds=_within(seconds))).date() - timedelta(days=days_before)


def local_day(seconds: float) -> date:
    """Return the day of ``seconds`` since 1970 on the wall clock of this machine.

    Times before 1970 and after 9998 count as the first and last day of that span, for no system
    knows its time zone there.
    """
    inside = min(max(seconds, _DAY_SECONDS), _LAST_SECOND - 366 * _DAY_SECONDS)
    return (_EPOCH + timedelta(seconds=inside)).astimezone().date()


def _within(seconds: float) -> float:
    return min(max(seconds, _FIRST_SECOND + 366 * _DAY_SECONDS), _LAST_SECOND)
