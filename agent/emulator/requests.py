"""What comes in and what goes out, as plain values without any HTTP library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import simplejson

VERSIONS = ("v2", "v2.1", "v2.2")


class Cut(StrEnum):
    """Where the line breaks."""

    BEFORE_BODY = "before_body"
    IN_BODY = "in_body"
    AFTER_BODY = "after_body"
    IN_ANSWER = "in_answer"

    @property
    def is_before_effect(self) -> bool:
        """Whether the request is lost before the whole of it was taken."""
        return self in (Cut.BEFORE_BODY, Cut.IN_BODY)


@dataclass(frozen=True, slots=True)
class EmulatorRequest:
    """One request. ``path`` is still percent-encoded; header names are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def of(
        cls, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> "EmulatorRequest":
        """Make a request from a target such as ``/v2.2/company?page=2`` or a whole address."""
        parts = urlsplit(target)
        return cls(
            method=method.upper(),
            path=parts.path or "/",
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body,
        )

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path, without the version."""
        parts = tuple(unquote(part) for part in self.path.split("/") if part)
        return parts[1:] if parts and parts[0] in VERSIONS else parts

    @property
    def plain_path(self) -> str:
        """The decoded path without the version, for patterns and counts."""
        return "/" + "/".join(self.segments)

    def values(self, name: str) -> list[str]:
        """Return every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, slots=True)
class EmulatorAnswer:
    """One answer, and what the line does to it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    cut: Cut | None = None
    cut_share: float = 0.5
    delay_seconds: float = 0.0
    """Waited before the first byte of the answer."""
    drip_seconds: float = 0.0
    """Waited in the middle of the answer's body."""

    def json(self) -> Any:
        """Return the body as JSON, numbers with their digits kept."""
        return simplejson.loads(self.body, use_decimal=True)


class RefusedError(Exception):
    """A request that is answered with an error instead of a result."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Mapping[str, list[str]] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def as_answer(self) -> EmulatorAnswer:
        """Return the usual error body: ``detail`` and, for fields, ``errors``."""
        body: dict[str, Any] = {"detail": self.detail}
        if self.errors:
            body["errors"] = dict(self.errors)
        return json_answer(self.status, body, self.headers)


def json_answer(
    status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()
) -> EmulatorAnswer:
    """Return ``value`` as a JSON answer; decimals become numbers with all their digits."""
    body = simplejson.dumps(value, use_decimal=True, ensure_ascii=False).encode()
    return EmulatorAnswer(status, (("Content-Type", "application/json"), *headers), body)
