"""Pages and filters of the list calls."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from agent.emulator.requests import EmulatorRequest, RefusedError

DATE_TYPES = ("BILL_DATE", "USAGE_PERIOD", "CREATED_DATE", "UPDATED_DATE")
DATASOURCE_TYPES = (
    "ELECTRICITY", "GAS", "WATER", "DISTRICT", "WASTE", "FUEL", "MISC", "REFRIGERANT", "SOLAR",
    "TELECOM",
)  # fmt: skip
_PAGE = re.compile(r"[1-9][0-9]{0,8}")
_SEPARATORS = re.compile(r"[-\s_,/]")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list call asks for. ``None`` and empty stand for no limit."""

    start: date | None
    end: date | None
    date_type: str
    datasource_types: tuple[str, ...]
    identifier: str | None
    is_deleted: bool

    @classmethod
    def of(cls, request: EmulatorRequest, default_date_type: str = "BILL_DATE") -> "Filters":
        """Read the filters of a request; raises RefusedError (400) for a value not allowed."""
        return cls(
            start=_date(request, "startDate"),
            end=_date(request, "endDate"),
            date_type=_choice(request, "dateType", DATE_TYPES) or default_date_type,
            datasource_types=_choices(request, "datasourceType", DATASOURCE_TYPES),
            identifier=_identifier(request),
            is_deleted=_choice(request, "isDeleted", ("true", "false")) == "true",
        )

    def takes_document(self, document: dict[str, Any], usage: Sequence[dict[str, Any]]) -> bool:
        """Whether a document, with all its usage records, is among what is asked for."""
        if self.date_type == "USAGE_PERIOD" and self._has_bounds:
            if not any(self._overlaps(record) for record in usage):
                return False
        elif not self._takes_dates(document):
            return False
        records = [record for record in usage if self._takes_meter(record)]
        return bool(records) or not (self.datasource_types or self.identifier)

    def takes_usage(self, record: dict[str, Any], document: dict[str, Any]) -> bool:
        """Whether a usage record is among what is asked for."""
        if not self._takes_meter(record):
            return False
        if self.date_type == "USAGE_PERIOD":
            return not self._has_bounds or self._overlaps(record)
        return self._takes_dates(document if self.date_type == "BILL_DATE" else record)

    @property
    def _has_bounds(self) -> bool:
        return self.start is not None or self.end is not None

    def _takes_dates(self, item: dict[str, Any]) -> bool:
        if not self._has_bounds:
            return True
        if self.date_type == "BILL_DATE":
            day = _day(item.get("billDate"))
            return day is not None and self._from_start(day) and (not self.end or day <= self.end)
        member = "created" if self.date_type == "CREATED_DATE" else "updated"
        day = _day(item.get(member))
        # Both bounds are cut to 00:00 UTC, so the day named as the end is left out.
        return day is not None and self._from_start(day) and (not self.end or day < self.end)

    def _from_start(self, day: date) -> bool:
        return self.start is None or day >= self.start

    def _overlaps(self, record: dict[str, Any]) -> bool:
        first, last = _day(record.get("startDate")), _day(record.get("endDate"))
        first, last = first or last, last or first
        if first is None or last is None:
            return False
        return self._from_start(last) and (self.end is None or first <= self.end)

    def _takes_meter(self, record: dict[str, Any]) -> bool:
        if self.datasource_types and record.get("datasourceType") not in self.datasource_types:
            return False
        return self.identifier is None or any(
            normalised_identifier(item.get("value") or "") == self.identifier
            for item in record.get("identifiers") or []
        )


def normalised_identifier(value: str) -> str:
    """Return an identifier without separators and leading zeros, in upper case."""
    return _SEPARATORS.sub("", value).upper().lstrip("0")


def page_number(request: EmulatorRequest) -> int:
    """Return the page asked for; raises RefusedError (400) unless it is a number from 1 up."""
    text = (request.values("page") or ["1"])[-1]
    if not _PAGE.fullmatch(text):
        raise RefusedError(400, "Request not valid.", {"page": ["A number from 1 up is needed."]})
    return int(text)


def lenient_page_number(request: EmulatorRequest) -> int:
    """Return the page asked for, or the first: for lists whose contract has no answer 400."""
    text = (request.values("page") or ["1"])[-1]
    return int(text) if _PAGE.fullmatch(text) else 1


def envelope(
    items: Sequence[Item],
    page: int,
    page_size: int,
    names: tuple[str, str],
    write: Callable[[Iterable[Item]], list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return one page; past the end it is the last page again. ``names``: total and list."""
    pages = max(1, -(-len(items) // page_size))
    current = min(page, pages)
    shown = items[(current - 1) * page_size : current * page_size]
    return {
        names[0]: len(items),
        "perPage": page_size,
        "totalPages": pages,
        "currentPage": current,
        "hasNext": current < pages,
        "hasPrevious": current > 1,
        names[1]: write(shown),
    }


def _day(text: Any) -> date | None:
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _date(request: EmulatorRequest, name: str) -> date | None:
    values = request.values(name)
    if not values:
        return None
    try:
        # fromisoformat alone would also take forms such as 20260131 and 2026-W05-6.
        return datetime.strptime(values[-1], "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        problem = {name: ["A date such as 2026-01-31 is needed."]}
        raise RefusedError(400, "Request not valid.", problem) from None


def _choices(request: EmulatorRequest, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    values = tuple(request.values(name))
    if any(value not in allowed for value in values):
        problem = {name: [f"One of {', '.join(allowed)} is needed."]}
        raise RefusedError(400, "Request not valid.", problem)
    return values


def _choice(request: EmulatorRequest, name: str, allowed: tuple[str, ...]) -> str | None:
    values = _choices(request, name, allowed)
    return values[-1] if values else None


def _identifier(request: EmulatorRequest) -> str | None:
    values = request.values("identifier")
    if not values:
        return None
    if not values[-1]:
        raise RefusedError(400, "Request not valid.", {"identifier": ["A text is needed."]})
    return normalised_identifier(values[-1])
