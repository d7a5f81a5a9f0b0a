"""What the modules of the store's rows share: the connection, counting, numbering."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from typing import Any

from agent.bills.exact_json import json_text


def marks_for(values: Collection[Any]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))


def outside(directories: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the condition that a file lies directly in none of ``directories``, and its values.

    One value for all: there may be more of them than SQLite takes values, as few as 999.
    """
    if not directories:
        return "1", ()
    names = [os.fsencode(each).hex().upper() for each in directories]
    condition = "hex(directory_of(files.path)) NOT IN (SELECT value FROM json_each(?))"
    return condition, (json_text(names),)


class Rows:
    """Rows of the store, on its one connection; what changes them is inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.create_function("directory_of", 1, os.path.dirname, deterministic=True)

    def _count(self, table: str, where: str, *values: Any) -> int:
        row = self._connection.execute(
            f"SELECT count(*) FROM {table} WHERE {where}", values
        ).fetchone()
        return int(row[0])

    def _next_id(self, table: str) -> int:
        row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()
        return int(row[0] or 0) + 1
