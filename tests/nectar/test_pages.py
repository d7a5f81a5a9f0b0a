"""One page of a list, whatever its shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from client_under_test import patient
from hypothesis import given
from hypothesis import strategies as st

from agent.bills.answers import Page
from agent.nectar.pages import page_of, repeats

ITEM = {"id": "a"}


def envelope(**members: Any) -> dict[str, Any]:
    """Return an envelope as the contract has it, with ``members`` put over it."""
    return {
        "totalDocuments": 250,
        "perPage": 100,
        "totalPages": 3,
        "currentPage": 2,
        "hasNext": True,
        "hasPrevious": True,
        "documents": [ITEM],
        **members,
    }


def test_a_page_in_the_middle_is_not_the_last() -> None:
    """The envelope says that another page follows, and it is the page asked for."""
    assert page_of(envelope(), "documents", 2) == Page((ITEM,), is_last=False)


@pytest.mark.parametrize("current", [2, "2", Decimal(2), None])
def test_the_page_number_is_understood_in_any_type(current: Any) -> None:
    """A number as text, or none at all, does not end the list."""
    page = page_of(envelope(currentPage=current), "documents", 2)
    assert page is not None
    assert not page.is_last


@pytest.mark.parametrize(
    "members",
    [
        {"hasNext": False},
        {"hasNext": None, "totalPages": None},
        {"hasNext": None, "totalPages": 2},
        {"hasNext": "yes", "totalPages": "two"},
        {"currentPage": 1},
        {"currentPage": "1"},
        {"currentPage": True},
        {"documents": []},
        {"documents": None},
        {"documents": ["no object"]},
    ],
)
def test_the_list_ends_where_nothing_new_is_promised(members: dict[str, Any]) -> None:
    """No further page, another page than was asked for, or an empty one: a loop ends there."""
    page = page_of(envelope(**members), "documents", 2)
    assert page is not None
    assert page.is_last


@pytest.mark.parametrize("pages", [3, "3", Decimal(3)])
@pytest.mark.parametrize("told", [None, "true"])
def test_a_list_goes_on_where_only_its_pages_are_counted(told: Any, pages: Any) -> None:
    """A list cut short would pass for all there is, and an upload in doubt would be sent again."""
    page = page_of(envelope(hasNext=told, totalPages=pages), "documents", 2)
    assert page is not None
    assert not page.is_last


def test_a_bare_array_is_a_whole_list() -> None:
    """Whatever was asked for, an array is all there is; what is no object in it is left out."""
    assert page_of([ITEM, None, "x"], "sites", 1) == Page((ITEM,), is_last=True)


def test_the_only_list_of_an_envelope_is_its_list() -> None:
    """Its name is unknown for sites and jobs."""
    assert page_of({"results": [ITEM], "hasNext": False}, "sites", 1) == Page((ITEM,), is_last=True)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "text",
        7,
        {},
        {"detail": "no"},
        {"a": [], "b": []},
        {"documents": "text"},
        {"documents": {}, "other": [ITEM]},
    ],
)
def test_where_there_is_no_list_there_is_no_page(payload: Any) -> None:
    """An answer without a list is not taken for an empty list: nothing may be concluded."""
    assert page_of(payload, "documents", 1) is None


def test_a_page_that_brings_nothing_new_repeats() -> None:
    """The last page again, in any order; also a part of it, and an empty page."""
    first = Page(({"id": "a"}, {"id": 2}, {"name": "no id"}), is_last=False)
    assert repeats(first, Page(({"name": "no id"}, {"id": "2"}, {"id": "a"}), is_last=False))
    assert repeats(first, Page(({"id": "a", "updated": "later"},), is_last=False))
    assert repeats(first, Page((), is_last=False))
    assert not repeats(first, Page(({"id": "a"}, {"id": "b"}), is_last=False))
    assert not repeats(first, Page(({"name": "another"},), is_last=False))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@patient
@given(JSON, JSON, JSON, st.integers(1, 3))
def test_no_json_breaks_the_reading_of_a_page(
    listed: Any, current: Any, more: Any, asked: int
) -> None:
    """Any JSON gives a page of objects or none."""
    payload = {"documents": listed, "currentPage": current, "hasNext": more}
    page = page_of(payload, "documents", asked)
    assert page is None or all(isinstance(item, dict) for item in page.items)
