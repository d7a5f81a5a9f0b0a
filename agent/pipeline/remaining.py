"""What still moves by itself: what `once` waits for."""

from __future__ import annotations

from agent.bills.holds import ScopeKind
from agent.bills.rows import CompanyKey
from agent.pipeline.holding import READING_STOPPED, SENDING_STOPPED, TAKEN, HoldBook
from agent.pipeline.mapping import Map
from agent.pipeline.memory import Memory
from agent.store.remembered import PAUSE
from agent.store.store import Store


def is_anything_moving(store: Store, where: Map, holds: HoldBook, memory: Memory) -> bool:
    """Whether something is due, under way, or brought on by time alone.

    What waits for a person or is on hold does not count.
    """
    if memory.out or memory.inspect:
        return True
    ids = where.ids_by_path()
    unread = holds.stopped_folders(ids, READING_STOPPED)
    watched = set(ids.values())
    # A mark that names nobody keeps a folder from being read at all.
    if watched - memory.read_folders - unread - holds.stopped_folders(ids, TAKEN):
        return True
    is_account_held = bool(holds.of_kind(ScopeKind.ACCOUNT))
    unread_companies = where.plan.company_keys() - memory.read_companies
    if not is_account_held and unread_companies - _held_in_vain(where, holds):
        return True
    if store.count_moving_files(watched - unread) or store.count_vanishing_files(watched - unread):
        return True
    unsendable = holds.stopped_folders(ids, SENDING_STOPPED)
    closed = holds.closed_directories(ids)
    if not memory.recalls_failed and store.count_untried_recalls(watched - unsendable, closed):
        return True
    # What was sent from a folder that is no longer watched still gets its result.
    if store.count_writes(where.folders.keys() - unsendable, closed):
        return True
    if is_account_held:
        return False
    if store.count_at_nectar(where.plan.world):
        return True
    unsendable |= {folder.id for folder in where.folders.values() if folder.is_paused}
    if store.meta(PAUSE) is not None:
        return False
    stopped_companies = {
        row.found.company.id
        for row in where.companies.values()
        if row.found is not None
        and any(hold.scope.key == row.key for hold in holds.of_kind(ScopeKind.COMPANY))
    }
    folders = watched - unsendable
    return store.count_sendable(where.plan.world, folders, stopped_companies, closed) > 0


def _held_in_vain(where: Map, holds: HoldBook) -> set[CompanyKey]:
    """Return the companies that were asked for since the start, in vain, and are on hold for it."""
    held = {hold.scope.key for hold in holds.of_kind(ScopeKind.COMPANY)}
    return {key for key, row in where.companies.items() if row.failures and row.key in held}
