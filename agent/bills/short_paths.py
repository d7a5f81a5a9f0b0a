"""Paths by their last name: enough for who knows them, nothing for who does not."""

from __future__ import annotations

import re
from functools import lru_cache

_SEPARATORS = re.compile(r"[/\\]+")


def shortened(text: str, places: tuple[str, ...], home: str) -> str:
    """Return ``text`` with the paths of ``places`` cut to their last names, and ``home`` to "~".

    A path may stand there as errors of Windows write it, with its backslashes doubled.
    """
    pattern, short = _rules(places, home)
    return pattern.sub(lambda match: short[match.group()], text)


@lru_cache(maxsize=8)
def _rules(places: tuple[str, ...], home: str) -> tuple[re.Pattern[str], dict[str, str]]:
    short: dict[str, str] = {}
    for place in (*places, home):
        name = _SEPARATORS.split(place.rstrip("/\\"))[-1]
        if not name or name.endswith(":"):
            continue  # the root of a disk tells nothing
        for written in (place, place.replace("\\", "\\\\")):
            short[written] = "~" if place == home else f"…/{name}"
    longest_first = sorted(short, key=len, reverse=True)
    anyone = "|".join(map(re.escape, longest_first)) or "(?!)"
    return re.compile(rf"(?<![\w/\\])(?:{anyone})(?!\w)"), short
