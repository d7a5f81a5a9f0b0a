"""The error table is complete, and says what architecture, section 7, says."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest

from agent.bills.errors import (
    AgentError,
    InDoubt,
    NeedsAttention,
    NoConnection,
    NotThere,
    Rejected,
    Transient,
    UploadRefused,
)
from agent.nectar.failures import (
    BREAKS,
    Attempt,
    Call,
    Refusal,
    broken,
    handed_over,
    refused,
    unreadable,
)

HOST = "nectar.example"
PING = Attempt(Call.PING, HOST, "the key")
GET = Attempt(Call.GET, HOST, "job 7")
UPLOAD = Attempt(Call.UPLOAD, HOST, "company 3")
SENT = handed_over(UPLOAD)

HTTPX_EXCEPTIONS = sorted(
    (
        kind
        for name in httpx.__all__
        if isinstance(kind := getattr(httpx, name), type) and issubclass(kind, Exception)
    ),
    key=lambda kind: kind.__name__,
)


def made(kind: type[Exception]) -> Exception:
    """Return an exception of ``kind``, however many arguments it wants."""
    for arguments in ((), ("words",)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    request = httpx.Request("GET", "https://nectar.example")
    return httpx.HTTPStatusError("words", request=request, response=httpx.Response(500))


def test_httpx_has_the_exceptions_that_the_table_was_made_for() -> None:
    """The walk below meets something: httpx still names its exceptions in the usual place."""
    assert {httpx.ConnectError, httpx.ReadTimeout, httpx.InvalidURL} <= set(HTTPX_EXCEPTIONS)


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
def test_every_exception_of_httpx_is_caught_and_named(kind: type[Exception]) -> None:
    """No exception of httpx leaves the client: each has a family, a code, and two sentences."""
    assert issubclass(kind, BREAKS)
    for attempt, family in (
        (PING, NoConnection),
        (GET, NoConnection),
        (UPLOAD, NoConnection),
        (SENT, InDoubt),
    ):
        error = broken(made(kind), attempt)
        assert type(error) is family
        assert HOST in error.message
        assert error.advice


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
def test_every_exception_of_httpx_has_words_of_its_own(kind: type[Exception]) -> None:
    """A person reads a cause, never the mere remark that something failed."""
    assert "it failed" not in broken(made(kind), GET).message


def family_of_get(status: int) -> type[AgentError]:
    """Architecture, section 7, for a GET."""
    if status == 401:
        return NeedsAttention
    return NotThere if status in {403, 404} else Transient


def family_of_upload(status: int, *, is_sent: bool) -> type[AgentError]:
    """Architecture, section 7, for an upload that got an answer."""
    if status == 401:
        return NeedsAttention
    if status in {413, 415}:
        return Rejected
    if status in {429, 503} or status < 400:
        return Transient
    if status == 408 or status >= 500:
        return InDoubt if is_sent else Transient
    return UploadRefused


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_is_named_by_the_call_that_met_it(status: int) -> None:
    """300 to 599 on ping, on a GET, and on an upload half and wholly sent."""
    on_ping = NeedsAttention if status in {401, 403} else Transient
    for attempt, family in (
        (PING, on_ping),
        (GET, family_of_get(status)),
        (UPLOAD, family_of_upload(status, is_sent=False)),
        (SENT, family_of_upload(status, is_sent=True)),
    ):
        error = refused(attempt, Refusal(status))
        assert type(error) is family, (attempt.call, status)
        assert error.advice
        assert error.code
        if isinstance(error, NotThere | UploadRefused):
            assert error.status == status
        if isinstance(error, NeedsAttention):
            assert error.code == "key-refused"


@pytest.mark.parametrize("status", [101, 199, 600, 999])
def test_a_status_outside_of_http_is_a_fault_of_the_other_side(status: int) -> None:
    """It is tried again, and an upload that met it wholly sent is in doubt."""
    assert type(refused(GET, Refusal(status))) is Transient
    assert type(refused(UPLOAD, Refusal(status))) is Transient
    assert type(refused(SENT, Refusal(status))) is InDoubt


def test_only_a_complaint_about_the_document_alone_rejects_the_file() -> None:
    """400 is about the file when ``errors`` names ``document`` and nothing else."""
    alone = refused(SENT, Refusal(400, "document: too big", frozenset({"document"})))
    assert type(alone) is Rejected
    assert alone.code == "refused-by-nectar"
    assert "document: too big" in alone.message
    for fields in (frozenset[str](), frozenset({"siteId"}), frozenset({"document", "siteId"})):
        other = refused(SENT, Refusal(400, "no", fields))
        assert type(other) is UploadRefused
        assert "no" in other.message


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_the_wait_that_nectar_asks_for_is_passed_on(status: int) -> None:
    """Retry-After reaches whoever tries again."""
    error = refused(GET, Refusal(status, wait=17.0))
    assert isinstance(error, Transient)
    assert error.retry_after == 17.0


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_nectar_asks_for_counts_for_uploads_too(status: int) -> None:
    """Retry-After on an upload that was surely not taken."""
    error = refused(SENT, Refusal(status, wait=17.0))
    assert isinstance(error, Transient)
    assert error.retry_after == 17.0


def test_a_redirect_names_the_host_it_points_to() -> None:
    """Who set a wrong address sees where it leads."""
    assert (
        "www.elsewhere.example"
        in refused(GET, Refusal(302, pointed_to="www.elsewhere.example")).message
    )


def test_an_answer_that_cannot_be_used_is_in_doubt_on_an_upload_only() -> None:
    """2xx on an upload means that a job may exist; on a GET it is asked again."""
    assert type(unreadable(UPLOAD, "why")) is InDoubt
    error = unreadable(GET, "it is no JSON")
    assert (type(error), error.code) == (Transient, "unreadable-answer")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "(DNS)"),
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (ConnectionResetError(104, "Connection reset by peer"), "cut"),
        (OSError(101, "Network is unreachable"), "network is unreachable"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "secure connection"),
    ],
)
def test_the_cause_is_told_in_words(cause: Exception, words: str) -> None:
    """What the system said about the line is put so that a clerk can pass it on."""
    error = httpx.ConnectError("[Errno 0] https://nectar.example/v2.2/job/7?page=1")
    error.__cause__ = cause
    message = broken(error, GET).message
    assert words in message
    assert "?" not in message


def test_the_proxy_in_between_is_named() -> None:
    """Whoever has to look at the proxy learns which one."""
    error = broken(httpx.ProxyError("407 Proxy Authentication Required"), GET, "proxy.example:8080")
    assert "proxy.example:8080" in error.message
    assert "407" in error.message
    assert "proxy.example:8080" in error.advice
