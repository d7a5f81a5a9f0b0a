"""The text of a bill, and the numbers and dates printed in it.

How a document writes numbers (``1,917.50`` or ``1 917,50``) and dates (month or day first)
is concluded from the document itself. What stays ambiguous is found, but has no value.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv januar", "february feb février fevrier fev févr februar",
            "march mar mars märz", "april apr avril avr", "may mai", "june jun juin juni",
            "july jul juillet juil juli", "august aug août aout", "september sept sep septembre",
            "october oct octobre oktober okt", "november nov novembre",
            "december dec décembre decembre déc dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DATE = re.compile(
    rf"(?<![\w.,/-])(?:"
    rf"(?P<month>{_MONTH})\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s?(?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?P<month2>{_MONTH}),?\s(?P<year2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year3>\d{4}|\d{2})"
    r")(?![\w/]|[.,-]\d)",
    re.IGNORECASE,
)
_BEFORE_NUMBER = r"(?<![\w.,/:*-])"
_AFTER_NUMBER = r"(?![\d_%]|[.,/:-]\d)"
_POINT = re.compile(
    rf"{_BEFORE_NUMBER}[-+]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?{_AFTER_NUMBER}"
)
_COMMA = re.compile(
    rf"{_BEFORE_NUMBER}[-+]?(?:\d{{1,3}}(?:[ .]\d{{3}})+|\d+)(?:,\d+)?{_AFTER_NUMBER}"
)
_LONGEST_NUMBER = 18
_COMMA_CENTS = re.compile(r"\d,\d{2}(?![\d,])")
_POINT_CENTS = re.compile(r"\d\.\d{2}(?![\d.])")


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number: where it stands in its line, and its digits with a point."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A printed date; ``iso`` is None where day and month cannot be told apart."""

    start: int
    end: int
    iso: str | None


@dataclass(frozen=True)
class BillText:
    """The text of a bill with plain blanks, minus signs and line ends."""

    text: str

    @classmethod
    def of(cls, raw: str) -> "BillText":
        """Return the text with composed letters and the many kinds of blanks made one."""
        text = unicodedata.normalize("NFC", raw)
        text = re.sub(r"[^\S\n]", " ", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = re.sub("[\u2212\u2010\u2011]", "-", text)
        text = re.sub("[\u0000\u0002\u00ad\ufffe\ufffd]", "", text)
        return cls("\n".join(line.strip() for line in text.split("\n")))

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines as printed."""
        return tuple(self.text.split("\n"))

    @cached_property
    def undated_lines(self) -> tuple[str, ...]:
        """The lines with every date replaced by blanks, so that only true numbers are left."""
        characters = list(self.text)
        for printed in self.dates:
            for position in range(printed.start, printed.end):
                if characters[position] != "\n":
                    characters[position] = " "
        return tuple("".join(characters).split("\n"))

    @cached_property
    def has_decimal_commas(self) -> bool:
        """Whether most amounts have a comma before the cents."""
        return len(_COMMA_CENTS.findall(self.text)) > len(_POINT_CENTS.findall(self.text))

    @cached_property
    def dates(self) -> tuple[PrintedDate, ...]:
        """All dates in order. Positions are in `text`."""
        return tuple(
            PrintedDate(found.start(), found.end(), self._iso(found))
            for found in _DATE.finditer(self.text)
        )

    @cached_property
    def _day_comes_first(self) -> bool | None:
        """How numeric dates are written; None if the document does not settle it."""
        found = [item for item in _DATE.finditer(self.text) if item["first"]]
        day_first = any(int(item["first"]) > 12 for item in found)
        month_first = any(int(item["second"]) > 12 for item in found)
        return None if day_first == month_first else day_first

    def numbers(self, line: str) -> Iterator[Number]:
        """Yield the numbers of a line, up to 18 characters long.

        Give a line of `undated_lines` to leave dates out.
        """
        pattern = _COMMA if self.has_decimal_commas else _POINT
        for found in pattern.finditer(line):
            if len(found[0]) <= _LONGEST_NUMBER:
                yield Number(found.start(), found.end(), self._plain(found[0]))

    def _plain(self, printed: str) -> str:
        if self.has_decimal_commas:
            plain = printed.replace(" ", "").replace(".", "").replace(",", ".")
        else:
            plain = printed.replace(",", "")
        return plain.removeprefix("+")

    def _iso(self, found: re.Match[str]) -> str | None:
        if found["iso"]:
            return _valid(*map(int, found["iso"].split("-")))
        if found["first"]:
            return self._numeric(int(found["first"]), int(found["second"]), found["year3"])
        month = _MONTHS[(found["month"] or found["month2"]).rstrip(".").lower()]
        year, day = found["year"] or found["year2"], found["day"] or found["day2"]
        return _valid(int(year), month, int(day))

    def _numeric(self, first: int, second: int, year: str) -> str | None:
        day_first = self._day_comes_first
        if day_first is None and first != second:
            return None
        day, month = (first, second) if day_first else (second, first)
        # Two digits are this century's on any bill that can be uploaded.
        return _valid(int(year) if len(year) == 4 else 2000 + int(year), month, day)


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
