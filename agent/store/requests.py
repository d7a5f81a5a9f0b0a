"""What a person asks the service to do: left in the store by the CLI and the tray."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from agent.bills.errors import NeedsAttention
from agent.bills.exact_json import json_text, parse_json
from agent.store.connecting import BACKUP_ID, application_of
from agent.store.naming import reading


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``kind`` names the command, ``payload`` its arguments."""

    id: int
    kind: str
    payload: dict[str, Any]


def leave_request(
    connection: sqlite3.Connection, kind: str, payload: dict[str, Any], now: float
) -> int:
    """Leave a request for the service and return its id.

    Raises NeedsAttention where the store is a backup, which no service ever reads.
    """
    if application_of(connection) == BACKUP_ID:
        raise NeedsAttention(
            "store-damaged",
            "This store is a backup: it can be looked at, and nothing can be asked of it.",
            "Set data_dir in [agent] to the data directory in use.",
        )
    cursor = connection.execute(
        "INSERT INTO requests (at, kind, payload) VALUES (?, ?, ?)",
        (now, kind, json_text(payload, is_ascii=True)),
    )
    return int(cursor.lastrowid or 0)


def requests_waiting(connection: sqlite3.Connection) -> list[Request]:
    """Return the requests that wait for an answer, in their order."""
    rows = connection.execute(
        "SELECT id, kind, payload FROM requests WHERE answered IS NULL ORDER BY id"
    )
    return [request_of(row) for row in rows]


@reading
def request_of(row: tuple[Any, ...]) -> Request:
    """Return the request of its id, kind and payload."""
    payload = parse_json(row[2])
    if not isinstance(payload, dict):
        raise TypeError("a payload has names")
    return Request(row[0], row[1], payload)


def answer_of(connection: sqlite3.Connection, request_id: int) -> dict[str, Any] | None:
    """Return the service's answer to a request, None while there is none."""
    row = connection.execute("SELECT answer FROM requests WHERE id = ?", (request_id,)).fetchone()
    return parse_json(row[0]) if row and row[0] is not None else None
