"""Where Nectar is and which way leads there."""

from __future__ import annotations

import pytest

from agent.bills.errors import ConfigurationError, NoConnection
from agent.nectar.connection import (
    Connection,
    address_of,
    configured_proxy,
    is_loopback,
    system_proxy,
)

NECTAR = address_of("https://external.nectarclimate.com/v2.2")


@pytest.mark.parametrize(
    ("url", "base", "name"),
    [
        ("https://n.example/v2.2", "https://n.example/v2.2", "n.example"),
        ("https://n.example/v2.1/", "https://n.example/v2.1", "n.example"),
        (" HTTPS://n.example:443/v2// ", "https://n.example:443/v2", "n.example"),
        ("https://n.example:8443", "https://n.example:8443", "n.example:8443"),
        ("http://127.0.0.1:80/v2.2", "http://127.0.0.1:80/v2.2", "127.0.0.1"),
        ("http://localhost:8080/", "http://localhost:8080", "localhost:8080"),
        ("http://[::1]:8080/v2.2", "http://[::1]:8080/v2.2", "[::1]:8080"),
    ],
)
def test_an_address_is_taken_apart(url: str, base: str, name: str) -> None:
    """Every version by its address alone, with or without a slash at the end."""
    address = address_of(url)
    assert (address.base, address.name) == (base, name)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "external.nectarclimate.com/v2.2",
        "ftp://n.example",
        "https://",
        "https://n.example:port/",
        "https://[::1/",
        "https://key@n.example/v2.2",
        "https://user:secret@n.example/v2.2",
        "https://n.example/v2.2?key=secret",
        "https://n.example/v2.2#secret",
        "http://n.example/v2.2",
        "http://192.168.0.7/v2.2",
    ],
)
def test_an_address_that_cannot_be_used_is_a_mistake_in_the_settings(url: str) -> None:
    """Also one that would send the key in clear over a network. No secret is repeated."""
    with pytest.raises(ConfigurationError) as caught:
        address_of(url)
    assert "[nectar] base_url" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    """Every name of loopback."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "n.example", "::", ""])
def test_other_machines_are_not_this_one(host: str) -> None:
    """Nothing that merely looks like loopback."""
    assert not is_loopback(host)


def test_a_proxy_keeps_its_password_to_itself() -> None:
    """Whoever prints the settings or the proxy sees no password."""
    proxy = configured_proxy("http://user:secret@proxy.example:8080")
    assert proxy is not None
    assert proxy.name == "proxy.example:8080"
    assert "secret" not in repr(proxy)
    assert "secret" not in repr(Connection("https://n.example", proxy="http://u:secret@p:1"))


def test_a_proxy_may_be_named_without_a_scheme() -> None:
    """``proxy:8080`` is an HTTP proxy; nothing at all is none."""
    proxy = configured_proxy("proxy.example:8080")
    assert proxy is not None
    assert proxy.url == "http://proxy.example:8080"
    assert configured_proxy(" ") is None


@pytest.mark.parametrize(
    "setting", ["socks5://secret:p@proxy:1080", "http://", "http://p:port", "ftp://p"]
)
def test_what_is_no_http_proxy_is_a_mistake_in_the_settings(setting: str) -> None:
    """It is said before anything runs, without repeating what may be a secret."""
    with pytest.raises(ConfigurationError) as caught:
        configured_proxy(setting)
    assert "[nectar] proxy" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Under each of its usual names."""
    monkeypatch.setenv(name, "http://proxy.example:8080")
    proxy = system_proxy(NECTAR)
    assert proxy is not None
    assert proxy.name == "proxy.example:8080"


@pytest.mark.parametrize(
    "names", ["external.nectarclimate.com", ".nectarclimate.com", "*", "a,nectarclimate.com"]
)
def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    """NO_PROXY by name, by domain and for all."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:8080")
    monkeypatch.setenv("NO_PROXY", names)
    assert system_proxy(NECTAR) is None


def test_a_proxy_for_other_kinds_of_address_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is for http."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:8080")
    assert system_proxy(NECTAR) is None


def test_a_socks_proxy_of_the_environment_is_named_as_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would lead nowhere; the sentence says what to do, and repeats no password."""
    monkeypatch.setenv("ALL_PROXY", "socks5://user:secret@proxy.example:1080")
    with pytest.raises(NoConnection) as caught:
        system_proxy(NECTAR)
    assert "ALL_PROXY" in caught.value.advice
    assert "secret" not in str(caught.value)
