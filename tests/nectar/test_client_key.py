"""The API key: asked for each time, and shown never."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest
from client_under_test import BILL, KEY, PENDING, MakeClient
from scripted_server import Conversation, ScriptedServer, reply

from agent.bills.errors import AgentError, NeedsAttention
from agent.nectar.client import NectarClient


def test_a_new_key_counts_at_once(make_client: MakeClient, server: ScriptedServer) -> None:
    """It is asked for before each request."""
    keys = iter(["first-key", "second-key\n"])
    client = make_client(server.address, key=lambda: next(keys))
    client.ping()
    client.ping()
    assert [request.headers["x-api-key"] for request in server.requests] == [
        "first-key",
        "second-key",
    ]


@pytest.mark.parametrize("key", ["", "  \n"])
def test_without_a_key_nothing_is_sent(
    make_client: MakeClient, server: ScriptedServer, key: str
) -> None:
    """NeedsAttention ``key-missing``, with the command that helps."""
    client = make_client(server.address, key=key)
    for call in (client.ping, client.companies, lambda: client.upload(BILL)):
        with pytest.raises(NeedsAttention) as caught:
            call()
        assert caught.value.code == "key-missing"
        assert "key set" in caught.value.advice
    assert server.connections == 0


@pytest.mark.parametrize("key", ["nk_live\nX-Evil: 1", "nk_lïve_4f9c", "nk_live\x00"])
def test_a_key_that_cannot_be_one_is_not_sent(
    make_client: MakeClient, server: ScriptedServer, key: str
) -> None:
    """And is not repeated in the error either."""
    client = make_client(server.address, key=key)
    with pytest.raises(NeedsAttention) as caught:
        client.ping()
    assert caught.value.code == "key-refused"
    assert key not in str(caught.value)
    assert server.connections == 0


def test_what_the_key_store_says_passes_through(
    make_client: MakeClient, server: ScriptedServer
) -> None:
    """A locked key store is the key store's to tell."""

    def locked() -> str:
        raise NeedsAttention("key-missing", "The key store is locked.", "Unlock it.")

    client = make_client(server.address, key=locked)
    with pytest.raises(NeedsAttention, match="locked"):
        client.upload(BILL)
    assert server.connections == 0


def cut(conversation: Conversation) -> None:
    """Break the line."""
    conversation.read_body()
    conversation.cut()


def test_the_key_is_in_no_error_and_no_log(
    client: NectarClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong, even if Nectar repeats the key: texts, tracebacks, logs, reprs."""
    caplog.set_level(logging.INFO)
    echo = {"detail": f"Key {KEY} may not", "errors": {"document": [f"x{KEY}x"], KEY: [KEY]}}
    scripts = [
        *(reply(status, echo) for status in (302, 400, 401, 403, 404, 413, 429, 500, 503)),
        reply(302, headers={"Location": f"https://{KEY}.example/{KEY}"}),
        reply(200, body=KEY.encode()),
        cut,
    ]
    calls: list[Callable[[], object]] = [
        client.ping,
        lambda: client.job("j"),
        lambda: client.upload(BILL),
    ]
    for script in scripts:
        server.play(script)
        for call in calls:
            try:
                call()
            except AgentError as error:
                trace = "".join(traceback.format_exception(error))
                shown = f"{error} {error!r} {error.__dict__} {trace}"
                assert KEY not in shown
                assert KEY[4:14] not in shown
    assert KEY not in caplog.text
    assert KEY not in f"{client!r} {client.__dict__}"


def test_a_refused_key_is_told_with_what_to_do(
    client: NectarClient, server: ScriptedServer
) -> None:
    """401 anywhere stops everything until a person gives another key."""
    server.play(reply(401, {"detail": "No valid credentials came with the request."}))
    for call in (client.ping, client.companies, lambda: client.upload(BILL)):
        with pytest.raises(NeedsAttention) as caught:
            call()
        assert caught.value.code == "key-refused"
        assert "No valid credentials" in caught.value.message
        assert "key set" in caught.value.advice


def test_a_good_key_works_again_at_once(client: NectarClient, server: ScriptedServer) -> None:
    """Nothing about the refusal is remembered here."""
    server.play(reply(401), reply(200, PENDING))
    with pytest.raises(NeedsAttention):
        client.job("j")
    assert client.job("j").id == "job-1"
