"""What the tests of the client share: a scripted server, a clock, and a clean environment."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from client_under_test import KEY, Clock, MakeClient
from scripted_server import ScriptedServer

from agent.nectar.client import NectarClient
from agent.nectar.connection import Connection

VARIABLES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"),
)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the proxies and certificates of the machine that it runs on."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    """The clock that the client's time limits go by."""
    return Clock()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that does what the test tells it."""
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def make_client(clock: Clock) -> Iterator[MakeClient]:
    """Make clients that are closed after the test."""
    made: list[NectarClient] = []

    def make(
        base_url: str,
        *,
        key: str | Callable[[], str] = KEY,
        ca_file: str = "",
        proxy: str = "",
        max_requests: int = 4,
    ) -> NectarClient:
        client = NectarClient(
            Connection(base_url, ca_file, proxy, max_requests),
            key if callable(key) else lambda: key,
            monotonic=clock,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(server: ScriptedServer, make_client: MakeClient) -> NectarClient:
    """A client of the scripted server."""
    return make_client(server.address)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that no system trusts."""
    return trustme.CA(organization_name="Acme Inspection", organization_unit_name="Gateway")


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """The authority's certificate, as a file for the settings."""
    path = tmp_path / "acme.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def tls_for_nectar(authority: trustme.CA) -> ssl.SSLContext:
    """What a server needs to pass for nectar.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("nectar.test").configure_cert(context)
    return context
