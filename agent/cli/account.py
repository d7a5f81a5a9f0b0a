"""Nectar as the commands that set up ask it: which address, which key, which companies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.bills.answers import Company
from agent.cli.session import config_path
from agent.config import Settings, load
from agent.nectar.connection import Connection
from agent.service.planning import connection_of
from agent.system.api_key import KeyPlaces
from agent.system.key_store import KeyStore
from agent.system.secret import Secret

if TYPE_CHECKING:
    from agent.nectar.client import NectarClient

PERSON_SECONDS = 60.0
"""How long the key store is waited for: a person sits here and may have to unlock it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where Nectar is and where the key may be. ``settings`` is None where nothing is set up."""

    settings: Settings | None
    connection: Connection
    api: str
    places: KeyPlaces

    @property
    def environment(self) -> str:
        """``production`` or ``sandbox``: the user's word for the key."""
        return self.places.environment

    @contextmanager
    def client(self, key: Secret) -> Iterator[NectarClient]:
        """Open a client that sends this key."""
        # httpx takes a tenth of a second to load, and few of the commands need it.
        from agent.nectar.client import NectarClient  # noqa: PLC0415 - see above

        client = NectarClient(self.connection, key.reveal)
        try:
            yield client
        finally:
            client.close()


def account_of(argument: Path | None) -> Account:
    """Return the account of the configuration, that of a new one where there is no file yet.

    Raises ConfigurationError where a file is named or found and cannot be used.
    """
    path = config_path(argument)
    is_named = argument is not None or bool(os.environ.get("BILL_AGENT_CONFIG"))
    if not is_named and not os.path.lexists(path):
        return default_account()
    return account_with(load(path, os.environ))


def account_with(settings: Settings) -> Account:
    """Return the account that the settings name."""
    nectar = settings.nectar
    places = KeyPlaces(
        os.environ, nectar.api_key_file, nectar.api, nectar.environment, _key_store()
    )
    return Account(settings, connection_of(settings), nectar.api, places)


def default_account() -> Account:
    """Return the account of a configuration in which nothing is set."""
    from agent.config.definitions import definitions  # noqa: PLC0415 - imports pydantic

    keys = definitions()["nectar"].keys
    base_url = str(keys["base_url"].default)
    api = base_url.rpartition("/")[0]
    places = KeyPlaces(os.environ, None, api, str(keys["environment"].default), _key_store())
    return Account(None, Connection(base_url), api, places)


def _key_store() -> KeyStore:
    return KeyStore(limit_seconds=PERSON_SECONDS)


def names_of(companies: tuple[Company, ...]) -> str:
    """Return the companies in one line: their names, each with what the settings call it."""
    return ", ".join(f"{each.name} ({each.external_id or each.id})" for each in companies)
