"""Which folder an event speaks of, if any. Pure, and total: it raises for no path at all."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.bills.names import PART_PATTERN
from agent.watch.builtin_names import is_built_in


class Hints:
    """Maps the paths of one folder's events to the folder to look at.

    ``root`` is where the folder really lies, links resolved, and ``nested`` the same of watched
    folders below it, each with the path under which it is known.
    """

    def __init__(self, folder: str, root: str, nested: Mapping[str, str]) -> None:
        self._folder = folder
        self._start = root.rstrip(os.sep) + os.sep
        self._nested = tuple(
            (real.rstrip(os.sep) + os.sep, known)
            for real, known in sorted(nested.items(), key=lambda item: -len(item[0]))
        )

    def folders(self, source: str, destination: str) -> tuple[str, ...]:
        """Return the folders to look at after an event with these paths ("" for none).

        What only temporary and system names tell is no news, nor what we wrote ourselves:
        our results come by renaming a part of ours.
        """
        if PART_PATTERN.match(os.path.basename(source)):  # noqa: PTH119 - text alone
            return ()
        places = [path for path in (source, destination) if path and not self._is_noise(path)]
        return tuple({self._folder_of(path): None for path in places})

    def _folder_of(self, path: str) -> str:
        for start, known in self._nested:
            if path.startswith(start):
                return known
        return self._folder

    def _is_noise(self, path: str) -> bool:
        if not path.startswith(self._start):
            return False  # the root itself, or a spelling that is not understood: look
        inside = path[len(self._start) :].replace(os.sep, "/")
        return any(is_built_in(name) for name in inside.split("/"))
