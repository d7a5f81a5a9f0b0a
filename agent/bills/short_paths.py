"""Paths by their last name: enough for who knows them, nothing for who does not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath


def shortened(text: str, places: Iterable[str], home: str) -> str:
    """Return ``text`` with the paths of ``places`` cut to their last names, and ``home`` to "~".

    A path may stand there as errors of Windows write it, with its backslashes doubled.
    """
    known = {place: f"…/{PurePath(place).name}" for place in places} | {home: "~"}
    for place in sorted(known, key=len, reverse=True):
        if len(PurePath(place).parts) < 2:
            continue  # the root of a disk tells nothing
        for written in {place, place.replace("\\", "\\\\")}:
            text = text.replace(written, known[place])
    return text
