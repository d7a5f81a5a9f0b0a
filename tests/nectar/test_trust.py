"""Whom TLS believes, and what is said when it believes somebody not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from client_under_test import BILL, KEY, PENDING, MakeClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scripted_server import ScriptedServer, reply

from agent.bills.errors import ConfigurationError, NeedsAttention, NoConnection
from agent.nectar.trust import certificate_error, distrust, stale_variables


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[ScriptedServer]:
    """A server on https://localhost whose authority this machine does not know."""
    with ScriptedServer(server_context(authority.issue_cert("localhost"))) as scripted:
        scripted.play(reply(200, PENDING))
        yield scripted


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return what a server needs to show ``certificate``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_an_unknown_authority_is_named(make_client: MakeClient, secure: ScriptedServer) -> None:
    """The issuer seen, and where its certificate goes. No request got through."""
    client = make_client(secure.address)
    for call in (client.ping, lambda: client.job("j"), lambda: client.upload(BILL)):
        with pytest.raises(NeedsAttention) as caught:
            call()
        assert caught.value.code == "tls-not-trusted"
        assert f"localhost:{secure.port}" in caught.value.message
        assert "Acme Inspection" in caught.value.message
        assert "ca_file" in caught.value.advice
    assert secure.requests == []


@pytest.mark.parametrize("is_text", [True, False])
def test_an_extra_authority_makes_it_trusted(
    make_client: MakeClient,
    secure: ScriptedServer,
    authority: trustme.CA,
    tmp_path: Path,
    *,
    is_text: bool,
) -> None:
    """``ca_file`` as PEM, with remarks around it, or as DER, as Windows exports it."""
    pem = authority.cert_pem.bytes()
    path = tmp_path / "authority.crt"
    path.write_bytes(
        "# Prüfstelle\n".encode() + pem if is_text else ssl.PEM_cert_to_DER_cert(pem.decode())
    )
    client = make_client(secure.address, ca_file=str(path))
    assert client.job("j").id == "job-1"
    assert client.upload(BILL).id == "job-1"
    assert secure.requests[0].headers["x-api-key"] == KEY
    assert secure.connections == 1


def test_a_certificate_for_another_name_is_told_apart(
    make_client: MakeClient, authority: trustme.CA, ca_file: str
) -> None:
    """Trusted issuer, other host: the hosts that it is for are named."""
    with ScriptedServer(server_context(authority.issue_cert("intranet.example"))) as other:
        client = make_client(other.address, ca_file=ca_file)
        with pytest.raises(NeedsAttention) as caught:
            client.ping()
        assert other.requests == []
    assert caught.value.code == "tls-not-trusted"
    assert "intranet.example" in caught.value.message
    assert "Acme Inspection" in caught.value.message
    assert "base_url" in caught.value.advice
    assert "ca_file" not in caught.value.advice


def test_an_expired_certificate_points_to_the_clock(
    make_client: MakeClient, authority: trustme.CA, ca_file: str
) -> None:
    """The date of this computer is the likelier cause."""
    expired = authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    with ScriptedServer(server_context(expired)) as old:
        client = make_client(old.address, ca_file=ca_file)
        with pytest.raises(NeedsAttention) as caught:
            client.ping()
        assert old.requests == []
    assert caught.value.code == "tls-not-trusted"
    assert "expired" in caught.value.message
    assert "Acme Inspection" in caught.value.message
    assert "date and time" in caught.value.advice


def self_signed(folder: Path, issuer: str) -> ssl.SSLContext:
    """Return a server that vouches for itself, as ``issuer``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [
        ("Router of the house", "Router of the house"),
        ("[red]\x1b[31m\r\nhttps://evil.example/?sig=1\u202e", "[red]"),
        ("x" * 64, "x" * 64),
        ("Prüfstelle 鍵", "Prüfstelle 鍵"),
    ],
)
def test_a_certificate_that_vouches_for_itself_is_named(
    make_client: MakeClient, tmp_path: Path, issuer: str, shown: str
) -> None:
    """By what it calls its issuer, fit to be shown; nothing is sent."""
    with ScriptedServer(self_signed(tmp_path, issuer)) as server:
        client = make_client(server.address)
        for call in (client.ping, lambda: client.upload(BILL)):
            with pytest.raises(NeedsAttention) as caught:
                call()
            assert caught.value.code == "tls-not-trusted"
            assert shown in caught.value.message
            assert caught.value.message.isprintable()
            assert "evil" not in caught.value.message
        assert server.requests == []


def refusal(code: int, message: str = "not good") -> ssl.SSLCertVerificationError:
    """Return a refusal as `ssl` and truststore raise it."""
    error = ssl.SSLCertVerificationError(message)
    error.verify_code = code
    error.verify_message = message
    return error


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (10, "expired"),
        (9, "not valid yet"),
        (62, "another name"),
        (64, "another name"),
        (20, "not trusted"),
        (0x800B0101, "expired"),
        (0x800B010F, "another name"),
        (0x800B0109, "not trusted"),
        (-67818, "expired"),
        (-67602, "another name"),
        (-67843, "not trusted"),
        (0, "not trusted"),
    ],
)
def test_the_codes_of_every_system_are_understood(code: int, word: str) -> None:
    """OpenSSL's, those of Windows, and those of macOS."""
    error = distrust(refusal(code), "n.example", None)
    assert error.code == "tls-not-trusted"
    assert word in error.message
    assert error.advice


def test_a_refusal_without_a_code_is_understood() -> None:
    """As one that was raised without any."""
    assert "bare words" in distrust(ssl.SSLCertVerificationError("bare words"), "n", None).message


def test_a_refusal_is_found_behind_other_errors() -> None:
    """Also where the chain of causes bites its tail."""
    inner, outer = refusal(20), RuntimeError()
    outer.__cause__ = inner
    inner.__context__ = outer
    assert certificate_error(outer) is inner
    assert certificate_error(RuntimeError()) is None


def test_a_variable_that_leads_nowhere_is_named(
    make_client: MakeClient, secure: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stale SSL_CERT_FILE is said to be one; it is no crash."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    client = make_client(secure.address)
    with pytest.raises(NeedsAttention) as caught:
        client.ping()
    assert "SSL_CERT_FILE" in caught.value.advice
    assert "gone.pem" in caught.value.advice
    monkeypatch.setenv("SSL_CERT_FILE", __file__)
    assert stale_variables({"SSL_CERT_FILE": __file__, "SSL_CERT_DIR": ""}) == ""


def test_a_variable_that_leads_nowhere_stops_nobody_else(
    make_client: MakeClient, secure: ScriptedServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where trust does not hang on it, the agent works."""
    monkeypatch.setenv("SSL_CERT_FILE", "/gone.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/gone")
    assert make_client(secure.address, ca_file=ca_file).job("j").id == "job-1"


def test_a_ca_file_that_cannot_be_used_is_a_mistake_in_the_settings(
    make_client: MakeClient, tmp_path: Path
) -> None:
    """Missing, a folder, empty, or something else: named with its path."""
    empty, text = tmp_path / "empty.pem", tmp_path / "text.pem"
    empty.write_bytes(b"")
    text.write_bytes(b"-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    for path in (tmp_path / "gone.pem", tmp_path, empty, text):
        with pytest.raises(ConfigurationError) as caught:
            make_client("https://nectar.test/v2.2", ca_file=str(path))
        assert "[nectar] ca_file" in caught.value.message
        assert str(path) in caught.value.message


def test_a_server_that_speaks_no_tls_is_no_connection(make_client: MakeClient) -> None:
    """A wrong port is not a matter of trust."""
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            for _ in range(2):
                line, _ = mail.accept()
                line.sendall(b"220 mail.example ready\r\n")
                line.recv(4096)
                line.close()

        greeting = threading.Thread(target=greet)
        greeting.start()
        client = make_client(f"https://localhost:{mail.getsockname()[1]}/v2.2")
        for call in (client.ping, lambda: client.upload(BILL)):
            with pytest.raises(NoConnection) as caught:
                call()
            assert "secure connection" in caught.value.message
        greeting.join(10)
