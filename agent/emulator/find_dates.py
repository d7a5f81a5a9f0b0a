"""The billing period, the bill's date and the day it is due."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agent.emulator.bill_text import BillText
from agent.emulator.reading import Period

_BETWEEN = re.compile(r"\s*(?:to|through|thru|until|au|bis|al|[-\u2013\u2014])\s*", re.IGNORECASE)
_PERIOD_LABEL = re.compile(
    r"(?:billing|service|production|usage|invoice|bill|reading)?\s*"
    r"(?:period|dates?|from|p[ée]r ?i ?ode|zeitraum)\s*:?\s*(?:from|du|vom)?\s*$"
    r"|\bfor\s*:?\s*$|\bdu\s*$",
    re.IGNORECASE,
)
_BILL_DATE = re.compile(
    r"(?:bill(?:ing)?|statement|invoice|issue) date\s*:?\s*$"
    r"|date of (?:bill|invoice|issue)\s*:?\s*$"
    r"|^date\s*:\s*$|facture du\s*$|rechnungsdatum\s*:?\s*$",
    re.IGNORECASE,
)
_DUE_DATE = re.compile(
    r"(?:due date|date due|payment due|(?:due|pay|paid) (?:by|on|before)|due)\s*:?\s*$"
    r"|à partir du\s*:?\s*$|fällig am\s*:?\s*$",
    re.IGNORECASE,
)
_LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class PrintedPeriod:
    """A "from … to …" where it stands: its position in the text, and its line."""

    period: Period
    position: int
    line: int


def find_periods(text: BillText) -> list[PrintedPeriod]:
    """Return every "from … to …" of at most 400 days, in order."""
    found: list[PrintedPeriod] = []
    line = counted = 0
    for first, last in zip(text.dates, text.dates[1:], strict=False):
        if first.iso is None or last.iso is None:
            continue
        if not _BETWEEN.fullmatch(text.text, first.end, last.start):
            continue
        period = Period(first.iso, last.iso)
        if 0 < _days(period) <= _LONGEST_DAYS:
            line += text.text.count("\n", counted, first.start)
            counted = first.start
            found.append(PrintedPeriod(period, first.start, line))
    return found


def choose_period(
    text: BillText, periods: Sequence[PrintedPeriod], usage: frozenset[str]
) -> Period | None:
    """Return the bill's period; None where two are equally good.

    A period counts by how often it is printed, by a caption before it and by a usage figure
    in its line; of equals the longest is taken, for bills split periods where prices change.
    """
    scores: Counter[Period] = Counter()
    for printed in periods:
        before = text.text[max(0, printed.position - 40) : printed.position]
        numbers = {number.value for number in text.numbers(text.undated_lines[printed.line])}
        scores[printed.period] += 2
        scores[printed.period] += 3 if _PERIOD_LABEL.search(before) else 0
        scores[printed.period] += 3 if numbers & usage else 0
    ranks = {period: (score, _days(period)) for period, score in scores.items()}
    best = [period for period, rank in ranks.items() if rank == max(ranks.values())]
    return best[0] if len(best) == 1 else None


def find_bill_date(text: BillText) -> str | None:
    """Return the day the bill was made out."""
    return _labelled_date(text, _BILL_DATE)


def find_due_date(text: BillText) -> str | None:
    """Return the day the bill is to be paid."""
    return _labelled_date(text, _DUE_DATE)


def _labelled_date(text: BillText, label: re.Pattern[str]) -> str | None:
    found: Counter[str] = Counter()
    for printed in text.dates:
        before = text.text[max(0, printed.start - 60) : printed.start]
        *earlier, line = before.split("\n")
        # The caption stands before the date, or alone in the line above it.
        if not line.strip() and earlier:
            line = earlier[-1]
        if printed.iso is not None and label.search(line):
            found[printed.iso] += 1
    ranked = found.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _days(period: Period) -> int:
    return (date.fromisoformat(period.end) - date.fromisoformat(period.start)).days
