"""What the plain text search finds on a bill — and that it never says more than is printed."""

import re
from dataclasses import fields
from typing import Any

import pytest
from emulator_driver import BILLS, Driver
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator.bill_text import BillText
from agent.emulator.pdf_text import text_of
from agent.emulator.read_bill import read_bill
from agent.emulator.reading import BillReading, Illegible, NotABill, Period

needs_bills = pytest.mark.skipif(not BILLS.is_dir(), reason="the sample bills are not beside us")


def read(text: str) -> BillReading:
    """Read a text that is a bill."""
    reading = read_bill(text)
    assert isinstance(reading, BillReading)
    return reading


PRINTED: dict[str, dict[str, Any]] = {
    "702001847715_bill.pdf": {
        "usage": [("1917", "kWh", "L108605388", "98844", "761")],
        "period": Period("2023-06-13", "2023-07-13"),
        "account": "3001-0320-353",
        "invoice": "702001847715",
        "bill_date": "2023-07-18",
        "due_date": "2023-08-14",
        "total": "33.27",
        "previous_balance": "27.08",
        "currency": "USD",
        "supplier": "Central Maine Power",
    },
    "water_bill.pdf": {
        "usage": [("250000", "gal (US)", "WTR-MAIN-01", "8765400", "9015400")],
        "period": Period("2025-06-01", "2025-06-30"),
        "account": "44-19872-11-9",
        "bill_date": "2025-07-06",
        "due_date": "2025-08-05",
        "total": "4891.50",
        "current_charges": "4891.50",
        "currency": "USD",
        "supplier": "Aquaflow Municipal Water",
    },
    "sample02.pdf": {
        "usage": [("1661", "kWh", None, "16938", "18599")],
        "period": Period("2021-07-27", "2021-08-27"),
        "account": None,
        "bill_date": "2021-08-27",
        "total": "162.58",
        "current_charges": "162.58",
        "previous_balance": "156.23",
        "currency": "USD",
    },
    # Its text comes from a scanner: 643 kWh is also read as 843, 165.39 as "165 39".
    "llm_utility_bills_template.pdf": {
        "usage": [("643", "kWh", None, "98602", "99245")],
        "period": Period("2025-08-05", "2025-09-05"),
        "due_date": "2025-09-26",
        "total": "121.61",
        "previous_balance": None,
        "supplier": "Georgia Power",
    },
    "Facture électricité \u2013 été n°3.pdf": {
        "usage": [("8581", "kWh", None, None, None)],
        "period": Period("2020-11-28", "2021-01-27"),
        "account": "1234567890",
        "invoice": None,  # two different ones are printed
        "bill_date": "2021-01-29",
        "total": "1479.85",
        "currency": "EUR",
    },
    "202310.pdf": {
        "usage": [
            (used, "kWh", None, None, None)
            for used in ("759", "1968", "3152", "617", "722", "3633", "1092")
        ],
        "period": Period("2023-07-13", "2023-08-10"),
        "invoice": "2023100000830629",
        "bill_date": "2023-10-01",
        "due_date": "2023-10-31",
        "total": "2658.03",
        "currency": "USD",
    },
}


@needs_bills
@pytest.mark.parametrize("name", PRINTED)
def test_what_is_printed_on_the_sample_bills_is_found(name: str) -> None:
    """Usage, period, total and the rest are those a person reads off the page."""
    reading = read(text_of((BILLS / name).read_bytes()))
    expected = dict(PRINTED[name])
    found = [
        (
            usage.usage,
            usage.units,
            next((item.value for item in usage.identifiers if item.kind == "METER"), None),
            usage.previous_reading,
            usage.current_reading,
        )
        for usage in reading.usage
    ]
    assert found == expected.pop("usage")
    assert {member: getattr(reading, member) for member in expected} == expected


@needs_bills
def test_seven_accounts_on_one_bill_are_kept_apart() -> None:
    """Each record of the shared solar bill names its account as printed."""
    reading = read(text_of((BILLS / "202310.pdf").read_bytes()))
    accounts = [usage.identifiers[0].value for usage in reading.usage]
    endings = ["7756", "1281", "0353", "0361", "7137", "4035", "0198"]
    assert [account[-4:] for account in accounts] == endings
    assert {usage.period for usage in reading.usage} == {Period("2023-07-13", "2023-08-10")}


@needs_bills
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a. Energy invoice (stained).pdf", Illegible),
        ("sample-invoice.pdf", Illegible),
        ("enbridgeSample.png", Illegible),
        ("ppl-electric-sample.jpg", Illegible),
        ("AzureInterior.pdf", NotABill),
    ],
)
def test_scans_pictures_and_other_invoices_give_nothing(name: str, kind: type) -> None:
    """What has no text is illegible; what has no utility in it is no bill."""
    assert isinstance(read_bill(text_of((BILLS / name).read_bytes())), kind)


@needs_bills
@pytest.mark.parametrize("name", PRINTED)
def test_every_sample_bill_can_be_uploaded(name: str) -> None:
    """Over the whole way the same total arrives."""
    document = Driver().document_of((BILLS / name).read_bytes(), name)
    assert document["totalCharges"] == PRINTED[name]["total"]
    assert len(document["usageData"]) == len(PRINTED[name]["usage"])


GAS_AND_POWER = """\
Pine Valley Electric & Gas
Account Number: 0098-2217-01
Billing Period: January 1, 2026 to January 31, 2026
Electricity
Meter No. Previous Current Multiplier Usage
E4471902 42,093 48,213 1 6,120 kWh
Natural gas
Meter No. Previous Current Usage
G0883310 8,112 8,324 212 therms (estimated)
Amount due $1,264.87
Pine Valley Electric & Gas, Astoria, OR 97103
"""


def test_two_utilities_on_one_bill_are_two_records() -> None:
    """Each with its own meter, unit and kind; the estimate is marked."""
    power, gas = read(GAS_AND_POWER).usage
    assert (power.usage, power.units, power.datasource) == ("6120", "kWh", "ELECTRICITY")
    assert (gas.usage, gas.units, gas.datasource) == ("212", "thm (US)", "GAS")
    assert [usage.identifiers[1].value for usage in (power, gas)] == ["E4471902", "G0883310"]
    assert (power.is_estimated, gas.is_estimated) == (None, True)


def test_a_multiplied_reading_is_recognised() -> None:
    """Previous, current, factor and usage have to fit together."""
    text = "Meter Previous Current Factor Usage\nMX-100 1,200 1,250 40 2,000 kWh\nAmount due $5.00"
    (usage,) = read(text).usage
    assert (usage.usage, usage.previous_reading, usage.current_reading) == ("2000", "1200", "1250")
    assert read(text.replace("2,000", "2,001")).usage == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Billing period 01/13/2026 - 02/12/2026", Period("2026-01-13", "2026-02-12")),
        ("Billing period 13/01/2026 - 12/02/2026", Period("2026-01-13", "2026-02-12")),
        ("Billing period 13.01.26 \u2013 12.02.26", Period("2026-01-13", "2026-02-12")),
        ("Billing period 2026-01-13 to 2026-02-12", Period("2026-01-13", "2026-02-12")),
        ("Billing period 13 January 2026 to 12 Feb 2026", Period("2026-01-13", "2026-02-12")),
        ("Billing period Jan. 13, 2026 through Feb. 12, 2026", Period("2026-01-13", "2026-02-12")),
        ("Billing period 01/02/2026 - 02/03/2026", None),  # January 2 or February 1?
        ("Billing period Jan 13 - Feb 12, 2026", None),  # no year with the first
        ("Billing period 13/13/2026 - 14/13/2026", None),
        ("Billing period 02/28/2026 - 13/03/2026", None),  # month first and day first
    ],
)
def test_dates_are_taken_only_when_they_are_clear(text: str, expected: Period | None) -> None:
    """What can be read in two ways, or lacks its year, is left open."""
    assert read(f"Electric meter, account number 1\n{text}").period == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Amount due $1,234.50", "1234.50"),
        ("Amount due: USD 77.10", "77.10"),
        ("Total due 1.234,50 \u20ac and 9,99 \u20ac", "1234.50"),
        ("Net à payer 1 234,50 \u20ac puis 9,99 \u20ac", "1234.50"),
        ("Total due $ 121_61", None),
        ("Total due $ 165 39", None),
        ("1.5% of the amount due or $2.00, whichever is greater", None),
        ("Amount due $5.00\nAmount due $6.00", None),
        ("Amount due\n03/14/2026\n$8.00", "8.00"),
    ],
)
def test_amounts_are_taken_only_when_they_are_clear(line: str, expected: str | None) -> None:
    """Lost points, sentences and two different totals give none."""
    assert read(f"Electric gas water meter\n{line}").total == expected


@pytest.mark.parametrize(
    ("address", "currency"),
    [("Astoria, OR 97103", "USD"), ("Sault Ste. Marie P6A 5X6", "CAD"), ("Somewhere", None)],
)
def test_a_dollar_needs_a_country(address: str, currency: str | None) -> None:
    """A bare dollar sign may be of several countries."""
    assert read(f"Electric gas water meter\nAmount due $5.00\n{address}").currency == currency


def test_charts_prices_and_last_years_figures_are_no_usage() -> None:
    """Only what was used in the period counts."""
    text = """\
Electric account number 1, meter history
1,950 kWh
1,560 kWh
First 1000 kWh at $0.067
Usage last year 900 kWh
Average daily usage 54 kWh
Price per kWh used 0.12 kWh
"""
    assert read(text).usage == ()


WORDS = st.sampled_from(
    [
        "Amount due", "$", "kWh", "therms", "Meter", "Previous", "Current", "Usage", "used", "to",
        "Account Number", "Billing Period", "Total", "\n", "\n", ":", "-", "1,917", "16938",
        "18599", "1661", "33.27", "1 479,85", "06/13/2023", "07/13/2023", "Jan 5, 2026", "\u20ac",
        "*****12345", "allocated", "99999999999999999999", "Invoice", "Due Date", "\x00", "\ufffe",
    ]
)  # fmt: skip


@given(st.lists(WORDS | st.text(max_size=12), max_size=60).map(" ".join))
@settings(deadline=None)
def test_no_figure_is_given_that_is_not_printed(text: str) -> None:
    """Whatever the text: every number and identifier found stands in it, digit for digit."""
    reading = read_bill(text)
    if not isinstance(reading, BillReading):
        return
    printed = re.sub(r"[ .,\xa0\u202f]", "", BillText.of(text).text)
    values = [reading.total, reading.current_charges, reading.previous_balance]
    values += [reading.account, reading.invoice]
    for usage in reading.usage:
        values += [usage.usage, usage.previous_reading, usage.current_reading]
        values += [item.value for item in usage.identifiers]
    for value in values:
        assert value is None or value.lstrip("-").replace(".", "").replace(" ", "") in printed


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=3000))
@settings(deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    """A hostile file ends in a reading, never in a broken service."""
    assert read_bill(text) is not None


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_have_a_text(data: bytes) -> None:
    """Bytes that only begin like a PDF give an empty text."""
    assert isinstance(text_of(b"%PDF-1.7\n" + data), str)


@pytest.mark.parametrize(
    "line",
    [
        "1,234 " * 9_000,
        "Account Number " * 4_000,
        "kWh used 1 2 3\n" * 4_000,
        "01/02/2026 - " * 5_000,
        "9" * 60_000,
        "Meter A1-B2 1 2 3 kWh\n" * 2_500,
    ],
    ids=["numbers", "captions", "rows", "dates", "digits", "meters"],
)
@pytest.mark.timeout(20)
def test_a_long_text_is_read_in_bounded_time(line: str) -> None:
    """Nobody can stall the reader with a text that is made for it."""
    read_bill(line[:60_000])


def test_the_same_reading_for_the_same_text() -> None:
    """Reading is a function of the text alone, for every member."""
    first, second = read(GAS_AND_POWER), read(GAS_AND_POWER)
    assert all(
        getattr(first, field.name) == getattr(second, field.name) for field in fields(BillReading)
    )
    assert first.identity == ("0098-2217-01", "2026-01-01", "2026-01-31", "1264.87")
