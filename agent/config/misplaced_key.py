"""Finding an API key that someone wrote in the configuration file, where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from agent.config.locate import KeyPath

BELONGS = (
    "the API key does not belong in this file. Remove the line and store the key with "
    '"bill-agent key set", or give NECTAR_API_KEY, or name a file that holds it with '
    "[nectar] api_key_file"
)

_NAMES = frozenset({"apikey", "nectarapikey", "xapikey", "apitoken", "apisecret"})
_PLAIN_NAMES = frozenset({"key", "token", "secret", "password"})


def misplaced_keys(values: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Yield the way to every member, at any depth, whose name says that it is the API key."""
    waiting: list[tuple[KeyPath, object]] = [((), values)]  # no recursion: depth has no bound
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping):
            for name, member in value.items():
                if _means_the_key(name, in_site_names=path == ("site_names",)):
                    yield (*path, name)
                else:
                    waiting.append(((*path, name), member))
        elif isinstance(value, list):
            waiting.extend(((*path, index), member) for index, member in enumerate(value))


def _means_the_key(name: str, *, in_site_names: bool) -> bool:
    bare = re.sub(r"[^a-z]", "", name.lower())
    if bare in _NAMES:
        return True
    if in_site_names:  # a site may well be called "Key"
        return False
    nearest = get_close_matches(bare, ("apikey", "apikeyfile"), 1, 0.8)
    return bare in _PLAIN_NAMES or nearest == ["apikey"]
