"""All that Nectar gave for a job is gathered, within bounds, whatever shape it comes in."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agent.bills.answers import Job, Page
from agent.bills.errors import NotThere, Transient
from agent.pipeline import gathering
from agent.pipeline.gathering import MOST_DOCUMENTS, Gathered, gather
from agent.pipeline.ports import Nectar

GONE = NotThere("not-there", "It is not there.", status=404)


class Documents:
    """Nectar's documents and pages of usage, by document; what is missing answers 404."""

    def __init__(
        self, documents: dict[str, dict[str, Any]], pages: dict[str, list[Page]] | None = None
    ) -> None:
        self._documents = documents
        self._pages = pages or {}
        self.asked: list[int] = []

    def document(self, document_id: str) -> dict[str, Any]:
        """Return the document."""
        if document_id not in self._documents:
            raise GONE
        return self._documents[document_id]

    def usage_page(self, document_id: str, page: int) -> Page:
        """Return one page; the last one for every page after it."""
        self.asked.append(page)
        if document_id not in self._pages:
            raise GONE
        pages = self._pages[document_id]
        return pages[min(page, len(pages)) - 1]


def gathered(nectar: Documents, *parsed: str, duplicates: tuple[str, ...] = ()) -> Gathered:
    """Return what is gathered for a job of these documents."""
    job = Job("job-1", "COMPLETED", parsed, len(duplicates), duplicates, (), None, None)
    return gather(cast("Nectar", nectar), job)


def record(number: int) -> dict[str, Any]:
    """Return a usage record."""
    return {"id": f"u{number}", "usage": "1"}


def whole(number: int) -> dict[str, Any]:
    """Return a usage record to which nothing is lacking."""
    return record(number) | dict.fromkeys(gathering._FULL_RECORD, "x")


def test_what_is_not_there_is_told() -> None:
    """A parsed document that is missing is named; a duplicate's id is kept without its document."""
    found = gathered(Documents({"d1": {"id": "d1"}}), "d1", "d2", duplicates=("d3",))
    assert [one.id for one in found.documents] == ["d1"]
    assert found.missing == ("d2",)
    assert [(one.id, one.document) for one in found.duplicates] == [("d3", None)]


def test_an_error_answered_as_a_document_is_none() -> None:
    """Without id, usage and charges it is no document, whatever the status was."""
    assert gathered(Documents({"d1": {"message": "try later"}}), "d1").missing == ("d1",)


@pytest.mark.parametrize(
    ("document", "is_asked"),
    [
        ({"usageData": [whole(1)]}, False),
        ({"usageData": []}, True),
        ({"usageData": [record(1)]}, True),
        ({"usageData": [whole(number) for number in range(100)]}, True),
        ({"usageData": [whole(1)], "demandMeters": [{"usageDataIds": ["u1"]}]}, False),
        ({"usageData": [whole(1)], "demandMeters": [{"usageDataIds": ["u9"]}]}, True),
        ({"usageData": [whole(1)], "demandMeters": [{"usageDataIds": "u9"}, 7]}, False),
    ],
)
def test_usage_is_asked_for_where_it_may_lack(document: dict[str, Any], *, is_asked: bool) -> None:
    """None, cut short, named elsewhere or as many as a page holds: then the list is read."""
    nectar = Documents({"d1": {"id": "d1"} | document})
    assert gathered(nectar, "d1").missing == ()
    assert bool(nectar.asked) == is_asked


def test_a_record_on_two_pages_counts_once() -> None:
    """Pages may shift while they are read; records without an id are all kept."""
    pages = [
        Page((record(1), {"usage": "7"}), is_last=False),
        Page((record(1), record(2), {"usage": "7"}), is_last=True),
    ]
    (document,) = gathered(Documents({"d1": {"id": "d1"}}, {"d1": pages}), "d1").documents
    assert [each.get("id") for each in document.usage] == ["u1", None, "u2", None]


def test_usage_that_never_ends_is_left() -> None:
    """A list that gives its last page again and again ends there."""
    nectar = Documents({"d1": {"id": "d1"}}, {"d1": [Page((record(1),), is_last=False)]})
    (document,) = gathered(nectar, "d1").documents
    assert (nectar.asked, len(document.usage)) == ([1, 2], 1)


def test_pages_that_are_all_different_end_too() -> None:
    """After so many pages there is no bill."""
    count = gathering.MOST_PAGES
    pages = [Page((record(number),), is_last=False) for number in range(count + 5)]
    nectar = Documents({"d1": {"id": "d1"}}, {"d1": pages})
    (document,) = gathered(nectar, "d1").documents
    assert len(nectar.asked) == len(document.usage) == count


def test_more_than_a_bill_can_hold_is_refused() -> None:
    """Too many documents, and too many characters of them, are tried again, never kept."""
    with pytest.raises(Transient, match="larger than any bill"):
        gathered(Documents({}), *map(str, range(MOST_DOCUMENTS + 1)))
    huge = {"id": "d1", "text": "x" * 1_000_000}
    names = [f"d{number}" for number in range(40)]
    with pytest.raises(Transient, match="larger than any bill"):
        gathered(Documents(dict.fromkeys(names, huge)), *names)
