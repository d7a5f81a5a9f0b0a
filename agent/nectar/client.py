"""The client of Nectar's API: one method for each call that the agent makes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from agent import __version__
from agent.bills.answers import Company, CompanySites, Job, Page, Site, Upload, objects
from agent.bills.errors import AgentError, NotThere
from agent.bills.exact_json import Json, parse_json
from agent.bills.identities import is_usable_id
from agent.nectar import failures
from agent.nectar.answer_body import ACCEPTED_ENCODING, UnreadableBody, read_body
from agent.nectar.connection import (
    Connection,
    Proxy,
    address_of,
    configured_proxy,
    is_loopback,
    system_proxy,
)
from agent.nectar.deadline import Deadline
from agent.nectar.failures import Attempt, Call, Refusal
from agent.nectar.pages import page_of, repeats
from agent.nectar.payloads import asked_job, company_of, site_of, started_job
from agent.nectar.retry_after import http_date, retry_after
from agent.nectar.transport import Transport
from agent.nectar.trust import certificate_error, distrust, seen_certificate, tls_context
from agent.nectar.upload_body import Stopped, UploadBody
from agent.nectar.words import clean, spoken

CONNECT_SECONDS = 10.0
STEP_SECONDS = 30.0
"""For each read, each write, and for a free connection."""
REQUEST_SECONDS = 60.0
"""For a whole request, its answer included."""
SLOWEST_BYTES_PER_SECOND = 50_000
"""An upload may take this much longer: 25 MB within about ten minutes."""
MOST_ANSWER_BYTES = 32 * 1024 * 1024
"""Read in full, an answer takes several times this memory."""
MOST_ERROR_BYTES = 64 * 1024
MOST_PAGES = 1_000
MOST_LISTED = 100_000
"""Of companies or sites, 100 on each page: a list that does not end is cut here."""

DateType = Literal["CREATED_DATE", "UPDATED_DATE"]
Listed = TypeVar("Listed", Company, Site)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A 2xx answer, whole."""

    content: bytes
    media_type: str
    answered: float | None = None


class NectarClient:
    """Nectar's API behind one address and one key. May be used by several threads at once.

    ``key`` is asked before each request, so that a new key counts at once; whatever it raises
    passes through. The key is in no error and no log, and follows no redirect. Nothing is tried
    twice and nothing is waited for beyond the limits above.

    Every method raises NoConnection or Transient (time heals), NeedsAttention (``key-missing``,
    ``key-refused``, ``tls-not-trusted``: a person heals), and where it asks for one object,
    NotThere. What an upload may raise stands there. The constructor raises ConfigurationError for
    settings that cannot be used; it connects to nothing. ``transport`` stands in for the network.
    """

    def __init__(
        self,
        connection: Connection,
        key: Callable[[], str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._address = address_of(connection.base_url)
        self._key = key
        self._stopping = threading.Event()
        self._deadline = Deadline(monotonic)
        self._named_proxy = configured_proxy(connection.proxy)
        self._transport = Transport(
            tls_context(connection.ca_file),
            self._choose_proxy,
            most_connections=connection.max_requests,
            deadline=self._deadline,
        )
        self._http = httpx.Client(
            transport=transport or self._transport,
            trust_env=False,
            follow_redirects=False,
            headers={
                "User-Agent": f"nectar-bill-agent/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED_ENCODING,
            },
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(STEP_SECONDS, connect=CONNECT_SECONDS),
            event_hooks={"response": [_hide_redirect, self._note_date]},
        )
        self.answer_date: float | None = None
        """What the last answer's header ``Date`` said, in seconds since 1970: Nectar's clock."""

    def ping(self) -> None:
        """Return if Nectar is there and takes the key."""
        attempt = Attempt(Call.PING, self._address.name, "the key")
        answer = self._get("/ping", {}, attempt)
        if answer.media_type == "text/html":
            raise failures.unreadable(attempt, "it is a web page")

    def companies(self) -> tuple[Company, ...]:
        """Return all companies that the key sees, each once."""
        return self._all("/company", "companies", "list of companies", company_of)

    def company_sites(self, company_id: str) -> CompanySites:
        """Return a company with all its sites, archived ones too, each once."""
        path, what = f"/company/{_segment(company_id)}", f"company {company_id}"
        payload = self._object(path, what)
        company = company_of(payload, asked=company_id)
        if company is None:
            raise failures.unreadable(self._attempt(what), "it names no company")
        if company.id.strip().lower() != company_id.strip().lower():
            # Its sites would be those of another company.
            raise failures.unreadable(self._attempt(what), "it is about another company")
        items = payload.get("sites")
        if not isinstance(items, list):
            return CompanySites(company, self._listed_sites(company_id))
        return CompanySites(company, tuple(_by_id(objects(items), site_of).values()))

    def job(self, job_id: str) -> Job:
        """Return the job as it stands."""
        return asked_job(self._object(f"/job/{_segment(job_id)}", f"job {job_id}"), job_id)

    def document(self, document_id: str) -> dict[str, Any]:
        """Return the document as given: every member, every digit."""
        return self._object(f"/document/{_segment(document_id)}", f"document {document_id}")

    def usage_page(self, document_id: str, page: int) -> Page:
        """Return page number ``page``, from 1, of a document's usage records."""
        path = f"/usage/document/{_segment(document_id)}"
        query = {"page": str(page)}
        return self._page(path, query, "usageData", page, f"usage of document {document_id}")

    def documents_page(
        self, company_id: str, *, since: date, date_type: DateType, page: int
    ) -> Page:
        """Return page number ``page``, from 1, of the documents created or updated ``since``.

        ``since`` is a UTC day and belongs to what is returned; so does everything after it.
        """
        path = f"/document/company/{_segment(company_id)}"
        query = {"startDate": since.isoformat(), "dateType": date_type, "page": str(page)}
        return self._page(path, query, "documents", page, f"documents of company {company_id}")

    def upload(self, upload: Upload) -> Job:
        """Send one bill and return the job that Nectar began for it.

        Raises, beside NeedsAttention: Transient or NoConnection if it was surely not taken,
        InDoubt if it may have been, Rejected (``refused-by-nectar``) if Nectar will not have this
        file, UploadRefused for any other refusal.
        """
        attempt = Attempt(Call.UPLOAD, self._address.name, f"company {upload.company_id}")
        key = self._usable_key()
        body = UploadBody(upload, self._stopping.is_set)
        request = self._http.build_request(
            "POST",
            f"{self._address.base}/job/company/{_segment(upload.company_id)}",
            content=body,
            headers={
                "X-API-Key": key,
                "Content-Type": body.content_type,
                "Content-Length": str(body.length),
            },
        )
        self._deadline.start(REQUEST_SECONDS + body.length / SLOWEST_BYTES_PER_SECOND)
        try:
            answer = self._exchange(request, attempt, key, body)
        except Stopped:
            raise failures.stopped(self._address.name) from None
        job = started_job(_json_or_none(answer.content))
        if job is None:
            raise failures.unreadable(attempt, "it names no job")
        return job

    def drop_connections(self) -> None:
        """Begin every further request on a new connection, and look for the proxy anew.

        For after a sleep or a change of network. Requests under way go on.
        """
        self._transport.drop_connections()

    def close(self) -> None:
        """Send nothing more: further calls raise NoConnection, as do uploads half sent.

        Other requests under way end within their time limits.
        """
        self._stopping.set()
        self._transport.close()

    def _note_date(self, response: httpx.Response) -> None:
        date = http_date(response.headers.get("Date") or "")
        self.answer_date = None if date is None else date.timestamp()

    def _choose_proxy(self) -> Proxy | None:
        if is_loopback(self._address.host):
            return None
        return self._named_proxy or system_proxy(self._address)

    def _usable_key(self) -> str:
        key = (self._key() or "").strip()
        if not key:
            raise failures.key_missing(self._address.name)
        if not (key.isascii() and key.isprintable()):
            raise failures.key_unusable(self._address.name)
        return key

    def _attempt(self, what: str) -> Attempt:
        return Attempt(Call.GET, self._address.name, what)

    def _listed_sites(self, company_id: str) -> tuple[Site, ...]:
        path, what = f"/site/company/{_segment(company_id)}", f"sites of company {company_id}"
        try:
            return self._all(path, "sites", what, site_of)
        except NotThere:
            # The company was there a moment ago: this call is not, and so no site is known.
            raise failures.unreadable(self._attempt(what), "it names no sites") from None

    def _all(
        self, path: str, member: str, what: str, read: Callable[[dict[str, Any]], Listed | None]
    ) -> tuple[Listed, ...]:
        """Return every object of a list that may or may not come in pages, each id once."""
        page = self._page(path, {}, member, 1, what)
        found = _by_id(page.items, read)
        for number in range(2, MOST_PAGES + 1):
            if page.is_last or len(found) >= MOST_LISTED:
                break
            following = self._page(path, {"page": str(number)}, member, number, what)
            if repeats(page, following):
                break
            page = following
            found |= _by_id(page.items, read)
        return tuple(found.values())

    def _page(self, path: str, query: dict[str, str], member: str, number: int, what: str) -> Page:
        attempt = self._attempt(what)
        answer = self._get(path, query, attempt)
        page = page_of(_parsed(answer, attempt), member, number)
        if page is None:
            raise failures.unreadable(attempt, "it holds no list")
        return replace(page, answered=answer.answered)

    def _object(self, path: str, what: str) -> dict[str, Any]:
        payload = self._json(path, {}, what)
        if not isinstance(payload, dict):
            raise failures.unreadable(self._attempt(what), "it is no JSON object")
        return payload

    def _json(self, path: str, query: dict[str, str], what: str) -> Json:
        attempt = self._attempt(what)
        return _parsed(self._get(path, query, attempt), attempt)

    def _get(self, path: str, query: dict[str, str], attempt: Attempt) -> _Answer:
        key = self._usable_key()
        request = self._http.build_request(
            "GET", self._address.base + path, params=query or None, headers={"X-API-Key": key}
        )
        self._deadline.start(REQUEST_SECONDS)
        return self._exchange(request, attempt, key, None)

    def _exchange(
        self, request: httpx.Request, attempt: Attempt, key: str, body: UploadBody | None
    ) -> _Answer:
        """Send ``request`` and return its 2xx answer; raises the named error for anything else."""
        status = 0
        try:
            response = self._http.send(request, stream=True)
            try:
                status = response.status_code
                if response.is_success:
                    content = read_body(response, MOST_ANSWER_BYTES)
                    return _Answer(content, _media_type(response), _answered(response))
                refusal = _refusal(response, key)
            finally:
                response.close()
        except UnreadableBody as error:
            raise failures.unreadable(attempt, str(error)) from None
        except failures.BREAKS as error:
            # An upload that was answered with 2xx may be taken whatever was left of its body.
            is_taken = body is not None and (body.exhausted or status >= 200)
            raise self._break(
                error, failures.handed_over(attempt) if is_taken else attempt
            ) from None
        if body is not None and body.exhausted:
            attempt = failures.handed_over(attempt)
        raise failures.refused(attempt, refusal)

    def _break(self, error: Exception, attempt: Attempt) -> AgentError:
        if self._stopping.is_set() and not attempt.may_be_taken:
            return failures.stopped(self._address.name)
        refusal = certificate_error(error)
        if refusal is None or attempt.may_be_taken:
            return failures.broken(error, attempt, self._transport.proxy_name)
        self._deadline.start(CONNECT_SECONDS)
        certificate = seen_certificate(
            lambda context: self._transport.peer_certificate(context, self._address)
        )
        return distrust(refusal, self._address.name, certificate)


def _by_id(
    items: Iterable[dict[str, Any]], read: Callable[[dict[str, Any]], Listed | None]
) -> dict[str, Listed]:
    """Return what can be read of ``items`` by id; of several with one id the last."""
    return {one.id: one for item in items if (one := read(item)) is not None}


def _hide_redirect(response: httpx.Response) -> None:
    """Keep a redirect from httpx, which builds the next request even if it may not send it."""
    response.extensions["location"] = response.headers.pop("Location", "")


def _refusal(response: httpx.Response, key: str) -> Refusal:
    """Return what an answer other than 2xx says; its body may be broken, its status counts."""
    try:
        content = read_body(response, MOST_ERROR_BYTES)
    except (UnreadableBody, httpx.HTTPError):
        content = b""
    words, fields = spoken(content, key)
    try:
        pointed_to = urlsplit(response.extensions["location"]).hostname or ""
    except ValueError:
        pointed_to = ""
    wait = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
    return Refusal(response.status_code, words, fields, wait, clean(pointed_to, key))


def _segment(identity: str) -> str:
    """Return ``identity`` as one segment of a path; dots alone would mean another one.

    Raises NotThere where Nectar named something by what nobody can ask for.
    """
    if not is_usable_id(identity):
        raise failures.not_askable()
    if identity.strip(".") == "":
        return identity.replace(".", "%2E")
    return quote(identity, safe="")


def _parsed(answer: _Answer, attempt: Attempt) -> Json:
    try:
        return parse_json(answer.content)
    except ValueError:
        is_page = answer.media_type == "text/html"
        why = "it is a web page" if is_page else "it is no JSON"
        raise failures.unreadable(attempt, why) from None


def _answered(response: httpx.Response) -> float | None:
    moment = http_date(response.headers.get("Date", ""))
    return moment.timestamp() if moment is not None else None


def _media_type(response: httpx.Response) -> str:
    kind: str = response.headers.get("Content-Type", "")
    return kind.partition(";")[0].strip().lower()


def _json_or_none(content: bytes) -> Json:
    try:
        return parse_json(content)
    except ValueError:
        return None
