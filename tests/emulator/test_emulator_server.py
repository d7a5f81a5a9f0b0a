"""The emulator over real HTTP on loopback: whole answers, broken lines, many at once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from emulator_driver import bill_pdf

from agent.emulator.behaviour import Behaviour, Fault, FaultBody, Outcome, UploadRule
from agent.emulator.requests import Cut
from agent.emulator.server import EmulatorServer
from agent.emulator.world import HARBOR_MILL_FOODS, PLANT_07

UPLOADS = f"job/company/{HARBOR_MILL_FOODS.id}"
PATIENCE_SECONDS = 20.0


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    """Run an emulator whose jobs are done as soon as their bill is read."""
    with EmulatorServer(Behaviour(processing_seconds=0.0)) as running:
        yield running


@pytest.fixture
def client(server: EmulatorServer) -> Iterator[httpx.Client]:
    """Open a client with a key, and without any proxy of this machine."""
    headers = {"X-API-Key": "any key"}
    with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False) as opened:
        yield opened


def send(client: httpx.Client, data: bytes, name: str = "bill.pdf") -> httpx.Response:
    """Upload a file for the plant."""
    return client.post(
        UPLOADS, data={"siteId": PLANT_07.id}, files={"document": (name, data, "application/pdf")}
    )


def done(client: httpx.Client, job_id: str) -> Any:
    """Poll a job until it is done."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        job = client.get(f"job/{job_id}").json()
        if job["status"] != "PENDING":
            return job
        time.sleep(0.01)
    raise AssertionError("the job was never done")


def test_a_bill_goes_all_the_way(client: httpx.Client) -> None:
    """Ping, company, upload, job, document and its usage over one real connection."""
    assert client.get("ping").status_code == 200
    assert client.get("company").json()[0]["externalId"] == "HMF"
    sent = send(client, bill_pdf(), 'Juni \u2013 Größe "1" 50%.pdf')
    assert sent.status_code == 201
    (document_id,) = done(client, sent.json()["id"])["parsedDocumentIds"]
    document = client.get(f"document/{document_id}").json()
    assert document["fileName"] == 'Juni \u2013 Größe "1" 50%.pdf'
    assert document["usageData"][0]["usage"] == "1040"
    listed = client.get(f"usage/document/{document_id}").json()
    assert listed["usageData"][0]["id"] == document["usageData"][0]["id"]


def test_nobody_gets_in_without_a_key_or_under_another_name(server: EmulatorServer) -> None:
    """No key is 401; a page that was led here under a name of its own is 403."""
    assert httpx.get(f"{server.base_url}/ping", trust_env=False).status_code == 401
    headers = {"X-API-Key": "k", "Host": "evil.example"}
    led_here = httpx.get(f"{server.base_url}/ping", headers=headers, trust_env=False)
    assert led_here.status_code == 403


def test_it_listens_on_loopback_only(server: EmulatorServer) -> None:
    """The address names 127.0.0.1 and a free port."""
    assert server.base_url.startswith("http://127.0.0.1:")
    assert server.port > 0


@pytest.mark.parametrize("cut", list(Cut))
def test_a_line_may_break_at_any_point(
    server: EmulatorServer, client: httpx.Client, cut: Cut
) -> None:
    """The client sees a broken line; a job exists only if the whole body was taken."""
    server.behave(Behaviour(faults=(Fault("POST", cut=cut),)))
    with pytest.raises(httpx.TransportError) as broken:
        send(client, bill_pdf() + b"%" * 3_000_000)
    assert not isinstance(broken.value, httpx.TimeoutException)
    jobs = server.call(lambda emulator: len(emulator.world.jobs))
    assert jobs == (1 if cut in (Cut.AFTER_BODY, Cut.IN_ANSWER) else 0)
    assert send(client, bill_pdf()).status_code == 201


@pytest.mark.parametrize("share", [0.0, 0.01, 0.99])
def test_an_answer_may_break_at_any_byte(
    server: EmulatorServer, client: httpx.Client, share: float
) -> None:
    """The head has come and so many bytes of the body; then the line is gone."""
    server.behave(Behaviour(faults=(Fault("GET", cut=Cut.IN_ANSWER, cut_share=share),)))
    with client.stream("GET", "company") as response:
        promised = int(response.headers["Content-Length"])
        received, broken = b"", False
        try:
            for chunk in response.iter_raw():
                received += chunk
        except httpx.RemoteProtocolError:
            broken = True
    assert broken
    assert len(received) == int(promised * share)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_get_may_break_too(server: EmulatorServer, client: httpx.Client, cut: Cut) -> None:
    """Reading calls meet broken lines as well."""
    server.behave(Behaviour(faults=(Fault("GET", "/company", cut=cut),)))
    with pytest.raises(httpx.TransportError):
        client.get("company")
    assert client.get("company").status_code == 200


def test_a_slow_answer_runs_into_the_clients_time_limit(
    server: EmulatorServer, client: httpx.Client
) -> None:
    """The job is there although its answer never came."""
    server.behave(Behaviour(faults=(Fault("POST", delay_seconds=5),)))
    client.timeout = httpx.Timeout(0.5)
    with pytest.raises(httpx.ReadTimeout):
        send(client, bill_pdf())
    assert server.call(lambda emulator: len(emulator.world.jobs)) == 1


def test_an_answer_may_come_in_two_drops(server: EmulatorServer, client: httpx.Client) -> None:
    """Half the body, a pause, the other half: whole in the end."""
    server.behave(Behaviour(faults=(Fault("GET", drip_seconds=0.2),)))
    begun = time.monotonic()
    assert len(client.get("company").json()) == 2
    assert time.monotonic() - begun >= 0.2


def test_gateways_redirects_and_garbage(server: EmulatorServer, client: httpx.Client) -> None:
    """What a proxy in between may answer arrives as it was ordered."""
    faults = (
        Fault(status=502, body=FaultBody.HTML),
        Fault(status=429, retry_after="7"),
        Fault(status=307, location="https://elsewhere.invalid/"),
        Fault(body=FaultBody.GARBAGE),
        Fault(body=FaultBody.HUGE, size=5_000_000),
    )
    server.behave(Behaviour(faults=faults))
    gateway, slow_down, redirect, garbage, huge = (client.get("company") for _ in faults)
    assert gateway.headers["Content-Type"].startswith("text/html")
    assert (slow_down.status_code, slow_down.headers["Retry-After"]) == (429, "7")
    assert (redirect.status_code, redirect.headers["Location"]) == (
        307,
        "https://elsewhere.invalid/",
    )
    with pytest.raises(json.JSONDecodeError):
        garbage.json()
    assert len(huge.content) > 5_000_000


def test_a_body_far_too_large_is_refused(client: httpx.Client) -> None:
    """The server keeps no body that is larger than any file may be."""
    assert send(client, bill_pdf() + b"%" * 27_000_000).status_code == 413


def test_curls_question_before_a_large_body_is_answered(server: EmulatorServer) -> None:
    """A client that asks to continue first is told to."""

    async def ask() -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"POST /v2.2/{UPLOADS} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: k\r\n"
        writer.write(f"{head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n".encode())
        interim = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"{}")
        final = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return interim, final

    interim, final = asyncio.run(asyncio.wait_for(ask(), PATIENCE_SECONDS))
    assert interim.startswith(b"HTTP/1.1 100")
    assert final.startswith(b"HTTP/1.1 400")


def test_the_most_requests_at_once_are_known(server: EmulatorServer) -> None:
    """Eight pings that each take a moment are under way together."""
    server.behave(Behaviour(latency_seconds=0.3))

    async def many() -> None:
        async with httpx.AsyncClient(headers={"X-API-Key": "k"}, trust_env=False) as client:
            await asyncio.gather(*(client.get(f"{server.base_url}/ping") for _ in range(8)))

    asyncio.run(many())
    assert server.call(lambda emulator: emulator.log.max_concurrent) == 8
    assert server.call(lambda emulator: emulator.log.under_way) == 0


def test_it_is_steered_over_http(server: EmulatorServer, client: httpx.Client) -> None:
    """Behaviour, requests, uploads and changes, by hand or from another process."""
    control = f"{server.origin}/_emulator"
    rule = {"outcome": "failed", "file_name": "bad*"}
    changed = client.patch(f"{control}/behaviour", json={"uploads": [rule], "page_size": 7})
    assert (changed.json()["page_size"], changed.json()["processing_seconds"]) == (7, 0.0)
    sent = send(client, bill_pdf(), "bad.pdf").json()["id"]
    assert done(client, sent)["status"] == "FAILED"
    (upload,) = client.get(f"{control}/uploads").json()
    assert (upload["fileName"], upload["siteId"]) == ("bad.pdf", PLANT_07.id)
    assert (upload["jobId"], upload["status"]) == (sent, "FAILED")
    assert client.get(f"{control}/requests").json()["counts"]["POST /job/company/{}"] == 1
    order = {"change": "archive_site", "arguments": {"site": "PLANT-07", "day": "2026-01-31"}}
    assert client.post(f"{control}/changes", json=order).status_code == 200
    site = client.get(f"site/{PLANT_07.id}").json()
    assert site["dataCollectionStopDate"] == "2026-01-31"
    assert client.put(f"{control}/behaviour", json={}).json()["page_size"] == 100


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", "behaviour", {"latency": 1}, "latency is no setting"),
        ("PATCH", "behaviour", {"page_size": "many"}, "page_size has to be of the kind int"),
        ("PUT", "behaviour", {"faults": [{"cut": "never"}]}, "faults[0].cut has to be one of"),
        ("POST", "changes", {"change": "explode"}, "change has to be one of"),
        ("POST", "changes", {"change": "lose_job", "arguments": {"job_id": "x"}}, "no job x"),
        ("POST", "changes", {"change": "lose_job"}, "job_id"),
        ("GET", "elsewhere", None, "no such call"),
    ],
)
def test_wrong_orders_are_refused_with_a_word(
    server: EmulatorServer, client: httpx.Client, method: str, path: str, body: Any, words: str
) -> None:
    """A misspelt setting changes nothing and says which it was."""
    refused = client.request(method, f"{server.origin}/_emulator/{path}", json=body)
    assert 400 <= refused.status_code < 500
    assert words in refused.json()["detail"]
    assert server.call(lambda emulator: emulator.behaviour.page_size) == 100


def test_the_page_links_what_there_is(server: EmulatorServer, client: httpx.Client) -> None:
    """A person who opens the address in a browser finds description and controls."""
    page = client.get(server.origin)
    assert page.headers["Content-Type"].startswith("text/html")
    assert server.base_url in page.text
    for link in ("/openapi.json", "/_emulator/requests", "/_emulator/uploads"):
        assert f'href="{link}"' in page.text
        assert client.get(server.origin + link).status_code == 200


def test_a_port_that_is_taken_is_an_error(server: EmulatorServer) -> None:
    """Starting fails with what the system says, and leaves no thread behind."""
    with pytest.raises(OSError, match=r"."):
        EmulatorServer(port=server.port).start()


def test_stopping_does_not_wait_for_slow_answers() -> None:
    """A request under way is broken off."""
    server = EmulatorServer(Behaviour(latency_seconds=30)).start()

    async def leave() -> None:
        async with httpx.AsyncClient(headers={"X-API-Key": "k"}, trust_env=False) as client:
            asked = asyncio.create_task(client.get(f"{server.base_url}/ping"))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(server.stop)
            with pytest.raises(httpx.TransportError):
                await asked

    begun = time.monotonic()
    asyncio.run(leave())
    assert time.monotonic() - begun < 5


def test_a_file_that_is_slow_to_read_holds_up_nobody() -> None:
    """Jobs are pending until their file is read; other requests are answered meanwhile."""
    rules = (UploadRule(Outcome.READ),)
    with (
        EmulatorServer(Behaviour(processing_seconds=0.0, uploads=rules)) as server,
        httpx.Client(
            base_url=server.base_url, headers={"X-API-Key": "k"}, trust_env=False
        ) as client,
    ):
        jobs = [send(client, bill_pdf(f"900-{n:04}")).json()["id"] for n in range(20)]
        assert client.get("ping").elapsed.total_seconds() < 1
        assert [done(client, job)["status"] for job in jobs] == ["COMPLETED"] * 20


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send to a program")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_ends_with_the_signals(number: signal.Signals) -> None:
    """As a program it prints its address, serves, and ends with exit code 0."""
    program = (
        "from agent.emulator.server import serve\n"
        "serve(0, lambda address: print(address, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asked = httpx.get(f"{address}/ping", headers={"X-API-Key": "k"}, trust_env=False)
        assert asked.status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE_SECONDS) == 0
