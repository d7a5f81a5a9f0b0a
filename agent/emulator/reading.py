"""What the plain text search found on a bill. Every value is printed in the file.

Decimals are the printed digits with a point and without separators; dates are ISO.
None stands for what is not printed, or is in doubt.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day as printed."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """An account or meter number with its caption."""

    kind: str
    caption: str
    value: str


@dataclass(frozen=True, slots=True)
class UsageReading:
    """What one meter, or one account, used in one period."""

    usage: str
    units: str
    datasource: str | None = None
    period: Period | None = None
    identifiers: tuple[Identifier, ...] = ()
    previous_reading: str | None = None
    current_reading: str | None = None
    is_estimated: bool | None = None


@dataclass(frozen=True, slots=True)
class BillReading:
    """A bill as far as it could be read."""

    usage: tuple[UsageReading, ...] = ()
    period: Period | None = None
    account: str | None = None
    invoice: str | None = None
    bill_date: str | None = None
    due_date: str | None = None
    total: str | None = None
    current_charges: str | None = None
    previous_balance: str | None = None
    currency: str | None = None
    supplier: str | None = None

    @property
    def identity(self) -> tuple[str, ...] | None:
        """What makes two files the same bill: account, period and total; None if one lacks."""
        number = self.account or self.invoice
        if number is None or self.period is None or self.total is None:
            return None
        return (number, self.period.start, self.period.end, self.total)


@dataclass(frozen=True, slots=True)
class Illegible:
    """No text in it: a picture, a scan, or pages that cannot be read."""


@dataclass(frozen=True, slots=True)
class NotABill:
    """Text, but nothing of a utility bill in it."""


Reading = BillReading | Illegible | NotABill
