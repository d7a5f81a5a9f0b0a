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

_LINK_TAIL = re.compile(r"(?:[?#]|%3f|%23)[^\s\"'<>]*", re.IGNORECASE)
"""From where a query or fragment begins (also one written inside another link) to its end."""

_SECRET = re.compile(
    r"(?:signature|credential|token|secret|passw|hmac|jwt|api[_-]?key|access[_-]?key|key-pair-id"
    r"|(?<![a-z])(?:sig|sas|auth|authorization|policy|session|ticket|pwd|key))"
    r"[a-z0-9_.-]*(?:\]|%5d)?(?:=|%3d)"
    r"|(?:=|%3d)[a-z0-9+/_~-]{40,}",
    re.IGNORECASE,
)
"""A parameter whose name promises access, or whose value is too long a run to be anything else."""


def _without_secret(tail: re.Match[str]) -> str:
    text = tail.group()
    return "" if _SECRET.search(text) else text


def without_signed_links_in_text(text: str) -> str:
    """Return ``text`` with the query and fragment of every pre-signed link taken out."""
    if "=" not in text and "%3" not in text:
        return text
    return _LINK_TAIL.sub(_without_secret, text)


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
