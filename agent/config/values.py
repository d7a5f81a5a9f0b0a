"""The kinds of values settings have: what text is accepted, and what becomes of it.

Each refusal is a sentence of ours that quotes no value. Paths are expanded here, which needs the
context ``{"environ": …, "folder": …}`` of the validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from agent.config.paths import PathMistakeError, expand
from agent.config.settings import SUBFOLDER

OWN_MISTAKE = "mistake"
"""Type of the errors raised here; their text is the sentence."""
CONTROL_CHARACTER = "control_character"
"""Type of the error for a path with a control character: mostly an escape nobody meant."""


def _mistake(sentence: str) -> PydanticCustomError:
    return PydanticCustomError(OWN_MISTAKE, "{sentence}", {"sentence": sentence})


def _has_control_character(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) == 127 for character in text)


def _path(written: str, info: ValidationInfo) -> str:
    if not written.strip():
        raise _mistake("must not be empty")
    if _has_control_character(written):
        raise PydanticCustomError(CONTROL_CHARACTER, "holds a control character")
    context: Mapping[str, Any] = info.context or {}
    try:
        return expand(written, context["environ"], context["folder"])
    except PathMistakeError as mistake:
        if info.field_name == "api_key_file":
            # The text names a part of the value, and the value may be the key itself.
            raise _mistake("is no path: a variable or a home folder in it is unknown") from None
        raise _mistake(str(mistake)) from None


def _optional_path(written: str, info: ValidationInfo) -> str | None:
    return _path(written, info) if written else None


def _key_file(written: str, info: ValidationInfo) -> str | None:
    if len(written) >= 20 and not set(written) & set("/\\.~$%"):
        raise _mistake(
            "seems to be the key itself. Name the file that holds it, together with its folder"
        )
    return _optional_path(written, info)


def _text(text: str) -> str:
    if _has_control_character(text):
        raise _mistake("must not hold a control character")
    return text


def _text_or_none(text: str) -> str | None:
    return _text(text) or None


def _split(url: str) -> SplitResult:
    if url.isprintable() and " " not in url and "\\" not in url:
        try:
            parts = urlsplit(url)
            if parts.port != 0:
                return parts
        except ValueError:  # a port out of range, or brackets that hold no address
            pass
    raise _mistake("is no address")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_EXAMPLE = 'such as "https://external.nectarclimate.com/v2.2"'


def _base_url(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise _mistake(f"must be an address, {_EXAMPLE}")
    if "@" in parts.netloc:
        raise _mistake(f"must not hold a name, a password or a key. Give the address, {_EXAMPLE}")
    if "?" in url or "#" in url:
        raise _mistake(f"must end after the version, {_EXAMPLE}")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise _mistake('must begin with "https://", for "http://" is for this machine only')
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _proxy(url: str) -> str | None:
    if not url:
        return None
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _mistake('must be an address, such as "http://proxy.example.com:8080"')
    return url


def _site(site: str) -> str:
    if site != SUBFOLDER and ("{" in site or "}" in site):
        raise _mistake(
            f'must be an externalId, or "{SUBFOLDER}" and nothing beside it. '
            "Folder names that are not the externalId belong in [site_names]"
        )
    return site


def _file_types(types: list[str]) -> list[str]:
    return list(dict.fromkeys("jpg" if word == "jpeg" else word for word in types))


def _pattern(pattern: str) -> str:
    if "\\" in pattern:
        raise _mistake('must be written with "/" between folders, on Windows too')
    return _text(pattern)


def _existing(value: object) -> object:
    if isinstance(value, str):
        if value in {"ask", "all", "new"}:
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _mistake('must be "ask", "all", "new" or a date such as 2026-01-31')


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_text)]
"""Text that says something; blanks around it do not count."""

OptionalText = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(_text_or_none)
]
"""Text, or ``""`` as if the key were not there."""

PathText = Annotated[str, StringConstraints(min_length=1), AfterValidator(_path)]
"""A path; blanks around it belong to it, for folders may be named so."""

OptionalPath = Annotated[str, AfterValidator(_optional_path)]
"""A path, or ``""`` as if the key were not there."""

KeyFile = Annotated[str, AfterValidator(_key_file)]
Site = Annotated[Text, AfterValidator(_site)]
BaseUrl = Annotated[Text, AfterValidator(_base_url), Field(json_schema_extra={"format": "uri"})]
Proxy = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_proxy)]
Pattern = Annotated[str, StringConstraints(min_length=1), AfterValidator(_pattern)]

FileTypes = Annotated[
    list[Literal["pdf", "png", "jpg", "jpeg"]],
    Field(min_length=1),
    AfterValidator(_file_types),
]
"""What Nectar reads; ``jpeg`` is another word for ``jpg``, and repeated words count once."""

ExistingChoice = Annotated[
    Any,
    PlainValidator(_existing),
    WithJsonSchema(
        {"anyOf": [{"enum": ["ask", "all", "new"]}, {"type": "string", "format": "date"}]}
    ),
]
"""``ask``, ``all``, ``new``, or a date."""
