"""Every sample bill and every edge case ends as the samples' own README says."""

import hashlib
from pathlib import Path

import pytest
from files_made_here import examined, problem_of, signature_of

from agent.bills.values import Kind, Sha256
from agent.files.end_mark import EndMark, end_mark
from agent.files.examiner import Examiner, Fit

GOOD = {
    "702001847715_bill.pdf": (Kind.PDF, 4),
    "202310.pdf": (Kind.PDF, 2),
    "cmp 708001621067 page 1.png": (Kind.PNG, 1),
    "a. Energy invoice (stained).pdf": (Kind.PDF, 2),
    "sample-invoice.pdf": (Kind.PDF, 3),
    "enbridgeSample.png": (Kind.PNG, 1),
    "llm_utility_bills_template.pdf": (Kind.PDF, 2),
    "sample02.pdf": (Kind.PDF, 2),
    "ppl-electric-sample.jpg": (Kind.JPEG, 1),
    "Facture électricité \u2013 été n°3.pdf": (Kind.PDF, 3),
    "water_bill.pdf": (Kind.PDF, 1),
    "AzureInterior.pdf": (Kind.PDF, 1),
    "edge/locked-owner-only.pdf": (Kind.PDF, 1),
    "edge/locked-owner-only-old.pdf": (Kind.PDF, 1),
    "edge/pages-150.pdf": (Kind.PDF, 150),
    "edge/png-inside.pdf": (Kind.PNG, 1),
    "edge/png-inside.jpg": (Kind.PNG, 1),
    "edge/ONE-PAGE.PDF": (Kind.PDF, 1),
    "edge/small.jpg": (Kind.JPEG, 1),
    "edge/junk-before-header.pdf": (Kind.PDF, 1),
    "edge/trailing-junk.pdf": (Kind.PDF, 1),
}
BAD = {
    "edge/locked-user-password.pdf": (
        "password-protected",
        "This PDF is locked with a password.",
        "Save a copy without the password.",
    ),
    "edge/pages-151.pdf": (
        "too-many-pages",
        "151 pages; the limit is 150.",
        "Split the file.",
    ),
    "edge/truncated.pdf": (
        "damaged",
        "The file is damaged or not fully copied: it cannot be opened as a PDF.",
        "Copy, download or scan the bill again.",
    ),
    "edge/truncated.png": (
        "damaged",
        "The file is damaged or not fully copied: it cannot be opened as a PNG picture.",
        "Copy, download or scan the bill again.",
    ),
    "edge/zero-bytes.pdf": (
        "empty",
        "The file is empty.",
        "Copy, download or scan the bill again.",
    ),
    "edge/login-page.pdf": (
        "not-a-bill-file",
        "This is a web page, not a PDF.",
        "Download the bill again after signing in.",
    ),
}
INCOMPLETE = {"edge/truncated.pdf", "edge/truncated.png", "edge/zero-bytes.pdf"}


@pytest.mark.parametrize("name", GOOD)
def test_a_bill_that_nectar_can_read_is_fit(bills: Path, examiner: Examiner, name: str) -> None:
    """A good file is sent, with its kind by its bytes and its true fingerprint."""
    path = bills / name
    expected = Fit(Sha256(hashlib.sha256(path.read_bytes()).hexdigest()), *GOOD[name])
    assert expected == examined(examiner, path)


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_nectar_cannot_read_is_told_why(
    bills: Path, examiner: Examiner, name: str
) -> None:
    """A bad file is never sent; the sentence names the cause and the one next step."""
    problem = problem_of(examiner, bills / name)
    assert BAD[name] == (problem.code, problem.message, problem.advice)


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_only_incomplete_files_are_waited_for(bills: Path, name: str) -> None:
    """A file without its end mark is waited for, and no other."""
    path = bills / name
    is_complete = end_mark(str(path), signature_of(path).size).is_complete
    assert (name not in INCOMPLETE) == is_complete


def test_a_tiff_is_named(bills: Path, tmp_path: Path, examiner: Examiner) -> None:
    """A scan under a wrong ending is called by what it is."""
    path = tmp_path / "scan.pdf"
    path.write_bytes((bills / "edge/scan.tiff").read_bytes())
    problem = problem_of(examiner, path)
    assert problem.message == "This is a TIFF picture, not a PDF."
    assert problem.advice == "Save it as PDF or PNG."


@pytest.mark.parametrize(("size", "is_fit"), [(25_000_000, True), (25_000_001, False)])
def test_the_limit_is_25_million_bytes(
    bills: Path, tmp_path: Path, examiner: Examiner, size: int, *, is_fit: bool
) -> None:
    """25,000,000 bytes may go up, one more may not."""
    small = (bills / "water_bill.pdf").read_bytes()
    tail = small[small.rindex(b"startxref") :]
    path = tmp_path / "big.pdf"
    path.write_bytes(small + b"\n%" + b"0" * (size - len(small) - len(tail) - 3) + b"\n" + tail)
    assert path.stat().st_size == size
    assert end_mark(str(path), size) is EndMark.PRESENT
    if is_fit:
        assert isinstance(examined(examiner, path), Fit)
    else:
        problem = problem_of(examiner, path)
        assert problem.code == "too-large"
        assert problem.message == "25.0 MB; the limit is 25 MB."
