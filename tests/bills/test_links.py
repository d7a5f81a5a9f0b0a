"""Pre-signed links reach no result, whatever member or text they hide in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bills.exact_json import json_text
from agent.bills.links import without_signed_links, without_signed_links_in_text

HARMLESS = [
    "https://dash.nectarclimate.com/example/audit/7c1f0a52-6a0e-4f0b-9d55-2f1a7d3c9b10",
    "https://www.example.com/bills?page=2&sort=date",
    "https://www.example.com/bills?id=7c1f0a52-6a0e-4f0b-9d55-2f1a7d3c9b10",
    "Rate #3 = 0.168200 per kWh, why?",
    "Charge at 100% = 5; see https://www.example.com/help",
    "8 581 kWh",
]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://b.s3.example/r.pdf?X-Amz-Expires=9&X-Amz-Signature=S3CR3T", "https://b.s3.example/r.pdf"),
        ("https://b.s3.example/r.pdf?X-Amz-Security-Token=S3CR3T", "https://b.s3.example/r.pdf"),
        ("https://b.example/r?AWSAccessKeyId=A&Signature=S3CR3T&Expires=1", "https://b.example/r"),
        ("https://a.blob.example/r?sv=2022&se=2026&sr=b&sig=S3CR3T", "https://a.blob.example/r"),
        ("https://storage.example/r?X-Goog-Signature=S3CR3T", "https://storage.example/r"),
        ("https://cdn.example/r?Policy=S3CR3T&Key-Pair-Id=K", "https://cdn.example/r"),
        ("HTTPS://X.EXAMPLE/R?TOKEN=S3CR3T", "HTTPS://X.EXAMPLE/R"),
        ("https://x.example/r?access_token=S3CR3T", "https://x.example/r"),
        ("https://x.example/r#token=S3CR3T", "https://x.example/r"),
        ("https://x.example/r?a=1&amp;auth=S3CR3T", "https://x.example/r"),
        ("https://x.example/r?q[sig]=S3CR3T", "https://x.example/r"),
        ("b.s3.example/r.pdf?X-Amz-Signature=S3CR3T", "b.s3.example/r.pdf"),
        (f"https://x.example/r?v={'aB3' * 20}S3CR3T", "https://x.example/r"),
        (
            "https://view.example/?file=https%3A%2F%2Fb.example%2Fr%3FX-Amz-Signature%3DS3CR3T",
            "https://view.example/",
        ),
        (
            "https://view.example/https%3A%2F%2Fb.example%2Fr%3FX-Amz-Signature%3DS3CR3T",
            "https://view.example/https%3A%2F%2Fb.example%2Fr",
        ),
        (
            "See <https://x.example/r?sig=S3CR3T> and https://y.example/?page=2.",
            "See <https://x.example/r> and https://y.example/?page=2.",
        ),
        ('{"url": "https://x.example/r?sig=S3CR3T"}', '{"url": "https://x.example/r"}'),
    ],
)  # fmt: skip
def test_a_signed_link_loses_its_secret(text: str, left: str) -> None:
    """A link signed in any known way loses its parameters; the rest of the text stays."""
    assert left == without_signed_links_in_text(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    """Links that need a login, and texts that only look a little like links, are kept."""
    assert text == without_signed_links_in_text(text)


SIGNED = "https://bucket.example/raw/7c1f.pdf?X-Amz-Expires=86400&X-Amz-Signature=S3CR3T"
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="=%"), max_size=12)
    | st.sampled_from(HARMLESS)
)


def trees(leaves: st.SearchStrategy[Any], names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return JSON trees with these leaves and names of members."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=20,
    )


@settings(deadline=None)
@given(
    trees(
        scalars | st.just(SIGNED) | st.just(f"in a text: {SIGNED}, you see"),
        st.sampled_from(["url", "URL", "fileUrl", "document", SIGNED]) | st.text(max_size=4),
    )
)
def test_no_secret_survives_at_any_depth(value: Any) -> None:
    """Neither a member ``url`` nor a signature is left, wherever it was put."""

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            assert not any(name.lower() == "url" for name in part)
            for member in part.values():
                walk(member)
        elif isinstance(part, list):
            for item in part:
                walk(item)

    left = without_signed_links(value)
    walk(left)
    assert "S3CR3T" not in json_text(left)


@settings(deadline=None)
@given(trees(scalars, st.sampled_from(["id", "auditTrailUrl", "usage", "zz", "aa"])))
def test_everything_else_is_kept_in_its_order(value: Any) -> None:
    """Without links nothing changes: members, their order, digits."""
    assert json_text(value) == json_text(without_signed_links(value))


def test_the_given_value_is_not_changed() -> None:
    """The answers themselves stay as they came."""
    given_value = {"url": SIGNED, "usage": Decimal("77.10"), "usageData": [{"url": SIGNED}]}
    without_signed_links(given_value)
    assert given_value["url"] == SIGNED
    assert given_value["usageData"] == [{"url": SIGNED}]
