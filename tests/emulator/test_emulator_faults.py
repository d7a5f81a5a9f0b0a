"""Faults: which request they meet, and what they leave undone."""

import pytest
from emulator_driver import Driver, bill_pdf

from agent.emulator.behaviour import Behaviour, Fault, FaultBody
from agent.emulator.requests import Cut
from agent.emulator.world import HARBOR_MILL_FOODS

HMF = HARBOR_MILL_FOODS.id


def test_a_fault_meets_so_many_requests_of_one_kind() -> None:
    """Two of three pings fail, and nothing else does."""
    driver = Driver(Behaviour(faults=(Fault("GET", "/ping", status=503, times=2),)))
    statuses = [driver.get(path).status for path in ("/company", "/ping", "/ping", "/ping")]
    assert statuses == [200, 503, 503, 200]


def test_a_fault_may_let_some_pass_first_and_never_end() -> None:
    """``skip`` and ``times`` say which; times None is for ever."""
    driver = Driver(Behaviour(faults=(Fault(path="/ping", status=500, skip=2, times=None),)))
    assert [driver.get("/ping").status for _ in range(4)] == [200, 200, 500, 500]


def test_a_fault_with_a_probability_repeats_with_its_seed() -> None:
    """Some fail, some pass, and a second run with the same seed is the same."""
    runs = []
    for seed in (3, 3, 4):
        fault = Fault(status=500, times=None, probability=0.5)
        driver = Driver(Behaviour(faults=(fault,), seed=seed))
        runs.append([driver.get("/ping").status for _ in range(40)])
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 500}


def test_a_path_pattern_is_without_version() -> None:
    """One pattern meets every version and every id."""
    driver = Driver(Behaviour(faults=(Fault("POST", "/job/company/*", status=502),)))
    assert driver.upload(bill_pdf()).status == 502
    assert driver.upload(bill_pdf()).status == 201


@pytest.mark.parametrize(
    ("fault", "jobs"),
    [
        (Fault("POST", status=502), 0),
        (Fault("POST", status=502, carried_out=True), 1),
        (Fault("POST", cut=Cut.BEFORE_BODY), 0),
        (Fault("POST", cut=Cut.IN_BODY), 0),
        (Fault("POST", cut=Cut.AFTER_BODY), 1),
        (Fault("POST", cut=Cut.IN_ANSWER), 1),
        (Fault("POST", body=FaultBody.GARBAGE), 1),
        (Fault("POST", delay_seconds=60), 1),
    ],
)
def test_an_upload_has_its_effect_or_not_as_the_fault_says(fault: Fault, jobs: int) -> None:
    """A lost answer leaves a job, a lost request does not."""
    driver = Driver(Behaviour(faults=(fault,)))
    answer = driver.upload(bill_pdf())
    assert len(driver.emulator.world.jobs) == jobs
    assert answer.cut == fault.cut
    assert answer.delay_seconds == fault.delay_seconds


def test_bodies_and_headers_of_a_fault() -> None:
    """HTML, nothing, garbage, a huge answer, Retry-After and a redirect can be had."""
    faults = (
        Fault(status=503, body=FaultBody.HTML, retry_after="120"),
        Fault(status=403, body=FaultBody.EMPTY),
        Fault(body=FaultBody.GARBAGE),
        Fault(body=FaultBody.HUGE, size=1_000_000),
        Fault(status=307, location="https://elsewhere.invalid/"),
    )
    driver = Driver(Behaviour(faults=faults))
    html, empty, garbage, huge, redirect = (driver.get("/company") for _ in faults)
    assert dict(html.headers) == {"Content-Type": "text/html; charset=utf-8", "Retry-After": "120"}
    assert html.body.startswith(b"<!doctype html>")
    assert (empty.status, empty.body) == (403, b"")
    assert garbage.status == 200
    with pytest.raises(ValueError, match=r"."):
        garbage.json()
    assert len(huge.json()["filling"]) == 1_000_000
    assert (redirect.status, dict(redirect.headers)["Location"]) == (
        307,
        "https://elsewhere.invalid/",
    )


def test_latency_is_added_to_every_answer() -> None:
    """The driver of the emulator waits; the emulator itself never does."""
    driver = Driver(Behaviour(latency_seconds=0.05, faults=(Fault(delay_seconds=1),)))
    assert [driver.get("/ping").delay_seconds for _ in range(2)] == [1.05, 0.05]


def test_requests_are_noted_and_counted() -> None:
    """Counts are by call with the ids left out; keys are nowhere."""
    driver = Driver(key="very secret")
    driver.get(f"/company/{HMF}")
    driver.get("/company/other")
    driver.get("/nowhere")
    seen = driver.emulator.log.as_json()
    assert seen["counts"] == {"GET /company/{}": 2, "GET /nowhere": 1}
    assert [item["status"] for item in seen["requests"]] == [200, 404, 404]
    assert seen["maxConcurrent"] == 1
    assert "very secret" not in str(seen)


def test_new_settings_count_anew() -> None:
    """A used-up fault is fresh again once settings are replaced."""
    driver = Driver(Behaviour(faults=(Fault(status=500),)))
    statuses = [driver.get("/ping").status for _ in range(2)]
    driver.emulator.behaviour = Behaviour(faults=(Fault(status=500),))
    statuses += [driver.get("/ping").status for _ in range(2)]
    assert statuses == [500, 200, 500, 200]
