"""Where the agent's store begins: opened, or begun anew in place of one that cannot be believed.

A damaged store is never repaired and never gone on with. It is put aside under another name, with
its write-ahead log, and a new one is begun which knows that it is not the first: every folder is
then met as after a lost store, whatever `existing` says. Why no backup is put in its place, see
:mod:`agent.store.backup`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.instant import utc_text
from agent.bills.rows import Event
from agent.store.backup import backup_path
from agent.store.connecting import journal_path
from agent.store.naming import StoreDamagedError
from agent.store.opening import open_for_service
from agent.store.remembered import STORE_BEGUN, STORE_LOST
from agent.store.store import Store
from agent.system.os_errors import naming_os_errors

_FOLLOWS = (
    "A new one was begun: results beside the bills are recognised, and nothing else that was "
    "there before is sent without your answer."
)
KEPT_ASIDE = 3
"""So many damaged stores are kept, the latest ones: a failing disk must not fill up with them."""


def open_or_begin_anew(path: Path, now: float) -> tuple[Store, str | None]:
    """Return the agent's store, and in a sentence why it was begun anew, None where it was not.

    The caller holds the lock of the data directory. Raises NeedsAttention where the store cannot
    be used and is not damaged (of a newer version, of another program, a full disk), or where the
    damaged one cannot be put aside; nothing is changed then.
    """
    try:
        store = Store(path, is_suspect=_suspicion(path).exists(), lost=_traces(path))
    except StoreDamagedError as damage:
        lost = f"{damage.message} {put_aside(path, damage, now)} {_FOLLOWS}"
        store = Store(path, lost=lost)
    with suppress(OSError):
        _suspicion(path).unlink(missing_ok=True)
    if store.meta(STORE_BEGUN) is not None:
        return store, None
    began_anew = store.meta(STORE_LOST)
    with store.transaction():
        store.set_meta(STORE_BEGUN, str(now))
        if began_anew is not None:
            store.add_events([Event(now, began_anew)])
    return store, began_anew


def make_store(path: Path) -> None:
    """Make a store for requests to wait in, where no agent ever ran, or open the one there is."""
    open_for_service(path, lost=_traces(path)).close()


def put_aside(path: Path, damage: AgentError, now: float) -> str:
    """Rename a damaged store and its write-ahead log; return a sentence that says so."""
    aside = _free_name(path, now)
    try:
        with naming_os_errors(str(path), of="file", writing=True):
            path.rename(aside)
            if journal_path(path).exists():
                journal_path(path).rename(journal_path(aside))
            path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    except AgentError as error:
        raise NeedsAttention(
            "store-damaged",
            f"{damage.message} It could not be put aside: {error.message}",
            f"End every program that uses it, move {path.name} elsewhere and start again.",
        ) from error
    for old in _put_aside(path)[:-KEPT_ASIDE]:
        with suppress(OSError):
            journal_path(old).unlink(missing_ok=True)
            old.unlink()
    return f"It was put aside as {aside.name}."


def note_suspicion(path: Path, why: str) -> None:
    """Let the next start look at the store in full: something in it could not be read."""
    with suppress(OSError):
        _suspicion(path).write_text(f"{why}\n", encoding="utf-8")


def _suspicion(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def _put_aside(path: Path) -> list[Path]:
    """Return the stores that were put aside, the latest last."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(each for each in found if not each.name.endswith(("-wal", "-shm")))


def _free_name(path: Path, now: float) -> Path:
    stamp = utc_text(now).replace("-", "").replace(":", "")
    number = 0
    while True:
        aside = path.with_name(f"{path.name}.damaged-{stamp}{f'-{number}' if number else ''}")
        if not aside.exists():
            return aside
        number += 1


def _traces(path: Path) -> str | None:
    """Return in a sentence what tells that there was a store before, None where nothing does."""
    traces = [*_put_aside(path), *path.parent.glob(f"{path.name}.before-schema-*")]
    traces += [each for each in (backup_path(path),) if each.exists()]
    if not traces:
        return None
    return f"{path} was missing, though {traces[-1].name} was there. {_FOLLOWS}"
