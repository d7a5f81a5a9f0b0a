"""The network of a journey: requests reach the emulator at once, in the journey's own time."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice

import httpx

from agent.emulator.behaviour import Fault
from agent.emulator.nectar import Emulator
from agent.emulator.requests import Cut, EmulatorAnswer, EmulatorRequest

PATIENCE_SECONDS = 30.0
"""An answer that takes longer is given up, as the real client gives it up."""


class VirtualNetwork(httpx.BaseTransport):
    """Carries requests to ``emulator``; breaks the line where a fault says so.

    ``is_cut`` is whether nothing at all gets through.
    """

    def __init__(self, emulator: Emulator, now: Callable[[], float]) -> None:
        self.emulator = emulator
        self.is_cut = False
        self.is_distrusted = False
        """Somebody else's certificate is shown in Nectar's place."""
        self.tried: list[tuple[float, str, str]] = []
        """Time, method and path of every request, those that did not get through too."""
        self._now = now

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the real transport would: raise httpx's errors where the line breaks."""
        self.tried.append((self._now(), request.method, request.url.path))
        if self.is_cut:
            raise httpx.ConnectError("nobody there")
        if self.is_distrusted:
            raise httpx.ConnectError("no TLS") from ssl.SSLCertVerificationError("unknown issuer")
        target = request.url.raw_path.decode()
        head = EmulatorRequest.of(request.method, target, dict(request.headers))
        seen, fault = self.emulator.meet(head, self._now())
        status = None
        try:
            answer = self._answer(request, head, fault)
            status = None if answer.cut else answer.status
        finally:
            self.emulator.log.end(seen, status)
        headers = [*answer.headers, ("Date", format_datetime(self._date(), usegmt=True))]
        return httpx.Response(answer.status, headers=headers, stream=_Body(answer))

    def _date(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def _answer(
        self, request: httpx.Request, head: EmulatorRequest, fault: Fault | None
    ) -> EmulatorAnswer:
        assert isinstance(request.stream, httpx.SyncByteStream)
        chunks = iter(request.stream)
        cut = fault.cut if fault else None
        if cut is Cut.BEFORE_BODY:
            raise httpx.ReadError("cut before the body")
        if cut is Cut.IN_BODY:
            list(islice(chunks, 2))
            raise httpx.WriteError("cut in the body")
        body = b"".join(chunks)
        whole = EmulatorRequest(head.method, head.path, head.query, head.headers, body)
        answer = self.emulator.answer_met(whole, fault, self._now())
        if answer.delay_seconds > PATIENCE_SECONDS:
            raise httpx.ReadTimeout("no answer in time")
        if answer.cut is Cut.AFTER_BODY:
            raise httpx.RemoteProtocolError("cut after the body")
        return answer


class _Body(httpx.SyncByteStream):
    """The answer's body, which may break off in its middle."""

    def __init__(self, answer: EmulatorAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        body = self._answer.body
        if self._answer.cut is Cut.IN_ANSWER:
            yield body[: len(body) // 2]
            raise httpx.RemoteProtocolError("cut in the answer")
        yield body
