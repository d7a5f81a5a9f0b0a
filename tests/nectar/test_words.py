"""What Nectar said, fit to be shown."""

from __future__ import annotations

import json

import pytest
from client_under_test import KEY, patient
from hypothesis import given
from hypothesis import strategies as st

from agent.nectar.words import FRAGMENT, MOST_CHARACTERS, clean, spoken


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"detail": "The company is not active."}, "The company is not active"),
        ({"detail": None, "errors": {"siteId": ["Unknown site."]}}, "siteId: Unknown site"),
        (
            {"detail": "Request not valid.", "errors": {"document": ["Too big.", "Too long."]}},
            "Request not valid. document: Too big. Too long",
        ),
        ({"document": ["A file is needed here."]}, "document: A file is needed here"),
        ({"errors": {"a": {"b": [{"c": "deep"}]}}}, "a: deep"),
        ({"detail": ["one", "two"]}, "one. two"),
        (["bare"], "bare"),
        ("text", "text"),
        ({"detail": 7}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_words_are_found_wherever_nectar_puts_them(payload: object, words: str) -> None:
    """``detail``, a field map under ``errors``, a bare field map: all are read."""
    assert spoken(json.dumps(payload).encode(), KEY)[0] == words


def test_the_fields_complained_about_are_those_under_errors() -> None:
    """A field map without ``errors`` gives words, but is no clear complaint about the file."""
    body = json.dumps({"detail": "no", "errors": {"document": ["x"], "siteId": ["y"]}}).encode()
    assert spoken(body, KEY)[1] == {"document", "siteId"}
    assert spoken(b'{"document": ["x"]}', KEY)[1] == set()
    assert spoken(b'{"errors": ["document"]}', KEY)[1] == set()


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_has_no_words(body: bytes) -> None:
    """Empty bodies, HTML and rubbish are survived in silence."""
    assert spoken(body, KEY) == ("", frozenset())


def test_words_are_one_line_of_plain_text() -> None:
    """Line ends, escape sequences and marks that turn the writing around are gone."""
    assert clean("a\r\n\tb\x1b[31mc\u202egnp.exe\u200b", KEY) == "a b [31mc gnp.exe"


def test_links_are_left_out() -> None:
    """A pre-signed link in an error text is a bill that anybody can read."""
    signed = "https://bucket.s3.amazonaws.com/raw/7.pdf?X-Amz-Signature=abc"
    text = f"see {signed} and www.nectar.example/x?y"
    assert clean(text, KEY) == "see (link) and (link)"


def test_long_words_are_cut() -> None:
    """A text without end stays a sentence."""
    assert len(clean("word " * 10_000, KEY)) <= MOST_CHARACTERS
    assert clean("word " * 10_000, KEY).endswith("…")


@patient
@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 15))
def test_the_key_never_shows(before: str, after: str, start: int) -> None:
    """Neither the key nor a piece of it that would help anybody, in whatever case it comes back."""
    fragment = KEY[start : start + FRAGMENT + 1]
    for echo in (KEY, fragment, fragment.upper()):
        assert echo.lower() not in clean(f"{before}{echo}{after}", KEY).lower()


def test_a_short_key_does_not_show_either() -> None:
    """A key shorter than the pieces that are looked for."""
    assert clean("your key abc is bad", "abc") == "your key (key) is bad"


@patient
@given(st.text(max_size=400))
def test_any_text_comes_out_clean(text: str) -> None:
    """Whatever comes in, one bounded line that can be printed comes out."""
    words = clean(text, KEY)
    assert words == " ".join(words.split())
    assert words.isprintable()
    assert len(words) <= MOST_CHARACTERS
