"""When a folder is read next. Pure."""

from __future__ import annotations

_FEW_SECONDS = 5.0
_SHORTEST_QUIET_SECONDS = 0.1
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


def hint_quiet(seconds_taken: float) -> float:
    """Return the seconds to wait after a hint before the folder is read.

    Events come in swarms, so one reading serves many; a folder that is slow to read waits longer.
    """
    return max(_SHORTEST_QUIET_SECONDS, seconds_taken / _MOST_DUTY_ON_HINTS)
