"""What Nectar said, fit to be shown: plain text on one line, without key and links."""

from __future__ import annotations

import re
import unicodedata

from agent.bills.exact_json import Json, parse_json
from agent.bills.links import without_signed_links_in_text

MOST_CHARACTERS = 300
FRAGMENT = 8
"""A piece of the key of this length is as good as the key."""

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)


def clean(text: str, key: str) -> str:
    """Return ``text`` on one line, bounded, without control characters, links and the key."""
    # Cut first, so that an endless text costs no more than a long one.
    printable = without_signed_links_in_text(
        "".join(
            character if unicodedata.category(character)[0] not in "CZ" else " "
            for character in text[: 20 * MOST_CHARACTERS]
        )
    )
    words = " ".join(
        "(key)" if _holds_key(word, key) else word
        for word in _LINK.sub(
            "(link)", printable.replace(key, "(key)") if key else printable
        ).split()
    )
    return words if len(words) <= MOST_CHARACTERS else words[: MOST_CHARACTERS - 1] + "…"


def spoken(content: bytes, key: str) -> tuple[str, frozenset[str]]:
    """Return Nectar's words in an error's body, and the fields that it complains about.

    Both are empty where the body is empty, HTML, or anything but JSON. Fields are those under
    ``errors``; a field map without ``detail`` and ``errors`` gives words only. The words end
    without a full stop.
    """
    try:
        payload = parse_json(content)
    except ValueError:
        return "", frozenset()
    if not isinstance(payload, dict):
        return clean(". ".join(_texts(payload)), key).rstrip("."), frozenset()
    errors = payload.get("errors")
    fields = frozenset(errors) if isinstance(errors, dict) else frozenset()
    complaints = errors if "detail" in payload or "errors" in payload else payload
    detail = ". ".join(_texts(payload.get("detail"))).rstrip(". ")
    parts = [detail, *_complaints(complaints)]
    return clean(". ".join(part for part in parts if part), key).rstrip("."), fields


def _complaints(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [
            f"{name}: {' '.join(texts)}".rstrip(". ")
            for name, inner in value.items()
            if (texts := _texts(inner))
        ]
    return _texts(value)


def _texts(value: Json, depth: int = 4) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if depth and isinstance(value, list):
        return [text for inner in value for text in _texts(inner, depth - 1)]
    if depth and isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner, depth - 1)]
    return []


def _holds_key(word: str, key: str) -> bool:
    word, key = word.lower(), key.lower()
    return any(key[start : start + FRAGMENT] in word for start in range(len(key) - FRAGMENT + 1))
