"""The one definition of every setting: type, default, bounds and a sentence for people.

The loader, the example file, the README's table and the JSON Schema all come from these classes.
Importing this module imports pydantic (a fifth of a second), so only functions import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from agent.config.paths import PathMistakeError, expand
from agent.config.settings import SUBFOLDER, Existing

OWN_MISTAKE = "mistake"
"""Type of the errors raised here: their text is a sentence of ours and quotes no value."""
CONTROL_CHARACTER = "control_character"
"""Type of the error for a path in which an escape made a control character."""

FILE_TYPES = ("pdf", "png", "jpg")
"""What Nectar reads; ``jpg`` includes files that end in ``.jpeg``."""


def _mistake(sentence: str) -> PydanticCustomError:
    # Braces are filled in from a context only, and none is given.
    return PydanticCustomError(OWN_MISTAKE, sentence)  # type: ignore[arg-type]  # wants a literal


def has_control_character(text: str) -> bool:
    """Whether ``text`` holds a character such as a line break or a tab."""
    return any(ord(character) < 32 or ord(character) == 127 for character in text)


def _path(written: str, info: ValidationInfo) -> str:
    if has_control_character(written):
        raise PydanticCustomError(CONTROL_CHARACTER, "holds a control character")
    context: Mapping[str, Any] = info.context or {"environ": {}, "folder": ""}
    try:
        return expand(written, context["environ"], context["folder"])
    except PathMistakeError as mistake:
        raise _mistake(str(mistake)) from None


def _optional_path(written: str, info: ValidationInfo) -> str | None:
    return _path(written, info) if written else None


def _optional(text: str) -> str | None:
    return text or None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        port_is_good = False
    if not port_is_good or not url.isprintable() or " " in url or "\\" in url:
        raise _mistake("is no address that can be read")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _base_url(url: str) -> str:
    parts = _split(url)
    example = 'such as "https://external.nectarclimate.com/v2.2"'
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise _mistake(f'must be an address that begins with "https://", {example}')
    if parts.username is not None or parts.password is not None:
        raise _mistake(
            f"must not hold a user name, a password or a key; give the address alone, {example}"
        )
    if "?" in url or "#" in url:
        raise _mistake(f'must end after the version, without "?" and "#", {example}')
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise _mistake('must begin with "https://": plain "http://" is for this machine alone')
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _proxy(url: str) -> str | None:
    if not url:
        return None
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _mistake('must be an address such as "http://proxy.example.com:8080"')
    return url


def _site(site: str) -> str:
    if site != SUBFOLDER and ("{" in site or "}" in site):
        raise _mistake(
            f'must be an externalId, or "{SUBFOLDER}" and nothing else; '
            "names that differ from the externalId belong in [site_names]"
        )
    return site


def _types(types: list[str]) -> list[str]:
    return list(dict.fromkeys("jpg" if word == "jpeg" else word for word in types))


def _pattern(pattern: str) -> str:
    if "\\" in pattern:
        raise _mistake('must be written with "/" between folders, on Windows too')
    if has_control_character(pattern):
        raise _mistake("holds a control character")
    return pattern


def _existing(value: object) -> Existing:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value in {"ask", "all", "new"}:
        return value  # type: ignore[return-value]  # just compared with the words of the type
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _mistake('must be "ask", "all", "new" or a date such as 2026-01-31')


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_optional)]
OptionalPath = Annotated[str, AfterValidator(_optional_path)]
Types = Annotated[
    list[Literal["pdf", "png", "jpg", "jpeg"]], Field(min_length=1), AfterValidator(_types)
]
Pattern = Annotated[str, StringConstraints(min_length=1), AfterValidator(_pattern)]
ExistingChoice = Annotated[
    Any,
    PlainValidator(_existing),
    WithJsonSchema(
        {"anyOf": [{"enum": ["ask", "all", "new"]}, {"type": "string", "format": "date"}]}
    ),
]


class Table(BaseModel):
    """A table of the file: nothing unknown in it, no text for a number, no infinity."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True
    )


class NectarTable(Table):
    """Where Nectar is, for whom bills are sent, and the way there."""

    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        "https://external.nectarclimate.com/v2.2",
        description="The API's address with its version; https, or http to this machine only.",
    )
    environment: Literal["production", "sandbox"] = Field(
        "production",
        description='"production" or "sandbox": your word for the key; the API cannot tell.',
    )
    company: OptionalText | None = Field(
        None,
        examples=["HMF"],
        description="The company's externalId, id or exact name; may be left out when the key "
        "sees exactly one.",
    )
    api_key_file: OptionalPath | None = Field(
        None,
        examples=["~/nectar.key"],
        description="A file with the API key in one line; must not be readable by others.",
    )
    max_requests: int = Field(
        4,
        ge=1,
        le=10,
        description="Requests to Nectar at once; Nectar asks for at most 10 over all machines.",
    )
    ca_file: OptionalPath | None = Field(
        "",
        description="A file with an extra certificate authority; the system's trust store is "
        "always used.",
    )
    proxy: Annotated[str | None, AfterValidator(_proxy)] = Field(
        "", description="The proxy's address; else the system's, HTTPS_PROXY and NO_PROXY."
    )


class FolderTable(Table):
    """A folder to watch; one such table for each. Of nested folders the deepest wins."""

    path: Annotated[Text, AfterValidator(_path)] = Field(
        examples=["C:\\Bills\\Plant 7"],
        description='The folder. Single quotes keep backslashes as they are; "~" and variables '
        "($HOME, %USERPROFILE%) are replaced; a relative path counts from this file's folder.",
    )
    site: Annotated[Text, AfterValidator(_site)] = Field(
        examples=["PLANT-07"],
        description="The site's externalId in Nectar, or \"{subfolder}\": the first subfolder's "
        "name is the externalId (or a name from [site_names]).",
    )
    company: OptionalText | None = Field(
        None,
        examples=["LC"],
        description="The folder's company, only where it differs from [nectar] company.",
    )
    recursive: bool = Field(True, description="Whether subfolders are read too.")
    types: Types | None = Field(
        None,
        examples=[["pdf"]],
        description="Endings of bills, only where they differ from [detection] types.",
    )


class DetectionTable(Table):
    """Which files are bills, and when one is complete."""

    quiet_seconds: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="A file is settled once it has not changed for this long.",
    )
    scan_seconds: float = Field(
        60.0,
        gt=0,
        le=86400,
        description="Every folder is read about this often whatever the events say; slow folders "
        "less often, shares more often.",
    )
    ignore: list[Pattern] = Field(
        [],
        examples=[["Old/**", "*-copy.pdf"]],
        description='Patterns of files to leave alone, relative to the folder, "/" everywhere, '
        "case ignored; beside the built-in list of temporary and system names.",
    )
    types: Types = Field(
        list(FILE_TYPES),
        description='Endings of bills, in any case: "pdf", "png" and "jpg", which includes "jpeg".',
    )
    incomplete_seconds: float = Field(
        600.0,
        ge=0,
        le=604800,
        description="How long an empty file, or one without its end mark, is waited for.",
    )
    existing: ExistingChoice = Field(
        "ask",
        description="Files already there when a folder is watched for the first time: "
        '"ask" (if more than 25 have no result of ours, those wait for "bill-agent admit"; files '
        'that come later go), "all", "new", or a date (of the last change).',
    )


class ResultsTable(Table):
    """What becomes of the JSON beside each bill."""

    refresh_hours: float = Field(
        24.0,
        ge=0,
        le=8760,
        description="How often to look for bills that Nectar corrected later; fractions allowed, "
        "0 turns it off.",
    )


class AgentTable(Table):
    """The agent itself on this machine."""

    data_dir: OptionalPath | None = Field(
        "",
        description="The folder of store, lock and logs; default: the user's data directory. Not "
        "on a network drive, not in a watched folder. Needs a restart.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description='How much is logged: "DEBUG", "INFO", "WARNING" or "ERROR".'
    )
    notifications: bool = Field(
        True, description="Whether the desktop is told when something needs a person."
    )


class ConfigurationFile(Table):
    """The settings of nectar-bill-agent."""

    nectar: NectarTable = Field(default_factory=NectarTable)
    folders: Annotated[list[FolderTable], Field(min_length=1)]
    site_names: dict[Text, Text] = Field(
        {},
        examples=[{"Harbor Mill Plant 7": "PLANT-07"}],
        description="People's folder names for externalIds.",
    )
    detection: DetectionTable = Field(default_factory=DetectionTable)
    results: ResultsTable = Field(default_factory=ResultsTable)
    agent: AgentTable = Field(default_factory=AgentTable)


def known_keys() -> dict[str, tuple[str, ...]]:
    """Return the names of the keys each table knows; none for ``site_names``, which takes any."""
    tables: dict[str, type[Table]] = {
        "nectar": NectarTable,
        "folders": FolderTable,
        "detection": DetectionTable,
        "results": ResultsTable,
        "agent": AgentTable,
    }
    known = {name: tuple(table.model_fields) for name, table in tables.items()}
    return {name: known.get(name, ()) for name in ConfigurationFile.model_fields}
