"""Holds of a folder that only some of its files bring about, by where they lie."""

from __future__ import annotations

from agent.bills.holds import folder_scope
from agent.bills.instant import Instant
from agent.bills.resolve import LOOKS_LIKE_OTHER_SITE, Unresolved
from agent.bills.rows import Folder
from agent.bills.stages import FileStage
from agent.pipeline.holding import HoldBook
from agent.pipeline.mapping import Map
from agent.pipeline.recording import Recorder
from agent.store.store import Store

_CODES = ("no-site", LOOKS_LIKE_OTHER_SITE)


class Misplaced:
    """Ends those holds once no file lies at a wrong place any more."""

    def __init__(self, store: Store, where: Map, holds: HoldBook, recorder: Recorder) -> None:
        self._store = store
        self._map = where
        self._holds = holds
        self._recorder = recorder

    def judge(self, folder: Folder, now: Instant) -> None:
        """End the holds of a folder that no file brings about now."""
        scope = folder_scope(folder.path)
        codes = [code for code in _CODES if self._holds.find(scope, (code,)) is not None]
        if not codes:
            return
        places = [
            self._map.place_of(file)
            for file in self._store.files_in(folder.id)
            if file.stage is FileStage.EXAMINED
        ]
        still = {place.code for place in places if isinstance(place, Unresolved)}
        for code in codes:
            if code not in still:
                self._recorder.notices += self._holds.end(scope, code, now.utc)
