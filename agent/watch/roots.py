"""Looking at the roots of watched folders, so that one on a share that hangs holds up no other."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_ALREADY_WAITED = 0.01


@dataclass(frozen=True, slots=True)
class Root:
    """What a look at a root told.

    ``without_events`` is the type of a file system of which no events come: then nothing else was
    looked at. ``real`` is where the root lies, links followed. ``identity`` is its device and
    number, None where it is missing or may not be listed.
    """

    without_events: str | None = None
    real: str = ""
    identity: tuple[int, int] | None = None


class RootLooks:
    """Looks at many roots at once, each in a thread of its own; at most one look at each.

    ``without_events`` returns the type of a file system at or below a path that tells of no
    changes, without touching it. ``patience_seconds`` is how long roots that hang are waited for.
    """

    def __init__(
        self, without_events: Callable[[str], str | None], *, patience_seconds: float
    ) -> None:
        self._without_events = without_events
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._looks: dict[str, _Look] = {}

    def at(self, paths: Iterable[str]) -> Mapping[str, Root]:
        """Return what is known of these roots soon; those that hang are left out."""
        looks = {path: self._look(path) for path in paths}
        patience = self._patience_seconds
        for look in looks.values():
            look.join(patience)
            if look.is_alive():
                patience = _ALREADY_WAITED  # all began at the same time
        return {path: look.found for path, look in looks.items() if look.found is not None}

    def _look(self, path: str) -> _Look:
        with self._lock:
            known = self._looks.get(path)
            if known is not None and known.is_alive():
                return known
            look = self._looks[path] = _Look(path, self._without_events)
            look.start()
            return look


class _Look(threading.Thread):
    """One look; ``found`` is None while it is under way."""

    def __init__(self, path: str, without_events: Callable[[str], str | None]) -> None:
        super().__init__(name="look at a root", daemon=True)
        self.found: Root | None = None
        self._path = path
        self._without_events = without_events

    def run(self) -> None:
        kind = self._without_events(self._path)
        if kind is not None:
            self.found = Root(without_events=kind)
        else:
            self.found = Root(real=os.path.realpath(self._path), identity=_identity(self._path))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - exact bytes
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or not os.access(path, os.R_OK | os.X_OK):
        return None
    return status.st_dev, status.st_ino
