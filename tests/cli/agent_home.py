"""A configuration with two folders and a store that the real writer wrote, and a way to ask."""

from __future__ import annotations

from pathlib import Path

from set_up_driver import Home, Said
from stored_bills import StoredBills

from agent.cli.terminal import facts
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import requests_waiting


class AgentHome:
    """A home in which an agent ran, and runs no more."""

    def __init__(self, folder: Path) -> None:
        self._home = Home(folder, "http://127.0.0.1:9/v2.2")
        self.seven, self.every = folder / "seven", folder / "all"
        nectar = 'company = "HMF"'
        self._home.configure(
            self._home.watched("seven", "PLANT-07") + self._home.watched("all", "{subfolder}"),
            nectar,
        )
        self.data_dir = folder / "data"
        self.config = self._home.config

    def run(self, *arguments: str) -> Said:
        """Run a command with this home's configuration, as wide as ``COLUMNS`` says now."""
        facts.cache_clear()
        return self._home.run(*arguments)

    def stored(self) -> StoredBills:
        """Open the store to write; close it before commands read."""
        return StoredBills(self.data_dir)

    def requests(self) -> list[tuple[str, dict[str, object]]]:
        """Return what waits for the service."""
        connection = open_for_people(store_path(self.data_dir))
        if connection is None:
            return []
        waiting = [(each.kind, each.payload) for each in requests_waiting(connection)]
        connection.close()
        return waiting
