"""Which hold lets a waiting file wait: pure, of the holds in force and the folders' entries."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath

from agent.bills.holds import (
    ACCOUNT,
    NOT_WRITABLE,
    Hold,
    Scope,
    ScopeKind,
    company_scope,
    folder_scope,
    site_scope,
)
from agent.bills.plan import FolderPlan, home_of, site_asked
from agent.bills.resolve import LOOKS_LIKE_OTHER_SITE

NO_SITE = "no-site"
STOPS_NOTHING = frozenset({"first-look", NO_SITE, LOOKS_LIKE_OTHER_SITE})
"""Folder holds that do not stop every file of their folder."""


class Stops:
    """The holds in force, asked from the files' side."""

    def __init__(
        self, holds: Sequence[Hold], folders: Iterable[FolderPlan], site_names: Mapping[str, str]
    ) -> None:
        self._plans = {folder.path: folder for folder in folders}
        self._site_names = site_names
        self._by_scope: dict[Scope, list[Hold]] = {}
        for hold in sorted(holds, key=lambda each: (each.since, each.code)):
            self._by_scope.setdefault(hold.scope, []).append(hold)
        self._closed: dict[str, list[str]] = {}
        for hold in holds:
            path = hold.scope.key
            if hold.code == NOT_WRITABLE and path not in self._plans:
                home = home_of(path, self._plans)
                self._closed.setdefault(home or "", []).append(path)
        self.account = next(iter(self._by_scope.get(ACCOUNT, ())), None)
        """The hold that lets everything wait."""

    def plan_of(self, folder: str) -> FolderPlan | None:
        """Return the entry of the folder, None where it is not watched or not known."""
        return self._plans.get(folder)

    def site_of(self, folder: str, path: str) -> str | None:
        """Return the externalId that the file is for, None where nothing tells."""
        plan = self._plans.get(folder)
        return site_asked(plan, path, self._site_names) if plan is not None else None

    def of_file(self, folder: str, path: str) -> Hold | None:
        """Return the widest hold that lets the file wait."""
        stop = self.of_folder(folder)
        plan = self._plans.get(folder)
        if stop is not None or plan is None:
            return stop
        return self._of_place(plan, path) or self._find(
            folder_scope(os.path.dirname(path)),  # noqa: PTH120  # exact names
            lambda code: code == NOT_WRITABLE,
        )

    def _of_place(self, plan: FolderPlan, path: str) -> Hold | None:
        """Return the hold of the site that the file is for, or of its having none."""
        folder = plan.path
        if not plan.is_by_subfolder:
            hold = self.other_site(folder)
            return hold if hold is not None and is_meant(hold, folder, path) else None
        site = self.site_of(folder, path)
        if site is None:
            return self._find(folder_scope(folder), lambda code: code == NO_SITE)
        return self._find(site_scope(plan.company, site))

    def of_folder(self, folder: str) -> Hold | None:
        """Return the widest hold that lets every file of the folder wait."""
        if self.account is not None:
            return self.account
        plan = self._plans.get(folder)
        if plan is None:
            return None
        stop = self._find(company_scope(plan.company))
        if stop is None and not plan.is_by_subfolder:
            stop = self._find(site_scope(plan.company, plan.site))
        return stop or self._find(folder_scope(folder), lambda code: code not in STOPS_NOTHING)

    def other_site(self, folder: str) -> Hold | None:
        """Return the hold of subfolders that look like another site's."""
        return self._find(folder_scope(folder), lambda code: code == LOOKS_LIKE_OTHER_SITE)

    def site_scopes(self) -> tuple[Scope, ...]:
        """Return the sites that a hold stops."""
        return tuple(scope for scope in self._by_scope if scope.kind is ScopeKind.SITE)

    def closed_in(self, folder: str) -> Sequence[str]:
        """Return the directories below a watched folder in which no result can be written."""
        return self._closed.get(folder, ())

    def subfolders_of_site(self, plan: FolderPlan, scope: Scope) -> tuple[str, ...]:
        """Return the names of the subfolders whose files a site's hold lets wait."""
        if not plan.is_by_subfolder:
            return ()
        prefix = f"{plan.company}/" if plan.company else ""
        if not scope.key.startswith(prefix):
            return ()
        site = scope.key.removeprefix(prefix)
        names = [name for name, meant in self._site_names.items() if meant == site]
        if self._site_names.get(site, site) == site and site not in names:
            names.append(site)
        return tuple(names)

    def _find(self, scope: Scope, matches: Callable[[str], bool] = lambda _: True) -> Hold | None:
        return next((hold for hold in self._by_scope.get(scope, ()) if matches(hold.code)), None)


def is_meant(hold: Hold, folder: str, path: str) -> bool:
    """Whether a hold that names subfolders lets the file wait, for lying below one of them."""
    parts = PurePath(path).relative_to(folder).parts[:-1]
    return any(f"“{part}”" in hold.message for part in parts)
