"""JSON with every digit kept: a number that Nectar wrote is never passed through a float.

``77.10`` is read as ``Decimal("77.10")`` and written as ``77.10``; ``"77.10"`` stays a string.
This is the one place where the library is used for that (the standard one cannot write decimals).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import simplejson

Json = Any
"""A JSON value: dict, list, str, int, Decimal, bool or None. Open by nature: members that nobody
announced are kept."""

DEEPEST = 100
"""How many lists and objects may lie in each other: deep enough for anything Nectar says, and
shallow enough that every function here and above may simply call itself."""

MOST_VALUES = 2_000_000
"""How many values a stranger's JSON may hold: each takes about a hundred bytes of memory, however
short it is written (``[[],[],…``). A bill has some hundreds."""


def _nests_too_deeply(value: Json, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest + 1):
        level = [outer for outer in level if isinstance(outer, (dict, list))]
        if not level:
            return False
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return True


def _most_values_in(text: str | bytes) -> int:
    """Return how many values ``text`` can hold at most, told without reading it as JSON."""
    if isinstance(text, bytes):
        return text.count(b",") + text.count(b"[") + text.count(b"{")
    return text.count(",") + text.count("[") + text.count("{")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = simplejson.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


def parse_json(
    text: str | bytes, *, deepest: int = DEEPEST, most_values: float = MOST_VALUES
) -> Json:
    """Return the value of ``text``.

    Raises ValueError where it is no JSON, nests deeper than ``deepest``, may hold more than
    ``most_values``, is not UTF-8, or holds a number that no computer can hold.
    """
    if _most_values_in(text) > most_values:
        raise ValueError("the JSON holds too many values")
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("the JSON nests too deeply") from error
    except InvalidOperation as error:
        raise ValueError("a number in the JSON is out of all bounds") from error
    if _nests_too_deeply(value, deepest):
        raise ValueError("the JSON nests too deeply")
    return value


def json_text(value: Json, *, indent: int | None = None, is_ascii: bool = False) -> str:
    """Return ``value`` as JSON, members in their order, characters as they are.

    With ``is_ascii`` they are written as ASCII, so that even half a character survives, as names
    of files hold that cannot be decoded.
    """
    separators = (",", ": ") if indent else (",", ":")
    return str(
        simplejson.dumps(
            value, use_decimal=True, ensure_ascii=is_ascii, indent=indent, separators=separators
        )
    )
