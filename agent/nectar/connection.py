"""Where Nectar is and which way leads there: address, certificate authority, proxy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from agent.bills.errors import ConfigurationError, NoConnection

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Connection:
    """What the settings say about the way to Nectar, table ``[nectar]``.

    ``base_url`` is https, or http to this machine only, with or without a slash at its end.
    ``ca_file`` is the path of an extra certificate authority (PEM or DER), "" for none.
    ``proxy`` is the address of an HTTP proxy, "" for the system's. It may hold a password, so it
    is left out of the repr. ``max_requests`` is how many requests may run at once.
    """

    base_url: str
    ca_file: str = ""
    proxy: str = field(default="", repr=False)
    max_requests: int = 4


@dataclass(frozen=True, slots=True)
class Address:
    """The API's address, taken apart. ``base`` has no slash at its end."""

    base: str
    scheme: str
    host: str
    port: int

    @property
    def name(self) -> str:
        """The host as people know it, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def address_of(base_url: str) -> Address:
    """Return the parts of ``base_url``.

    Raises ConfigurationError where it is no address of an API, holds a password or a query, or
    would send the key unencrypted over a network.
    """
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError:
        raise _mistake("base_url", "is no address") from None
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    if scheme not in DEFAULT_PORTS or not host:
        raise _mistake("base_url", "is no address; it starts with https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise _mistake("base_url", "holds a user name or a password; the API key belongs elsewhere")
    if parts.query or parts.fragment:
        raise _mistake("base_url", "ends in a query or a fragment; it ends after the version")
    if scheme == "http" and not is_loopback(host):
        raise _mistake("base_url", "is not encrypted; http is allowed to this machine only")
    base = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return Address(base, scheme, host, port or DEFAULT_PORTS[scheme])


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this very machine, told by its name alone."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. ``name`` is what may be shown of it; ``url`` may hold a password."""

    url: str = field(repr=False)
    name: str


def configured_proxy(setting: str) -> Proxy | None:
    """Return the proxy that the setting names, None for "".

    Raises ConfigurationError where it names no HTTP proxy.
    """
    if not setting.strip():
        return None
    proxy = _proxy(setting)
    if proxy is None:
        raise _mistake("proxy", 'is no address of an HTTP proxy, such as "http://proxy:8080"')
    return proxy


def system_proxy(address: Address) -> Proxy | None:
    """Return the proxy that the environment or the system names for ``address``, or None.

    The environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY) goes before the system's own settings.
    Raises NoConnection where one is named that is no HTTP proxy. May look names up.
    """
    named = getproxies()
    url = named.get(address.scheme) or named.get("all") or ""
    if not url or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    proxy = _proxy(url)
    if proxy is None:
        raise NoConnection(
            "no-connection",
            f"The proxy that this system names for {address.name} is no HTTP proxy.",
            "Name an HTTP proxy as proxy in [nectar], or take the one in HTTPS_PROXY or ALL_PROXY "
            "away.",
        )
    return proxy


def _proxy(url: str) -> Proxy | None:
    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in DEFAULT_PORTS or not host:
        return None
    return Proxy(parts.geturl(), f"{host}:{port or DEFAULT_PORTS[scheme]}")


def _mistake(key: str, what: str) -> ConfigurationError:
    return ConfigurationError((f"[nectar] {key}: {what}.",))
