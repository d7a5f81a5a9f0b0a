"""Patterns that make a clumsy matcher think for years, and names that do: answered at once."""

from __future__ import annotations

import pytest
from fuzzing import examples
from hypothesis import given
from hypothesis import strategies as st

from agent.watch.candidates import CandidateRules
from agent.watch.patterns import IgnorePatterns

ANY, IN_NAME = "any characters", "any characters but /"


def pieces(pattern: str) -> list[str]:
    """Return the characters of a pattern and its wildcards, as the documentation has them."""
    found, at = [], 0
    while at < len(pattern):
        is_name_begin = at == 0 or pattern[at - 1] == "/"
        if pattern.startswith("**/", at) and is_name_begin:
            found.append("**/")
            at += 3
        elif pattern.startswith("**", at):
            found.append(ANY)
            at += 2
        else:
            found.append(IN_NAME if pattern[at] == "*" else pattern[at])
            at += 1
    return found


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern matches, found by following every way at once."""
    places = {0}
    for piece in pieces(pattern):
        following = set()
        for place in places:
            if piece in (ANY, IN_NAME, "**/"):
                for end in range(place, len(text) + 1):
                    if piece != "**/" or end == place or text[end - 1] == "/":
                        following.add(end)
                    if piece == IN_NAME and text[end : end + 1] == "/":
                        break
            elif text[place : place + 1] and (
                text[place] == piece or (piece == "?" and text[place] != "/")
            ):
                following.add(place + 1)
        places = following
    return len(text) in places


@examples(400)
@given(
    st.text("aab/**?", min_size=1, max_size=9),
    st.text("aab/", max_size=9),
)
def test_a_pattern_means_what_it_says(pattern: str, text: str) -> None:
    """The quick matcher finds what one that follows every way finds."""
    while "***" in pattern:
        pattern = pattern.replace("***", "**")
    plain = pattern.removesuffix("/")
    meant = plain.removeprefix("/") if "/" in plain else f"**/{plain}"
    found = IgnorePatterns([pattern]).ignore_folder(text)
    assert found == (matches(meant, text) and bool(pattern.strip("/ ")))


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 60 + "b", "a" * 255),
        ("**a" * 60 + "b", "a" * 4000),
        ("*" + "?" * 40 + "*" * 3 + "b", "a" * 255),
        ("**/" + "*a*/" * 30 + "b", "aaaa/" * 800),
        ("**/a/" * 40 + "b", "a/" * 2000),
        ("a/**/" * 40 + "*b", "a/" * 2000),
        ("/".join(["**"] * 200) + "/c", "a/" * 2000 + "b"),
        ("*" * 10_000 + "b", "a" * 4000),
        ("?" * 4000 + "b", "a" * 4000),
        ("(a+)+$" * 50, "a" * 255),
        ("*.pdf" * 50, ".pdf" * 49 + ".pd"),
    ],
)
def test_no_pattern_takes_long(pattern: str, text: str) -> None:
    """Stars upon stars, in names as long as there are: a thousand of them in seconds."""
    patterns = IgnorePatterns([pattern, pattern + "/x"])
    for _ in range(20):
        assert not patterns.ignore_file(text)
        patterns.ignore_folder(text)


@examples(200)
@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=30))
def test_any_text_is_a_pattern_and_any_name_is_judged(patterns: list[str], name: str) -> None:
    """Brackets, backslashes, half characters, line ends: all mean themselves."""
    rules = CandidateRules(["pdf", "png", "jpg"], patterns)
    for path in (name, f"{name}.pdf", f"{name}/{name}.PDF"):
        rules.is_candidate(path)
        rules.sort(path)
        rules.enters(path)
