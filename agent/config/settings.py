"""The owner's wishes as plain frozen values, already checked, with every default filled in.

``load`` makes them; nothing else needs to. What each one means for people, its default and its
bounds stand in ``schema``, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

SUBFOLDER = "{subfolder}"
"""The word for ``site`` that makes the first subfolder's name the externalId."""

Environment = Literal["production", "sandbox"]
Existing = Literal["ask", "all", "new"] | date
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


@dataclass(frozen=True, slots=True)
class NectarSettings:
    """``[nectar]``: where Nectar is, for whom we send, and the way there."""

    base_url: str
    """Scheme, host, port and version, without a closing slash."""
    environment: Environment
    company: str | None
    """externalId, id or exact name; None where the key is to tell."""
    api_key_file: str | None
    """Absolute path."""
    max_requests: int
    ca_file: str | None
    """Absolute path."""
    proxy: str | None = field(repr=False)
    """A URL; may hold a user name and a password, so it is not shown."""

    @property
    def api(self) -> str:
        """The API address: scheme, host and port (the port only where the URL names one)."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def version(self) -> str:
        """The path after the API address, such as ``/v2.2``; empty where there is none."""
        return urlsplit(self.base_url).path


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """One ``[[folders]]``: a folder that is watched, and whose bills lie there."""

    path: str
    """Absolute, with ``~`` and variables expanded and ``..`` resolved."""
    site: str
    """The site's externalId, or ``{subfolder}``."""
    company: str | None
    """The folder's own company, else that of ``[nectar]``."""
    recursive: bool
    types: tuple[str, ...]
    """Of ``pdf``, ``png``, ``jpg``: the folder's own, else those of ``[detection]``."""
    written: str
    """The path as it stands in the file, for showing."""

    @property
    def site_by_subfolder(self) -> bool:
        """Whether the first subfolder's name is the site."""
        return self.site == SUBFOLDER


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """``[detection]``: which files are bills, and when one is complete."""

    quiet_seconds: float
    scan_seconds: float
    ignore: tuple[str, ...]
    types: tuple[str, ...]
    incomplete_seconds: float
    existing: Existing


@dataclass(frozen=True, slots=True)
class ResultsSettings:
    """``[results]``: what becomes of the JSON beside each bill."""

    refresh_hours: float
    """0: never."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """``[agent]``: the agent itself on this machine."""

    data_dir: str | None
    """Absolute path; None: the user's data directory."""
    log_level: LogLevel
    notifications: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration file, checked and complete. Two are equal when they mean the same."""

    path: Path = field(compare=False)
    """The file they came from."""
    nectar: NectarSettings
    folders: tuple[FolderSettings, ...]
    site_names: Mapping[str, str]
    """People's folder names for externalIds."""
    detection: DetectionSettings
    results: ResultsSettings
    agent: AgentSettings
    origins: Mapping[str, str] = field(compare=False)
    """Where each value comes from: ``default`` or ``config.toml:LINE``, by dotted key; the first
    folder's keys begin with ``folders[0].``."""


def changes_needing_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """Return the keys whose change takes effect only after a restart; all others at once."""
    return ("agent.data_dir",) if old.agent.data_dir != new.agent.data_dir else ()
