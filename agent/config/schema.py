"""The one definition of every setting: type, default, bounds and a sentence for people.

The loader, the example file, the README's table and the JSON Schema all come from these classes.
Importing this module imports pydantic (a fifth of a second), so only functions import it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.config.values import (
    BaseUrl,
    ExistingChoice,
    FileTypes,
    KeyFile,
    OptionalPath,
    OptionalText,
    PathText,
    Pattern,
    Proxy,
    Site,
    Text,
)


class Table(BaseModel):
    """A table of the file: nothing unknown in it, no text for a number, no infinity."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True
    )


class NectarTable(Table):
    """Where Nectar is, for whom bills are sent, and the way there."""

    base_url: BaseUrl = Field(
        default="https://external.nectarclimate.com/v2.2",
        description="The API's address with its version; https, or http to this machine only.",
    )
    environment: Literal["production", "sandbox"] = Field(
        default="production",
        description='"production" or "sandbox": your word for the key; the API cannot tell.',
    )
    company: OptionalText | None = Field(
        default=None,
        examples=["HMF"],
        description="The company's externalId, id or exact name; may be left out when the key "
        "sees exactly one.",
    )
    api_key_file: KeyFile | None = Field(
        default=None,
        examples=["~/nectar.key"],
        description="A file with the API key in one line; must not be readable by others.",
    )
    max_requests: int = Field(
        default=4,
        ge=1,
        le=10,
        description="Requests to Nectar at once; Nectar asks for at most 10 over all machines.",
    )
    ca_file: OptionalPath | None = Field(
        default="",
        description="A file with an extra certificate authority; the system's trust store is "
        "always used.",
    )
    proxy: Proxy | None = Field(
        default="", description="The proxy's address; else the system's, HTTPS_PROXY and NO_PROXY."
    )


class FolderTable(Table):
    """A folder to watch; one such table for each. Of nested folders the deepest wins."""

    path: PathText = Field(
        examples=["C:\\Bills\\Plant 7"],
        description='The folder. Single quotes keep backslashes as they are; "~" and variables '
        "($HOME, %USERPROFILE%) are replaced; a relative path counts from this file's folder.",
    )
    site: Site = Field(
        examples=["PLANT-07"],
        description="The site's externalId in Nectar, or \"{subfolder}\": the first subfolder's "
        "name is the externalId (or a name from [site_names]).",
    )
    company: OptionalText | None = Field(
        default=None,
        examples=["LC"],
        description="The folder's company, only where it differs from [nectar] company.",
    )
    recursive: bool = Field(default=True, description="Whether subfolders are read too.")
    types: FileTypes | None = Field(
        default=None,
        examples=[["pdf"]],
        description="Endings of bills, only where they differ from [detection] types.",
    )


class DetectionTable(Table):
    """Which files are bills, and when one is complete."""

    quiet_seconds: float = Field(
        default=10.0,
        ge=0,
        le=3600,
        description="A file is settled once it has not changed for this long.",
    )
    scan_seconds: float = Field(
        default=60.0,
        gt=0,
        le=86400,
        description="Every folder is read about this often whatever the events say; slow folders "
        "less often, shares more often.",
    )
    ignore: list[Pattern] = Field(
        default=[],
        examples=[["Old/**", "*-copy.pdf"]],
        description='Patterns of files to leave alone, relative to the folder, "/" everywhere, '
        "case ignored; beside the built-in list of temporary and system names.",
    )
    types: FileTypes = Field(
        default=["pdf", "png", "jpg"],
        description='Endings of bills, in any case: "pdf", "png" and "jpg", which includes "jpeg".',
    )
    incomplete_seconds: float = Field(
        default=600.0,
        ge=0,
        le=604800,
        description="How long an empty file, or one without its end mark, is waited for.",
    )
    existing: ExistingChoice = Field(
        default="ask",
        description="Files already there when a folder is watched for the first time: "
        '"ask" (if more than 25 have no result of ours, those wait for "bill-agent admit"; files '
        'that come later go), "all", "new", or a date (of the last change).',
    )


class ResultsTable(Table):
    """What becomes of the JSON beside each bill."""

    refresh_hours: float = Field(
        default=24.0,
        ge=0,
        le=8760,
        description="How often to look for bills that Nectar corrected later; fractions allowed, "
        "0 turns it off.",
    )


class AgentTable(Table):
    """The agent itself on this machine."""

    data_dir: OptionalPath | None = Field(
        default="",
        description="The folder of store, lock and logs; default: the user's data directory. Not "
        "on a network drive, not in a watched folder. Needs a restart.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description='How much is logged: "DEBUG", "INFO", "WARNING" or "ERROR".'
    )
    notifications: bool = Field(
        default=True, description="Whether the desktop is told when something needs a person."
    )


class ConfigurationFile(Table):
    """The settings of nectar-bill-agent."""

    nectar: NectarTable = NectarTable()
    folders: Annotated[list[FolderTable], Field(min_length=1)]
    site_names: dict[Text, Text] = Field(
        default={},
        examples=[{"Harbor Mill Plant 7": "PLANT-07"}],
        description="People's folder names for externalIds.",
    )
    detection: DetectionTable = DetectionTable()
    results: ResultsTable = ResultsTable()
    agent: AgentTable = AgentTable()
