"""The holds in force, and what they stop. A copy of the store's, kept by the one writer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from agent.bills.holds import FOLDER_MISSING, NOT_WRITABLE, Hold, Scope, ScopeKind
from agent.bills.values import FolderId
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice
from agent.store.store import Store

READING_STOPPED = frozenset({"folder-missing", "folder-not-readable"})
"""Folder holds under which no file of it can be looked at."""
TAKEN = frozenset({"folder-taken"})
"""The hold of a folder that another machine serves: nothing of that one's is touched."""
SENDING_STOPPED = READING_STOPPED | TAKEN | {NOT_WRITABLE}
COMPANY_STOPPED = frozenset(
    {"company-missing", "company-ambiguous", "company-changed", "upload-refused"}
)
REENTRY_SECONDS = 1800.0
"""A hold that begins again within this long goes on where it was: probes stay slow, notices few."""


class HoldBook:
    """Begins and ends holds in the store, and answers what is stopped now."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._holds: dict[tuple[Scope, str], Hold] = {}
        self._ended: dict[tuple[Scope, str], tuple[Hold, float]] = {}
        self.reload()

    def reload(self) -> None:
        """Take the holds from the store."""
        self._holds = {(hold.scope, hold.code): hold for hold in self._store.holds()}

    def all(self) -> tuple[Hold, ...]:
        """Return every hold in force."""
        return tuple(self._holds.values())

    def begin(self, hold: Hold, now: float) -> list[Notice]:
        """Put a hold in force; one that is already keeps its ``since``."""
        key = (hold.scope, hold.code)
        known = self._holds.get(key)
        if known is not None:
            probed = known.probed(now) if known.due is not None and known.due <= now else known
            same = replace(probed, message=hold.message, advice=hold.advice)
            if same != known:
                self._save(key, same)
            return []
        ended = self._ended.pop(key, None)
        if ended is not None and now - ended[1] < REENTRY_SECONDS:
            again = replace(ended[0], message=hold.message, advice=hold.advice).probed(now)
            if hold.code == FOLDER_MISSING:
                again = replace(again, since=hold.since)  # nobody is needed for half an hour
            self._save(key, again)
            return [HoldBegan(again, is_again=True)]
        self._save(key, hold)
        return [HoldBegan(hold)]

    def end(self, scope: Scope, code: str, now: float) -> list[Notice]:
        """End a hold; nothing happens where there is none."""
        hold = self._holds.pop((scope, code), None)
        if hold is None:
            return []
        self._store.remove_hold(scope, code)
        self._ended[(scope, code)] = (hold, now)
        return [HoldEnded(hold)]

    def get(self, scope: Scope, code: str) -> Hold | None:
        """Return the hold of a scope with a code."""
        return self._holds.get((scope, code))

    def find(self, scope: Scope, codes: Iterable[str] | None = None) -> Hold | None:
        """Return a hold of the scope, of one of ``codes`` where given."""
        return next(
            (
                hold
                for (where, code), hold in self._holds.items()
                if where == scope and (codes is None or code in codes)
            ),
            None,
        )

    def of_kind(self, kind: ScopeKind) -> tuple[Hold, ...]:
        """Return every hold of one kind of scope."""
        return tuple(hold for hold in self._holds.values() if hold.scope.kind is kind)

    def hasten(self, now: float) -> None:
        """Let every hold be probed at once."""
        for key, hold in list(self._holds.items()):
            self._save(key, replace(hold, due=now))

    def hasten_one(self, hold: Hold, now: float) -> None:
        """Let a hold be probed at once."""
        if hold.due is None or hold.due > now:
            self._save((hold.scope, hold.code), replace(hold, due=now))

    def probed(self, hold: Hold, now: float) -> None:
        """Note that a hold was probed and its cause is still there, or is about to be asked."""
        self._save((hold.scope, hold.code), hold.probed(now))

    def stopped_folders(
        self, folders: Mapping[str, FolderId], codes: frozenset[str]
    ) -> set[FolderId]:
        """Return the folders that one of ``codes`` stops."""
        return {
            folders[hold.scope.key]
            for hold in self.of_kind(ScopeKind.FOLDER)
            if hold.code in codes and hold.scope.key in folders
        }

    def of_directories(self, folders: Collection[str]) -> tuple[Hold, ...]:
        """Return the holds of directories below watched folders that take no results."""
        return tuple(
            hold
            for hold in self.of_kind(ScopeKind.FOLDER)
            if hold.code == NOT_WRITABLE and hold.scope.key not in folders
        )

    def closed_directories(self, folders: Collection[str]) -> tuple[str, ...]:
        """Return the directories below watched folders that take no results."""
        return tuple(hold.scope.key for hold in self.of_directories(folders))

    def _save(self, key: tuple[Scope, str], hold: Hold) -> None:
        self._holds[key] = hold
        self._store.save_hold(hold)
