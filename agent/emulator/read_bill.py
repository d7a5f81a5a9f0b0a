"""Reading a bill by a plain text search. Nothing is given that is not printed."""

import re
from dataclasses import replace

from agent.emulator.bill_text import BillText
from agent.emulator.find_charges import (
    find_currency,
    find_current_charges,
    find_previous_balance,
    find_total,
)
from agent.emulator.find_dates import choose_period, find_bill_date, find_due_date, find_periods
from agent.emulator.find_identifiers import find_account, find_invoice, find_supplier
from agent.emulator.find_usage import find_usage
from agent.emulator.reading import (
    BillReading,
    Identifier,
    Illegible,
    NotABill,
    Reading,
    UsageReading,
)

_BILL_WORDS = re.compile(
    r"k ?wh|mwh|therms?|ccf|meter|electric(?:ity)?|gas|water|sewer|utility|usage|gallons"
    r"|(?:service|billing) period|account (?:number|no)|compteur|électricité|consommation",
    re.IGNORECASE,
)
_FEWEST_WORDS = 3
_FEWEST_LETTERS = 20


def read_bill(text: str) -> Reading:
    """Return what the text of a bill says; a text that is no bill's, or none, is said so."""
    bill = BillText.of(text)
    if sum(character.isalnum() for character in bill.text) < _FEWEST_LETTERS:
        return Illegible()
    periods = find_periods(bill)
    usage = find_usage(bill, periods)
    words = {found[0].lower() for found in _BILL_WORDS.finditer(bill.text)}
    if not usage and len(words) < _FEWEST_WORDS:
        return NotABill()
    account = find_account(bill)
    period = choose_period(bill, periods, frozenset(item.usage for item in usage))
    if account is not None:
        usage = tuple(_with_account(item, account) for item in usage)
    return BillReading(
        usage=usage,
        period=period,
        account=account.value if account else None,
        invoice=find_invoice(bill),
        bill_date=find_bill_date(bill),
        due_date=find_due_date(bill),
        total=find_total(bill),
        current_charges=find_current_charges(bill),
        previous_balance=find_previous_balance(bill),
        currency=find_currency(bill),
        supplier=find_supplier(bill),
    )


def _with_account(usage: UsageReading, account: Identifier) -> UsageReading:
    if any(known.kind == "ACCOUNT" for known in usage.identifiers):
        return usage
    return replace(usage, identifiers=(account, *usage.identifiers))
