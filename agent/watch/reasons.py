"""Why no events come of a folder, so that it is read on a timer: sentences for people."""

from __future__ import annotations

from agent.bills.values import Problem

NO_EVENTS = Problem(
    "no-events", "This system tells of no changes. The folder is read every few seconds.", ""
)
HANGS = Problem(
    "hangs",
    "The folder does not answer, so its changes cannot be watched. "
    "Once it does, it is read every few seconds.",
    "Look at its drive or share.",
)
ON_SHARE = "on-share"
WATCH_LIMIT = "watch-limit"
LASTING = frozenset({WATCH_LIMIT, NO_EVENTS.code})
"""Codes of reasons that pass with a restart at the earliest: trying again costs, and changes
nothing."""


def unheard(since: str) -> Problem:
    """Return the sentence for a folder of which no events were seen to come."""
    return Problem(
        "unheard",
        f"Files arrive in it although no event tells of them, since {since}. "
        "The folder is read every few seconds.",
        "",
    )


def on_share(kind: str) -> Problem:
    """Return the sentence for a folder on, or with, a file system of this kind."""
    where = "served by a program" if kind.startswith("fuse") else "on the network"
    return Problem(
        ON_SHARE,
        f"A file system {where} ({kind}) tells of no changes. "
        "The folder is read every few seconds.",
        "",
    )
