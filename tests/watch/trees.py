"""Trees of files for the tests, and a reading of them."""

import itertools
import os
from pathlib import Path

from agent.bills.values import Reading
from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder
from agent.watch.reading import read_folder

RULES = CandidateRules(["pdf", "png", "jpg"])


def plant(root: Path, *names: str) -> Path:
    """Make these files below ``root``, each with its own name as content."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def watched(
    root: Path,
    *,
    rules: CandidateRules = RULES,
    recursive: bool = True,
    nested: tuple[Path, ...] = (),
    folds: bool = False,
) -> WatchedFolder:
    """Return ``root`` as a watched folder."""
    return WatchedFolder(str(root), rules, recursive, frozenset(map(str, nested)), folds)


def read(folder: WatchedFolder) -> Reading:
    """Read a folder with a clock that ticks a second a look."""
    return read_folder(folder, itertools.count(10.0).__next__)


def names_in(reading: Reading, root: Path) -> set[str]:
    """Return the candidates, relative to ``root``."""
    return {os.path.relpath(seen.path, root).replace(os.sep, "/") for seen in reading.seen}
