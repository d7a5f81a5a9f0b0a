"""Whose a folder is, and what follows for its files when it was another machine's. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.bills.owing import has_result, without_result
from agent.bills.rows import File
from agent.bills.stages import FileStage
from agent.bills.values import Seen


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a folder is by one reading.

    ``is_of_another``: another machine serves it. ``taken_over``: it is ours from this reading on;
    another machine had it, and may have sent from it since that moment.
    """

    is_of_another: bool = False
    taken_over: float | None = None


OURS = Ownership()


def unless_rewritten(row: File, one: Seen, ownership: Ownership) -> File:
    """Forget a result that is not as we left it, in a folder that another machine had meanwhile.

    It is looked at like one that was never known: what that machine wrote is adopted.
    """
    if ownership.taken_over is None or not row.present or one.result is None:
        return row
    if one.result == row.present_signature:
        return row
    return replace(without_result(row), write_due=row.write_due)


def sought(row: File, ownership: Ownership) -> File:
    """Note that the bytes may have been sent by another machine, unless their result is here."""
    if ownership.taken_over is None:
        return row
    if row.stage in (FileStage.FOUND, FileStage.SETTLED):
        row = replace(row, sha256=None)  # whatever the bytes turn out to be
    elif has_result(row):
        return row
    since = ownership.taken_over
    return replace(row, sought_since=min(since, row.sought_since or since))
