"""Which names are bills."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.names import MARK_NAME, PART_PATTERN, result_path
from agent.watch.candidates import CandidateRules, Sort

ALL = CandidateRules(["pdf", "png", "jpg"])
NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=30)
PATTERNS = st.lists(st.text("abAB*?/.[]! é-", max_size=12), max_size=5)


@pytest.mark.parametrize(
    "name",
    ["Bill.pdf", "BILL.PDF", "scan.PnG", "a.jpg", "a.JPEG", "copy (1).pdf", "~scan.pdf", "a..pdf"],
)
def test_endings_in_any_case(name: str) -> None:
    """PDF, PNG and JPEG by name are candidates, however the ending is written."""
    assert ALL.sort(name) is Sort.CANDIDATE


@pytest.mark.parametrize(
    "name", ["pdf", "Bill.pdf.bak", "Bill.pdf ", "Bill", "Bill.gif", "Billpdf"]
)
def test_everything_else_is_counted(name: str) -> None:
    """Other files are left alone and counted."""
    assert ALL.sort(name) is Sort.OTHER


@pytest.mark.parametrize(
    "ending", ["tif", "tiff", "heic", "zip", "eml", "msg", "xlsx", "docx", "TIF", "Docx"]
)
def test_other_kinds_of_documents_are_listed(ending: str) -> None:
    """A bill in a kind that Nectar does not read is told to the person."""
    assert ALL.sort(f"Bill.{ending}") is Sort.UNSUPPORTED


def test_types_can_be_fewer() -> None:
    """With ``types = ["pdf"]`` pictures are left alone."""
    rules = CandidateRules(["pdf"])
    assert rules.sort("a.pdf") is Sort.CANDIDATE
    assert rules.sort("a.jpg") is Sort.OTHER
    assert rules.sort("a.jpg.json") is Sort.OTHER  # no result of ours


@pytest.mark.parametrize(
    "name",
    [
        "~$Bill.pdf",
        "._Bill.pdf",
        ".Bill.pdf",
        ".Bill.pdf.Xy12",
        "Bill.pdf.crdownload",
        "Bill.pdf.part",
        "Bill.pdf.partial",
        "Bill.pdf.TMP",
        "~syncthing~Bill.pdf.tmp",
        "Unconfirmed 1234.crdownload",
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        ".nectar-0123456789ab.part",
        MARK_NAME,
        "Bill.pdf.json",
        "SCAN.JPEG.json",
    ],
)
def test_temporary_and_own_files_are_unseen(name: str) -> None:
    """Half downloads, hidden files, and our own results are no bills and no noise."""
    assert ALL.sort(name) is Sort.UNSEEN


@pytest.mark.parametrize(
    "name",
    [
        ".dropbox.cache",
        ".stfolder",
        ".stversions",
        ".sync",
        ".tmp.drivedownload",
        "@eaDir",
        "#recycle",
        ".@__thumb",
        "@Recycle",
        "$RECYCLE.BIN",
        "System Volume Information",
        ".Trash-1000",
        ".snapshot",
        "~snapshot",
        "lost+found",
        "__MACOSX",
        "Bill.pdf.download",
    ],
)
def test_folders_of_systems_are_not_entered(name: str) -> None:
    """Recycle bins, snapshots and caches hold copies of bills, and no bills."""
    assert not ALL.enters(name)
    assert not ALL.is_candidate(f"2026/{name}/Bill.pdf")


@pytest.mark.parametrize("name", ["2026", "Plant 7", "Temp", "found", "recycling", "a.b", "~old"])
def test_folders_of_people_are_entered(name: str) -> None:
    """No name that a person would give is taken for a system's."""
    assert ALL.enters(name)
    assert ALL.is_candidate(f"{name}/{name}/Bill.pdf")


MATCHES = [
    # pattern, what it matches, what it does not
    ("copy of *", ["copy of a.pdf", "x/Copy Of a.pdf", "copy of x/b.pdf"], ["a copy of.pdf"]),
    (
        "drafts/",
        ["drafts/a.pdf", "2026/Drafts/b/a.pdf"],
        ["drafts", "drafts.pdf", "old drafts/a.pdf"],
    ),
    ("*/old/*", ["x/old/a.pdf", "x/OLD/b/a.pdf"], ["old/a.pdf", "x/y/old/a.pdf"]),
    ("/drafts", ["drafts/a.pdf"], ["x/drafts/a.pdf"]),
    ("**/old/*", ["old/a.pdf", "x/y/old/a.pdf"], ["older/a.pdf"]),
    ("2024/**", ["2024/a.pdf", "2024/x/a.pdf"], ["x/2024/a.pdf"]),
    ("a/**/b.pdf", ["a/b.pdf", "a/x/y/b.pdf"], ["b.pdf"]),
    ("scan ?.pdf", ["scan 1.pdf"], ["scan 12.pdf", "scan .pdf"]),
    ("scan [1].pdf", ["scan [1].pdf"], ["scan 1.pdf"]),
    ("*.png", ["x/a.PNG"], ["a.pdf"]),
    ("./drafts/", ["drafts/a.pdf"], ["x/drafts/a.pdf"]),
    ("été*", [unicodedata.normalize("NFD", "Été 2026.pdf")], ["ete.pdf"]),
    ("a*.pdf", ["abc.pdf"], ["a/b.pdf"]),
    ("", [], ["a.pdf"]),
    ("/", [], ["a.pdf", "x/a.pdf"]),
]


@pytest.mark.parametrize(("pattern", "matched", "others"), MATCHES, ids=[m[0] for m in MATCHES])
def test_ignore_patterns(pattern: str, matched: list[str], others: list[str]) -> None:
    """A pattern means what the documentation of ``agent.watch.patterns`` says."""
    rules = CandidateRules(["pdf", "png"], [pattern])
    assert [path for path in matched if rules.is_candidate(path)] == []
    names = [path for path in others if path.endswith((".pdf", ".png"))]
    assert names == [path for path in names if rules.is_candidate(path)]


@given(PATTERNS, NAMES, NAMES)
def test_patterns_never_fail_and_only_take_away(
    patterns: list[str], folder: str, name: str
) -> None:
    """Any text is a pattern, and no pattern makes a candidate of what is none."""
    rules = CandidateRules(["pdf"], patterns)
    for path in (name, f"{name}.pdf", f"{folder}/{name}.pdf"):
        assert ALL.is_candidate(path) or not rules.is_candidate(path)


@given(PATTERNS, NAMES, NAMES)
def test_case_never_matters(patterns: list[str], folder: str, name: str) -> None:
    """The same path in capitals has the same answer."""
    rules = CandidateRules(["pdf"], patterns)
    path = f"{folder}/{name}.pdf"
    if path.upper().lower() == path.lower():  # some letters have no capitals of their own
        assert rules.is_candidate(path.lower()) == rules.is_candidate(path.upper())


@given(NAMES)
def test_own_files_are_never_bills(name: str) -> None:
    """Whatever a bill is called, its result and our temporary file are no bills."""
    assert ALL.sort(result_path(name + ".pdf")) is Sort.UNSEEN
    assert PART_PATTERN.match(".nectar-0123456789ab.part")
    assert ALL.sort(".nectar-0123456789ab.part") is Sort.UNSEEN


@given(NAMES, st.lists(NAMES, max_size=4))
def test_a_path_is_judged_as_a_walk_judges_it(name: str, folders: list[str]) -> None:
    """Asking for a whole path gives what entering its folders one by one gives."""
    rules = CandidateRules(["pdf"], ["drafts/", "x*"])
    above, is_entered = "", True
    for folder in folders:
        is_entered = is_entered and rules.enters(folder, above)
        above += folder + "/"
    expected = is_entered and rules.sort(name, above) is Sort.CANDIDATE
    assert expected == rules.is_candidate(above + name)
