"""The folders that are watched, and which part of a tree belongs to which of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from agent.watch.candidates import CandidateRules


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """One folder to read and to watch.

    ``path`` is absolute. ``nested`` are the absolute paths of watched folders below it: they are
    read on their own, never as a part of this one. ``folds`` says whether its volume takes names
    for the same that differ in case or composition alone.
    """

    path: str
    rules: CandidateRules
    recursive: bool = True
    nested: frozenset[str] = frozenset()
    folds: bool = False


def nested_in(path: str, others: Iterable[str]) -> frozenset[str]:
    """Return those of ``others`` that lie below ``path``. Of nested folders the deepest wins."""
    start = path.rstrip(os.sep) + os.sep
    return frozenset(other for other in others if other != path and other.startswith(start))
