"""Telling whether the bytes at a result's place are a result of ours, and what they say.

Pure. Unknown members, codes and outcomes are accepted; whatever decides about adopting a result
must be there in its right type.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from agent.bills.exact_json import DEEPEST, Json, parse_json
from agent.bills.values import Beside, BesideKind, Sha256, Signature
from agent.results.build import FORMAT

_ADDRESS = re.compile(r"https?://[^/?#\s]+\Z")
"""The ``api`` of a result: scheme, host and port."""
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NAME_IN_EVERY_RESULT = b"nectar-bill-result"  # without the slash, which some programs escape


_LARGEST_NUMBER = 2**53
"""Of a size or a revision. No file is larger, and the store counts no further than 2**63."""
_DEEPEST_RESULT = DEEPEST + 3
"""A document lies three levels down in a result."""


def sha256_of(content: bytes) -> Sha256:
    """Return the sha256 of ``content`` in 64 lower-case hexadecimal digits."""
    return Sha256(hashlib.sha256(content).hexdigest())


def parse_result(content: bytes) -> Json:
    """Return the JSON of a result. Raises ValueError like `parse_json`."""
    return parse_json(content, deepest=_DEEPEST_RESULT)


def recognise(content: bytes, signature: Signature) -> Beside:
    """Return what lies beside a bill, ``content`` being the whole of it.

    OURS only for a whole JSON of this format with every member that adoption asks for; anything
    else is FOREIGN, and then only its sha256 and signature are told.
    """
    foreign = Beside(BesideKind.FOREIGN, sha256_of(content), signature)
    # Cheap refusal: other programs' files may be large, and parsing them would be for nothing.
    if _NAME_IN_EVERY_RESULT not in content:
        return foreign
    try:
        result = parse_result(content)
    except ValueError:
        return foreign
    if not _is_result(result):
        return foreign
    company = result["company"]
    return Beside(
        kind=BesideKind.OURS,
        content_sha256=foreign.content_sha256,
        signature=signature,
        content=content,
        file_sha256=Sha256(result["file"]["sha256"]),
        file_size=result["file"]["size"],
        api=result["api"],
        environment=result["environment"],
        company_id=None if company is None else company["id"],
        site_id=result["site"]["id"],
        site_words=_site_words(result["site"]),
        outcome=result["outcome"],
        was_sent=result["job"] is not None,
        revision=result["revision"],
    )


def _is_result(result: Json) -> bool:
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        return False
    file, site, job = result.get("file"), result.get("site"), result.get("job", "")
    return (
        all(isinstance(result.get(name), str) for name in ("outcome", "api", "environment"))
        and _ADDRESS.match(result["api"]) is not None
        and _is_whole_number(result.get("revision"), least=1)
        and isinstance(file, dict)
        and _is_whole_number(file.get("size"), least=0)
        and isinstance(file.get("sha256"), str)
        and _SHA256.match(file["sha256"]) is not None
        and isinstance(site, dict)
        and _is_text_or_null(site, "id")
        and _is_company(result)
        and (job is None or isinstance(job, dict))
        and isinstance(result.get("documents"), list)
        and isinstance(result.get("duplicates"), list)
    )


def _is_company(result: dict[str, Any]) -> bool:
    company = result.get("company", "")
    return company is None or (isinstance(company, dict) and _is_text_or_null(company, "id"))


def _site_words(site: dict[str, Any]) -> str | None:
    words = (site.get(name) for name in ("externalId", "name"))
    return next((word for word in words if isinstance(word, str) and word), None)


def _is_text_or_null(members: dict[str, Any], name: str) -> bool:
    return name in members and (members[name] is None or isinstance(members[name], str))


def _is_whole_number(value: Json, *, least: int) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and least <= value <= _LARGEST_NUMBER
