"""Whom TLS believes, and what to say when it believes somebody not."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import truststore

from agent.bills.errors import ConfigurationError, NeedsAttention
from agent.nectar.transport import PeerCertificate
from agent.nectar.words import clean

# Why a certificate was not believed: OpenSSL's codes, then those that truststore passes on from
# Windows (wincrypt's CERT_E_…) and macOS (Security framework's errSec…).
_EXPIRED = {10, 0x800B0101, -67818}
_NOT_YET_VALID = {9, -67819}
_OTHER_NAME = {62, 64, 0x800B010F, -67602}

_WHATEVER_THE_DATE = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which `ssl` does not name."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people may want to know of a certificate: who issued it, and for which hosts."""

    issuer: str
    hosts: tuple[str, ...]


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return a context that believes the system's authorities, and that in ``ca_file``.

    Raises ConfigurationError where ``ca_file`` cannot be read or holds no certificate.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            content = Path(ca_file).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise _mistake(f"“{ca_file}” cannot be read: {reason}") from None
        is_text = b"-----BEGIN" in content
        try:
            context.load_verify_locations(
                cadata=content.decode("ascii", "ignore") if is_text else content
            )
        except (ssl.SSLError, ValueError):
            raise _mistake(f"“{ca_file}” holds no certificate") from None
    return context


def certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Return the refusal of a certificate that lies behind ``error``, None if there is none."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and what led to it, the nearest first."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def seen_certificate(
    handshake: Callable[[ssl.SSLContext], PeerCertificate | None],
) -> Certificate | None:
    """Return what the other side's certificate says, by handshakes over which nothing is sent.

    `ssl` gives the fields of verified certificates only. So the first handshake fetches the
    certificate unverified, and the second verifies it against itself: OpenSSL reads the fields,
    and no parser of our own meets what a stranger sent. None where that fails.
    """
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    first = handshake(unverified)
    if first is None or not first[0]:
        return None
    itself = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    itself.check_hostname = False
    itself.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _WHATEVER_THE_DATE
    try:
        itself.load_verify_locations(cadata=first[0])
    except ssl.SSLError:
        return None
    second = handshake(itself)
    return None if second is None else _certificate(second[1])


def distrust(
    error: ssl.SSLCertVerificationError, host: str, certificate: Certificate | None
) -> NeedsAttention:
    """Return what a person has to know about the certificate of ``host`` that was refused."""
    code = error.verify_code if hasattr(error, "verify_code") else 0
    issuer = certificate.issuer if certificate else ""
    issued = f" It was issued by “{issuer}”." if issuer else ""
    if code in _EXPIRED or code in _NOT_YET_VALID:
        which = "has expired" if code in _EXPIRED else "is not valid yet"
        return NeedsAttention(
            "tls-not-trusted",
            f"The certificate of {host} {which}, by the date of this computer.{issued}",
            "Check this computer's date and time first. If they are right, ask who runs "
            f"{host}, or your IT department if it inspects network traffic.",
        )
    if code in _OTHER_NAME:
        hosts = ", ".join(certificate.hosts) if certificate else ""
        return NeedsAttention(
            "tls-not-trusted",
            f"The certificate shown for {host} is "
            + (f"for {hosts} instead." if hosts else "for another name.")
            + issued,
            "Check base_url in [nectar]. If it is right, something else answers in Nectar's "
            "place: ask your IT department.",
        )
    reason = clean(getattr(error, "verify_message", "") or str(error), "")
    return NeedsAttention(
        "tls-not-trusted",
        f"The certificate of {host} was issued by “{issuer}”, which this computer does not trust."
        if issuer
        else f"The certificate of {host} is not trusted: {reason}.",
        "If your company inspects network traffic, ask IT for the certificate of its authority "
        "and name the file as ca_file in [nectar]." + stale_variables(os.environ),
    )


def stale_variables(environment: Mapping[str, str]) -> str:
    """Return a sentence for each variable that sends TLS to a file that is not there, or ""."""
    return "".join(
        f" {name} names “{path}”, which is not there: correct it or take it away."
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")
        if (path := environment.get(name)) and not Path(path).exists()
    )


def _certificate(fields: Mapping[str, object]) -> Certificate:
    names = dict(_pairs(fields.get("issuer"), depth=1))
    common, organisation = names.get("commonName", ""), names.get("organizationName", "")
    issuer = f"{common} ({organisation})" if common and organisation else common or organisation
    hosts = tuple(
        clean(value, "")
        for kind, value in _pairs(fields.get("subjectAltName"), depth=0)
        if kind in {"DNS", "IP Address"}
    )
    return Certificate(clean(issuer, ""), hosts[:5])


def _pairs(value: object, *, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the (name, text) pairs in the nested tuples that `ssl` gives."""
    if not isinstance(value, tuple):
        return
    for item in value:
        if depth:
            yield from _pairs(item, depth=depth - 1)
        elif isinstance(item, tuple) and len(item) == 2:
            yield str(item[0]), str(item[1])


def _mistake(what: str) -> ConfigurationError:
    return ConfigurationError((f"[nectar] ca_file: {what}.",))
