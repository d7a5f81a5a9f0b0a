"""JSON with every digit kept: a number that Nectar wrote is never passed through a float.

``77.10`` is read as ``Decimal("77.10")`` and written as ``77.10``; ``"77.10"`` stays a string.
This is the one place where the library is used for that (the standard one cannot write decimals).
"""

from __future__ import annotations

from typing import Any, NoReturn

import simplejson

Json = Any
"""A JSON value: dict, list, str, int, Decimal, bool or None. Open by nature: members that nobody
announced are kept."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def parse_json(text: str | bytes) -> Json:
    """Return the value of ``text``.

    Raises ValueError where it is no JSON, nests too deeply, or is not UTF-8.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        return simplejson.loads(text, use_decimal=True, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("the JSON nests too deeply") from error


def json_text(value: Json, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON, members in their order, characters as they are."""
    separators = (",", ": ") if indent else (",", ":")
    return str(
        simplejson.dumps(
            value, use_decimal=True, ensure_ascii=False, indent=indent, separators=separators
        )
    )
