"""Hands that change a row of the store as no program would: of the right types, and wrong."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

VALUES: dict[str, list[Any]] = {
    "INTEGER": [0, -1, 1, 7, 2**31, 2**62, 2**63 - 1, -(2**63), 99_999],
    "REAL": [0.0, -1.0, 1e18, -1e18, float("inf"), -float("inf"), 4e9, 253_402_300_800.0],
    "TEXT": [
        *("", "x", "\0", "\ufffd", "é" * 1000, "9" * 400, "x" * 64, "A" * 64, "1 2", "1 2 3"),
        *("null", "[]", "{}", "[1,2,3]", '["a"]', '["a","b","c"]', '["a","b","c","d"]', "[[[["),
        *("[NaN]", "found", "linked", "examined", "begun", "fetched", "gone", "done", "asks"),
        *("COMPLETED", "7.1", "-1.-1", "rejected.x", "production", "pdf", "internal-error"),
    ],
    "BLOB": [b"", b"x", b"\0", b"/", b"/nowhere/x.pdf", b"\xff\xfe", b"x\x9c", b"/tmp"],
}
_KEPT = ("meta",)
"""Tables whose rows say which store it is: a change there is no bill's."""


def columns(path: Path) -> list[tuple[str, str, str, bool]]:
    """Return table, name, type, and whether NULL is allowed, of every column."""
    with closing(sqlite3.connect(path)) as store:
        tables = [
            name
            for (name,) in store.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
            if name not in _KEPT
        ]
        return [
            (table, column[1], column[2], not column[3])
            for table in tables
            for column in store.execute(f"PRAGMA table_info({table})")
        ]


def change_a_row(path: Path, source: random.Random) -> str:
    """Put a strange value into some row; return what was done, "" where SQLite refused it."""
    table, column, kind, may_be_null = source.choice(columns(path))
    value = source.choice([*VALUES.get(kind, VALUES["TEXT"]), *[None][: int(may_be_null)]])
    with closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA ignore_check_constraints = ON")
        rows = store.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # our own names
        if not rows:
            return ""
        names = [one[1] for one in store.execute(f"PRAGMA table_info({table})")]
        row = dict(zip(names, source.choice(rows), strict=True))
        where = " AND ".join(f"{name} IS ?" for name in names)
        try:
            with store:
                store.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {where}",  # noqa: S608  # the same
                    (value, *row.values()),
                )
        except sqlite3.Error:
            return ""
    return f"{table}.{column} = {value!r}"
