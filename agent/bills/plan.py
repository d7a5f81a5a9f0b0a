"""What the owner wants, as the deciding functions need it: which folder goes to which site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Literal

from agent.bills.holds import NOT_WRITABLE, Hold, ScopeKind, is_site_of, site_scope
from agent.bills.rows import CompanyKey, World

SUBFOLDER = "{subfolder}"
FIRST_LOOK_LIMIT = 25
"""Up to so many waiting candidates a first look does not ask about."""
Existing = Literal["ask", "all", "new"] | date
"""What is to become of the files of a first look; a date: those changed since go."""


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """One ``[[folders]]`` entry. ``path`` is absolute; ``nested`` are watched roots below it."""

    path: str
    site: str
    company: CompanyKey
    recursive: bool = True
    types: tuple[str, ...] = ("pdf", "png", "jpg")
    nested: tuple[str, ...] = ()

    @property
    def is_by_subfolder(self) -> bool:
        """Whether the first subfolder's name is the site."""
        return self.site == SUBFOLDER


@dataclass(frozen=True, slots=True)
class Plan:
    """The configuration in force, without anything that only adapters need."""

    world: World
    folders: tuple[FolderPlan, ...]
    agent_id: str
    site_names: Mapping[str, str] = field(default_factory=dict)
    quiet_seconds: float = 10.0
    scan_seconds: float = 60.0
    incomplete_seconds: float = 600.0
    refresh_hours: float = 24.0
    existing: Existing = "ask"
    max_requests: int = 4
    leaves_mark: bool = True
    usage_patience_seconds: float = 30.0
    """How long usage is waited for when a document is there without any."""

    def folder(self, path: str) -> FolderPlan | None:
        """Return the entry for the watched folder ``path``."""
        return next((folder for folder in self.folders if folder.path == path), None)

    def concerns(self, hold: Hold) -> bool:
        """Whether a hold may still let something wait."""
        scope = hold.scope
        match scope.kind:
            case ScopeKind.FOLDER if hold.code == NOT_WRITABLE:
                return home_of(scope.key, (each.path for each in self.folders)) is not None
            case ScopeKind.FOLDER:
                return self.folder(scope.key) is not None
            case ScopeKind.COMPANY:
                return scope.key in self.company_keys()
            case ScopeKind.SITE:
                return any(
                    scope == site_scope(folder.company, folder.site)
                    or (folder.is_by_subfolder and is_site_of(scope, folder.company))
                    for folder in self.folders
                )
            case _:
                return True

    def company_keys(self) -> frozenset[CompanyKey]:
        """Return every company that some folder needs."""
        return frozenset(folder.company for folder in self.folders)


def home_of(path: str, folders: Iterable[str]) -> str | None:
    """Return the deepest of ``folders`` that ``path`` is or lies in."""
    homes = [each for each in folders if PurePath(path).is_relative_to(each)]
    return max(homes, key=len, default=None)


def site_asked(folder: FolderPlan, path: str, site_names: Mapping[str, str]) -> str | None:
    """Return the externalId that the file at ``path`` is for, None where no folder tells."""
    if not folder.is_by_subfolder:
        return folder.site
    parts = PurePath(path).relative_to(folder.path).parts
    if len(parts) < 2:
        return None
    return site_names.get(parts[0], parts[0])
