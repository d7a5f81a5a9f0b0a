"""A network on which Nectar's answers are spoiled at random, by a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from hostile_json import HostileJson
from journey_world import World
from virtual_nectar import VirtualNetwork

from agent.emulator.nectar import Emulator
from agent.files.examiner import Examiner

_STATUSES = (
    *(201, 202, 204, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404),
    *(405, 406, 408, 409, 410, 412, 414, 418, 422, 425, 426, 429, 431, 451, 499, 500, 501, 502),
    *(503, 504, 505, 507, 511, 520, 599, 600, 999),
)
_BROKEN: tuple[Callable[[str], Exception], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    httpx.PoolTimeout,
)


def rubbish(source: random.Random, good: bytes) -> bytes:
    """Return a body that cannot be taken for an answer, whatever was asked."""
    cut = good[: source.randrange(len(good))] if good else b""
    return source.choice(
        [
            b"",
            b" ",
            b"null",
            b"7",
            b'"ok"',
            b"NaN",
            b"\0" * 40,
            cut,
            good + b"}",
            good.decode().encode("utf-16"),
            b"\xff" + good,
            b"[" * 5000,
            b"<html><body>502 Bad Gateway</body></html>",
            b'{"detail": "Internal error"}',
        ]
    )


class HostileNetwork(VirtualNetwork):
    """Spoils answers with the probability ``odds``, only to paths with ``where`` in them.

    ``is_plain_rubbish``: so that nobody could take them for answers.
    """

    def __init__(self, emulator: Emulator, now: Callable[[], float], seed: int) -> None:
        super().__init__(emulator, now)
        self.random = random.Random(seed)  # noqa: S311  # repeatable on purpose
        self._json = HostileJson(self.random)
        self.odds = 0.0
        self.where = ""
        self.is_plain_rubbish = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as Nectar does, or spoil what it says."""
        if self.where not in request.url.path or self.random.random() >= self.odds:
            return super().handle_request(request)
        kind = 1.0 if self.is_plain_rubbish else self.random.random()
        status = self.random.choice(_STATUSES) if kind < 0.15 else None
        if request.method == "POST" and status is not None and _is_refusal(status):
            # Nobody takes a bill and says that it was not taken.
            return self._spoilt(status, self._json.body({"detail": "No.", "errors": {}}))
        response = super().handle_request(request)
        good = response.read()
        if kind > 0.9 and not self.is_plain_rubbish:
            raise self.random.choice(_BROKEN)("broken on purpose")
        body = self._json.body(json.loads(good)) if good and kind < 0.8 else b""
        return self._spoilt(status or response.status_code, body or rubbish(self.random, good))

    def _spoilt(self, status: int, body: bytes) -> httpx.Response:
        headers = {"Content-Type": self.random.choice(["application/json", "text/html", ""])}
        if status in (301, 302, 307, 429, 503):
            headers |= {"Location": "https://evil.example/", "Retry-After": "7"}
        return httpx.Response(status, headers=headers, stream=_Body(body))


def _is_refusal(status: int) -> bool:
    """Whether an upload that is answered so was surely not taken."""
    return (300 <= status < 500 and status != 408) or status == 503


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


class HostileWorld(World):
    """A world on a hostile network, which is kind until told otherwise."""

    network: HostileNetwork

    def __init__(self, place: Path, examiner: Examiner, *, seed: int, **settings: Any) -> None:
        self._seed = seed
        super().__init__(place, examiner, **settings)

    def _make_network(self) -> HostileNetwork:
        return HostileNetwork(self.emulator, lambda: self.now.utc, self._seed)
