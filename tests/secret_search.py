"""Looking for secrets in whatever the agent writes, packed or not."""

from __future__ import annotations

import base64
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
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


def forms(secret: str) -> set[bytes]:
    """Return how a secret may stand in a text, in small letters: plain, or written otherwise."""
    plain = secret.encode()
    # In Base64 it looks different at each of three places; what depends on its neighbours is cut.
    packed = {base64.b64encode(b"\0" * at + plain)[4 * bool(at) : -4] for at in range(3)}
    written = {
        plain,
        plain[::-1],
        plain.hex().encode(),
        "".join(f"%{byte:02x}" for byte in plain).encode(),
        "".join(f"\\u{byte:04x}" for byte in plain).encode(),
        secret.encode("utf-16-le"),
        *(each for each in packed if len(each) > 7),
    }
    return {each.lower() for each in written}


def found_in(text: bytes, secrets: Iterable[str]) -> list[str]:
    """Return those of ``secrets`` that stand in ``text`` in some form."""
    small = text.lower()
    return [secret for secret in secrets if any(form in small for form in forms(secret))]
