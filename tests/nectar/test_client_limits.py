"""Time limits and bounds: no request takes longer than it may, whatever the other side does."""

from __future__ import annotations

import threading
import time

import pytest
from client_under_test import BIG_BILL, BILL, PENDING, Clock, MakeClient
from scripted_server import Conversation, Script, ScriptedServer, reply

from agent.bills.errors import InDoubt, NoConnection
from agent.nectar.client import REQUEST_SECONDS, SLOWEST_BYTES_PER_SECOND, NectarClient


def dripping(clock: Clock, head: bytes, seconds: float) -> Script:
    """Return a script that gives ``head`` and then one byte every ``seconds``, for ever."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(head)
        while True:
            clock.advance(seconds)
            conversation.send(b"x")
            time.sleep(0.01)  # so that each byte is a read of its own

    return script


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_an_answer_that_drips_is_given_up(
    client: NectarClient, server: ScriptedServer, clock: Clock, head: bytes
) -> None:
    """Each read is quick, and still the request ends: in its headers, and in its body."""
    server.play(dripping(clock, head, seconds=20.0))
    before = clock()
    with pytest.raises(NoConnection) as caught:
        client.job("job-1")
    assert "in time" in caught.value.message
    assert clock() - before >= REQUEST_SECONDS


def test_an_answer_that_stops_is_waited_for_no_longer_than_the_request_may_take(
    client: NectarClient, server: ScriptedServer, clock: Clock
) -> None:
    """A read that begins late may not take its full time."""
    go_on = threading.Event()

    def script(conversation: Conversation) -> None:
        clock.advance(REQUEST_SECONDS - 0.1)
        conversation.send(b"HTTP/1.1 200 OK\r\n")
        go_on.wait(20)

    server.play(script)
    began = time.monotonic()
    with pytest.raises(NoConnection):
        client.job("job-1")
    assert time.monotonic() - began < 10
    go_on.set()


def test_an_upload_whose_answer_drips_is_in_doubt(
    client: NectarClient, server: ScriptedServer, clock: Clock
) -> None:
    """The whole body left."""
    server.play(dripping(clock, b"HTTP/1.1 201 OK\r\nX-Slow: ", seconds=40.0))
    with pytest.raises(InDoubt):
        client.upload(BILL)


def test_an_upload_that_is_taken_too_slowly_is_given_up(
    client: NectarClient, server: ScriptedServer, clock: Clock
) -> None:
    """Within its body: surely not sent. It may take longer than a question, by its size."""
    allowed = REQUEST_SECONDS + len(BIG_BILL.content) / SLOWEST_BYTES_PER_SECOND
    assert allowed > 400

    before = clock()

    def script(conversation: Conversation) -> None:
        for taken in range(1_000_000, 20_000_000, 1_000_000):
            conversation.read_body(taken)
            if clock() - before <= allowed:
                # Fast enough that the rest of the body is more than the system's buffers hold,
                # and no further: what lies in them is read before the client writes again.
                clock.advance(100.0)
        conversation.read_body()

    server.play(script)
    with pytest.raises(NoConnection):
        client.upload(BIG_BILL)
    assert allowed < clock() - before <= allowed + 100


def test_a_slow_upload_within_its_time_arrives(
    client: NectarClient, server: ScriptedServer, clock: Clock
) -> None:
    """Longer than any question may take, and still good."""

    def script(conversation: Conversation) -> None:
        for taken in range(1_000_000, 20_000_000, 1_000_000):
            conversation.read_body(taken)
            clock.advance(10.0)
        reply(201, PENDING)(conversation)

    server.play(script)
    assert client.upload(BIG_BILL).id == "job-1"


def test_each_request_has_its_own_time(
    client: NectarClient, server: ScriptedServer, clock: Clock
) -> None:
    """What an earlier request used up, and what passed in between, does not count."""
    server.play(reply(200, PENDING))
    for _ in range(3):
        client.job("job-1")
        clock.advance(10 * REQUEST_SECONDS)


def test_no_more_requests_at_once_than_allowed(
    make_client: MakeClient, server: ScriptedServer
) -> None:
    """``max_requests`` is a bound on connections; the others wait their turn, and all arrive."""
    client = make_client(server.address, max_requests=3)
    lock = threading.Lock()
    at_once = 0
    most = 0

    def script(conversation: Conversation) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        reply(200, {"id": conversation.request.target.rpartition("/")[2]})(conversation)

    server.play(script)
    answered: list[tuple[str, str]] = []

    def ask(name: str) -> None:
        for number in range(5):
            asked = f"{name}-{number}"
            answered.append((asked, client.job(asked).id))

    threads = [threading.Thread(target=ask, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered) == 40
    assert all(asked == got for asked, got in answered)
    assert most <= 3
    assert server.connections <= 3
