"""How long Nectar asks to be left alone, the header ``Retry-After``; and HTTP's dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 6 * 3600.0


def retry_after(value: str | None, date: str | None) -> float | None:
    """Return the wait in seconds, between 0 and 6 hours, that ``value`` asks for.

    ``value`` is a number of seconds or an HTTP date; a date counts from ``date``, the answer's
    own (whatever this computer's clock says). None where it asks for nothing understandable.
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text, re.ASCII):
        return min(float(text), LONGEST_SECONDS)
    until, now = http_date(text), http_date(date or "")
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), LONGEST_SECONDS)


def http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
