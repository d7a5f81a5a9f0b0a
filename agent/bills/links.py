"""Taking pre-signed links out of what Nectar said: whoever holds one can read the bill.

A document's ``url`` is such a link and dies after a day; nobody promises that it is the only one.
So two rules hold at any depth of any payload:

* a member named ``url`` is left out, whatever it holds;
* any text that holds a link with a signature, a credential or a token loses that link's query and
  fragment (``https://host/raw.pdf?X-Amz-Signature=…`` becomes ``https://host/raw.pdf``). The rest
  of the text stays, and so do links without such a secret: ``auditTrailUrl`` needs a login.
"""

from __future__ import annotations

import re

from agent.bills.exact_json import Json

LINK_MEMBER = "url"

_MARK = r"(?:[?#]|%(?:25)*(?:3f|23)|\\u00(?:3f|23))"
_EQUALS = r"(?:=|%(?:25)*3d|\\u003d)"
"""Also as they are written inside another link, however often, and inside JSON in a text."""

_LINK_TAIL = re.compile(rf"{_MARK}[^\s\"'<>]*", re.IGNORECASE)
"""From where a query or fragment begins to its end."""

# Every run is bounded: the texts are strangers' and may be megabytes of a single word.
_SECRET = re.compile(
    r"(?:signature|credential|token|secret|passw|hmac|jwt|api[_-]?key|access[_-]?key|key-pair-id"
    r"|(?<![a-z])(?:sig|sas|auth|authorization|policy|session|ticket|pwd|key))"
    rf"[a-z0-9_.-]{{0,64}}(?:\]|%(?:25)*5d)?{_EQUALS}"
    rf"|{_EQUALS}[a-z0-9+/_~-]{{40}}",
    re.IGNORECASE,
)
"""A parameter whose name promises access, or whose value is too long a run to be anything else."""

_LOOSE = re.compile(rf"x-(?:amz|goog)-[a-z-]{{1,40}}{_EQUALS}[^\s&\"'<>]*", re.IGNORECASE)
"""A parameter of a signed link without its link, as it stands in a text that was cut."""


def _without_secret(tail: re.Match[str]) -> str:
    text = tail.group()
    return "" if _SECRET.search(text) else text


def without_signed_links_in_text(text: str) -> str:
    """Return ``text`` with the query and fragment of every pre-signed link taken out."""
    if "=" not in text and "%" not in text and "\\u00" not in text:
        return text
    return _LOOSE.sub("", _LINK_TAIL.sub(_without_secret, text))


def without_signed_links(value: Json) -> Json:
    """Return a copy of ``value`` without ``url`` members and without pre-signed links.

    Members keep their order, all other values are the same objects. ``value`` is not changed.
    """
    if isinstance(value, str):
        return without_signed_links_in_text(value)
    if isinstance(value, dict):
        return {
            without_signed_links_in_text(name): without_signed_links(member)
            for name, member in value.items()
            if name.lower() != LINK_MEMBER
        }
    if isinstance(value, list):
        return [without_signed_links(item) for item in value]
    return value
