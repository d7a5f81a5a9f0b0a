"""The error table: httpx's exceptions and Nectar's statuses become named errors.

What a failure is depends on the call, and for an upload on whether Nectar may have all of it:

=================================  =====================  ==================  ====================
met                                on a GET               upload, body not    upload, body handed
                                                          handed over         over
=================================  =====================  ==================  ====================
no connection, time-out, broken    NoConnection           NoConnection        InDoubt
line, proxy
certificate not believed           NeedsAttention         NeedsAttention      (cannot be)
401; 403 on ping                   NeedsAttention         NeedsAttention      NeedsAttention
403, 404                           NotThere               UploadRefused       UploadRefused
3xx                                Transient              Transient           Transient
429, 503                           Transient              Transient           Transient
413, 415, 400 about the document   Transient              Rejected            Rejected
other 4xx but 408                  Transient              UploadRefused       UploadRefused
408, 500, 502, 504, other 5xx      Transient              Transient           InDoubt
2xx that cannot be read            Transient              InDoubt             InDoubt
=================================  =====================  ==================  ====================
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus

import httpx

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
from agent.nectar.trust import causes
from agent.nectar.words import clean

AGAIN = "The agent tries again by itself."
NEW_KEY = "Make a key in the Nectar dashboard and give it with: bill-agent key set"
LOOKED_FOR = "The agent looks for the bill at Nectar before it sends it again."
CHECK_ADDRESS = "Check base_url in [nectar]."


class Call(Enum):
    """What kind of call was made."""

    PING = "ping"
    GET = "get"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The call that failed, and what an error text may name of it.

    ``host`` is Nectar's, ``what`` names the object asked for. ``may_be_taken``: Nectar may have
    all of an upload.
    """

    call: Call
    host: str
    what: str
    may_be_taken: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not 2xx.

    ``words`` are Nectar's, fit to be shown; ``fields`` those that it complains about; ``wait`` the
    seconds that it asks to be left alone; ``pointed_to`` the host that a redirect names.
    """

    status: int
    words: str = ""
    fields: frozenset[str] = frozenset()
    wait: float | None = None
    pointed_to: str = ""


# What is said of each exception; the classes that are missing here are named by their parents.
_BREAKS: dict[type[Exception], str] = {
    httpx.HTTPError: "the request failed",
    httpx.TransportError: "the connection failed",
    httpx.TimeoutException: "it did not answer in time",
    httpx.ConnectTimeout: "no connection came about in time",
    httpx.PoolTimeout: "all connections were busy for too long",
    httpx.ReadTimeout: "it did not answer in time",
    httpx.WriteTimeout: "it did not take what was sent in time",
    httpx.NetworkError: "the line broke",
    httpx.ConnectError: "no connection came about",
    httpx.ProtocolError: "the line broke, or its answer was no HTTP",
    httpx.ProxyError: "the proxy refused the connection",
    httpx.DecodingError: "its answer could not be unpacked",
    httpx.TooManyRedirects: "it only pointed elsewhere",
    httpx.UnsupportedProtocol: "its address is none that can be called",
    httpx.InvalidURL: "its address is none that can be called",
    httpx.CookieConflict: "its cookies contradict each other",
    httpx.StreamError: "its answer could not be read",
}
BREAKS = tuple(_BREAKS)
"""Every exception that httpx may raise, by its topmost classes."""


def broken(error: Exception, attempt: Attempt, proxy: str = "") -> AgentError:
    """Return the named error for an exception of httpx: no whole answer came.

    ``proxy`` is the name of the proxy in between, "" for none.
    """
    reason = _reason(error)
    if attempt.may_be_taken:
        return InDoubt(
            "upload-in-doubt",
            f"It is not known whether {attempt.host} took the upload: {reason}.",
            LOOKED_FOR,
        )
    way, check = "", "Check the network."
    if proxy:
        way, check = f" through the proxy {proxy}", f"Check the network and the proxy {proxy}."
    return NoConnection(
        "no-connection",
        f"{attempt.host} cannot be reached{way}: {reason}.",
        f"{check} {AGAIN}",
    )


def refused(attempt: Attempt, refusal: Refusal) -> AgentError:
    """Return the named error for an answer whose status is not 2xx."""
    said = f"{attempt.host} answered {_named(refusal.status)}"
    said = f"{said}: {refusal.words}" if refusal.words else said
    said = said.rstrip(".") + "."
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return _key_refused(said)
    if 300 <= refusal.status < 400:
        return _elsewhere(attempt, refusal.pointed_to)
    if attempt.call is Call.UPLOAD:
        return _refused_upload(attempt, refusal, said)
    return _refused_get(attempt, refusal, said)


def _refused_get(attempt: Attempt, refusal: Refusal, said: str) -> AgentError:
    match refusal.status:
        case 403 if attempt.call is Call.PING:
            return _key_refused(said)
        case 403 | 404 if attempt.call is Call.GET:
            return NotThere(
                "not-there",
                f"Nectar has no {attempt.what}, or this key may not see it ({said.rstrip('.')}).",
                "If it should be there, check which companies this key sees: bill-agent sites",
                status=refusal.status,
            )
        case 429:
            return _too_many(refusal, said)
        case 408 | 425:
            return _unavailable(refusal, said)
        case status if status >= 500:
            return _unavailable(refusal, said)
        case _:
            return Transient(
                "unexpected-answer", said, f"{CHECK_ADDRESS} {AGAIN}", retry_after=refusal.wait
            )


def _refused_upload(attempt: Attempt, refusal: Refusal, said: str) -> AgentError:
    match refusal.status:
        case 413 | 415:
            return _rejected(said)
        case 400 if refusal.fields == {"document"}:
            return _rejected(said)
        case 429:
            return _too_many(refusal, said)
        case 503:
            return _unavailable(refusal, said)
        case status if 400 <= status < 500 and status != 408:
            return UploadRefused(
                "upload-refused",
                said,
                "Check at Nectar that the company is active, that the site is there and not "
                "archived, and that this key may upload to it.",
                status=status,
            )
        case _ if attempt.may_be_taken:
            return InDoubt(
                "upload-in-doubt",
                f"It is not known whether the upload was taken. {said}",
                LOOKED_FOR,
            )
        case _:
            return _unavailable(refusal, said)


def unreadable(attempt: Attempt, why: str) -> AgentError:
    """Return the named error for a 2xx answer that is not what it should be, because ``why``."""
    if attempt.call is Call.UPLOAD:
        return InDoubt(
            "upload-in-doubt",
            f"{attempt.host} took the upload, but its answer cannot be used: {why}.",
            LOOKED_FOR,
            was_taken=True,
        )
    return Transient(
        "unreadable-answer",
        f"The answer of {attempt.host} about {attempt.what} cannot be used: {why}.",
        f"{CHECK_ADDRESS} {AGAIN}",
    )


def not_askable() -> NotThere:
    """Return the error of an object whose id is so broken that it cannot be asked for."""
    return NotThere(
        "not-there",
        "Nectar gave an id that no request can carry: it is empty, too long or not printable.",
        "If it stays so, write to Nectar's support.",
        status=HTTPStatus.NOT_FOUND,
    )


def handed_over(attempt: Attempt) -> Attempt:
    """Return ``attempt`` as one whose whole body Nectar may have."""
    return replace(attempt, may_be_taken=True)


def stopped(host: str) -> NoConnection:
    """Return the error of a request that the agent itself gave up, because it is stopping."""
    return NoConnection("no-connection", f"The agent stopped before {host} had all of it.", AGAIN)


def key_missing(host: str) -> NeedsAttention:
    """Return the error of having no key at all."""
    return NeedsAttention("key-missing", f"There is no API key for {host}.", NEW_KEY)


def key_unusable(host: str) -> NeedsAttention:
    """Return the error of a key that cannot even be sent."""
    return NeedsAttention(
        "key-refused",
        f"The API key was not sent to {host}: it holds characters that no key has.",
        f"It may have been copied with something around it. {NEW_KEY}",
    )


def _key_refused(said: str) -> NeedsAttention:
    return NeedsAttention(
        "key-refused",
        f"The API key is not accepted: {said}",
        f"It may have expired or been deleted. {NEW_KEY}",
    )


def _rejected(said: str) -> Rejected:
    return Rejected(
        "refused-by-nectar",
        said,
        "Nectar reads PDF, PNG and JPEG files up to 25 MB and 150 pages. Replace the file.",
    )


def _too_many(refusal: Refusal, said: str) -> Transient:
    return Transient("too-many-requests", said, AGAIN, retry_after=refusal.wait)


def _unavailable(refusal: Refusal, said: str) -> Transient:
    return Transient("nectar-unavailable", said, AGAIN, retry_after=refusal.wait)


def _elsewhere(attempt: Attempt, host: str) -> Transient:
    there = f" to {host}" if host else ""
    return Transient(
        "redirected",
        f"{attempt.host} pointed elsewhere{there} instead of answering. The agent does not follow.",
        f"{CHECK_ADDRESS} {AGAIN}",
    )


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _reason(error: Exception) -> str:
    """Return the cause in words, without anything that the exception's own text may hold."""
    for cause in causes(error):
        match cause:
            case socket.gaierror():
                return "the name cannot be found (DNS)"
            case ssl.SSLError():
                # Some of them, made by truststore, have no reason.
                return (
                    f"no secure connection came about ({getattr(cause, 'reason', None) or 'TLS'})"
                )
            case ConnectionRefusedError():
                return "the connection was refused"
            case ConnectionResetError() | BrokenPipeError():
                return "the line was cut"
            case OSError(strerror=str(text)) if not isinstance(cause, TimeoutError):
                return clean(text, "").rstrip(".").lower()
    words = next((_BREAKS[kind] for kind in type(error).__mro__ if kind in _BREAKS), "it failed")
    if isinstance(error, httpx.ProxyError):
        return f"{words} ({clean(str(error), '')})"
    return words
