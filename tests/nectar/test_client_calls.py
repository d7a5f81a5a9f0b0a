"""Each call of the client, over real HTTP: what is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from email.message import Message

import pytest
from client_under_test import BILL, KEY, PDF, PENDING, MakeClient
from scripted_server import Received, ScriptedServer, reply

from agent import __version__
from agent.bills.answers import Company, CompanySites, Page, Site, Upload
from agent.bills.errors import NotThere, Transient
from agent.nectar.client import NectarClient


def targets(server: ScriptedServer) -> list[str]:
    """Return what was asked for, in order."""
    return [f"{request.method} {request.target}" for request in server.requests]


def form_of(request: Received) -> list[Message]:
    """Return the parts of an upload's form as another program reads them."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + request.body).get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, Message)]


@pytest.mark.parametrize("body", [b"", b'{"version": "v2.2"}', b'"ok"', b"v2.2"])
def test_ping_returns_whatever_its_body_is(
    client: NectarClient, server: ScriptedServer, body: bytes
) -> None:
    """200 is the whole contract of ping."""
    server.play(reply(200, body=body))
    client.ping()
    assert targets(server) == ["GET /v2.2/ping"]


def test_ping_does_not_take_a_web_page_for_nectar(
    client: NectarClient, server: ScriptedServer
) -> None:
    """A page of a hotel or a proxy says nothing about the key."""
    server.play(reply(200, body=b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(Transient) as caught:
        client.ping()
    assert caught.value.code == "unreadable-answer"
    assert "web page" in caught.value.message


def test_every_request_bears_the_key_and_says_who_asks(
    client: NectarClient, server: ScriptedServer
) -> None:
    """X-API-Key on GET and POST, a User-Agent with the version, and nothing packed but gzip."""
    server.play(reply(200, PENDING))
    client.job("job-1")
    client.upload(BILL)
    for request in server.requests:
        assert request.headers["x-api-key"] == KEY
        assert request.headers["user-agent"] == f"nectar-bill-agent/{__version__}"
        assert request.headers["accept-encoding"] == "gzip"


def test_the_clock_of_nectar_is_known_from_its_answers(
    client: NectarClient, server: ScriptedServer
) -> None:
    """The header Date of the last answer, whatever its status; None where it names none."""
    dates = [client.answer_date]
    dated = {"Date": "Wed, 11 Feb 2026 18:40:00 GMT"}
    server.play(reply(200, headers=dated), reply(404, headers=dated), reply(200))
    client.ping()
    dates.append(client.answer_date)
    with pytest.raises(NotThere):
        client.job("j")
    dates.append(client.answer_date)
    client.ping()
    dates.append(client.answer_date)
    assert dates == [None, 1_770_835_200, 1_770_835_200, None]


def test_no_cookie_is_kept(client: NectarClient, server: ScriptedServer) -> None:
    """One request says nothing about another."""
    server.play(reply(200, PENDING, headers={"Set-Cookie": "session=1; Path=/"}))
    client.job("job-1")
    client.job("job-1")
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("version", ["v2", "v2.1", "v2.2"])
def test_the_version_is_a_matter_of_the_address(
    make_client: MakeClient, server: ScriptedServer, version: str
) -> None:
    """The path is put behind base_url, with or without a slash at its end."""
    for slash in ("", "/"):
        client = make_client(f"http://127.0.0.1:{server.port}/{version}{slash}")
        client.ping()
    assert targets(server) == [f"GET /{version}/ping"] * 2


def test_companies_come_as_an_array(client: NectarClient, server: ScriptedServer) -> None:
    """The documented form: all in one answer."""
    server.play(
        reply(
            200,
            [
                {"id": "1", "name": "Harbor Mill Foods", "externalId": "HMF", "new": 1},
                {"id": "2", "name": "Lakeside Clinics", "externalId": None},
                {"name": "no id"},
            ],
        )
    )
    assert client.companies() == (
        Company("1", "Harbor Mill Foods", "HMF"),
        Company("2", "Lakeside Clinics", None),
    )
    assert targets(server) == ["GET /v2.2/company"]


def page(items: list[dict[str, str]], number: int, *, has_next: bool) -> dict[str, object]:
    """Return an envelope around ``items``."""
    return {
        "totalPages": 9,
        "currentPage": number,
        "hasNext": has_next,
        "companies": items,
    }


def test_companies_come_in_pages(client: NectarClient, server: ScriptedServer) -> None:
    """All pages are fetched, and a company that slipped into two is there once."""
    one, two, three = ({"id": i, "name": i} for i in "123")
    server.play(
        reply(200, page([one, two], 1, has_next=True)),
        reply(200, page([two, three], 2, has_next=False)),
    )
    assert [company.id for company in client.companies()] == ["1", "2", "3"]
    assert targets(server) == ["GET /v2.2/company", "GET /v2.2/company?page=2"]


def test_pages_that_never_end_are_not_followed(
    client: NectarClient, server: ScriptedServer
) -> None:
    """The last page again with ``hasNext`` true: the second sight of it ends the list."""
    server.play(reply(200, {"hasNext": True, "companies": [{"id": "1", "name": "one"}]}))
    assert [company.id for company in client.companies()] == ["1"]
    assert len(server.requests) == 2


SITES = [
    {"id": "s1", "name": "Plant 7", "externalId": "PLANT-07", "dataCollectionStopDate": None},
    {"id": "s2", "name": "Old", "externalId": None, "dataCollectionStopDate": "2024-06-30"},
    {"id": "s1", "name": "Plant 7", "externalId": "PLANT-07", "dataCollectionStopDate": None},
]
MILL = CompanySites(
    Company("c1", "Mill", "HMF"),
    (Site("s1", "Plant 7", "PLANT-07", None), Site("s2", "Old", None, "2024-06-30")),
)


def test_sites_come_with_their_company(client: NectarClient, server: ScriptedServer) -> None:
    """One call, archived sites included, each site once."""
    server.play(reply(200, {"id": "c1", "name": "Mill", "externalId": "HMF", "sites": SITES}))
    assert client.company_sites("c1") == MILL
    assert targets(server) == ["GET /v2.2/company/c1"]


@pytest.mark.parametrize(
    "listed", [SITES, {"sites": SITES, "hasNext": False}, {"results": SITES, "hasNext": False}]
)
@pytest.mark.parametrize("member", [{}, {"sites": None}, {"sites": "many"}])
def test_sites_are_listed_where_the_company_comes_without(
    client: NectarClient, server: ScriptedServer, member: dict[str, object], listed: object
) -> None:
    """The list call is the second way, whatever its shape."""
    server.play(
        reply(200, {"id": "c1", "name": "Mill", "externalId": "HMF", **member}),
        reply(200, listed),
    )
    assert client.company_sites("c1") == MILL
    assert targets(server) == ["GET /v2.2/company/c1", "GET /v2.2/site/company/c1"]


def test_a_company_without_sites_has_none(client: NectarClient, server: ScriptedServer) -> None:
    """An empty list is an answer; nothing else is asked."""
    server.play(reply(200, {"id": "c1", "name": "Mill", "sites": []}))
    assert client.company_sites("c1").sites == ()
    assert len(server.requests) == 1


def test_a_missing_list_of_sites_does_not_make_the_company_missing(
    client: NectarClient, server: ScriptedServer
) -> None:
    """The company answered; that its list call does not is no reason to call it gone."""
    server.play(reply(200, {"id": "c1", "name": "Mill"}), reply(404))
    with pytest.raises(Transient) as caught:
        client.company_sites("c1")
    assert caught.value.code == "unreadable-answer"


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_an_upload_gives_its_job(client: NectarClient, server: ScriptedServer, status: int) -> None:
    """The site, then the document; any 2xx is good."""
    server.play(reply(status, {**PENDING, "new": "member"}))
    job = client.upload(BILL)
    assert (job.id, job.status, job.payload) == ("job-1", "PENDING", {**PENDING, "new": "member"})
    request = server.requests[0]
    assert targets(server) == ["POST /v2.2/job/company/company-1"]
    assert int(request.headers["content-length"]) == len(request.body)
    assert "transfer-encoding" not in request.headers
    site, document = form_of(request)
    assert site.get_payload(decode=True) == b"site-1"
    assert document.get_filename() == BILL.name
    assert document.get_content_type() == "application/pdf"
    assert document.get_payload(decode=True) == PDF


def test_the_largest_upload_arrives_whole(client: NectarClient, server: ScriptedServer) -> None:
    """25,000,000 bytes, byte for byte."""
    content = bytes(range(250)) * 100_000
    server.play(reply(201, PENDING))
    client.upload(Upload("c", "s", "a.jpg", "image/jpeg", content))
    assert content in server.requests[0].body


def test_a_job_is_asked_for_by_its_id(client: NectarClient, server: ScriptedServer) -> None:
    """Every member that counts."""
    payload = {
        "id": "job-1",
        "status": "COMPLETED",
        "parsedDocumentIds": ["d1", "d2"],
        "duplicates": 1,
        "duplicateDocumentIds": ["d3"],
        "nonUtilityDocumentIds": ["d4"],
        "terminationReason": "none",
    }
    server.play(reply(200, payload))
    job = client.job("job-1")
    assert (job.parsed_document_ids, job.duplicates) == (("d1", "d2"), 1)
    assert (job.duplicate_document_ids, job.non_utility_document_ids) == (("d3",), ("d4",))
    assert (job.termination_reason, job.payload) == ("none", payload)


@pytest.mark.parametrize(
    ("identity", "segment"),
    [
        ("a/b?c#d e", "a%2Fb%3Fc%23d%20e"),
        ("../company", "..%2Fcompany"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("ü%41", "%C3%BC%2541"),
        ("j" * 255, "j" * 255),
    ],
)
def test_ids_are_escaped_in_the_path(
    client: NectarClient, server: ScriptedServer, identity: str, segment: str
) -> None:
    """An id is one segment, whatever it is made of."""
    client.job(identity)
    client.document(identity)
    assert targets(server) == [f"GET /v2.2/job/{segment}", f"GET /v2.2/document/{segment}"]


def test_a_document_comes_as_given(client: NectarClient, server: ScriptedServer) -> None:
    """Unknown members stay, and no digit goes through a float."""
    body = b'{"id": "d1", "totalCharges": 77.10, "usage": "6120.0000", "new": {"a": [1e400]}}'
    server.play(reply(200, body=body))
    document = client.document("d1")
    assert str(document["totalCharges"]) == "77.10"
    assert document["usage"] == "6120.0000"
    assert document["new"] == {"a": [Decimal("1E+400")]}


def test_usage_comes_in_pages(client: NectarClient, server: ScriptedServer) -> None:
    """By document, with no dates, so that a record without dates is not missed."""
    server.play(reply(200, {"usageData": [{"id": "u"}], "currentPage": 2, "hasNext": True}))
    assert client.usage_page("d1", 2) == Page(({"id": "u"},), is_last=False)
    assert targets(server) == ["GET /v2.2/usage/document/d1?page=2"]


@pytest.mark.parametrize("date_type", ["CREATED_DATE", "UPDATED_DATE"])
def test_documents_come_in_pages_since_a_day(
    client: NectarClient, server: ScriptedServer, date_type: str
) -> None:
    """``dateType`` always goes with the date, and no end date leaves today out."""
    server.play(reply(200, {"documents": [{"id": "d"}], "currentPage": 1, "hasNext": False}))
    found = client.documents_page(
        "c1",
        since=date(2026, 2, 9),
        date_type=date_type,  # type: ignore[arg-type] # pytest gives it as text
        page=1,
    )
    assert found == Page(({"id": "d"},), is_last=True)
    assert targets(server) == [
        f"GET /v2.2/document/company/c1?startDate=2026-02-09&dateType={date_type}&page=1"
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>bad gateway</html>",
        b'{"id": "j"',
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"null",
        b"[]",
        b'"text"',
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_asked_again(
    client: NectarClient, server: ScriptedServer, body: bytes
) -> None:
    """HTML, half JSON, what is no JSON, another shape: Transient, with words."""
    server.play(reply(200, body=body))
    for call in (client.job, client.document, client.company_sites):
        with pytest.raises(Transient) as caught:
            call("x")
        assert caught.value.code == "unreadable-answer"
        assert "127.0.0.1" in caught.value.message


@pytest.mark.parametrize("payload", [{}, {"a": [], "b": []}, "x", None, {"detail": "none"}])
def test_a_list_that_is_none_is_not_an_empty_list(
    client: NectarClient, server: ScriptedServer, payload: object
) -> None:
    """Nothing may be concluded from what is no list, least of all that nothing is there."""
    server.play(reply(200, payload))
    with pytest.raises(Transient):
        client.companies()
    with pytest.raises(Transient):
        client.usage_page("d", 1)
    with pytest.raises(Transient):
        client.documents_page("c", since=date(2026, 1, 1), date_type="CREATED_DATE", page=1)


@pytest.mark.parametrize("status", [403, 404])
def test_an_object_that_is_not_there_is_named(
    client: NectarClient, server: ScriptedServer, status: int
) -> None:
    """Which object, on every GET but ping."""
    server.play(reply(status, {"detail": "Nothing here."}))
    for call, name in (
        (lambda: client.job("j7"), "job j7"),
        (lambda: client.document("d7"), "document d7"),
        (lambda: client.company_sites("c7"), "company c7"),
        (lambda: client.usage_page("d7", 1), "usage of document d7"),
        (client.companies, "list of companies"),
    ):
        with pytest.raises(NotThere) as caught:
            call()
        assert caught.value.status == status
        assert name in caught.value.message
        assert "Nothing here" in caught.value.message


def test_errors_name_no_query(client: NectarClient, server: ScriptedServer) -> None:
    """No address with its query stands in an error text."""
    server.play(reply(500, {"detail": "at https://n.example/v2.2/document?startDate=2026-01-01"}))
    with pytest.raises(Transient) as caught:
        client.documents_page("c", since=date(2026, 1, 1), date_type="CREATED_DATE", page=1)
    assert "startDate" not in str(caught.value)
    assert "2026" not in str(caught.value)


def test_nothing_is_tried_twice(client: NectarClient, server: ScriptedServer) -> None:
    """Trying again is the caller's decision."""
    server.play(reply(503))
    calls: list[Callable[[], object]] = [lambda: client.job("j"), lambda: client.upload(BILL)]
    for call in calls:
        with pytest.raises(Transient):
            call()
    assert targets(server) == ["GET /v2.2/job/j", "POST /v2.2/job/company/company-1"]
