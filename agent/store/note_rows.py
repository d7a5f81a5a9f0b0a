"""Holds, history, what people asked for, and values to be remembered by name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from agent.bills.exact_json import json_text
from agent.bills.holds import Hold, Scope
from agent.bills.rows import Event
from agent.store import codec, place_codec
from agent.store.place_codec import HOLD_COLUMNS
from agent.store.requests import Request, requests_waiting
from agent.store.rows import Rows


class NoteRows(Rows):
    """The tables of holds, history, requests and remembered values."""

    def holds(self) -> list[Hold]:
        """Return every hold in force."""
        return [
            place_codec.hold_of(row)
            for row in self._connection.execute(f"SELECT {HOLD_COLUMNS} FROM holds")
        ]

    def save_hold(self, hold: Hold) -> None:
        """Add or replace a hold."""
        self._connection.execute(
            "INSERT OR REPLACE INTO holds (code, kind, name, since, message, advice, due, tries) "
            "VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?, ?, ?)",
            (
                hold.code,
                hold.scope.kind.value,
                _name_bytes(hold.scope),
                hold.since,
                codec.storable(hold.message),
                codec.storable(hold.advice),
                hold.due,
                hold.tries,
            ),
        )

    def remove_hold(self, scope: Scope, code: str) -> None:
        """End a hold; nothing happens where there is none."""
        self._connection.execute(
            "DELETE FROM holds WHERE kind = ? AND name = CAST(? AS TEXT) AND code = ?",
            (scope.kind.value, _name_bytes(scope), code),
        )

    def add_events(self, events: Iterable[Event]) -> None:
        """Add lines of history."""
        self._connection.executemany(
            "INSERT INTO history (at, what, file_id, submission_id) VALUES (?, ?, ?, ?)",
            [
                (event.at, codec.storable(event.what), event.file_id, event.submission_id)
                for event in events
            ],
        )

    def requests(self) -> list[Request]:
        """Return the requests that wait for an answer, in their order."""
        return requests_waiting(self._connection)

    def answer_request(self, request_id: int, answer: Any, now: float) -> None:
        """Answer a request."""
        self._connection.execute(
            "UPDATE requests SET answered = ?, answer = ? WHERE id = ?",
            (now, json_text(answer, is_ascii=True), request_id),
        )

    def meta(self, name: str) -> str | None:
        """Return a remembered value."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def meta_beginning(self, prefix: str) -> list[tuple[str, str]]:
        """Return remembered values whose names begin with ``prefix``."""
        rows = self._connection.execute("SELECT name, value FROM meta")
        return [(name, value) for name, value in rows if name.startswith(prefix)]

    def set_meta(self, name: str, value: str | None) -> None:
        """Remember a value, or forget it with None."""
        if value is None:
            self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value)
        )


def _name_bytes(scope: Scope) -> bytes:
    """Return a scope's name so that a path comes back as it was, whatever its bytes."""
    try:
        return os.fsencode(scope.key)
    except UnicodeEncodeError:
        return os.fsencode(codec.storable(scope.key))
