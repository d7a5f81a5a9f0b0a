"""Names are replaced wherever they stand alone, and nothing else is."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.pseudonyms import Pseudonyms


@pytest.fixture
def names() -> Pseudonyms:
    """Names of an office."""
    made = Pseudonyms()
    made.call("/home/mara", "~")
    made.add("company", "HMF", "Harbor Mill Foods")
    made.add("site", "PLANT-07", "Harbor Mill Plant 7")
    made.add("site", "7")
    made.add("folder", "/home/mara/Bills/Plant 7", "Plant 7")
    made.add("file", "Bill March.pdf")
    made.add("file", "Müller & Söhne.PDF")
    made.add("subfolder", "(old)")
    made.add("subfolder", "…")
    return made


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("/home/mara/Bills/Plant 7/Bill March.pdf", "folder-1/file-1.pdf"),
        ("/HOME/Mara/bills/plant 7", "folder-1"),
        ("/home/mara/.config", "~/.config"),
        ("…/Plant 7 has PLANT-07", "subfolder-2/folder-1 has site-1"),
        ("hmf, Harbor Mill Foods: Harbor Mill Plant 7.", "company-1, company-1: site-1."),
        ("site 7, at 07:07:7 on 2026-7-7 for 7.7 and 77", None),
        ("HMFX and XHMF and PLANT-077", "HMFX and XHMF and PLANT-077"),
        (unicodedata.normalize("NFD", "Müller & Söhne.PDF"), "file-2.pdf"),
        ("Bill March.pdf.json", "file-1.pdf.json"),
        ("M\\xfcller \\u0026", "M\\xfcller \\u0026"),
        ("(old)/x", "subfolder-1/x"),
        ("“Secret bill 5.pdf” waits", "“file-unknown.pdf” waits"),
        ("read D:\\Mine\\Other.JPEG", "read D:\\Mine\\file-unknown.jpeg"),
        ("", ""),
    ],
)
def test_each_where_it_stands_alone(names: Pseudonyms, text: str, replaced: str | None) -> None:
    """The longest name wins, case and composition do not count, dates and numbers stay."""
    if replaced is None:
        replaced = text.replace("site 7,", "site site-2,")
    assert names.text(text) == replaced


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8),
    st.lists(st.sampled_from([" ", "“", "/", ", ", "\n"]), min_size=2, max_size=9),
)
def test_no_name_that_stands_alone_stays(known: list[str], gaps: list[str]) -> None:
    """Whatever names are made of: between blanks and quotes none is left."""
    hidden = Pseudonyms()
    words = [name for name in known if name.strip() and not name.isdigit()]
    for name in words:
        hidden.add("thing", name)
    for name in words:
        for gap in gaps:
            said = hidden.text(f"{gap}{name}{gap}")
            assert "thing-" in said
            if len(name.strip()) > 7:
                assert name not in said


def test_many_names_and_a_long_log_take_no_time() -> None:
    """20,000 files that begin alike, and a long log: no comparison of each with each."""
    hidden = Pseudonyms()
    for number in range(20_000):
        hidden.add("file", f"scan {number}.pdf")
    log = "".join(f"2026-01-01 scan {number}.pdf was read\n" for number in range(0, 20_000, 2))
    began = time.process_time()
    said = hidden.text(log)
    assert time.process_time() - began < 10
    assert said.count("file-") == 10_000
    assert "scan" not in said
