"""A real HTTP server on loopback that does exactly what a test tells it, byte by byte.

It knows sockets only, so that a connection can be cut anywhere: before the body of a request, in
it, after it, and in the middle of the answer.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

PATIENCE_SECONDS = 20.0


@dataclass
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    connection: int = 0


@dataclass
class Conversation:
    """One request under way: what a script reads from and writes to."""

    line: socket.socket
    request: Received
    ahead: bytes
    is_open: bool = field(default=True)

    def read_body(self, most: int | None = None) -> bytes:
        """Read the request's body, or its first ``most`` bytes."""
        length = int(self.request.headers.get("content-length", "0"))
        wanted = length if most is None else min(most, length)
        body = bytearray(self.request.body)
        while len(body) < wanted:
            part = self.ahead or self.line.recv(min(1 << 20, wanted - len(body)))
            if not part:
                break
            used = part[: wanted - len(body)]
            body += used
            self.ahead = part[len(used) :] if self.ahead else b""
        self.request.body = bytes(body)
        return self.request.body

    def send(self, data: bytes) -> None:
        """Send ``data`` as it is."""
        self.line.sendall(data)

    def close(self) -> None:
        """End the connection in good order."""
        self.is_open = False
        self.line.close()

    def cut(self) -> None:
        """End the connection with a reset, as a pulled plug on the way does."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


Script = Callable[[Conversation], None]


def reply(
    status: int = 200,
    payload: Any = None,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Script:
    """Return a script that reads the whole request and answers with JSON, or with ``body``."""
    content = json.dumps(payload).encode() if body is None else body
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content))}
    fields.update(headers or {})
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())

    def answer(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(head.encode() + b"\r\n" + content)

    return answer


class ScriptedServer:
    """Plays ``scripts`` in order, one for each request; the last one stays.

    ``requests`` holds what came, ``connections`` counts how often somebody connected.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self._scripts: list[Script] = [reply(200, {})]
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        """What a client takes for its base_url."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{'127.0.0.1' if self._tls is None else 'localhost'}:{self.port}/v2.2"

    def play(self, *scripts: Script) -> Self:
        """Answer the next requests with ``scripts``."""
        self._scripts = list(scripts)
        return self

    def stop(self) -> None:
        """Close every socket and wait for the threads."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.settimeout(PATIENCE_SECONDS)
            with self._lock:
                self.connections += 1
                number = self.connections
                self._lines.append(line)
            thread = threading.Thread(target=self._serve, args=(line, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket, number: int) -> None:
        raw = line
        try:
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
                with self._lock:
                    self._lines.append(line)
            self._converse(line, number)
        except OSError:
            pass  # the client went away, which is what many tests are about
        finally:
            line.close()
            raw.close()

    def _converse(self, line: socket.socket, number: int) -> None:
        ahead = b""
        while True:
            while b"\r\n\r\n" not in ahead:
                part = line.recv(65536)
                if not part:
                    return
                ahead += part
            head, ahead = ahead.split(b"\r\n\r\n", 1)
            conversation = Conversation(line, _received(head, number), ahead)
            with self._lock:
                self.requests.append(conversation.request)
                script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            script(conversation)
            if not conversation.is_open:
                return
            ahead = conversation.ahead


def _received(head: bytes, number: int) -> Received:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return Received(method, target, headers, connection=number)
