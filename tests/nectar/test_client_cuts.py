"""Lines that break: at any byte of the request, and at any byte of the answer."""

from __future__ import annotations

import socket
import sys

import pytest
from client_under_test import BIG_BILL, BILL, MakeClient
from scripted_server import Conversation, Script, ScriptedServer, reply

from agent.bills.answers import Job
from agent.bills.errors import InDoubt, NeedsAttention, NoConnection, Rejected, Transient
from agent.nectar.client import NectarClient

ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\r\n"
    b'{"id": "job-1", "status": "BEGUN"}'
)


def cut_after(received: int, *, is_reset: bool) -> Script:
    """Return a script that reads ``received`` bytes of the body and breaks the line."""

    def script(conversation: Conversation) -> None:
        conversation.read_body(received)
        if is_reset:
            conversation.cut()
        else:
            conversation.close()

    return script


def cut_in_answer(sent: int, *, is_reset: bool = False) -> Script:
    """Return a script that reads the whole request, and breaks the line in its answer."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(ANSWER[:sent])
        if is_reset:
            conversation.cut()
        else:
            conversation.close()

    return script


@pytest.mark.parametrize("is_reset", [True, False])
@pytest.mark.parametrize("received", [0, 1, 200, 100_000, 10_000_000])
def test_a_line_cut_in_the_body_was_surely_not_sent(
    client: NectarClient, server: ScriptedServer, received: int, *, is_reset: bool
) -> None:
    """The end of the body never left: NoConnection, so that it can be sent again."""
    server.play(cut_after(received, is_reset=is_reset))
    with pytest.raises(NoConnection) as caught:
        client.upload(BIG_BILL)
    assert caught.value.code == "no-connection"


@pytest.mark.parametrize("sent", range(len(ANSWER)))
def test_a_line_cut_in_the_answer_to_an_upload_is_in_doubt(
    client: NectarClient, server: ScriptedServer, sent: int
) -> None:
    """At every byte: the whole body left, and no whole answer came."""
    server.play(cut_in_answer(sent))
    with pytest.raises(InDoubt) as caught:
        client.upload(BILL)
    assert caught.value.code == "upload-in-doubt"
    assert "127.0.0.1" in caught.value.message


def test_a_line_reset_after_the_body_is_in_doubt(
    client: NectarClient, server: ScriptedServer
) -> None:
    """A reset is no proof that nothing was taken."""
    server.play(cut_in_answer(0, is_reset=True))
    with pytest.raises(InDoubt):
        client.upload(BILL)


@pytest.mark.parametrize("sent", [0, 1, 9, 30, len(ANSWER) - 34, len(ANSWER) - 1])
def test_a_line_cut_in_the_answer_to_a_get_is_no_connection(
    client: NectarClient, server: ScriptedServer, sent: int
) -> None:
    """It is asked again."""
    server.play(cut_in_answer(sent))
    with pytest.raises(NoConnection):
        client.job("job-1")


def test_a_whole_answer_is_an_answer_whatever_becomes_of_the_line(
    client: NectarClient, server: ScriptedServer
) -> None:
    """Cut right behind its last byte."""
    server.play(cut_in_answer(len(ANSWER)))
    assert client.upload(BILL).id == "job-1"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x00\x01\x02\x03" * 50,
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_a_broken_line(
    client: NectarClient, server: ScriptedServer, answer: bytes
) -> None:
    """Whatever speaks there: a GET is asked again, an upload is in doubt."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(answer)
        conversation.close()

    server.play(script)
    with pytest.raises(NoConnection):
        client.job("job-1")
    with pytest.raises(InDoubt):
        client.upload(BILL)


def early(answer: bytes, received: int = 1_000) -> Script:
    """Return a script that answers before it has read the whole body, and hangs up."""

    def script(conversation: Conversation) -> None:
        conversation.read_body(received)
        conversation.send(answer)
        # In good order: what was sent is read before the reset that the unread body brings.
        conversation.line.shutdown(socket.SHUT_WR)
        while conversation.line.recv(1 << 20):
            pass
        conversation.close()

    return script


def test_an_early_refusal_is_heard(client: NectarClient, server: ScriptedServer) -> None:
    """413 before the body is over rejects the file; the client sends on, and reads it then."""
    server.play(early(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    with pytest.raises(Rejected):
        client.upload(BIG_BILL)


def refuse_and_reset(conversation: Conversation) -> None:
    """Answer 500 and shut the door into the face of the body."""
    conversation.read_body(1_000)
    conversation.send(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    conversation.close()


def test_a_fault_before_the_body_is_over_is_surely_not_sent(
    client: NectarClient, server: ScriptedServer
) -> None:
    """500 in the middle of the body: whether the answer is still heard or not, it is Transient."""
    server.play(refuse_and_reset)
    with pytest.raises(Transient):
        client.upload(BIG_BILL)


def test_a_broken_success_before_the_body_is_over_is_in_doubt(
    client: NectarClient, server: ScriptedServer
) -> None:
    """Whoever says 201 may have taken it, however little of it there was."""

    def script(conversation: Conversation) -> None:
        conversation.read_body(1_000)
        conversation.send(ANSWER[:-1])
        conversation.close()

    server.play(script)
    # Elsewhere the reset may swallow the answer, and then nothing was ever said.
    families = (InDoubt,) if sys.platform == "linux" else (InDoubt, NoConnection)
    with pytest.raises(families):
        client.upload(BIG_BILL)


def test_an_error_whose_body_breaks_is_known_by_its_status(
    client: NectarClient, server: ScriptedServer
) -> None:
    """401 and half a body is a refused key, not a broken line."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(b'HTTP/1.1 401 No\r\nContent-Length: 999\r\n\r\n{"detail"')
        conversation.close()

    server.play(script)
    for call in (client.ping, lambda: client.upload(BILL)):
        with pytest.raises(NeedsAttention) as caught:
            call()
        assert caught.value.code == "key-refused"


def test_an_endless_error_is_not_read_to_its_end(
    client: NectarClient, server: ScriptedServer
) -> None:
    """The status is enough."""

    def script(conversation: Conversation) -> None:
        conversation.send(b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            conversation.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    server.play(script)
    with pytest.raises(Transient) as caught:
        client.job("job-1")
    assert caught.value.code == "nectar-unavailable"


def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    client: NectarClient, server: ScriptedServer
) -> None:
    """A gigabyte of JSON is refused at the bound, with words."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n[")
        while True:
            conversation.send(b"0," * 500_000)

    server.play(script)
    with pytest.raises(Transient) as caught:
        client.companies()
    assert caught.value.code == "unreadable-answer"
    assert "longer" in caught.value.message
    with pytest.raises(InDoubt):
        client.upload(BILL)


def test_nobody_listening_is_no_connection(make_client: MakeClient) -> None:
    """Also for an upload: surely not sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = make_client(f"http://127.0.0.1:{port}/v2.2")
    for call in (client.ping, lambda: client.job("j"), lambda: client.upload(BILL)):
        with pytest.raises(NoConnection) as caught:
            call()
        assert f"127.0.0.1:{port}" in caught.value.message
        assert "refused" in caught.value.message


def test_the_client_goes_on_after_a_broken_line(
    client: NectarClient, server: ScriptedServer
) -> None:
    """The next request starts on a line of its own."""
    server.play(cut_in_answer(10), reply(200, {"id": "job-1", "status": "COMPLETED"}))
    with pytest.raises(NoConnection):
        client.job("job-1")
    job = client.job("job-1")
    assert isinstance(job, Job)
    assert server.connections == 2
