"""JSON as nobody should send it: good payloads with some of their parts made hostile.

A good payload goes in, the bytes of a bad one come out, chosen by a seeded random source, so that
every case can be had again by its seed.
"""

from __future__ import annotations

import json
import random
from typing import Any

SIGNED_LINK = "https://raw.example/b.pdf?X-Amz-Signature=5ec4e7c0ffee5ec4e7c0ffee&X-Amz-Expires=9"
"""A link that must be nowhere in the end, nor any of its parameters."""

_RAW = "\ue000raw:"
"""Stands for text that no JSON writer writes; replaced once the rest is written."""

RAW_TOKENS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1e-400",
    "1E+999999999",
    "1E+9999999999999999999999",
    "9" * 5000,
    "0." + "1" * 5000,
    "-0",
    '{"id": 1, "id": 2}',
    '{"id": "a", "id": null, "status": "COMPLETED", "status": {}}',
    "[" * 90 + "]" * 90,
    "[" * 96 + "]" * 96,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 95 + "1" + "}" * 95,
    '"\\ud800"',
    '"\\udfff id"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
)

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**31,
    2**63,
    -(2**63) - 1,
    10**100,
    0.1,
    "",
    " ",
    "\n",
    "\0",
    "a\0b",
    "\ufeffid",
    "\u202egnp.exe",
    "x" * 100_000,
    "é" * 500,
    "\U0001f600",
    ".",
    "..",
    "../../company",
    "a/b?c=d#e",
    "%2e%2e%2f",
    "%00",
    "a\r\nX-API-Key: b",
    "0",
    "-1",
    "1e9",
    "9" * 400,
    "PENDING",
    "COMPLETED",
    "FAILED",
    "TERMINATED",
    "completed ",
    "2026-02-30",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-23:59",
    "2026-02-11T18:40:00Z",
    "[/red]",
    "\x1b]0;title\x07\x1b[2J",
    SIGNED_LINK,
    SIGNED_LINK.replace("?", "%3F").replace("=", "%3D").replace("&", "%26"),
    {"url": SIGNED_LINK},
    [],
    {},
    [[]],
    [None],
    [{}],
    {"id": None},
    {"id": {}},
    {"id": ["x"]},
    [[["x"]]],
    ["x", "x", "x"],
    [0, None, "x", {"id": "y"}],
    {"": ""},
    {"id": "x", "name": None, "externalId": []},
)


_PIECES = ("\0", " ", "\ud800", "\udfff", "\ud800", "/", "é", "?", "\U0001f600")


class HostileJson:
    """Makes hostile payloads of good ones, out of one random source."""

    def __init__(self, source: random.Random) -> None:
        self.random = source

    def body(self, good: Any, *, most: int = 4) -> bytes:
        """Return ``good`` as JSON with one to ``most`` of its parts changed, added or left out."""
        value = json.loads(json.dumps(good))
        for _ in range(self.random.randint(1, most)):
            value = self._changed(value)
        return written(value)

    def value(self) -> Any:
        """Return any hostile value."""
        if self.random.random() < 0.35:
            return _RAW + self.random.choice(RAW_TOKENS)
        return self.random.choice(VALUES)

    def _changed(self, value: Any) -> Any:
        """Return ``value`` with something in it changed, at any depth."""
        is_deeper = isinstance(value, dict | list) and value and self.random.random() < 0.85
        if not is_deeper:
            return self._replaced(value)
        if isinstance(value, list):
            at = self.random.randrange(len(value))
            match self.random.randrange(8):
                case 0:
                    return [*value, self.value()]
                case 1:
                    return value[:at] + value[at + 1 :]
                case 2:
                    return [*value, value[at], value[at]]
                case _:
                    return [*value[:at], self._changed(value[at]), *value[at + 1 :]]
        name = self.random.choice(list(value))
        match self.random.randrange(8):
            case 0:
                return {each: one for each, one in value.items() if each != name}
            case 1:
                return {**value, self._name(): self.value()}
            case 2:
                return {**value, name: value[self.random.choice(list(value))]}
            case _:
                return {**value, name: self._changed(value[name])}

    def _replaced(self, value: Any) -> Any:
        match self.random.randrange(6):
            case 0:
                return [value]
            case 1:
                return {"id": value}
            case 2 | 3 if isinstance(value, str) and value:
                cut = self.random.randrange(len(value))
                return value[:cut] + self.random.choice(_PIECES) + value[cut:]
            case _:
                return self.value()

    def _name(self) -> str:
        names = ["id", "jobId", "status", "url", "URL", "usageData", "errors", "", "\0", "sites"]
        return self.random.choice([*names, "duplicates", "parsedDocumentIds", "x" * 1000])


def written(value: Any) -> bytes:
    """Return ``value`` as JSON, with what no JSON writer writes put in."""
    text = json.dumps(value)
    for token in RAW_TOKENS:
        text = text.replace(json.dumps(_RAW + token), token)
    return text.encode()
