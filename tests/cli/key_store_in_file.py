"""A key store for tests that outlives the process: a JSON file that a variable names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

VARIABLE = "KEY_STORE_OF_THE_TEST"


class InFile(KeyringBackend):
    """A key store that works; each entry is a member of the file."""

    priority = -1  # never chosen by itself

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was stored."""
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store it."""
        self._write({**self._entries(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Remove it; as in real ones, what is not there cannot be removed."""
        entries = self._entries()
        if entries.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("No such password!")
        self._write(entries)

    def _entries(self) -> dict[str, str]:
        path = Path(os.environ[VARIABLE])
        entries: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return entries

    def _write(self, entries: dict[str, str]) -> None:
        Path(os.environ[VARIABLE]).write_text(json.dumps(entries), "utf-8")
