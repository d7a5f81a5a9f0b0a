"""Whether a folder that was read is there, ours and writable. Pure."""

from __future__ import annotations

from dataclasses import replace

from agent.bills.change import Change
from agent.bills.errors import NeedsAttention
from agent.bills.holds import Hold, Scope, folder_scope, new_hold
from agent.bills.ownership import Ownership
from agent.bills.rows import Folder
from agent.bills.values import Reading


def looks_unmounted(folder: Folder, reading: Reading, *, has_files: bool) -> bool:
    """Whether an empty directory stands where a volume with files was.

    The same volume with a new, empty directory is a folder that somebody made anew.
    """
    if not folder.volume or reading.seen or not has_files:
        return False
    return reading.volume.partition(":")[0] != folder.volume.partition(":")[0]


def unmounted(folder: Folder, now: float) -> Change:
    """Return what must be written down where a folder looks unmounted: nothing about its files."""
    hold = new_hold(
        "folder-missing",
        folder_scope(folder.path),
        f"{folder.path} is empty and lies on another volume than before: "
        "its drive or share does not seem to be there.",
        "Connect the drive or share; it goes on by itself.",
        now,
    )
    missing_since = folder.missing_since if folder.missing_since is not None else now
    return Change(folder=replace(folder, missing_since=missing_since), holds=(hold,))


def not_writable(folder: str) -> NeedsAttention:
    """Return the error of a folder in which no result can be written."""
    return NeedsAttention(
        "folder-not-writable",
        f"Nothing can be written to the folder {folder}.",
        "Give this user the permission to write there, and see that its disk has room: results lie "
        "beside the bills.",
    )


def judge_health(
    folder: Folder, reading: Reading, ownership: Ownership, now: float
) -> tuple[tuple[Hold, ...], tuple[tuple[Scope, str], ...]]:
    """Return the holds that begin or stay after a reading, and those that it disproves."""
    scope = folder_scope(folder.path)
    holds: list[Hold] = []
    lifted = [(scope, code) for code in ("folder-missing", "folder-not-readable")]
    mark = reading.mark
    if ownership.is_of_another and mark is not None:
        holds.append(
            new_hold(
                "folder-taken",
                scope,
                f"{folder.path} has been served by {mark.machine} (user {mark.user}) "
                f"since {mark.since}.",
                f'To serve it from this machine, run: bill-agent take "{folder.path}".',
                now,
            )
        )
    elif not ownership.is_of_another:
        lifted.append((scope, "folder-taken"))
    if not reading.writable:
        why = not_writable(folder.path)
        holds.append(new_hold(why.code, scope, why.message, why.advice, now))
    return tuple(holds), tuple(lifted)
