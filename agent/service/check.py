"""One check of `doctor`: what was looked at, whether it is well, and what to do if not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Seen(StrEnum):
    """In whose context a check was made."""

    SERVICE = "service"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Check:
    """``name`` is stable, for programs; ``about`` is the folder or company meant, "" for none."""

    name: str
    is_well: bool
    message: str
    advice: str = ""
    about: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "check": self.name,
            "ok": self.is_well,
            "about": self.about or None,
            "message": self.message,
            "advice": self.advice or None,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the check that `as_json` told of."""
        return cls(
            name=str(value["check"]),
            is_well=value["ok"] is True,
            message=str(value["message"]),
            advice=str(value.get("advice") or ""),
            about=str(value.get("about") or ""),
        )


def passed(name: str, message: str, *, about: str = "") -> Check:
    """Return a check that found all well."""
    return Check(name, is_well=True, message=message, about=about)


def failed(name: str, message: str, advice: str, *, about: str = "") -> Check:
    """Return a check that found something wrong, with the one next step."""
    return Check(name, is_well=False, message=message, advice=advice, about=about)


def counted(count: int, noun: str) -> str:
    """Return the count with its noun: ``1 site``, ``3 sites``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
