"""Connections: kept, dropped, led through proxies, and never led elsewhere."""

from __future__ import annotations

import inspect
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import httpcore
import httpx
import pytest
from client_under_test import BIG_BILL, BILL, KEY, PENDING, MakeClient
from scripted_server import Conversation, ScriptedServer, reply

from agent.bills.errors import NoConnection, Transient
from agent.nectar.client import NectarClient
from agent.nectar.transport import HTTPX_ERRORS, as_httpx


def test_every_error_of_the_engine_has_its_name_in_httpx() -> None:
    """Nothing of httpcore gets out: the table holds each of its exceptions."""
    engine = {
        kind
        for _, kind in inspect.getmembers(httpcore, inspect.isclass)
        if issubclass(kind, Exception)
    }
    # It is caught by the pool itself, which then takes another connection.
    assert engine - {httpcore.ConnectionNotAvailable} == set(HTTPX_ERRORS)
    for kind, same in HTTPX_ERRORS.items():
        assert kind.__name__ == same.__name__
        assert type(as_httpx(kind("words"))) is same


def test_one_connection_serves_many_requests(client: NectarClient, server: ScriptedServer) -> None:
    """Also after an error, and after an upload."""
    server.play(
        *[reply(200, PENDING), reply(404), reply(503, {"detail": "x"}), reply(201, PENDING)]
    )
    client.job("j")
    for _ in range(2):
        with pytest.raises(Exception, match="answered"):
            client.job("j")
    client.upload(BILL)
    client.job("j")
    assert len(server.requests) == 5
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_not_used_again(
    client: NectarClient, server: ScriptedServer
) -> None:
    """An upload on it would break, and be in doubt for nothing."""
    closed = threading.Event()

    def answer_and_close(conversation: Conversation) -> None:
        reply(200, PENDING)(conversation)
        conversation.close()
        closed.set()

    server.play(answer_and_close, reply(201, PENDING))
    client.job("j")
    assert closed.wait(10)
    assert client.upload(BILL).id == "job-1"
    assert server.connections == 2


def test_dropped_connections_are_not_used_again(
    client: NectarClient, server: ScriptedServer
) -> None:
    """After a sleep nothing is sent on a line that may be dead."""
    server.play(reply(200, PENDING))
    client.job("j")
    client.job("j")
    client.drop_connections()
    client.job("j")
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_dropping_connections_cuts_nothing_under_way(
    client: NectarClient, server: ScriptedServer
) -> None:
    """An upload that is being answered is not put in doubt."""
    arrived, go_on = threading.Event(), threading.Event()

    def slow(conversation: Conversation) -> None:
        conversation.read_body()
        arrived.set()
        assert go_on.wait(10)
        reply(201, PENDING)(conversation)

    server.play(slow, reply(200, PENDING))
    jobs: list[str] = []
    thread = threading.Thread(target=lambda: jobs.append(client.upload(BILL).id))
    thread.start()
    assert arrived.wait(10)
    client.drop_connections()
    assert client.job("j").id == "job-1"
    go_on.set()
    thread.join(10)
    assert jobs == ["job-1"]
    client.job("j")
    assert [request.connection for request in server.requests] == [1, 2, 2]


def test_an_answer_closed_twice_is_left_once(client: NectarClient, server: ScriptedServer) -> None:
    """Or a pool would be closed under somebody who still uses it."""
    transport = client._transport
    response = transport.handle_request(httpx.Request("GET", server.address))
    way = transport._way
    assert way is not None
    assert way.users == 1
    assert isinstance(response.stream, httpx.SyncByteStream)
    response.stream.close()
    response.stream.close()
    assert way.users == 0


def test_a_closed_client_sends_nothing(client: NectarClient, server: ScriptedServer) -> None:
    """Whoever still asks hears NoConnection; closing twice is closing once."""
    server.play(reply(200, PENDING))
    client.job("j")
    client.close()
    client.close()
    for call in (client.ping, lambda: client.upload(BILL)):
        with pytest.raises(NoConnection) as caught:
            call()
        assert "stopp" in caught.value.message
    assert len(server.requests) == 1


def test_a_closing_client_stops_in_the_body(client: NectarClient, server: ScriptedServer) -> None:
    """The rest of the body is kept back: surely not sent, and known at once."""

    def script(conversation: Conversation) -> None:
        conversation.read_body(1_000_000)
        client.close()
        conversation.read_body()

    server.play(script)
    with pytest.raises(NoConnection) as caught:
        client.upload(BIG_BILL)
    assert "stopped" in caught.value.message


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_stays_here(
    client: NectarClient, server: ScriptedServer, status: int
) -> None:
    """Neither on GET nor on an upload; the host is named, the query is not."""
    with ScriptedServer() as elsewhere:
        location = f"http://localhost:{elsewhere.port}/v2.2/company?token=secret"
        server.play(reply(status, headers={"Location": location}))
        for call in (client.ping, client.companies, lambda: client.upload(BILL)):
            with pytest.raises(Transient) as caught:
                call()
            assert caught.value.code == "redirected"
            assert "localhost" in caught.value.message
            assert "secret" not in str(caught.value)
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "location", ["", "/v2.2/company/", "https://[::1/", "http://\x7f", "\xff", KEY]
)
def test_a_redirect_to_nowhere_is_a_redirect(
    client: NectarClient, server: ScriptedServer, location: str
) -> None:
    """A target that cannot be read changes nothing, and puts no upload in doubt."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
        conversation.send(head + location.encode("latin-1") + b"\r\n\r\n")

    server.play(script)
    calls: list[Callable[[], object]] = [lambda: client.job("j"), lambda: client.upload(BILL)]
    for call in calls:
        with pytest.raises(Transient) as caught:
            call()
        assert caught.value.code in {"redirected", "no-connection"}
        assert KEY not in str(caught.value)


class ProxyServer:
    """A small HTTP proxy on loopback: leads every CONNECT to ``port``, or answers ``refusal``."""

    def __init__(self, port: int, refusal: bytes = b"") -> None:
        self.heads: list[str] = []
        self._target = port
        self._refusal = refusal
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Close every socket and wait for the threads."""
        for line in (self._listener, *self._lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                line.close()
        for thread in self._threads:
            thread.join(20)

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.settimeout(20)
            self._lines.append(line)
            self._start(self._serve, line)

    def _start(self, target: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type] # a method
        self._threads.append(thread)
        thread.start()

    def _serve(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = line.recv(65536)
            if not part:
                return
            head += part
        self.heads.append(head.decode())
        if self._refusal:
            line.sendall(self._refusal)
            line.close()
            return
        there = socket.create_connection(("127.0.0.1", self._target), timeout=20)
        self._lines.append(there)
        line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        self._start(self._carry, there, line)
        self._carry(line, there)

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        try:
            while part := source.recv(65536):
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


@pytest.fixture
def nectar(tls_for_nectar: ssl.SSLContext) -> Iterator[ScriptedServer]:
    """A server that shows the certificate of nectar.test, to be reached through a proxy only."""
    with ScriptedServer(tls_for_nectar) as scripted:
        scripted.play(reply(200, PENDING))
        yield scripted


@pytest.fixture
def proxy(nectar: ScriptedServer) -> Iterator[ProxyServer]:
    """A proxy that leads to ``nectar``."""
    running = ProxyServer(nectar.port)
    yield running
    running.stop()


def test_requests_go_through_the_proxy_of_the_settings(
    make_client: MakeClient, nectar: ScriptedServer, proxy: ProxyServer, ca_file: str
) -> None:
    """By a tunnel: the proxy sees the host, and neither the key nor the path."""
    client = make_client(
        "https://nectar.test/v2.2", ca_file=ca_file, proxy=f"http://ann:pw@127.0.0.1:{proxy.port}"
    )
    assert client.job("j").id == "job-1"
    assert client.upload(BILL).id == "job-1"
    assert nectar.requests[0].target == "/v2.2/job/j"
    assert len(proxy.heads) == 1
    assert proxy.heads[0].startswith("CONNECT nectar.test:443 ")
    assert "Basic YW5uOnB3" in proxy.heads[0]
    assert KEY not in proxy.heads[0]


def test_requests_go_through_the_proxy_of_the_environment(
    make_client: MakeClient,
    proxy: ProxyServer,
    ca_file: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HTTPS_PROXY, where the settings name none."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    client = make_client("https://nectar.test/v2.2", ca_file=ca_file)
    assert client.job("j").id == "job-1"
    assert len(proxy.heads) == 1


def test_the_proxy_is_looked_for_anew_after_a_change_of_network(
    make_client: MakeClient,
    nectar: ScriptedServer,
    proxy: ProxyServer,
    ca_file: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the office to the next one, without a restart."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    client = make_client("https://nectar.test/v2.2", ca_file=ca_file)
    client.job("j")
    second = ProxyServer(nectar.port)
    try:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{second.port}")
        client.job("j")
        assert (len(proxy.heads), len(second.heads)) == (1, 0)
        client.drop_connections()
        client.job("j")
        assert (len(proxy.heads), len(second.heads)) == (1, 1)
    finally:
        second.stop()


def test_this_machine_is_never_reached_through_a_proxy(
    make_client: MakeClient, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment and the settings say."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.play(reply(200, PENDING))
    for host in ("127.0.0.1", "localhost"):
        client = make_client(f"http://{host}:{server.port}/v2.2", proxy="http://127.0.0.1:9")
        assert client.job("j").id == "job-1"


@pytest.mark.parametrize(
    "status", [b"407 Proxy Authentication Required", b"403 Forbidden", b"502 No"]
)
def test_a_proxy_that_refuses_is_named(
    make_client: MakeClient, server: ScriptedServer, status: bytes
) -> None:
    """It is no answer of Nectar: surely not sent, and the sentence says where to look."""
    refusing = ProxyServer(server.port, b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    try:
        client = make_client(
            "https://nectar.test/v2.2", proxy=f"http://ann:secret@127.0.0.1:{refusing.port}"
        )
        for call in (client.ping, lambda: client.upload(BILL)):
            with pytest.raises(NoConnection) as caught:
                call()
            assert f"127.0.0.1:{refusing.port}" in caught.value.message
            assert status.decode() in caught.value.message
            assert "secret" not in str(caught.value)
    finally:
        refusing.stop()


def test_a_proxy_that_is_not_there_is_named(make_client: MakeClient) -> None:
    """Not Nectar but the proxy cannot be reached."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = make_client("https://nectar.test/v2.2", proxy=f"127.0.0.1:{port}")
    with pytest.raises(NoConnection) as caught:
        client.ping()
    assert f"through the proxy 127.0.0.1:{port}" in caught.value.message


def test_a_socks_proxy_of_the_environment_is_no_crash(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A named error on each request, so that the agent runs and says what to do."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    client = make_client("https://nectar.test/v2.2")
    for call in (client.ping, lambda: client.upload(BILL)):
        with pytest.raises(NoConnection) as caught:
            call()
        assert "ALL_PROXY" in caught.value.advice


def test_httpx_is_given_no_way_to_follow() -> None:
    """The header that httpx builds the next request from is gone when it looks for it."""
    response = httpx.Response(302, headers={"Location": "https://elsewhere.example"})
    from agent.nectar.client import _hide_redirect  # noqa: PLC0415 - the only test of its inside

    _hide_redirect(response)
    assert not response.has_redirect_location
