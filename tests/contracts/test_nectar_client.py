"""The client of Nectar's API against the emulator, over real HTTP."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agent.bills.answers import Job, Upload
from agent.bills.errors import (
    InDoubt,
    NeedsAttention,
    NoConnection,
    NotThere,
    Rejected,
    Transient,
    UploadRefused,
)
from agent.emulator.behaviour import (
    Behaviour,
    Decimals,
    Fault,
    FaultBody,
    Outcome,
    Shape,
    UploadAnswer,
    UploadRule,
)
from agent.emulator.requests import Cut
from agent.emulator.server import EmulatorServer
from agent.emulator.world import (
    HARBOR_MILL_FOODS,
    LAKESIDE_CLINICS,
    OLD_SMOKEHOUSE,
    PLANT_07,
    RIVERSIDE_WAREHOUSE,
)
from agent.nectar.client import NectarClient
from agent.nectar.connection import Connection
from agent.nectar.pages import repeats

NOBODY = "00000000-0000-4000-8000-000000000000"
PATIENCE_SECONDS = 20.0


def picture(number: int = 0) -> bytes:
    """Return a PNG of one pixel that the emulator takes; each number gives other bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes((0, number % 256))))
        + chunk(b"tEXt", b"number\0%d" % number)
        + chunk(b"IEND", b"")
    )


def bill(number: int = 0, name: str = "") -> Upload:
    """Return the upload of a picture for plant 7."""
    name = name or f"scan{number:03}.3f9ab2c41d7e.png"
    return Upload(HARBOR_MILL_FOODS.id, PLANT_07.id, name, "image/png", picture(number))


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    """The emulator, quick and in good health."""
    with EmulatorServer(Behaviour(processing_seconds=0.0)) as server:
        yield server


@pytest.fixture
def client(emulator: EmulatorServer) -> Iterator[NectarClient]:
    """A client of it."""
    made = NectarClient(Connection(emulator.base_url), lambda: "key-of-harbor-mill")
    yield made
    made.close()


def finished(client: NectarClient, job_id: str) -> Job:
    """Return the job once it is no longer pending."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while (job := client.job(job_id)).status == "PENDING" and time.monotonic() < ends:
        time.sleep(0.02)
    return job


def taken(emulator: EmulatorServer) -> int:
    """Return how many uploads the emulator has taken."""
    return emulator.call(lambda running: len(running.world.jobs))


def test_the_key_is_good(client: NectarClient) -> None:
    """Ping returns."""
    client.ping()


def test_companies_and_their_sites(client: NectarClient) -> None:
    """The story of the contract's examples, archived site included."""
    assert {company.id: company.external_id for company in client.companies()} == {
        HARBOR_MILL_FOODS.id: "HMF",
        LAKESIDE_CLINICS.id: None,
    }
    found = client.company_sites(HARBOR_MILL_FOODS.id)
    assert found.company.name == "Harbor Mill Foods"
    assert {site.id: (site.external_id, site.archived_on) for site in found.sites} == {
        PLANT_07.id: ("PLANT-07", None),
        RIVERSIDE_WAREHOUSE.id: (None, None),
        OLD_SMOKEHOUSE.id: ("PLANT-02", "2024-06-30"),
    }


@pytest.mark.parametrize("answer", [UploadAnswer.FULL, UploadAnswer.ID, UploadAnswer.JOB_ID])
@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_upload_becomes_a_job(
    emulator: EmulatorServer, client: NectarClient, answer: UploadAnswer, status: int
) -> None:
    """Whichever members its answer has, as long as it names the job."""
    emulator.behave(Behaviour(processing_seconds=0.0, upload_answer=answer, upload_status=status))
    job = client.upload(bill())
    kept = emulator.call(lambda running: next(iter(running.world.uploads.values())))
    assert kept.job_id == job.id
    assert (kept.site_id, kept.file_name, kept.data) == (
        PLANT_07.id,
        bill().name,
        bill().content,
    )


def test_an_upload_whose_answer_names_no_job(
    emulator: EmulatorServer, client: NectarClient
) -> None:
    """It was taken, and nobody knows as what: in doubt."""
    emulator.behave(Behaviour(upload_answer=UploadAnswer.NOTHING))
    with pytest.raises(InDoubt):
        client.upload(bill())
    assert taken(emulator) == 1


@pytest.mark.parametrize(
    ("outcome", "status", "duplicates", "others"),
    [
        (Outcome.EMPTY, "COMPLETED", 0, 0),
        (Outcome.NON_UTILITY, "COMPLETED", 0, 1),
        (Outcome.DUPLICATE_WITHOUT_IDS, "COMPLETED", 1, 0),
        (Outcome.FAILED, "FAILED", 0, 0),
        (Outcome.TERMINATED, "TERMINATED", 0, 0),
        (Outcome.UNKNOWN_STATUS, "IN_REVIEW", 0, 0),
    ],
)
def test_jobs_of_every_outcome(
    emulator: EmulatorServer,
    client: NectarClient,
    outcome: Outcome,
    status: str,
    duplicates: int,
    others: int,
) -> None:
    """As Nectar tells them."""
    rule = UploadRule(outcome)
    emulator.behave(Behaviour(processing_seconds=0.0, uploads=(rule,)))
    job = finished(client, client.upload(bill()).id)
    assert job.status == status
    assert job.parsed_document_ids == ()
    assert job.duplicates == duplicates
    assert len(job.non_utility_document_ids) == others
    assert (job.termination_reason is not None) == (outcome is Outcome.TERMINATED)


def test_a_lost_job_is_not_there(emulator: EmulatorServer, client: NectarClient) -> None:
    """404, which is no proof that the upload failed."""
    emulator.behave(Behaviour(uploads=(UploadRule(Outcome.LOST),)))
    job = client.upload(bill())
    with pytest.raises(NotThere):
        client.job(job.id)


@pytest.mark.parametrize("decimals", list(Decimals))
def test_documents_and_their_usage(
    emulator: EmulatorServer, client: NectarClient, decimals: Decimals
) -> None:
    """Read, listed and fetched; the list ends, also when asked past its end."""
    several = UploadRule(Outcome.SEVERAL, documents=3)
    emulator.behave(
        Behaviour(processing_seconds=0.0, page_size=2, uploads=(several,), decimals=decimals)
    )
    job = finished(client, client.upload(bill()).id)
    assert len(job.parsed_document_ids) == 3
    for identity in job.parsed_document_ids:
        document = client.document(identity)
        assert (document["id"], document["jobId"]) == (identity, job.id)
        usage = client.usage_page(identity, 1)
        assert usage.is_last or usage.items
    yesterday = datetime.now(tz=UTC).date() - timedelta(days=1)

    def listed(number: int) -> tuple[list[str], bool]:
        page = client.documents_page(
            HARBOR_MILL_FOODS.id, since=yesterday, date_type="CREATED_DATE", page=number
        )
        return [item["id"] for item in page.items], page.is_last

    first, second = listed(1), listed(2)
    assert (len(first[0]), first[1]) == (2, False)
    assert (len(second[0]), second[1]) == (1, True)
    assert {*first[0], *second[0]} == set(job.parsed_document_ids)
    past = client.documents_page(
        HARBOR_MILL_FOODS.id, since=yesterday, date_type="UPDATED_DATE", page=3
    )
    assert past.is_last
    again = client.documents_page(
        HARBOR_MILL_FOODS.id, since=yesterday, date_type="UPDATED_DATE", page=2
    )
    assert repeats(again, past)


@pytest.mark.parametrize("shape", list(Shape))
def test_sites_that_come_in_a_list_of_their_own(
    emulator: EmulatorServer, client: NectarClient, shape: Shape
) -> None:
    """The second way to the sites, as an array and in pages."""
    emulator.behave(Behaviour(site_list=shape, page_size=2))
    listed = client._listed_sites(HARBOR_MILL_FOODS.id)
    assert {site.id for site in listed} == {
        PLANT_07.id,
        RIVERSIDE_WAREHOUSE.id,
        OLD_SMOKEHOUSE.id,
    }


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there(emulator: EmulatorServer, client: NectarClient, status: int) -> None:
    """Every object, under both statuses."""
    emulator.behave(Behaviour(missing_status=status))
    for call in (
        lambda: client.job(NOBODY),
        lambda: client.document(NOBODY),
        lambda: client.company_sites(NOBODY),
        lambda: client.usage_page(NOBODY, 1),
    ):
        with pytest.raises(NotThere) as caught:
            call()
        assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused(emulator: EmulatorServer, client: NectarClient, status: int) -> None:
    """On ping under both statuses; nothing is taken."""
    emulator.behave(Behaviour(keys=(), key_refusal=status))
    with pytest.raises(NeedsAttention) as caught:
        client.ping()
    assert caught.value.code == "key-refused"
    with pytest.raises(NeedsAttention if status == 401 else UploadRefused):
        client.upload(bill())
    assert taken(emulator) == 0


def test_a_file_that_is_refused(client: NectarClient) -> None:
    """About the document alone: Rejected, with Nectar's words."""
    text = Upload(HARBOR_MILL_FOODS.id, PLANT_07.id, "a.pdf", "application/pdf", b"no bill at all")
    with pytest.raises(Rejected) as caught:
        client.upload(text)
    assert caught.value.code == "refused-by-nectar"
    assert "document" in caught.value.message


@pytest.mark.parametrize(
    "upload",
    [
        Upload(HARBOR_MILL_FOODS.id, OLD_SMOKEHOUSE.id, "a.png", "image/png", picture()),
        Upload(LAKESIDE_CLINICS.id, PLANT_07.id, "a.png", "image/png", picture()),
        Upload(NOBODY, PLANT_07.id, "a.png", "image/png", picture()),
    ],
)
def test_a_site_or_company_that_is_refused(client: NectarClient, upload: Upload) -> None:
    """Archived site, another company's site, no such company: not the file's fault."""
    with pytest.raises(UploadRefused) as caught:
        client.upload(upload)
    assert caught.value.status in {400, 403, 404}


@pytest.mark.parametrize("cut", list(Cut))
def test_a_line_that_breaks_under_an_upload(
    emulator: EmulatorServer, client: NectarClient, cut: Cut
) -> None:
    """What is said to be surely not taken was not taken; what was taken is in doubt."""
    content = picture() + b"x" * 15_000_000
    big = Upload(HARBOR_MILL_FOODS.id, PLANT_07.id, "big.png", "image/png", content)
    emulator.behave(Behaviour(faults=(Fault(method="POST", cut=cut),)))
    with pytest.raises(NoConnection if cut.is_before_effect else InDoubt):
        client.upload(big)
    assert taken(emulator) == (0 if cut.is_before_effect else 1)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_line_that_breaks_under_a_get(
    emulator: EmulatorServer, client: NectarClient, cut: Cut
) -> None:
    """No connection, and the next request works."""
    emulator.behave(Behaviour(faults=(Fault(method="GET", cut=cut),)))
    with pytest.raises(NoConnection):
        client.companies()
    assert len(client.companies()) == 2


@pytest.mark.parametrize("body", list(FaultBody))
@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_gateway_that_gives_up_on_an_upload_that_was_taken(
    emulator: EmulatorServer, client: NectarClient, status: int, body: FaultBody
) -> None:
    """In doubt, whatever the body of the answer."""
    fault = Fault(method="POST", status=status, carried_out=True, body=body)
    emulator.behave(Behaviour(faults=(fault,)))
    with pytest.raises(InDoubt):
        client.upload(bill())
    assert taken(emulator) == 1


@pytest.mark.parametrize("body", [FaultBody.HTML, FaultBody.EMPTY, FaultBody.GARBAGE])
def test_a_good_answer_that_cannot_be_read(
    emulator: EmulatorServer, client: NectarClient, body: FaultBody
) -> None:
    """Transient on a GET, in doubt on an upload."""
    emulator.behave(Behaviour(faults=(Fault(body=body, times=None, path="/[cj]o*"),)))
    with pytest.raises(Transient) as caught:
        client.companies()
    assert caught.value.code == "unreadable-answer"
    with pytest.raises(InDoubt):
        client.upload(bill())


def test_a_huge_answer(emulator: EmulatorServer, client: NectarClient) -> None:
    """Longer than any answer may be: refused at the bound."""
    emulator.behave(Behaviour(faults=(Fault(body=FaultBody.HUGE, size=100_000_000),)))
    with pytest.raises(Transient) as caught:
        client.companies()
    assert "longer" in caught.value.message


@pytest.mark.parametrize("status", [429, 503])
def test_being_asked_to_wait(emulator: EmulatorServer, client: NectarClient, status: int) -> None:
    """Retry-After is passed on, and nothing was taken."""
    fault = Fault(status=status, times=None, retry_after="42")
    emulator.behave(Behaviour(faults=(fault,)))
    calls: tuple[Callable[[], object], ...] = (client.companies, lambda: client.upload(bill()))
    for call in calls:
        with pytest.raises(Transient) as caught:
            call()
        assert caught.value.retry_after == 42
    assert taken(emulator) == 0


def test_a_redirect(emulator: EmulatorServer, client: NectarClient) -> None:
    """Not followed."""
    fault = Fault(status=307, times=None, location="https://elsewhere.example/?token=x")
    emulator.behave(Behaviour(faults=(fault,)))
    with pytest.raises(Transient) as caught:
        client.upload(bill())
    assert caught.value.code == "redirected"
    assert taken(emulator) == 0


def test_an_answer_that_drips(emulator: EmulatorServer, client: NectarClient) -> None:
    """Slow but whole is good."""
    emulator.behave(Behaviour(faults=(Fault(drip_seconds=0.001),)))
    assert len(client.companies()) == 2
