"""What counts as a correction, and when a document counts as deleted."""

from __future__ import annotations

from typing import Any

import pytest
from bill_rows import NOW, a_job, accepted, the_submission

from agent.bills.answers import Answers, FetchedDocument
from agent.bills.corrections import (
    SeenDocument,
    is_seen_already,
    superseded,
    whole_list_wait,
)
from agent.bills.listed import ListedDocument
from agent.bills.outcomes import Fetched
from agent.bills.refreshing import SECOND_LOOK_SECONDS, refreshed
from agent.bills.stages import SubmissionStage
from agent.bills.values import Outcome

CHARGED = {"totalCharges": "1.00"}
ENDED = accepted(
    stage=SubmissionStage.FETCHED, outcome=Outcome.PROCESSED, revision=1, fingerprint="f1", due=None
)


def a_listed(updated: str | None) -> ListedDocument:
    """Return a document of a list."""
    return ListedDocument("d1", "Bill.pdf", "job-1", NOW, updated=updated)


def fetched(*ids: str, missing: tuple[str, ...] = (), fingerprint: str = "f2") -> Fetched:
    """Return a look at documents, of which some are there and some are not."""
    documents = tuple(FetchedDocument(one, {"id": one, **CHARGED}) for one in ids)
    job = a_job(parsed_document_ids=(*ids, *missing))
    return Fetched(Answers(job, documents), missing, 0, fingerprint)


@pytest.mark.parametrize(
    ("updated", "seen", "is_whole", "expected"),
    [
        ("2026-02-11T19:00:00Z", SeenDocument("2026-02-11T19:00:00Z", is_gone=False), False, True),
        ("2026-02-11T19:00:00", SeenDocument("2026-02-11T19:00:00Z", is_gone=False), False, True),
        ("2026-02-11T19:00:01Z", SeenDocument("2026-02-11T19:00:00Z", is_gone=False), False, False),
        ("2026-02-11T19:00:00Z", SeenDocument("2026-02-11T19:00:00Z", is_gone=True), True, False),
        ("2026-02-11T19:00:00Z", None, True, False),
        (None, SeenDocument(None, is_gone=False), True, True),
        (None, SeenDocument(None, is_gone=False), False, False),
        ("soon", SeenDocument(None, is_gone=False), False, False),
    ],
)
def test_what_was_seen_already(
    updated: str | None, seen: SeenDocument | None, is_whole: bool, expected: bool
) -> None:
    """Times are compared, however they are written; what is gone and listed is looked at again."""
    assert is_seen_already(a_listed(updated), seen, is_whole=is_whole) is expected


def test_a_document_is_missed_twice_before_it_counts_as_deleted() -> None:
    """The first time it is looked for once more, an hour later."""
    look = fetched(missing=("d1",))
    first = the_submission(refreshed(ENDED, look, frozenset({"d1"}), NOW))
    assert (first.revision, first.due) == (1, NOW + SECOND_LOOK_SECONDS)
    second = the_submission(refreshed(first, look, frozenset({"d1"}), NOW + SECOND_LOOK_SECONDS))
    assert (second.revision, second.due, second.outcome) == (2, None, Outcome.NO_DATA)
    assert second.problem is not None
    assert second.problem.code == "no-data"


def test_a_document_that_is_back_at_the_second_look() -> None:
    """Nothing was deleted, and nothing is written."""
    first = the_submission(refreshed(ENDED, fetched(missing=("d1",)), frozenset({"d1"}), NOW))
    second = the_submission(
        refreshed(first, fetched("d1", fingerprint="f1"), frozenset({"d1"}), NOW + 3600)
    )
    assert (second.revision, second.due, second.tries) == (1, None, 0)


def test_what_never_was_there_is_not_deleted() -> None:
    """A document that could never be fetched decides nothing by being missing still."""
    row = the_submission(refreshed(ENDED, fetched(missing=("d1",)), frozenset(), NOW))
    assert (row.revision, row.due) == (1, None)


def test_a_correction_beside_a_document_that_never_was_there() -> None:
    """It is written at once."""
    row = the_submission(refreshed(ENDED, fetched("d1", missing=("d2",)), frozenset({"d1"}), NOW))
    assert (row.revision, row.outcome) == (2, Outcome.PROCESSED)
    assert row.warnings == ()


def a_document(document_id: str, **members: Any) -> FetchedDocument:
    """Return a fetched document."""
    return FetchedDocument(document_id, {"id": document_id, **members})


def test_superseded() -> None:
    """Of a bill and its revision the later made one stays, whichever names the other."""
    old = a_document("old", created="2026-01-01T00:00:00Z")
    new = a_document("new", created="2026-02-01T00:00:00Z", revisedDocumentId="old")
    assert superseded((old, new), ()) == {"old"}
    assert superseded((new,), ("old",)) == {"old"}
    assert superseded((new,), ()) == frozenset()
    naming = a_document("old", created="2026-01-01T00:00:00Z", revisedDocumentId="new")
    assert superseded((naming, a_document("new", created="2026-02-01")), ()) == {"old"}


@pytest.mark.parametrize(
    ("pages", "days"), [(1, 1.0), (24, 1.0), (48, 2.0), (500, 500 / 24), (9999, 60.0)]
)
def test_how_often_all_documents_are_listed(pages: int, days: float) -> None:
    """Daily, and a page an hour at most."""
    assert whole_list_wait(pages) == pytest.approx(days * 86400)
