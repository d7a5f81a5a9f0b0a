"""Amounts of money with their captions."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from agent.emulator.bill_text import BillText

_TOTAL = re.compile(
    r"total (?:amount )?due|amount due|(?:total )?amount you owe|total amount payable|balance due"
    r"|please pay(?: this amount)?|pay this amount|total to pay|net à payer|montant total"
    r"|à payer \(TTC\)|zahlbetrag|rechnungsbetrag|gesamtbetrag",
    re.IGNORECASE,
)
_CURRENT = re.compile(
    r"(?<!before )(?:total )?(?:current|new) (?:[A-Za-z]+ ){0,2}(?:charges|service)",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    r"(?:prior|previous) balance|previous bill amount|last statement amount"
    r"|amount of your last bill|balance from last bill",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?P<sign>[-+]?)\s?(?:(?:US|CA?)?[$€£]|USD|CAD|EUR|GBP)\s?$")
_CURRENCY_AFTER = re.compile(r"\s?(?:€|EUR\b|USD\b|CAD\b|GBP\b)")
_ONLY_FILLING = re.compile(r"[\s:.(\-]*(?:by|on|before|le|of)?[\s:.]*")
_US_ADDRESS = re.compile(r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b")
_CANADIAN_ADDRESS = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")
_RUN_LINES = 5


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in a line; ``start`` counts its currency sign in."""

    start: int
    end: int
    value: str


def find_total(text: BillText) -> str | None:
    """Return what is to be paid; None where captions disagree."""
    votes: Counter[str] = Counter()
    for index, line in enumerate(text.undated_lines):
        for label in _TOTAL.finditer(line):
            beside = _amount_beside(text, line, label.end())
            if beside is not None:
                votes[beside] += 3
            elif not line[label.end() :].strip(" :"):
                below = _amounts_below(text, index)
                if below:
                    votes[max(below, key=Decimal)] += 1
    return _winner(votes)


def find_current_charges(text: BillText) -> str | None:
    """Return the charges of this period."""
    return _captioned(text, _CURRENT)


def find_previous_balance(text: BillText) -> str | None:
    """Return the balance of the bill before."""
    return _captioned(text, _PREVIOUS)


def find_currency(text: BillText) -> str | None:
    """Return the currency's code; a bare dollar needs an address that says whose it is."""
    for sign, code in (("€", "EUR"), ("£", "GBP")):
        if sign in text.text and "$" not in text.text:
            return code
    for code in ("USD", "CAD"):
        if re.search(rf"\b{code}\b", text.text):
            return code
    if "$" not in text.text:
        return None
    is_american = bool(_US_ADDRESS.search(text.text))
    is_canadian = bool(_CANADIAN_ADDRESS.search(text.text))
    if is_american == is_canadian:
        return None
    return "USD" if is_american else "CAD"


def amounts(text: BillText, line: str) -> list[Amount]:
    """Return the amounts of a line: with a currency, or with exactly two decimals."""
    found: list[Amount] = []
    for number in text.numbers(line):
        before = _CURRENCY_BEFORE.search(line[: number.start])
        has_sign = before is not None or _CURRENCY_AFTER.match(line, number.end) is not None
        cents = number.value.rpartition(".")[2] if "." in number.value else ""
        if len(cents) != 2 and (not has_sign or re.match(r" \d", line[number.end :])):
            continue  # "$ 165 39" is an amount whose point was lost: in doubt
        value = number.value
        if before is not None and before["sign"] == "-" and not value.startswith("-"):
            value = "-" + value
        start = before.start() if before is not None else number.start
        found.append(Amount(start, number.end, value))
    return found


def _captioned(text: BillText, label: re.Pattern[str]) -> str | None:
    votes: Counter[str] = Counter()
    for line in text.undated_lines:
        for found in label.finditer(line):
            beside = _amount_beside(text, line, found.end())
            if beside is not None:
                votes[beside] += 1
    return _winner(votes)


def _amount_beside(text: BillText, line: str, position: int) -> str | None:
    for amount in amounts(text, line):
        if amount.start >= position:
            between = line[position : amount.start]
            return amount.value if _ONLY_FILLING.fullmatch(between) else None
    return None


def _amounts_below(text: BillText, index: int) -> list[str]:
    """Return the amounts that stand alone in the lines right below a caption."""
    found: list[str] = []
    for line in text.undated_lines[index + 1 : index + 1 + _RUN_LINES]:
        in_line = amounts(text, line)
        rest = line
        for amount in in_line:
            rest = rest.replace(line[amount.start : amount.end], "", 1)
        if re.search(r"[A-Za-z]{3,}", rest):
            break
        found.extend(amount.value for amount in in_line if not amount.value.startswith("-"))
    return found


def _winner(votes: Counter[str]) -> str | None:
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
