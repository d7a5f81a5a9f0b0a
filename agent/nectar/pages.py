"""One page of a list, whatever its shape: a bare array or an envelope around one list."""

from __future__ import annotations

from decimal import Decimal

from agent.bills.answers import Page
from agent.bills.exact_json import Json

_LONGEST_NUMBER = 10
"""Digits of a number of pages that is told as text."""


def page_of(payload: Json, member: str, asked: int) -> Page | None:
    """Return the page in ``payload``, the answer to asking for page number ``asked``.

    ``member`` names the list in an envelope; where it is missing, the envelope's only list is
    taken. A list that is null is empty. What is no object in it is left out. None where there is
    no list at all.

    The page is the last one unless the envelope says ``hasNext: true``, or says neither true nor
    false and counts more pages (``totalPages``): a list that is cut short would pass for all
    there is. It is also the last one where ``currentPage`` is another page than was asked for
    (past its end Nectar gives the last page again), and where it is empty.
    """
    if isinstance(payload, list):
        return Page(_objects(payload), is_last=True)
    if not isinstance(payload, dict):
        return None
    listed = payload.get(member)
    if listed is None and member not in payload:
        lists = [value for value in payload.values() if isinstance(value, list)]
        if len(lists) != 1:
            return None
        listed = lists[0]
    if not isinstance(listed, list | None):
        return None
    items = _objects(listed or [])
    current = payload.get("currentPage")
    is_another = current is not None and not _is_number(current, asked)
    return Page(items, is_last=not _has_next(payload, asked) or is_another or not items)


def repeats(previous: Page, page: Page) -> bool:
    """Whether ``page`` holds nothing that ``previous`` does not hold already, compared by id.

    True also for an empty page: whoever counts pages up may stop at either.
    """
    known = {_identity(item) for item in previous.items}
    return all(_identity(item) in known for item in page.items)


def _has_next(payload: dict[str, Json], asked: int) -> bool:
    told = payload.get("hasNext")
    if isinstance(told, bool):
        return told
    pages = payload.get("totalPages")
    if isinstance(pages, str) and pages.strip().isdecimal() and len(pages) < _LONGEST_NUMBER:
        pages = int(pages)
    return isinstance(pages, int | Decimal) and not isinstance(pages, bool) and pages > asked


def _objects(values: list[Json]) -> tuple[dict[str, Json], ...]:
    return tuple(value for value in values if isinstance(value, dict))


def _identity(item: dict[str, Json]) -> str:
    value = item.get("id")
    return repr(item) if value is None else str(value)


def _is_number(value: Json, number: int) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | Decimal):
        return value == number
    return isinstance(value, str) and value.strip() == str(number)
