"""The sockets under the one `httpx.Client`: a pool of connections that can be dropped.

httpx's own transport would do but for three things: a deadline for the whole request, leaving
old connections behind without cutting requests under way, and a proxy chosen anew after the
network changed.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

import httpcore
import httpx

from agent.nectar.connection import Address, Proxy
from agent.nectar.deadline import BoundedBackend, Deadline

KEPT_SECONDS = 20.0
"""How long an idle connection is kept: shorter than servers and routers keep theirs (60 s and
more), so that an upload does not start on a line that is being closed at the other end."""

HTTPX_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.NetworkError: httpx.NetworkError,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.WriteError: httpx.WriteError,
    httpcore.WriteTimeout: httpx.WriteTimeout,
}
_CORE_ERRORS = tuple(HTTPX_ERRORS)


class Way:
    """One pool and the proxy it leads through. Closed once it is retired and nobody uses it.

    Never earlier: a socket closed under the thread that writes to it may be another file by then.
    """

    def __init__(self, pool: httpcore.ConnectionPool, proxy: Proxy | None) -> None:
        self.pool = pool
        self.proxy = proxy
        self.users = 0
        self.is_retired = False


class Transport(httpx.BaseTransport):
    """Carries requests to one address; may be used by several threads.

    ``choose_proxy`` is asked before the first request and again after `drop_connections`.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        choose_proxy: Callable[[], Proxy | None],
        *,
        most_connections: int,
        deadline: Deadline,
    ) -> None:
        self._context = context
        self._choose_proxy = choose_proxy
        self._most_connections = most_connections
        self._backend = BoundedBackend(deadline)
        self._lock = threading.Lock()
        self._way: Way | None = None
        self._is_closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` and return its answer, body unread. Raises httpx's errors."""
        if not isinstance(request.stream, httpx.SyncByteStream):
            raise TypeError("the request is made for an asynchronous client")
        way = self._enter()
        try:
            answer = way.pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except BaseException as error:
            self._leave(way)
            if isinstance(error, _CORE_ERRORS):
                raise as_httpx(error) from error
            raise
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Answer(answer, lambda: self._leave(way)),
            extensions=answer.extensions,
        )

    @property
    def proxy_name(self) -> str:
        """The proxy in use, as it may be shown; "" where none is."""
        way = self._way
        return way.proxy.name if way is not None and way.proxy is not None else ""

    def drop_connections(self) -> None:
        """Use no connection made so far for a request begun from now on.

        Requests under way go on, within their time limits.
        """
        self._retire()

    def close(self) -> None:
        """Carry no further request. Requests under way go on, within their time limits."""
        with self._lock:
            self._is_closed = True
        self._retire()

    def peer_certificate(self, context: ssl.SSLContext, address: Address) -> PeerCertificate | None:
        """Return the certificate that ``address`` shows, by a handshake of its own.

        It goes the way that requests go. Nothing is sent over it, and it is closed at once. None
        where the handshake fails under ``context``.
        """

        def look(event: str, information: dict[str, object]) -> None:
            stream = information.get("return_value")
            if event.endswith("start_tls.complete") and isinstance(stream, httpcore.NetworkStream):
                seen = _Seen(stream.get_extra_info("socket"))
                stream.close()
                raise seen

        pool = self._pool(context, self._way.proxy if self._way else None)
        timeouts = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}
        try:
            pool.request("GET", address.base, extensions={"trace": look, "timeout": timeouts})
        except _Seen as seen:
            return seen.certificate
        except _CORE_ERRORS:
            return None
        finally:
            pool.close()
        return None

    def _pool(self, context: ssl.SSLContext, proxy: Proxy | None) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _core_proxy(proxy, context),
            max_connections=self._most_connections,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=self._backend,
        )

    def _enter(self) -> Way:
        with self._lock:
            if self._is_closed:
                raise httpx.ConnectError("the client is closed")
            if self._way is None:
                proxy = self._choose_proxy()
                self._way = Way(self._pool(self._context, proxy), proxy)
            self._way.users += 1
            return self._way

    def _leave(self, way: Way) -> None:
        with self._lock:
            way.users -= 1
            is_over = way.is_retired and way.users == 0
        if is_over:
            way.pool.close()

    def _retire(self) -> None:
        with self._lock:
            way, self._way = self._way, None
            if way is None:
                return
            way.is_retired = True
            is_over = way.users == 0
        if is_over:
            way.pool.close()


PeerCertificate = tuple[bytes, Mapping[str, object]]
"""A certificate as it came (DER), and its fields as `ssl` gives them: {} if it was not verified."""


class _Seen(Exception):
    """The handshake is over; carries the certificate out and keeps anything from being sent."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        super().__init__()
        self.certificate: PeerCertificate = (
            connection.getpeercert(binary_form=True) or b"",
            connection.getpeercert() or {},
        )


class _Answer(httpx.SyncByteStream):
    """The body of an answer; tells when it is done with."""

    def __init__(self, answer: httpcore.Response, leave: Callable[[], None]) -> None:
        self._answer = answer
        self._leave = leave
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        parts: Iterable[bytes] = self._answer.iter_stream()
        try:
            yield from parts
        except _CORE_ERRORS as error:
            raise as_httpx(error) from error

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            try:
                self._answer.close()
            finally:
                self._leave()


def as_httpx(error: Exception) -> httpx.TransportError:
    """Return httpx's error for one of the engine below it; both name them alike."""
    return HTTPX_ERRORS[type(error)](str(error))


def _core_proxy(proxy: Proxy, context: ssl.SSLContext) -> httpcore.Proxy:
    url = httpx.URL(proxy.url)
    has_login = bool(url.username or url.password)
    return httpcore.Proxy(
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=(url.username.encode(), url.password.encode()) if has_login else None,
        ssl_context=context if url.scheme == "https" else None,
    )
