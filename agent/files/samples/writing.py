"""Writing the sample bills into a folder, and saying what should become of each."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from agent.files.samples.invented_bills import (
    GULL_POINT,
    JUNIPER,
    TIDEWATER,
    TIDEWATER_DECEMBER,
    WAREHOUSE_GAS,
    Bill,
)
from agent.files.samples.layout import bill_page, menu_page
from agent.files.samples.pdf_page import write_pdf
from agent.files.samples.picture import photograph_as_jpeg, scan_as_png

PASSWORD = "tide"  # noqa: S105 - of an invented bill, and meant to be unknown to the reader
_PORTAL, _PRINTER = "Customer portal", "Print to PDF"


@dataclass(frozen=True, slots=True)
class SampleBill:
    """One file of the samples, and what should come of it."""

    file_name: str
    about: str
    """What the file is, for people."""
    outcome: str
    """The outcome of its result."""
    problem: str | None = None
    """The code of its result's problem; None where there is none."""
    usage: tuple[tuple[str, str], ...] = ()
    """Figures and units as printed, one for each meter."""
    total: str | None = None
    """The amount due as printed."""
    same_bytes_as: str | None = None
    """The file of which this is a copy: it is not sent, its result names the other."""
    same_bill_as: str | None = None
    """The file that shows the same bill in other bytes: whichever is sent second is the
    duplicate, so the outcomes of the two may be the other way round."""


def write_sample_bills(folder: Path) -> tuple[SampleBill, ...]:
    """Write the sample bills into an existing folder, the same bytes on every run.

    A file of the same name is overwritten.
    """
    for sample, content in _SAMPLES:
        (folder / sample.file_name).write_bytes(content())
    return tuple(sample for sample, _ in _SAMPLES)


def _pdf(bill: Bill, producer: str = _PORTAL) -> bytes:
    return write_pdf(bill_page(bill), producer=producer)


def _locked(bill: Bill) -> bytes:
    """Return the bill as a PDF that asks for a password.

    The old encryption is the one without random numbers, so that the bytes repeat.
    """
    written = io.BytesIO()
    encryption = pikepdf.Encryption(user=PASSWORD, owner=PASSWORD, R=3, aes=False, metadata=False)
    with pikepdf.open(io.BytesIO(_pdf(bill))) as opened:
        opened.save(written, encryption=encryption, static_id=True)
    return written.getvalue()


def _cut_short(bill: Bill) -> bytes:
    whole = _pdf(bill)
    return whole[: len(whole) // 2]


def _read(bill: Bill, file_name: str, about: str) -> SampleBill:
    return SampleBill(
        file_name,
        about,
        outcome="processed",
        usage=tuple((reading.usage, reading.units) for reading in bill.readings),
        total=bill.total,
    )


_ELECTRICITY = "Tidewater Light & Power January 2026.pdf"
_WATER = "Gull Point Water 2026-01.pdf"
_SAMPLES: tuple[tuple[SampleBill, Callable[[], bytes]], ...] = (
    (
        _read(TIDEWATER, _ELECTRICITY, "electricity, two meters"),
        lambda: _pdf(TIDEWATER),
    ),
    (
        _read(JUNIPER, "juniper_ridge_10462291.pdf", "electricity and gas on one bill"),
        lambda: _pdf(JUNIPER),
    ),
    (
        _read(GULL_POINT, _WATER, "water"),
        lambda: _pdf(GULL_POINT),
    ),
    (
        SampleBill(
            "Tidewater Light & Power January 2026 (1).pdf",
            "the same file once more",
            outcome="processed",
            usage=(("6,120", "kWh"), ("3,715", "kWh")),
            total=TIDEWATER.total,
            same_bytes_as=_ELECTRICITY,
        ),
        lambda: _pdf(TIDEWATER),
    ),
    (
        SampleBill(
            "water bill january, printed again.pdf",
            "the water bill in other bytes",
            outcome="duplicate",
            same_bill_as=_WATER,
        ),
        lambda: _pdf(GULL_POINT, _PRINTER),
    ),
    (
        SampleBill(
            "scan0007.png",
            "a scan: the emulator reads text only",
            outcome="no-data",
            problem="no-data",
        ),
        lambda: scan_as_png(bill_page(TIDEWATER_DECEMBER)),
    ),
    (
        SampleBill(
            "IMG_2031.jpg",
            "a photograph: the emulator reads text only",
            outcome="no-data",
            problem="no-data",
        ),
        lambda: photograph_as_jpeg(bill_page(WAREHOUSE_GAS)),
    ),
    (
        SampleBill(
            "Friday dinner.pdf",
            "a menu, no bill",
            outcome="not-a-utility-bill",
            problem="not-a-utility-bill",
        ),
        lambda: write_pdf(menu_page(), producer=_PRINTER),
    ),
    (
        SampleBill(
            "Tidewater December 2025 (locked).pdf",
            "locked with a password",
            outcome="rejected",
            problem="password-protected",
        ),
        lambda: _locked(TIDEWATER_DECEMBER),
    ),
    (
        SampleBill(
            "gas boiler house.pdf",
            "half a file: the download broke off",
            outcome="rejected",
            problem="damaged",
        ),
        lambda: _cut_short(WAREHOUSE_GAS),
    ),
)
