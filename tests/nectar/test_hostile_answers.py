"""Whatever Nectar answers, each call ends in a value or in a named error, and asks once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from client_under_test import BILL, KEY, MakeClient
from fuzzing import examples, seeds
from hostile_json import SIGNED_LINK, HostileJson
from hostile_wire import CASES, at_random
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import Conversation, Script, ScriptedServer

from agent.bills.answers import Upload
from agent.bills.errors import AgentError, InDoubt, NotThere
from agent.bills.identities import LONGEST_ID
from agent.nectar.client import NectarClient
from agent.nectar.connection import Connection
from agent.nectar.payloads import asked_job, company_of, site_of, started_job

SITE = {"id": "s", "name": "Plant 7", "externalId": "P-7", "dataCollectionStopDate": None}
COMPANY = {"id": "c", "name": "Mill", "externalId": "HMF"}
JOB = {
    "id": "j",
    "status": "COMPLETED",
    "parsedDocumentIds": ["d", "e"],
    "duplicates": 1,
    "duplicateDocumentIds": ["f"],
    "nonUtilityDocumentIds": [],
    "terminationReason": None,
}
DOCUMENT = {
    "id": "d",
    "jobId": "j",
    "fileName": "a.pdf",
    "created": "2026-02-12T02:10:55Z",
    "url": SIGNED_LINK,
    "totalCharges": "77.10",
    "usageData": [{"id": "u", "usage": "1", "site": {"id": "s"}, "meter": {}}],
}
PAGE = {"totalDocuments": 1, "currentPage": 1, "hasNext": False, "documents": [DOCUMENT]}

Call = Callable[[NectarClient], object]
CALLS: dict[str, tuple[Call, Any]] = {
    "ping": (lambda client: client.ping(), {"version": "2.2"}),
    "companies": (lambda client: client.companies(), [COMPANY]),
    "company": (lambda client: client.company_sites("c"), {**COMPANY, "sites": [SITE]}),
    "upload": (lambda client: client.upload(BILL), JOB),
    "job": (lambda client: client.job("j"), JOB),
    "document": (lambda client: client.document("d"), DOCUMENT),
    "usage": (lambda client: client.usage_page("d", 1), {**PAGE, "usageData": [{"id": "u"}]}),
    "documents": (
        lambda client: client.documents_page(
            "c", since=date(2026, 2, 1), date_type="CREATED_DATE", page=1
        ),
        PAGE,
    ),
}


class Body(httpx.SyncByteStream):
    """The body of an answer."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Any:
        """Give it away in one piece."""
        yield self._content


class Answering(httpx.BaseTransport):
    """A network that answers every request with ``body``."""

    def __init__(self) -> None:
        self.body = b""
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read the whole request and answer it."""
        self.asked += 1
        assert isinstance(request.stream, httpx.SyncByteStream)
        list(request.stream)
        return httpx.Response(200, stream=Body(self.body))


network = Answering()
fuzzed = NectarClient(Connection("https://nectar.test/v2.2"), lambda: KEY, transport=network)


def outcome(call: Call, client: NectarClient) -> object:
    """Return what a call gave, or the named error that it raised; any other fails the test."""
    try:
        return call(client)
    except AgentError as error:
        failure = error
    assert failure.message
    assert "5ec4e7c0ffee" not in str(failure)
    assert KEY not in str(failure)
    return failure


@examples(600)
@given(st.sampled_from(sorted(CALLS)), st.integers(0, 2**32))
def test_any_json_gives_a_value_or_a_named_error(name: str, seed: int) -> None:
    """Of each call's good answer some parts are changed in type, added, doubled or left out."""
    call, good = CALLS[name]
    network.body = HostileJson(random.Random(seed)).body(good)  # noqa: S311  # repeatable
    outcome(call, fuzzed)


@examples(200)
@given(st.sampled_from(sorted(CALLS)), st.binary(max_size=40))
def test_any_bytes_give_a_value_or_a_named_error(name: str, body: bytes) -> None:
    """Rubbish where JSON was due."""
    network.body = body
    outcome(CALLS[name][0], fuzzed)


@pytest.mark.parametrize("text", ["\ud800", "j\udfff", "a\r\nb", "\0", "\u202egnp", "x" * 501, ""])
def test_an_id_that_nobody_can_ask_for_is_none(text: str) -> None:
    """Half characters, control characters, a novel: SQLite or the network would refuse them."""
    assert company_of({"id": text}) is None
    assert site_of({"id": text}) is None
    assert started_job({"id": text}) is None
    assert started_job({"id": text, "jobId": "j"}) is not None
    assert asked_job({"id": text}, "asked").id == "asked"
    before = network.asked
    for call in (fuzzed.job, fuzzed.document, fuzzed.company_sites):
        with pytest.raises(NotThere):
            call(text or "\n")
    with pytest.raises(NotThere):
        fuzzed.usage_page(text or "\n", 1)
    assert network.asked == before


def test_an_upload_whose_job_has_no_usable_id_is_in_doubt() -> None:
    """It was taken; which job it became is told by the list of documents."""
    network.body = b'{"id": "job\\ud800"}'
    with pytest.raises(InDoubt):
        fuzzed.upload(BILL)


def test_an_id_of_any_letters_can_be_asked_for_and_sent() -> None:
    """Only what cannot be carried is refused."""
    network.body = b"{}"
    assert fuzzed.job("ключ 鍵 é/?#%").id == "ключ 鍵 é/?#%"
    assert fuzzed.job("鍵" * LONGEST_ID).id == "鍵" * LONGEST_ID
    with pytest.raises(InDoubt):
        fuzzed.upload(Upload("компания", "сайт", BILL.name, BILL.media_type, BILL.content))


def test_names_are_whole_and_end() -> None:
    """A name that holds half a character or a megabyte is shown as far as it can be."""
    site = site_of({"id": "s", "name": "Pl\ud800ant", "externalId": "P\udfff"})
    assert site is not None
    assert (site.name, site.external_id) == ("Pl?ant", "P?")
    endless = site_of({"id": "s", "name": "x" * 1_000_000, "externalId": "y" * 1_000_000})
    assert endless is not None
    assert len(endless.name) < 400
    assert endless.external_id is None


def test_ids_of_documents_that_cannot_be_asked_for_are_still_counted() -> None:
    """What they name is missing, and must not go unnoticed."""
    assert asked_job({"parsedDocumentIds": ["\ud800", "d"]}, "j").parsed_document_ids == (
        "\ud800",
        "d",
    )


def test_no_signed_link_hides_in_an_id_or_a_name() -> None:
    """Neither in what is kept nor in what is asked by."""
    job = asked_job(dict.fromkeys(JOB, SIGNED_LINK), "j")
    kept = f"{job.id}{job.status}{job.parsed_document_ids}{job.termination_reason}"
    found = (
        company_of(dict.fromkeys(COMPANY, SIGNED_LINK)),
        site_of(dict.fromkeys(SITE, SIGNED_LINK)),
    )
    assert "X-Amz" not in f"{kept}{found}"


def said(raw: bytes) -> Script:
    """Return a script that reads the request, says ``raw`` and hangs up."""

    def script(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(raw)
        conversation.close()

    return script


def check_on_the_wire(make_client: MakeClient, server: ScriptedServer, raw: bytes) -> None:
    """Fail where a question or an upload ends otherwise than it may."""
    client = make_client(server.address)
    server.play(said(raw))
    for call in (CALLS["job"][0], CALLS["upload"][0]):
        before = len(server.requests)
        outcome(call, client)
        client.drop_connections()
        assert len(server.requests) - before == 1, "it was not asked exactly once"


@pytest.mark.parametrize("name", CASES)
def test_any_answer_on_the_wire_ends_well(
    make_client: MakeClient, server: ScriptedServer, name: str
) -> None:
    """Broken framing, packings, statuses, headers: a value or a named error, and never twice."""
    check_on_the_wire(make_client, server, CASES[name])


@pytest.mark.parametrize("seed", seeds(60))
def test_any_bytes_on_the_wire_end_well(
    make_client: MakeClient, server: ScriptedServer, seed: int
) -> None:
    """The same with some bytes changed, cut out, doubled or cut off."""
    check_on_the_wire(make_client, server, at_random(random.Random(seed)))  # noqa: S311


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process's peak so")
@pytest.mark.parametrize("how", ["with its length", "in chunks", "packed"])
def test_an_answer_of_a_gigabyte_fills_no_memory(how: str) -> None:
    """A client of its own process, whose memory is measured: it stops reading long before."""
    script = Path(__file__).with_name("gigabyte.py")
    done = subprocess.run(
        [sys.executable, str(script), how], capture_output=True, text=True, timeout=60, check=True
    )
    told = json.loads(done.stdout)
    assert told["error"] == "unreadable-answer"
    assert "longer than" in told["message"]
    assert told["megabytes"] < 300
