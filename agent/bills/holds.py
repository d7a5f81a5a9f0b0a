"""Holds: why all files of one scope wait, and when to look whether the cause is gone.

A hold costs one cheap probe now and then, whatever the number of files behind it; rows under it
keep their stage and count no attempts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

FIRST_PROBE_SECONDS = 60.0
SLOWEST_PROBE_SECONDS = 900.0
FOLDER_MISSING_GRACE_SECONDS = 1800.0
"""A missing folder is shown at once, and needs a person only after this long."""

FOLDER_MISSING = "folder-missing"
QUIET_CODES = frozenset({"no-connection", "waiting-for-cloud"})
"""Holds that need no person."""

KEY_CODES = frozenset({"key-missing", "key-refused"})
NOT_WRITABLE = "folder-not-writable"
DISK_FULL = "disk-full"
"""A disk that is full stops all, whichever folder lies on it: the account's, by the contract."""
WRITE_HOLDS = frozenset({NOT_WRITABLE, DISK_FULL})
"""Holds that begin when no result can be written into a folder."""


class ScopeKind(StrEnum):
    """What a hold speaks of, from wide to narrow."""

    ACCOUNT = "account"
    COMPANY = "company"
    SITE = "site"
    FOLDER = "folder"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: its kind and the company, site, folder or file meant ("" for the account)."""

    kind: ScopeKind
    key: str = ""

    @property
    def words(self) -> str:
        """How the status names it."""
        return f"{self.kind}: {self.key}" if self.key else str(self.kind)


ACCOUNT = Scope(ScopeKind.ACCOUNT)


def company_scope(key: str) -> Scope:
    """Return the scope of the company that the configuration names ``key``."""
    return Scope(ScopeKind.COMPANY, key)


def site_scope(company: str, external_id: str) -> Scope:
    """Return the scope of one externalId in one company."""
    return Scope(ScopeKind.SITE, f"{company}/{external_id}" if company else external_id)


def is_site_of(scope: Scope, company: str) -> bool:
    """Whether the scope is a site of the company that the configuration names so."""
    if scope.kind is not ScopeKind.SITE:
        return False
    return scope.key.startswith(f"{company}/") if company else "/" not in scope.key


def folder_scope(path: str) -> Scope:
    """Return the scope of one watched folder, or of one directory below it."""
    return Scope(ScopeKind.FOLDER, path)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a scope waits. ``since`` and ``due`` (the next probe) in seconds since 1970."""

    code: str
    scope: Scope
    since: float
    message: str
    advice: str
    due: float | None
    tries: int = 0

    def probed(self, now: float) -> Hold:
        """Return the hold after one more probe that found the cause still there."""
        return replace(self, tries=self.tries + 1, due=now + probe_wait(self.tries + 1))

    def needs_person(self, now: float) -> bool:
        """Whether a person has to do something about it."""
        if self.code == FOLDER_MISSING:
            return now - self.since >= FOLDER_MISSING_GRACE_SECONDS
        return self.code not in QUIET_CODES


def probe_wait(tries: int) -> float:
    """Return the seconds until probe number ``tries`` + 1: a minute, then doubling to 15."""
    return float(min(SLOWEST_PROBE_SECONDS, FIRST_PROBE_SECONDS * 2 ** min(tries, 10)))


def new_hold(code: str, scope: Scope, message: str, advice: str, now: float) -> Hold:
    """Return a hold that begins now and is first probed after a minute."""
    return Hold(code, scope, now, message, advice, now + FIRST_PROBE_SECONDS)
