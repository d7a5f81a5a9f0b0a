"""What a commit makes true, in words: so that the same commit is known again in another run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

Run = Any
"""Runs a statement and returns its rows."""
Facts = dict[tuple[str, str], dict[str, Any]]

_IN_ORDER = ("submissions", "files", "requests", "holds", "folders", "companies", "meta")
_NAMED_BY = {"files": "path", "submissions": "name", "folders": "path"}
_MOMENTS = "REAL"
_PLANS = ("due", "write_due", "documents_due", "documents_tries", "corrections_due")
"""When a row is looked at again: no news."""
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def facts(run: Run) -> Facts:
    """Return every row of the store by table and name; of moments only whether they are set."""
    found: Facts = {}
    for (table,) in list(run(_TABLES)):
        columns = list(run(f"PRAGMA table_info({table})"))
        names = [column[1] for column in columns]
        keys = [column[1] for column in columns if column[5]]
        kept = {column[1] for column in columns if column[2] != _MOMENTS}
        for values in run(f"SELECT * FROM {table}"):  # noqa: S608 - the store's own names
            row = dict(zip(names, values, strict=True))
            row |= {each: row[each] is not None for each in names if each not in kept}
            row = {each: row[each] for each in names if each not in _PLANS}
            named_by = [_NAMED_BY[table]] if table in _NAMED_BY else keys
            name = " ".join(_word(row[each]) for each in named_by)
            found[table, name] = row
    return found


def news(before: Facts, after: Facts) -> tuple[str, ...]:
    """Return what differs, the most telling first; that only moments differ if nothing else does.

    What else comes to be in the same commit is for the threads' turns to say, so each counts.
    """
    differing = sorted(
        (key for key in before.keys() | after.keys() if before.get(key) != after.get(key)),
        key=lambda key: (_IN_ORDER.index(key[0]) if key[0] in _IN_ORDER else 99, key),
    )
    return tuple(_told(key, before.get(key), after.get(key)) for key in differing) or (
        "only moments",
    )


def _told(key: tuple[str, str], was: dict[str, Any] | None, is_now: dict[str, Any] | None) -> str:
    table, name = key
    what = f"{table} {name}" if table in _NAMED_BY else table
    if was is None:
        return f"{what}: new{_stage(is_now)}"
    if is_now is None:
        return f"{what}: gone"
    if was.get("stage") != is_now.get("stage"):
        return f"{what}: {was['stage']} to {is_now['stage']}"
    return f"{what}: {next(name for name in was if was[name] != is_now[name])}"


def _stage(row: dict[str, Any] | None) -> str:
    return f", {row['stage']}" if row and "stage" in row else ""


def _word(value: Any) -> str:
    return Path(os.fsdecode(value)).name if isinstance(value, bytes) else str(value)
