"""What was used: meter readings, accounts with their share, figures with a caption.

Three searches, the surest first; what a surer one found for a kind of utility is not looked
for again by the next.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from agent.emulator.bill_text import BillText, Number
from agent.emulator.find_dates import PrintedPeriod
from agent.emulator.find_identifiers import find_meter, find_only_meter
from agent.emulator.reading import Identifier, Period, UsageReading
from agent.emulator.units import Unit, units_in

_METER_WORDS = re.compile(
    r"\b(?:meter|reading|read|previous|current|present|prior|usage|used|index|compteur)\b",
    re.IGNORECASE,
)
_ESTIMATED = re.compile(r"\b(?:estimated|estimé|est\.)|\(E\)", re.IGNORECASE)
_ACTUAL = re.compile(r"\b(?:actual|relevé)\b|\(A\)", re.IGNORECASE)
_MASKED_ACCOUNT = re.compile(r"^([*x•]{2,}\d{3,})$", re.IGNORECASE)
_ALLOCATED = re.compile(r"\b(?:allocated|used|usage|consumption|delivered)\b", re.IGNORECASE)
_CAPTION = re.compile(
    r"\b(?:total )?(?:used|usage|consumption|consommation|conso|consumed|verbrauch)\b",
    re.IGNORECASE,
)
_OTHER_FIGURE = re.compile(
    r"\b(?:average|daily|last (?:year|month)|previous|prior|annual|history|bank(?:ed)?|generation"
    r"|adjustment|first|over|next|up to|per|example|estimate of|same month|allowance|base ?line)\b",
    re.IGNORECASE,
)
_GAS, _WATER = (re.compile(rf"\b{word}\b", re.IGNORECASE) for word in ("gas", "water"))
_LINES_ABOVE = 8
_LINES_BELOW = 5
_LINES_OF_KIND = 60
_ROW_NUMBERS = 12
_SMALLEST_COUNTER = 100


def find_usage(text: BillText, periods: Sequence[PrintedPeriod]) -> tuple[UsageReading, ...]:
    """Return the usage of every meter or account that can be told apart."""
    found = list(_meter_rows(text, periods))
    if not found:
        found = list(_account_blocks(text, periods))
    kinds = {usage.datasource for usage in found}
    found += [usage for usage in _captioned(text) if usage.datasource not in kinds]
    return tuple(dict.fromkeys(found))


def _meter_rows(text: BillText, periods: Sequence[PrintedPeriod]) -> Iterator[UsageReading]:
    """Find previous and current reading with their difference: no other numbers fit so."""
    for index, line in enumerate(text.undated_lines):
        numbers = [item for item in text.numbers(line) if not item.value.startswith("-")]
        if not 2 <= len(numbers) <= _ROW_NUMBERS:
            continue
        above = text.undated_lines[max(0, index - _LINES_ABOVE) : index]
        row = _readings_in(numbers) or (
            _readings_below(text, index, numbers) if len(numbers) == 2 else None
        )
        if row is None or not any(_METER_WORDS.search(item) for item in (line, *above)):
            continue
        previous, current, used = row
        unit = _unit_of(used, line) or _unit_above(above)
        if unit is None:
            continue
        figures = frozenset(number.value for number in row)
        meter = find_meter(line, above, figures)
        yield UsageReading(
            usage=used.value,
            units=unit.name,
            datasource=unit.datasource or _kind_around(text, index),
            period=_period_in(periods, index, index),
            identifiers=(meter,) if meter else (),
            previous_reading=previous.value,
            current_reading=current.value,
            is_estimated=_is_estimated(line),
        )


def _readings_in(numbers: list[Number]) -> tuple[Number, Number, Number] | None:
    """Return previous, current and usage of a row that ends with the usage."""
    values = [Decimal(number.value) for number in numbers]
    used = values[-1]
    for first in range(len(numbers) - 2):
        for second in range(first + 1, len(numbers) - 1):
            factors = [value for value in values[second + 1 : -1] if value > 1]
            order = _order(values[first], values[second], used, factors)
            if order is not None:
                pair = (numbers[first], numbers[second])
                return (*(pair if order else pair[::-1]), numbers[-1])
    return None


def _readings_below(
    text: BillText, index: int, numbers: list[Number]
) -> tuple[Number, Number, Number] | None:
    """Take the usage from one of the next lines where it stands alone."""
    for line in text.undated_lines[index + 1 : index + 1 + _LINES_BELOW]:
        alone = list(text.numbers(line))
        if len(alone) == 1 and alone[0].value.strip("0123456789.") == "":
            row = _readings_in([*numbers, alone[0]])
            if row is not None:
                return row
    return None


def _order(first: Decimal, second: Decimal, used: Decimal, factors: list[Decimal]) -> bool | None:
    """Say whether the earlier reading comes first; None if the three do not fit together."""
    if used <= 0 or max(first, second) < _SMALLEST_COUNTER:
        return None
    for factor in (Decimal(1), *factors):
        if (second - first) * factor == used:
            return True
        if (first - second) * factor == used:
            return False
        # A counter that has run past its last digit begins again at 0. Such a row is told
        # from chance by its first reading having all digits in use and the other fewer.
        for before, after, order in ((first, second, True), (second, first, False)):
            turn = Decimal(10) ** len(str(int(before)))
            if before > after and before * 10 > turn * 9 and after - before + turn == used:
                return order
    return None


def _unit_of(number: Number, line: str) -> Unit | None:
    units = units_in(line)
    beside = [unit for unit in units if 0 <= unit.start - number.end <= 1]
    if beside:
        return beside[0]
    names = {unit.name for unit in units}
    return units[0] if len(names) == 1 else None


def _unit_above(above: tuple[str, ...]) -> Unit | None:
    for line in reversed(above):
        units = units_in(line)
        if units:
            return units[-1]
    return None


def _account_blocks(text: BillText, periods: Sequence[PrintedPeriod]) -> Iterator[UsageReading]:
    """Find a line with a masked account number and, before the next one, its usage."""
    account: str | None = None
    start = 0
    for index, line in enumerate(text.undated_lines):
        masked = _MASKED_ACCOUNT.match(line.strip())
        if masked:
            account, start = masked[1], index
            continue
        if account is None or not _ALLOCATED.search(line) or _OTHER_FIGURE.search(line):
            continue
        pairs = list(_pairs(text, line))
        if len(pairs) == 1:
            number, unit = pairs[0]
            yield UsageReading(
                usage=number.value,
                units=unit.name,
                datasource=unit.datasource,
                period=_period_in(periods, start, index),
                identifiers=(Identifier("ACCOUNT", "Utility Account", account),),
            )
            account = None


def _captioned(text: BillText) -> Iterator[UsageReading]:
    """Find a figure with a unit in a line that speaks of usage; one for each kind of utility."""
    votes: dict[str | None, Counter[tuple[str, str]]] = {}
    for index, line in enumerate(text.undated_lines):
        if not _CAPTION.search(line) or _OTHER_FIGURE.search(line):
            continue
        for number, unit in _pairs(text, line):
            kind = unit.datasource or _kind_around(text, index)
            votes.setdefault(kind, Counter())[(number.value, unit.name)] += 1
    for kind, counts in votes.items():
        ranked = counts.most_common(2)
        if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
            (value, name), _ = ranked[0]
            meter = find_only_meter(text)
            yield UsageReading(
                usage=value,
                units=name,
                datasource=kind,
                identifiers=(meter,) if meter else (),
            )


def _pairs(text: BillText, line: str) -> Iterator[tuple[Number, Unit]]:
    units = {unit.start: unit for unit in units_in(line)}
    for number in text.numbers(line):
        unit = units.get(number.end) or units.get(number.end + 1)
        if unit is not None and not number.value.startswith("-") and Decimal(number.value) > 0:
            yield number, unit


def _period_in(periods: Sequence[PrintedPeriod], first: int, last: int) -> Period | None:
    """Return the only period that begins in the given lines."""
    found = {printed.period for printed in periods if first <= printed.line <= last}
    return found.pop() if len(found) == 1 else None


def _kind_around(text: BillText, index: int) -> str | None:
    """Say whether gas or water is meant by the nearest line above that names one of them."""
    for line in reversed(text.lines[max(0, index - _LINES_OF_KIND) : index + 1]):
        is_gas, is_water = bool(_GAS.search(line)), bool(_WATER.search(line))
        if is_gas != is_water:
            return "GAS" if is_gas else "WATER"
    return None


def _is_estimated(line: str) -> bool | None:
    if _ESTIMATED.search(line):
        return True
    return False if _ACTUAL.search(line) else None
