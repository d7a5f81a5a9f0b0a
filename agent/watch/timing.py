"""When a folder is read next. Pure."""

from __future__ import annotations

_FEW_SECONDS = 5.0
_SHORTEST_QUIET_SECONDS = 0.1
_BETWEEN_READINGS_SECONDS = 1.0
_MOST_DUTY = 0.01
_MOST_DUTY_ON_HINTS = 0.1


def next_reading(seconds_taken: float, scan_seconds: float, *, events_come: bool) -> float:
    """Return the seconds from the end of one reading to the start of the next.

    ``seconds_taken`` is what the last one took. Where no events come (network shares, exhausted
    limits, folders whose files were never announced) it is every few seconds instead of every
    ``scan_seconds``. Reading never takes more than 1 % of the time.
    """
    wanted = scan_seconds if events_come else min(scan_seconds, _FEW_SECONDS)
    return max(wanted, seconds_taken / _MOST_DUTY)


def hint_quiet(seconds_taken: float, since_last: float | None = None) -> float:
    """Return the seconds to wait after a hint before the folder is read.

    Events come in swarms, our own results among them, so one reading serves many: a folder that
    was read ``since_last`` seconds ago waits up to a second, one that is slow to read longer.
    """
    wait = max(_SHORTEST_QUIET_SECONDS, seconds_taken / _MOST_DUTY_ON_HINTS)
    if since_last is None or since_last < 0:
        return wait
    return max(wait, _BETWEEN_READINGS_SECONDS - since_last)
