"""JSON is read and written with every digit kept, and what no computer can hold is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agent.bills.exact_json import DEEPEST, json_text, parse_json


@pytest.mark.parametrize(
    "text",
    [
        '{"zz":77.10,"aa":"77.10","n":0.1234567890123456789012345}',
        '["été","\\u0000",12345678901234567890123,-0.0,null,true]',
        "1.50",
        '""',
    ],
)
def test_what_is_read_is_written_the_same(text: str) -> None:
    """Digits, order of members and characters survive reading and writing."""
    assert json_text(parse_json(text)) == text


def test_numbers_with_a_point_are_decimals() -> None:
    """No number goes through a float."""
    assert parse_json(b"[77.10]") == [Decimal("77.10")]
    assert str(parse_json(b"[77.10]")[0]) == "77.10"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        "[Infinity]",
        "1e99999999999999999999",
        "9" * 5000,
        "[" * 5000 + "]" * 5000,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        '{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1),
    ],
)
def test_what_cannot_be_held_is_refused(text: str) -> None:
    """Cut, endless, too large and too deep: all are one kind of error, and none is a crash."""
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    """Only UTF-8 is read, with or without a mark at its start."""
    assert parse_json("\ufeff1".encode()) == 1
    with pytest.raises(ValueError, match=r".+"):
        parse_json(b'"\xe9"')


def test_the_deepest_value_is_read() -> None:
    """Exactly as many levels as are promised can be read, and more where they are asked for."""
    text = "[" * DEEPEST + "]" * DEEPEST
    assert json_text(parse_json(text)) == text
    assert json_text(parse_json(f"[{text}]", deepest=DEEPEST + 1)) == f"[{text}]"
