"""What the modules of the store's rows share: the connection, counting, numbering."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from typing import Any


def marks_for(values: Collection[Any]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))


def outside(directories: Collection[str]) -> tuple[str, list[bytes]]:
    """Return the condition that a file lies directly in none of ``directories``, and its values."""
    if not directories:
        return "1", []
    marks = marks_for(directories)
    return f"directory_of(files.path) NOT IN ({marks})", [os.fsencode(one) for one in directories]


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
