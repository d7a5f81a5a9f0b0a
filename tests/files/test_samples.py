"""The sample bills of the demo: believable, the same on every run, and what they claim to be."""

import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from agent.emulator.behaviour import Behaviour
from agent.emulator.nectar import Emulator
from agent.emulator.requests import EmulatorRequest
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07
from agent.files.samples import SampleBill, write_sample_bills
from agent.files.samples.helvetica import text_width
from agent.files.samples.invented_bills import (
    GULL_POINT,
    JUNIPER,
    TIDEWATER,
    TIDEWATER_DECEMBER,
    WAREHOUSE_GAS,
    Bill,
)

BILLS = (TIDEWATER, TIDEWATER_DECEMBER, JUNIPER, GULL_POINT, WAREHOUSE_GAS)


@dataclass(frozen=True)
class Folder:
    """A folder with the sample bills in it."""

    path: Path
    samples: tuple[SampleBill, ...]

    def bytes_of(self, name: str) -> bytes:
        """Return the bytes of a sample."""
        return (self.path / name).read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Write the sample bills once."""
    path = tmp_path_factory.mktemp("samples")
    return Folder(path, write_sample_bills(path))


def test_the_folder_holds_the_samples_and_nothing_else(folder: Folder) -> None:
    """What is said to be there is there."""
    assert {path.name for path in folder.path.iterdir()} == {
        sample.file_name for sample in folder.samples
    }


def test_the_same_bytes_are_written_every_time(folder: Folder, tmp_path: Path) -> None:
    """Nothing in the samples depends on the time, on chance or on the folder."""
    for sample in write_sample_bills(tmp_path):
        content = (tmp_path / sample.file_name).read_bytes()
        assert content == folder.bytes_of(sample.file_name), sample.file_name


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: bill.number)
def test_the_figures_of_a_bill_add_up(bill: Bill) -> None:
    """Charges make the total, readings make the usage: a person who checks finds no mistake."""
    charges = sum(Decimal(charge.amount) for charge in bill.charges)
    assert f"{charges:,}" == bill.total
    for reading in bill.readings:
        previous, current = (
            int(text.replace(",", "")) for text in (reading.previous, reading.current)
        )
        assert f"{current - previous:,}" == reading.usage
    for charge in bill.charges:
        quantity, at, price = charge.how.partition(" at $")
        if at:
            product = Decimal(quantity.split()[0].replace(",", "")) * Decimal(price)
            assert abs(product - Decimal(charge.amount)) <= Decimal("0.005"), charge


def test_a_copy_has_the_same_bytes_and_a_reprint_has_not(folder: Folder) -> None:
    """The one the agent knows by itself, the other only Nectar can know."""
    names = {sample.file_name: sample for sample in folder.samples}
    copies = [sample for sample in folder.samples if sample.same_bytes_as]
    reprints = [sample for sample in folder.samples if sample.same_bill_as]
    assert len(copies) == len(reprints) == 1
    for sample in copies:
        assert sample.same_bytes_as in names
        assert folder.bytes_of(sample.file_name) == folder.bytes_of(str(sample.same_bytes_as))
    for sample in reprints:
        assert sample.same_bill_as in names
        assert folder.bytes_of(sample.file_name) != folder.bytes_of(str(sample.same_bill_as))


def test_pictures_open_and_are_upright_letters(folder: Folder) -> None:
    """A PNG and a JPEG that every viewer shows, about as large as a scanner makes them."""
    for name, kind in (("scan0007.png", "PNG"), ("IMG_2031.jpg", "JPEG")):
        with Image.open(io.BytesIO(folder.bytes_of(name))) as picture:
            picture.load()
            assert picture.format == kind
            assert 1_000 < picture.width < picture.height < 2_000


def test_one_is_locked_and_one_is_cut_short(folder: Folder) -> None:
    """Both cannot be opened, each for the reason it is there for."""
    refused = {sample.problem: sample.file_name for sample in folder.samples}
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(folder.bytes_of(refused["password-protected"])))
    cut = folder.bytes_of(refused["damaged"])
    assert b"%%EOF" not in cut
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(io.BytesIO(cut), attempt_recovery=False)


def test_every_whole_pdf_is_without_faults(folder: Folder) -> None:
    """Readers have nothing to repair in them."""
    for sample in folder.samples:
        if sample.file_name.endswith(".pdf") and sample.outcome != "rejected":
            with pikepdf.open(folder.path / sample.file_name) as opened:
                assert opened.check_pdf_syntax() == []
                assert len(opened.pages) == 1


def test_the_emulator_makes_of_each_what_is_said(folder: Folder) -> None:
    """Sent in their order, every sample ends as its outcome says, with the printed figures."""
    emulator = Emulator(Behaviour(processing_seconds=1.0))
    for number, sample in enumerate(folder.samples):
        now = 1_770_836_400.0 + 60 * number
        sent = upload(emulator, sample.file_name, folder.bytes_of(sample.file_name), now)
        if sample.outcome == "rejected":
            assert sent[0] == 400
            continue
        job = get(emulator, f"/job/{sent[1]['id']}", now + 30)
        if sample.outcome == "duplicate" or sample.same_bytes_as:
            assert job["duplicates"] == 1
        elif sample.outcome == "not-a-utility-bill":
            assert len(job["nonUtilityDocumentIds"]) == 1
        else:
            document = get(emulator, f"/document/{job['parsedDocumentIds'][0]}", now + 30)
            assert_as_printed(sample, document)


def assert_as_printed(sample: SampleBill, document: dict[str, object]) -> None:
    """Fail unless a document has the sample's figures, separators aside."""
    usage = document["usageData"]
    assert isinstance(usage, list)
    figures = [record["usage"] for record in usage]
    assert figures == [figure.replace(",", "") for figure, _ in sample.usage]
    total = sample.total.replace(",", "") if sample.total else None
    assert document["totalCharges"] == total
    assert bool(usage) == (sample.outcome == "processed")


def upload(emulator: Emulator, name: str, data: bytes, now: float) -> tuple[int, dict[str, str]]:
    """Send a file for the plant; return status and JSON."""
    disposition = f'Content-Disposition: form-data; name="document"; filename="{name}"'
    site = f'--x\r\nContent-Disposition: form-data; name="siteId"\r\n\r\n{PLANT_07.id}\r\n'
    body = f"{site}--x\r\n{disposition}\r\n\r\n".encode() + data + b"\r\n--x--\r\n"
    headers = {"X-API-Key": "k", "Content-Type": "multipart/form-data; boundary=x"}
    path = f"/v2.2/job/company/{HARBOR_MILL_FOODS.id}"
    answer = emulator.answer(EmulatorRequest.of("POST", path, headers, body), now)
    return answer.status, answer.json()


def get(emulator: Emulator, path: str, now: float) -> dict[str, Any]:
    """Get something that is there."""
    answer = emulator.answer(EmulatorRequest.of("GET", path, {"X-API-Key": "k"}), now)
    assert answer.status == 200
    found: dict[str, list[str]] = answer.json()
    return found


def test_widths_are_those_of_the_font() -> None:
    """Right-aligned figures end where they should: ten digits are 5.56 times the size."""
    assert text_width("0123456789", 10, bold=False) == pytest.approx(55.6)
    assert text_width("$1.50", 10, bold=True) == pytest.approx(25.02)
