"""Looking for secrets in whatever the agent writes, packed or not."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path


def texts(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, and what is packed in them where it is a store."""
    content = path.read_bytes()
    yield content
    if not content.startswith(b"SQLite format 3"):
        return
    with closing(sqlite3.connect(path)) as store:
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_schema WHERE sql > ''")]
        for table in tables:
            try:
                rows = store.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - its own names
            except sqlite3.OperationalError:
                continue  # an index
            for value in (value for row in rows for value in row):
                if isinstance(value, bytes) and value[:1] == b"x":
                    yield zlib.decompress(value)
                else:
                    yield str(value).encode("utf-8", "replace")
