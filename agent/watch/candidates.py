"""Which names in a watched folder are bills. Pure: names alone are asked, never the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

from agent.bills.names import RESULT_ENDING
from agent.watch.builtin_names import is_built_in
from agent.watch.patterns import IgnorePatterns

_ENDINGS = {"pdf": (".pdf",), "png": (".png",), "jpg": (".jpg", ".jpeg")}
_UNSUPPORTED = frozenset({".tif", ".tiff", ".heic", ".zip", ".eml", ".msg", ".xlsx", ".docx"})


class Sort(Enum):
    """What a file is to the agent, by its name."""

    CANDIDATE = "candidate"
    UNSUPPORTED = "unsupported"
    """A document of a kind that Nectar does not read."""
    OTHER = "other"
    """Left alone, and counted."""
    UNSEEN = "unseen"
    """Left alone and not counted: temporary files, those of systems, and our own results."""


class CandidateRules:
    """The rules of one watched folder. ``types`` are of ``pdf``, ``png`` and ``jpg``.

    Paths are relative to that folder, with ``/`` between names. ``above`` is the subfolder a name
    lies in, with ``/`` at its end, or empty.
    """

    def __init__(self, types: Collection[str], ignore: Iterable[str] = ()) -> None:
        self._endings = frozenset(ending for kind in types for ending in _ENDINGS[kind])
        self._results = tuple(ending + RESULT_ENDING for ending in sorted(self._endings))
        self._patterns = IgnorePatterns(ignore)

    def sort(self, name: str, above: str = "") -> Sort:
        """Return what the file ``name`` is; whether its subfolder is entered ``enters`` says."""
        lowered = name.lower()
        ending = lowered[lowered.rfind(".") :]
        if is_built_in(name) or lowered.endswith(self._results):
            return Sort.UNSEEN
        if ending not in self._endings and ending not in _UNSUPPORTED:
            return Sort.OTHER
        if self._patterns.ignore_file(above + name):
            return Sort.OTHER
        return Sort.CANDIDATE if ending in self._endings else Sort.UNSUPPORTED

    def enters(self, name: str, above: str = "") -> bool:
        """Whether the subfolder ``name`` is looked into."""
        return not is_built_in(name) and not self._patterns.ignore_folder(above + name)

    def is_candidate(self, relative: str) -> bool:
        """Whether the file at ``relative`` is a candidate, every folder above it included."""
        *folders, name = relative.split("/")
        above = ""
        for folder in folders:
            if not self.enters(folder, above):
                return False
            above += folder + "/"
        return self.sort(name, above) is Sort.CANDIDATE
