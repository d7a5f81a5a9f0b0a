"""What the client must tolerate: one test for each line of section 12 of the API's README."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal

import pytest
from client_under_test import BILL, PENDING
from scripted_server import Conversation, ScriptedServer, reply

from agent.bills.answers import Company, Page
from agent.bills.errors import (
    AgentError,
    InDoubt,
    NeedsAttention,
    NotThere,
    Rejected,
    Transient,
    UploadRefused,
)
from agent.nectar.client import NectarClient


def test_01_members_it_does_not_know(client: NectarClient, server: ScriptedServer) -> None:
    """At every level: kept in the payload, and no reason to fail."""
    document = {"id": "d", "new": {"deep": [{"newer": None}]}, "usageData": [{"id": "u", "x": 1}]}
    server.play(reply(200, document))
    assert client.document("d") == document
    server.play(reply(200, {**PENDING, "new": [1]}))
    assert client.job("job-1").payload["new"] == [1]
    server.play(reply(200, {"usageData": [{"id": "u", "new": 1}], "new": {}}))
    assert client.usage_page("d", 1).items == ({"id": "u", "new": 1},)


def test_02_values_it_does_not_know(client: NectarClient, server: ScriptedServer) -> None:
    """Every value list is open."""
    document = {"id": "d", "status": "NEVER_HEARD", "usageData": [{"datasourceType": "SEWER"}]}
    server.play(reply(200, document))
    assert client.document("d") == document


def test_03_null_or_missing_for_everything(client: NectarClient, server: ScriptedServer) -> None:
    """Except the ids it asked by."""
    nothing = dict.fromkeys(
        (
            *("id", "status", "parsedDocumentIds", "duplicates", "duplicateDocumentIds"),
            *("nonUtilityDocumentIds", "terminationReason"),
        )
    )
    for payload in ({}, nothing):
        server.play(reply(200, payload))
        job = client.job("asked")
        assert (job.id, job.parsed_document_ids, job.duplicates) == ("asked", (), 0)
        assert client.document("asked") == payload
    server.play(reply(200, {"id": None, "name": None, "externalId": None, "sites": []}))
    assert client.company_sites("asked").company == Company("asked", "asked", None)
    server.play(reply(200, {"documents": None, "totalDocuments": None, "hasNext": None}))
    assert client.documents_page(
        "c", since=date(2026, 1, 1), date_type="UPDATED_DATE", page=1
    ) == Page((), is_last=True)


def test_04_decimals_as_string_or_number(client: NectarClient, server: ScriptedServer) -> None:
    """The digits stay, all of them."""
    server.play(
        reply(200, body=b'{"a": "77.10", "b": 77.10, "c": 0.1234567890123456789012, "d": 7}')
    )
    assert client.document("d") == {
        "a": "77.10",
        "b": Decimal("77.10"),
        "c": Decimal("0.1234567890123456789012"),
        "d": 7,
    }
    assert str(client.document("d")["b"]) == "77.10"


def test_05_times_with_or_without_zone(client: NectarClient, server: ScriptedServer) -> None:
    """Times are passed on as text."""
    document = {"created": "2026-02-12T02:10:55.120031", "updated": "2026-02-12T02:10:55Z"}
    server.play(reply(200, document))
    assert client.document("d") == document


@pytest.mark.parametrize("is_envelope", [True, False])
def test_06_a_list_as_array_or_envelope(
    client: NectarClient, server: ScriptedServer, *, is_envelope: bool
) -> None:
    """Companies, sites, documents and usage, in either shape."""
    item = {"id": "1", "name": "one"}

    def listed(member: str) -> object:
        return {member: [item], "currentPage": 1, "hasNext": False} if is_envelope else [item]

    server.play(reply(200, listed("companies")))
    assert [company.id for company in client.companies()] == ["1"]
    server.play(reply(200, {"id": "c"}), reply(200, listed("sites")))
    assert [site.id for site in client.company_sites("c").sites] == ["1"]
    server.play(reply(200, listed("usageData")))
    assert client.usage_page("d", 1) == Page((item,), is_last=True)
    server.play(reply(200, listed("documents")))
    found = client.documents_page("c", since=date(2026, 1, 1), date_type="CREATED_DATE", page=1)
    assert found == Page((item,), is_last=True)


@pytest.mark.parametrize("status", ["TERMINATED", "IN_REVIEW", "QUEUED_AGAIN"])
def test_07_job_statuses_outside_the_list(
    client: NectarClient, server: ScriptedServer, status: str
) -> None:
    """Passed on as they came, with the reason."""
    server.play(reply(200, {"id": "j", "status": status, "terminationReason": "No."}))
    job = client.job("j")
    assert (job.status, job.termination_reason) == (status, "No.")


def test_08_completed_with_nothing_or_with_both(
    client: NectarClient, server: ScriptedServer
) -> None:
    """Nothing in it is no failure here; documents and duplicates together are both told."""
    server.play(reply(200, {"id": "j", "status": "COMPLETED"}))
    job = client.job("j")
    assert (job.status, job.parsed_document_ids, job.duplicates) == ("COMPLETED", (), 0)
    both = {"parsedDocumentIds": ["a"], "duplicateDocumentIds": ["b"], "duplicates": 1}
    server.play(reply(200, {"id": "j", "status": "COMPLETED", **both}))
    job = client.job("j")
    assert (job.parsed_document_ids, job.duplicate_document_ids) == (("a",), ("b",))


def test_09_several_documents_or_none(client: NectarClient, server: ScriptedServer) -> None:
    """One file, three documents; another file, none."""
    server.play(
        reply(200, {"id": "j", "status": "COMPLETED", "parsedDocumentIds": ["a", "b", "c"]}),
        reply(200, {"id": "j", "status": "COMPLETED", "parsedDocumentIds": []}),
    )
    assert client.job("j").parsed_document_ids == ("a", "b", "c")
    assert client.job("j").parsed_document_ids == ()


@pytest.mark.parametrize("status", [403, 404])
def test_10_a_duplicate_that_cannot_be_fetched(
    client: NectarClient, server: ScriptedServer, status: int
) -> None:
    """An error of its own that stops nothing else."""
    server.play(reply(status))
    with pytest.raises(NotThere) as caught:
        client.document("c60e91d7")
    assert caught.value.status == status


def test_11_a_document_that_is_not_there_yet(client: NectarClient, server: ScriptedServer) -> None:
    """404 first, then without usage, then whole: the client tells each as it is."""
    whole = {"id": "d", "usageData": [{"id": "u"}]}
    server.play(reply(404), reply(200, {"id": "d", "usageData": []}), reply(200, whole))
    with pytest.raises(NotThere):
        client.document("d")
    assert client.document("d")["usageData"] == []
    assert client.document("d") == whole


def test_12_the_last_page_again_past_the_end(client: NectarClient, server: ScriptedServer) -> None:
    """It is told to be the last, even where it says that another follows."""
    server.play(reply(200, {"usageData": [{"id": "u"}], "currentPage": 3, "hasNext": True}))
    assert client.usage_page("d", 4).is_last


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", "text/html", ""),
        (b"<html><h1>413</h1></html>", "text/html", ""),
        (b'{"errors": {"siteId": ["Unknown."]}}', "application/json", "siteId: Unknown"),
        (b'{"siteId": ["Unknown."]}', "application/json", "siteId: Unknown"),
        (b'{"detail": null, "errors": null}', "application/json", ""),
        (gzip.compress(b'{"detail": "packed"}', mtime=0), "gzip", "packed"),
    ],
)
def test_13_error_bodies_of_any_kind(
    client: NectarClient, server: ScriptedServer, body: bytes, kind: str, words: str
) -> None:
    """Empty, HTML, a field map without ``detail``: the status counts, the words are shown."""
    packed = {"Content-Encoding": "gzip"} if kind == "gzip" else {}
    server.play(reply(400, body=body, headers={"Content-Type": kind, **packed}))
    with pytest.raises(UploadRefused) as refused:
        client.upload(BILL)
    assert words in refused.value.message
    with pytest.raises(Transient) as transient:
        client.job("j")
    assert words in transient.value.message
    assert "<" not in transient.value.message


@pytest.mark.parametrize("status", [401, 403])
def test_14_401_and_403_for_a_bad_key_and_403_and_404_for_a_missing_object(
    client: NectarClient, server: ScriptedServer, status: int
) -> None:
    """On ping both speak of the key; elsewhere only 401 does."""
    server.play(reply(status, {"detail": "No."}))
    with pytest.raises(NeedsAttention) as caught:
        client.ping()
    assert caught.value.code == "key-refused"
    for call in (lambda: client.job("j"), lambda: client.document("d"), client.companies):
        with pytest.raises(NeedsAttention if status == 401 else NotThere):
            call()
    with pytest.raises(NeedsAttention if status == 401 else UploadRefused):
        client.upload(BILL)


@pytest.mark.parametrize("status", [500, 502, 504, 507, 408])
def test_15_502_although_the_upload_was_taken(
    client: NectarClient, server: ScriptedServer, status: int
) -> None:
    """The whole body left: in doubt, never simply not sent."""
    server.play(reply(status, body=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(InDoubt) as caught:
        client.upload(BILL)
    assert caught.value.code == "upload-in-doubt"
    assert server.requests[0].body


def test_16_a_url_that_is_null_or_changes(client: NectarClient, server: ScriptedServer) -> None:
    """The client neither fetches nor needs it."""
    server.play(
        reply(200, {"id": "d", "url": None}),
        reply(200, {"id": "d", "url": "https://x.example/?s=1"}),
    )
    assert client.document("d")["url"] is None
    assert client.document("d")["url"] == "https://x.example/?s=1"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206])
@pytest.mark.parametrize("payload", [{"id": "j"}, {"jobId": "j"}, {"id": None, "jobId": "j"}])
def test_17_any_2xx_for_the_upload(
    client: NectarClient, server: ScriptedServer, status: int, payload: dict[str, object]
) -> None:
    """With ``id``, else ``jobId``."""
    server.play(reply(status, payload))
    assert client.upload(BILL).id == "j"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"<html>", b'{"id": null}', b'{"detail": "ok"}', b'{"id": "j"']
)
def test_17_a_2xx_without_a_job_is_in_doubt(
    client: NectarClient, server: ScriptedServer, body: bytes
) -> None:
    """It may have been taken: it is not sent again blindly."""
    server.play(reply(200, body=body))
    with pytest.raises(InDoubt):
        client.upload(BILL)


def test_17_a_2xx_without_a_body_is_in_doubt(client: NectarClient, server: ScriptedServer) -> None:
    """204 names no job either."""

    def no_content(conversation: Conversation) -> None:
        conversation.read_body()
        conversation.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    server.play(no_content)
    with pytest.raises(InDoubt):
        client.upload(BILL)


@pytest.mark.parametrize(
    ("status", "payload", "family"),
    [
        (413, None, Rejected),
        (415, {"detail": "Only PDF."}, Rejected),
        (400, {"detail": "no", "errors": {"document": ["150 pages."]}}, Rejected),
        (400, {"errors": {"document": ["x"], "siteId": ["y"]}}, UploadRefused),
        (400, {"document": ["x"]}, UploadRefused),
        (400, {"detail": "The company is not active."}, UploadRefused),
        (404, None, UploadRefused),
        (422, None, UploadRefused),
        (429, None, Transient),
        (503, None, Transient),
    ],
)
def test_refusals_of_an_upload(
    client: NectarClient,
    server: ScriptedServer,
    status: int,
    payload: object,
    family: type[AgentError],
) -> None:
    """Only what clearly speaks of the file rejects it; Nectar's words are shown."""
    server.play(reply(status, payload, headers={"Retry-After": "7"}))
    with pytest.raises(family) as caught:
        client.upload(BILL)
    assert type(caught.value) is family
    if isinstance(caught.value, Transient):
        assert caught.value.retry_after == 7
    if isinstance(payload, dict) and "detail" in payload:
        assert str(payload["detail"]).rstrip(".") in caught.value.message
