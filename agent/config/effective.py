"""The settings in force as a list, each with where it comes from: what ``config show`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from agent.config.settings import Settings


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """One setting in force."""

    key: str
    """Dotted, such as ``nectar.base_url`` or ``folders[0].path``."""
    value: Any
    """As JSON has it: text, a number, a boolean, a list, or None where nothing is set."""
    origin: str
    """``default`` or ``config.toml:LINE``."""


def effective_settings(settings: Settings) -> tuple[EffectiveSetting, ...]:
    """Return every setting in force, in the order of the file.

    A name and a password in the proxy's address are replaced by asterisks.
    """
    return tuple(
        EffectiveSetting(key, _shown(key, value), settings.origins.get(key, "default"))
        for key, value in _all(settings)
    )


def _all(settings: Settings) -> Iterator[tuple[str, Any]]:
    yield from _members("nectar", settings.nectar)
    for index, folder in enumerate(settings.folders):
        yield from _members(f"folders[{index}]", folder, leave_out="written")
    for name, external_id in settings.site_names.items():
        yield f"site_names.{name}", external_id
    yield from _members("detection", settings.detection)
    yield from _members("results", settings.results)
    yield from _members("agent", settings.agent)


def _members(table: str, value: Any, *, leave_out: str = "") -> Iterator[tuple[str, Any]]:
    for member in fields(value):
        if member.name != leave_out:
            yield f"{table}.{member.name}", getattr(value, member.name)


def _shown(key: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if key == "nectar.proxy" and value and "@" in value:
        parts = urlsplit(value)
        return parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}").geturl()
    return value
