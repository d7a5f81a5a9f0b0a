"""Holds of a folder that only some of its files bring about."""

from __future__ import annotations

from agent.bills.first_look import first_look_hold
from agent.bills.holds import ScopeKind, folder_scope, new_hold
from agent.bills.instant import Instant
from agent.bills.questions import FIRST_LOOK
from agent.bills.resolve import LOOKS_LIKE_OTHER_SITE, Unresolved, looks_like_other_sites
from agent.bills.rows import Folder
from agent.pipeline.parts import Part

_CODES = ("no-site", LOOKS_LIKE_OTHER_SITE)
"""What files bring about by where they lie."""


class Misplaced(Part):
    """Lets those holds speak of the files that still bring them about, and ends them after that."""

    def judge(self, folder: Folder, now: Instant) -> None:
        """Compare the holds of a folder with its files as they are now."""
        scope = folder_scope(folder.path)
        is_asked = self._holds.find(scope, (FIRST_LOOK,)) is not None
        asking = self._store.count_asking(folder.id, FIRST_LOOK)
        if is_asked and not asking:
            self._recorder.notices += self._holds.end(scope, FIRST_LOOK, now.utc)
        elif asking and not is_asked and folder.is_configured:
            # They were another folder's, before this one was watched by itself.
            hold = first_look_hold(folder.path, asking, now.utc)
            self._recorder.notices += self._holds.begin(hold, now.utc)
        plan = self._map.plan_of(folder.id)
        codes = [code for code in _CODES if self._holds.find(scope, (code,)) is not None]
        if not codes or plan is None:
            return
        found = [self._map.place_of(file) for file in self._store.files_examined_in(folder.id)]
        reasons = [each for each in found if isinstance(each, Unresolved)]
        for code in codes:
            why = next((each for each in reasons if each.code == code), None)
            if why is None:
                self._recorder.notices += self._holds.end(scope, code, now.utc)
                continue
            if why.subfolder:
                names = sorted({each.subfolder for each in reasons if each.code == code})
                why = looks_like_other_sites(plan, tuple(names))
            hold = new_hold(code, scope, why.message, why.advice, now.utc)
            self._recorder.notices += self._holds.begin(hold, now.utc)

    def is_told(self, why: Unresolved) -> bool:
        """Whether such a hold is in force, and names what it lets wait for this reason."""
        if why.scope.kind is not ScopeKind.FOLDER:
            return False
        known = self._holds.find(why.scope, (why.code,))
        return known is not None and (not why.subfolder or f"“{why.subfolder}”" in known.message)
