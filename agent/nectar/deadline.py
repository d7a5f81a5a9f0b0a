"""A total time limit for each request, whatever the other side does.

httpx limits each read and each write. A server that gives one byte every 20 seconds keeps within
that for hours; so the sockets below it are asked for no more than what is left of the request's
own time.
"""

from __future__ import annotations

import math
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

import httpcore


class Deadline(threading.local):
    """When the request of this thread must be over, on the clock ``monotonic`` (seconds)."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = math.inf

    def start(self, seconds: float) -> None:
        """Allow the calling thread's next request ``seconds`` from now on."""
        self._at = self._monotonic() + seconds

    def clip(self, seconds: float | None, late: type[Exception]) -> float | None:
        """Return how long one operation may take: ``seconds``, or less if less is left.

        Raises ``late`` where nothing is left.
        """
        left = self._at - self._monotonic()
        if left <= 0:
            raise late("the request's time is up")
        if seconds is None:
            return None if left == math.inf else left
        return min(seconds, left)


class BoundedBackend(httpcore.NetworkBackend):
    """Opens connections whose every operation keeps within the deadline.

    Looking a name up takes as long as the system's resolver allows itself.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to ``host``; raises httpcore's errors."""
        limit = self._deadline.clip(timeout, httpcore.ConnectTimeout)
        stream = self._sockets.connect_tcp(host, port, limit, local_address, socket_options)
        return BoundedStream(stream, self._deadline)


class BoundedStream(httpcore.NetworkStream):
    """A connection whose every operation keeps within the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, at least one byte, b"" at the end."""
        return self._stream.read(max_bytes, self._deadline.clip(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of ``buffer``."""
        self._stream.write(buffer, self._deadline.clip(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS on top."""
        limit = self._deadline.clip(timeout, httpcore.ConnectTimeout)
        return BoundedStream(
            self._stream.start_tls(ssl_context, server_hostname, limit), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        """Return what the socket below knows about ``info``."""
        return self._stream.get_extra_info(info)
