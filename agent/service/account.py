"""Nectar as whoever sets up or checks asks it: which address, which key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.config import Settings
from agent.nectar.connection import Connection
from agent.service.keys import places_of
from agent.service.planning import connection_of
from agent.system.api_key import KeyPlaces
from agent.system.key_store import KeyStore
from agent.system.secret import Secret

if TYPE_CHECKING:
    from agent.nectar.client import NectarClient


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


def account_with(settings: Settings, environ: Mapping[str, str], key_store: KeyStore) -> Account:
    """Return the account that the settings name."""
    places = places_of(settings, environ, key_store)
    return Account(settings, connection_of(settings), settings.nectar.api, places)


def default_account(environ: Mapping[str, str], key_store: KeyStore) -> Account:
    """Return the account of a configuration in which nothing is set."""
    from agent.config.definitions import definitions  # noqa: PLC0415 - imports pydantic

    keys = definitions()["nectar"].keys
    base_url = str(keys["base_url"].default)
    api = base_url.rpartition("/")[0]
    places = KeyPlaces(environ, None, api, str(keys["environment"].default), key_store)
    return Account(None, Connection(base_url), api, places)
