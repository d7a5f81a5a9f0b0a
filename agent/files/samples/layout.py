"""Laying out a bill, and a menu, on a page."""

from collections.abc import Iterator
from math import cos, pi, sin

from agent.files.samples.drawing import (
    BLACK,
    GREY,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PALE,
    WHITE,
    Align,
    Box,
    Colour,
    Mark,
    Page,
    Shape,
    Text,
)
from agent.files.samples.invented_bills import MENU, MENU_TITLE, Bill

_LEFT, _RIGHT = 48.0, PAGE_WIDTH - 48.0
_ROW = 19.0
_FOOTNOTE = "A sample made by nectar-bill-agent. No such company, customer or meter exists."


def bill_page(bill: Bill) -> Page:
    """Return the page of a bill: letterhead, summary, meters, charges, chart, notes, slip."""
    return (
        *_letterhead(bill),
        *_summary(bill, 128),
        *_meters(bill, 258),
        *_charges(bill, 346 + _ROW * len(bill.readings)),
        *_notes(bill, 586),
        *_payment_slip(bill, 668),
    )


def menu_page() -> Page:
    """Return the page of a restaurant's menu: what people drop into a folder by mistake."""
    marks: list[Mark] = [
        Box(60, 60, PAGE_WIDTH - 120, 1.2, GREY),
        Text(200, 118, MENU_TITLE, size=32, bold=True),
        Text(200, 140, "Winter evening menu", size=11, colour=GREY),
    ]
    y = 200.0
    for course, dishes in MENU:
        marks.append(Text(110, y, course, size=15, bold=True, colour=(0.55, 0.2, 0.15)))
        y += 28
        for dish, price in dishes:
            marks.append(Text(110, y, dish, size=11.5))
            marks.append(Text(PAGE_WIDTH - 110, y, price, size=11.5, align=Align.RIGHT))
            y += 24
        y += 22
    marks.append(Text(110, y + 16, "Tables from five o'clock. Ask us about nuts.", colour=GREY))
    marks.append(Box(60, PAGE_HEIGHT - 60, PAGE_WIDTH - 120, 1.2, GREY))
    return tuple(marks)


def _letterhead(bill: Bill) -> Iterator[Mark]:
    yield Box(0, 0, PAGE_WIDTH, 84, bill.colour)
    yield Shape(_disc(74, 42, 24), WHITE)
    yield Shape(_drop(74, 44, 17), bill.colour)
    yield Text(112, 41, bill.utility, size=20, bold=True, colour=WHITE)
    yield Text(112, 60, bill.town, size=9.5, colour=_mixed(bill.colour, 0.75))
    yield Text(_RIGHT, 41, "STATEMENT", size=12, bold=True, colour=WHITE, align=Align.RIGHT)


def _summary(bill: Bill, top: float) -> Iterator[Mark]:
    facts = (
        ("Account Number", bill.account),
        ("Invoice Number", bill.number),
        ("Bill Date", bill.bill_date),
        ("Due Date", bill.due_date),
        ("Billing Period", bill.period),
    )
    yield Box(330, top - 20, _RIGHT - 330, 126, PALE)
    for index, (caption, value) in enumerate(facts):
        y = top + index * 17
        yield Text(342, y, caption, size=8.5, colour=GREY)
        yield Text(_RIGHT - 12, y, value, size=8.5, bold=True, align=Align.RIGHT)
    yield Text(342, top + 93, "Amount Due", size=11, bold=True, colour=bill.colour)
    yield Text(
        _RIGHT - 12, top + 93, f"${bill.total}", size=13, bold=True, colour=bill.colour,
        align=Align.RIGHT,
    )  # fmt: skip
    yield Text(_LEFT, top, "Service for", size=8.5, colour=GREY)
    yield Text(_LEFT, top + 17, bill.service, size=11.5, bold=True)
    yield Text(_LEFT, top + 33, bill.address)
    yield Text(_LEFT, top + 62, f"{bill.days} days of service", size=8.5, colour=GREY)
    yield Text(_LEFT, top + 76, "Thank you for paying on time.", size=8.5, colour=GREY)


def _meters(bill: Bill, top: float) -> Iterator[Mark]:
    columns = (_LEFT + 96, 352.0, 432.0, 510.0)
    yield from _heading("Your meters", top, bill.colour)
    yield Text(_LEFT + 8, top + 22, "Meter No.", size=8, colour=GREY)
    yield Text(columns[0], top + 22, "Service", size=8, colour=GREY)
    for x, title in zip(columns[1:], ("Previous", "Current", "Usage"), strict=True):
        yield Text(x, top + 22, title, size=8, colour=GREY, align=Align.RIGHT)
    for index, reading in enumerate(bill.readings):
        y = top + 22 + _ROW * (index + 1)
        if index % 2 == 0:
            yield Box(_LEFT, y - 13, _RIGHT - _LEFT, _ROW, PALE)
        yield Text(_LEFT + 8, y, reading.meter)
        yield Text(columns[0], y, reading.service)
        yield Text(columns[1], y, reading.previous, align=Align.RIGHT)
        yield Text(columns[2], y, reading.current, align=Align.RIGHT)
        yield Text(columns[3], y, reading.usage, bold=True, align=Align.RIGHT)
        yield Text(columns[3] + 5, y, reading.units, bold=True)


def _charges(bill: Bill, top: float) -> Iterator[Mark]:
    yield from _heading("Charges", top, bill.colour, right=372)
    for index, charge in enumerate(bill.charges):
        y = top + 4 + _ROW * (index + 1)
        yield Text(_LEFT + 8, y, charge.what)
        yield Text(180, y, charge.how, size=8.5, colour=GREY)
        yield Text(364, y, charge.amount, align=Align.RIGHT)
        yield Box(_LEFT, y + 6, 372 - _LEFT, 0.5, PALE)
    y = top + 8 + _ROW * (len(bill.charges) + 1)
    yield Box(_LEFT, y - 14, 372 - _LEFT, 22, bill.colour)
    yield Text(_LEFT + 8, y, "Total Current Charges", size=10.5, bold=True, colour=WHITE)
    yield Text(364, y, f"${bill.total}", size=10.5, bold=True, colour=WHITE, align=Align.RIGHT)
    yield from _chart(bill, top)


def _chart(bill: Bill, top: float) -> Iterator[Mark]:
    yield from _heading("Your last 13 months", top, bill.colour, left=396)
    floor, step = top + 142, (_RIGHT - 396) / len(bill.history)
    for index, height in enumerate(bill.history):
        is_last = index == len(bill.history) - 1
        colour = bill.colour if is_last else _mixed(bill.colour, 0.6)
        x = 396 + index * step
        yield Box(x + 1.5, floor - height, step - 3, height, colour)
    for index, letter in enumerate(bill.months):
        yield Text(396 + index * step + 3, floor + 11, letter, size=7, colour=GREY)
    yield Box(396, floor, _RIGHT - 396, 0.8, GREY)


def _notes(bill: Bill, top: float) -> Iterator[Mark]:
    for index, note in enumerate(bill.notes):
        y = top + index * 15
        yield Box(_LEFT, y - 6, 3, 3, bill.colour)
        yield Text(_LEFT + 10, y, note, size=8.5, colour=GREY)


def _payment_slip(bill: Bill, top: float) -> Iterator[Mark]:
    x = _LEFT
    while x < _RIGHT:
        yield Box(x, top - 26, 5, 0.7, GREY)
        x += 9
    yield Text(_LEFT, top - 10, "Please detach and return with your payment", size=7.5, colour=GREY)
    yield Text(_LEFT, top + 14, bill.utility, size=11, bold=True, colour=bill.colour)
    yield Text(_LEFT, top + 30, bill.town, size=8.5, colour=GREY)
    rows = (
        ("Account Number", bill.account),
        ("Due Date", bill.due_date),
        ("Amount Due", f"${bill.total}"),
    )
    for index, (caption, value) in enumerate(rows):
        y = top + 6 + index * 18
        yield Text(360, y, caption, size=9, colour=GREY)
        yield Text(_RIGHT, y, value, size=9, bold=True, colour=BLACK, align=Align.RIGHT)
    yield Text(_LEFT, PAGE_HEIGHT - 22, _FOOTNOTE, size=7, colour=GREY)


def _heading(
    title: str, y: float, colour: Colour, left: float = _LEFT, right: float = _RIGHT
) -> Iterator[Mark]:
    yield Text(left, y, title, size=11.5, bold=True, colour=colour)
    yield Box(left, y + 6, right - left, 1.2, colour)


def _mixed(colour: Colour, share: float) -> Colour:
    """Return a colour with this share of white."""
    red, green, blue = (part + (1 - part) * share for part in colour)
    return red, green, blue


def _disc(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    angles = [index * pi / 24 for index in range(48)]
    return tuple((x + radius * cos(angle), y + radius * sin(angle)) for angle in angles)


def _drop(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    """Return a drop, round below and with its point above: the mark on every letterhead."""
    low = [index * pi / 16 for index in range(-3, 20)]
    belly = tuple((x + radius * 0.72 * cos(a), y + 3 + radius * 0.72 * sin(a)) for a in low)
    return ((x, y - radius * 1.15), *belly)
