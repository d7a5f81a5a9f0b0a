"""Carrying requests from aiohttp to the emulator and answers back, whole or broken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from agent.emulator.behaviour import Fault
from agent.emulator.control import answer_control, is_control
from agent.emulator.nectar import Emulator
from agent.emulator.readers import BackgroundReader
from agent.emulator.requests import Cut, EmulatorAnswer, EmulatorRequest, RefusedError

HOST = "127.0.0.1"
_OWN_NAMES = (HOST, "localhost")
_BODY_LIMIT = 26_000_000
"""The largest file that the contract allows, and room for the form around it."""


class Gate:
    """One emulator behind one listening socket. ``clock`` gives epoch seconds."""

    def __init__(
        self, emulator: Emulator, reader: BackgroundReader, clock: Callable[[], float]
    ) -> None:
        self._emulator = emulator
        self._reader = reader
        self._clock = clock

    async def handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request of any kind."""
        head = EmulatorRequest.of(incoming.method, incoming.raw_path, incoming.headers)
        if incoming.url.host not in _OWN_NAMES:
            # A page in a browser that was led here under a name of its own.
            return await _send(incoming, RefusedError(403, "Only for this machine.").as_answer())
        if is_control(head):
            return await self._control(incoming, head)
        seen, fault = self._emulator.meet(head, self._clock())
        status = None
        try:
            answer = await self._answer(incoming, head, fault)
            if answer is None or answer.cut is Cut.AFTER_BODY:
                return _broken(incoming)
            response = await _send(incoming, answer)
            status = None if answer.cut else answer.status
            return response
        finally:
            self._emulator.log.end(seen, status)

    async def _control(
        self, incoming: web.BaseRequest, head: EmulatorRequest
    ) -> web.StreamResponse:
        request = _with_body(head, await _body(incoming, _BODY_LIMIT) or b"")
        origin = f"http://{incoming.host}"
        return await _send(incoming, answer_control(self._emulator, request, origin, self._clock()))

    async def _answer(
        self, incoming: web.BaseRequest, head: EmulatorRequest, fault: Fault | None
    ) -> EmulatorAnswer | None:
        """Return the answer, or None where the line breaks before the body is there."""
        if fault is not None and fault.cut is Cut.BEFORE_BODY:
            return None
        if fault is not None and fault.cut is Cut.IN_BODY:
            await _body(incoming, int((incoming.content_length or 0) * fault.cut_share))
            return None
        body = await _body(incoming, _BODY_LIMIT)
        if body is None:
            answer = RefusedError(413, "The body is larger than 26 MB.").as_answer()
        else:
            request = _with_body(head, body)
            await self._examined(request)
            answer = self._emulator.answer_met(request, fault, self._clock())
        if answer.delay_seconds:
            await asyncio.sleep(answer.delay_seconds)
        return answer

    async def _examined(self, request: EmulatorRequest) -> None:
        document = self._emulator.document_in(request)
        if document is None:
            return
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._reader.prepare(document, lambda: _tell(loop, done))
        await done


def _tell(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[None]") -> None:
    """Resolve a future from another thread; a loop that was closed meanwhile needs no word."""
    try:
        loop.call_soon_threadsafe(_resolve, done)
    except RuntimeError:
        return


def _resolve(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


@asynccontextmanager
async def listening(gate: Gate, port: int) -> AsyncIterator[int]:
    """Listen on loopback while the context lasts; gives the port, which may be asked as 0."""
    server = web.Server(gate.handle, access_log=None)
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _body(incoming: web.BaseRequest, limit: int) -> bytes | None:
    """Return the body, or None as soon as more than ``limit`` bytes have come."""
    if incoming.headers.get("Expect", "").lower() == "100-continue" and incoming.transport:
        incoming.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunks: list[bytes] = []
    size = 0
    async for chunk in incoming.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return None
    return b"".join(chunks)


def _with_body(head: EmulatorRequest, body: bytes) -> EmulatorRequest:
    return EmulatorRequest(head.method, head.path, head.query, head.headers, body)


def _broken(incoming: web.BaseRequest) -> web.StreamResponse:
    """Break the line at once; the response is only there because one has to be returned."""
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response(status=500)


async def _send(incoming: web.BaseRequest, answer: EmulatorAnswer) -> web.StreamResponse:
    if answer.cut is None and not answer.drip_seconds:
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(incoming)
    place = int(len(answer.body) * answer.cut_share)
    await response.write(answer.body[:place])
    if answer.cut is Cut.IN_ANSWER:
        if incoming.transport is not None:
            incoming.transport.close()  # sends what was written, then breaks off
        return response
    await asyncio.sleep(answer.drip_seconds)
    await response.write(answer.body[place:])
    return response
