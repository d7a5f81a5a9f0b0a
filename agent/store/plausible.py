"""What a row of the store may hold: the types are SQLite's business, the meaning is ours.

A row that was damaged by hand, or by a bit that turned over, may still be of the right types: a
time that is no moment, a count beyond what the store counts to, a sha256 that is none. Whoever
believed it would fail later and elsewhere, for every other row too.
"""

from __future__ import annotations

import os
import re
from math import isfinite
from typing import Any

from agent.bills.rows import File, Folder, Submission

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MOST = 2**31
"""Counts end far below what SQLite can hold, so that adding one never fails."""


def check_file(file: File) -> File:
    """Return ``file``; raises ValueError where it can be no file of ours."""
    _check_path(file.path)
    _check_counts(file.failures, file.bugs, file.missing)
    _check_moments(
        *(file.since, file.first_seen, file.last_seen, file.due, file.owed_since),
        *(file.present_at, file.write_due, file.sought_since),
    )
    if file.sha256 is not None and _SHA256.match(file.sha256) is None:
        raise ValueError("no sha256")
    return file


def check_submission(row: Submission) -> Submission:
    """Return ``row``; raises ValueError where it can be no submission of ours."""
    if _SHA256.match(row.sha256) is None:
        raise ValueError("no sha256")
    _check_counts(row.failures, row.bugs, row.tries, row.refusals, row.revision)
    _check_moments(
        *(row.since, row.newest, row.due, row.begun_at, row.doubted_at, row.doubt_ends),
        *(row.sent_at, row.answered_at, row.not_there_since, row.refused_at, row.revision_at),
    )
    place = row.place
    check_texts(place.company_id, place.company_name, place.site_id, place.site_external_id)
    check_texts(place.site_name, place.company_external_id or "")
    return row


def check_folder(folder: Folder) -> Folder:
    """Return ``folder``; raises ValueError where it can be no folder of ours."""
    _check_path(folder.path)
    _check_counts(folder.failures, folder.others)
    _check_moments(
        folder.due, folder.read_at, folder.read_seconds, folder.missing_since, folder.met_at
    )
    check_texts(*folder.unsupported, *folder.unread)
    return folder


def check_texts(*values: Any) -> None:
    """Raise TypeError where one of ``values`` is no text."""
    if not all(isinstance(value, str) for value in values):
        raise TypeError("no text")


def check_counts_and_moments(counts: tuple[int, ...], moments: tuple[float | None, ...]) -> None:
    """Raise ValueError where a count or a moment can be none."""
    _check_counts(*counts)
    _check_moments(*moments)


def _check_path(path: str) -> None:
    if not os.path.isabs(path) or "\0" in path:  # noqa: PTH117 - paths are text everywhere
        raise ValueError("no path")


def _check_counts(*counts: int) -> None:
    for count in counts:
        if not 0 <= count < _MOST:
            raise ValueError("no count")


def _check_moments(*moments: float | None) -> None:
    for moment in moments:
        if moment is not None and not isfinite(moment):
            raise ValueError("no moment")
