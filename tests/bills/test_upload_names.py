"""Uploads are named so that they can be recognised, whatever the bill is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.names import bears_fingerprint, result_path, upload_name
from agent.bills.values import Kind, Sha256

shas = st.text("0123456789abcdef", min_size=64, max_size=64).map(Sha256)
file_names = st.text(st.characters(exclude_characters="/\x00"), min_size=1, max_size=255).filter(
    lambda name: name not in (".", "..")
)


@given(file_names, shas, st.sampled_from(Kind))
def test_any_name_becomes_a_plain_one(name: str, sha256: Sha256, kind: Kind) -> None:
    """The name sent is short ASCII, ends as the bytes do, and bears the fingerprint."""
    sent = upload_name(f"/bills/{name}", sha256, kind)
    assert sent.isascii()
    assert sent.isprintable()
    assert not set(sent) & set("/\\\"';,%")
    assert sent.endswith(f".{sha256[:12]}.{kind.value}")
    assert 0 < len(sent) <= 80 + 1 + 12 + 4
    assert not sent.startswith((".", " "))
    assert bears_fingerprint(sent, sha256)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("scan001.pdf", "scan001"),
        ("Stromrechnung März.PDF", "Stromrechnung Marz"),
        ("請求書.pdf", "bill"),
        (".pdf", "pdf"),
        ("Bill (2).2025.pdf", "Bill (2).2025"),
        ("a;b,c'd.pdf", "a_b_c_d"),
    ],
)
def test_the_name_stays_recognisable(name: str, stem: str) -> None:
    """People recognise their file: accents are dropped, other characters replaced."""
    sha256 = Sha256("3f9ab2c41d7e" + "0" * 52)
    assert upload_name(f"/bills/{name}", sha256, Kind.PDF) == f"{stem}.3f9ab2c41d7e.pdf"


@given(shas, shas)
def test_a_fingerprint_is_that_of_its_bytes_only(one: Sha256, other: Sha256) -> None:
    """No upload is taken for that of other bytes."""
    name = upload_name("/bills/Bill.pdf", one, Kind.PDF)
    assert bears_fingerprint(name, other) is (one[:12] == other[:12])


@pytest.mark.parametrize(
    ("name", "bears"),
    [
        ("scan.3f9ab2c41d7e.pdf", True),
        ("scan.3f9ab2c41d7e.pdf.processed.tiff", True),
        ("company/2026/scan.3f9ab2c41d7e", True),
        ("scan.3f9ab2c41d7e_a1B2c3D.pdf", True),
        ("SCAN.3F9AB2C41D7E.PDF", True),
        ("scan-3f9ab2c41d7e-pdf", True),
        ("scan3f9ab2c41d7e.pdf", False),
        ("scan.3f9ab2c41d7e0.pdf", False),
        ("", False),
    ],
)
def test_what_nectar_may_do_to_a_name(name: str, *, bears: bool) -> None:
    """Changed endings, cases, dots and additions hide no upload; a likeness does not make one."""
    assert bears_fingerprint(name, Sha256("3f9ab2c41d7e" + "0" * 52)) is bears


@given(file_names)
def test_results_keep_the_whole_name(name: str) -> None:
    """``Bill.pdf`` and ``Bill.png`` never share a result."""
    assert result_path(f"/bills/{name}") == f"/bills/{name}.json"
