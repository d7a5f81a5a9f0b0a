"""Sent once: whatever happens between the first byte and the answer, Nectar gets one bill."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from bill_files import bill_pdf, bills
from journey_world import DAY, HOUR, KEY, MakeWorld, World

from agent.emulator.behaviour import Behaviour, Fault, FaultBody, FileNames, UploadAnswer
from agent.emulator.requests import Cut
from agent.pipeline.work import Kind

BILL = "Plant 7/Bill.pdf"


def on_upload(**members: Any) -> Fault:
    """Return what goes wrong with an upload."""
    return Fault(method="POST", path="/job/company/*", **members)


def faulty(*faults: Fault, **behaviour: Any) -> Behaviour:
    """Return a Nectar that fails like this."""
    return Behaviour(keys=(KEY,), faults=faults, **behaviour)


LOST_ANSWERS = {
    "502": on_upload(status=502, carried_out=True, body=FaultBody.HTML),
    "504": on_upload(status=504, carried_out=True),
    "500": on_upload(status=500, carried_out=True),
    "timeout": on_upload(delay_seconds=120.0),
    "cut after the body": on_upload(cut=Cut.AFTER_BODY),
    "cut in the answer": on_upload(cut=Cut.IN_ANSWER),
    "unreadable": on_upload(body=FaultBody.GARBAGE),
    "empty": on_upload(body=FaultBody.EMPTY),
}


@pytest.mark.parametrize("name", LOST_ANSWERS)
def test_a_lost_answer_is_looked_for_and_found(make_world: MakeWorld, name: str) -> None:
    """An upload whose answer was lost is found at Nectar by its name: one job, one result."""
    world = make_world(behaviour=faulty(LOST_ANSWERS[name]))
    world.drop(BILL, bill_pdf())
    world.advance(20)
    assert world.bill(BILL) == ("sent", "upload-in-doubt")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
    assert world.tries("POST") == 1
    result = world.result(BILL)
    assert result["outcome"] == "processed"
    assert result["job"]["id"] == world.uploads()[0].job_id


def test_how_long_jobs_take_is_learned_at_once(make_world: MakeWorld) -> None:
    """Where Nectar takes three hours, a lost answer is not given up after half an hour."""
    slow = Behaviour(keys=(KEY,), processing_seconds=3 * HOUR)
    world = make_world(behaviour=slow)
    world.drop("Plant 7/First.pdf", bill_pdf(account="first"))
    world.run_until_still()
    world.behaviour = faulty(LOST_ANSWERS["504"], processing_seconds=3 * HOUR)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 2


@pytest.mark.parametrize("names", [FileNames.CHANGED, FileNames.NULL])
@pytest.mark.parametrize("ids", [True, False])
def test_a_lost_answer_where_nectar_changes_names(
    make_world: MakeWorld, names: FileNames, *, ids: bool
) -> None:
    """Where the name does not lead to the job: two jobs at most, one result."""
    fault = LOST_ANSWERS["cut after the body"]
    behaviour = faulty(fault, file_names=names, duplicate_ids=ids)
    world = make_world(behaviour=behaviour)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert len(world.uploads()) == 2
    result = world.result(BILL)
    assert result["outcome"] == ("processed" if ids else "duplicate")
    assert bool(result["documents"]) is ids
    assert world.bill(BILL) == ("done", None)


def test_a_nectar_that_can_never_be_followed(make_world: MakeWorld) -> None:
    """Uploads that name no job and documents without names: five at most, each later, then a word.

    Once Nectar says what it does, ``retry`` has the bill read.
    """
    unheard_of = Behaviour(
        keys=(KEY,), upload_answer=UploadAnswer.NOTHING, file_names=FileNames.CHANGED
    )
    world = make_world(behaviour=unheard_of)
    world.drop(BILL, bill_pdf())
    world.advance(hours=2)
    assert len(world.uploads()) <= 2
    world.run_until_still()
    assert len(world.uploads()) == 5
    assert world.bill(BILL) == ("rejected", "job-lost")
    problem = world.result(BILL)["problem"]
    assert "5 uploads" in problem["message"]
    assert "retry" in problem["advice"]
    world.behaviour = Behaviour(keys=(KEY,))
    assert world.ask("retry", files=[world.path(BILL)]) == {"done": 1, "declined": []}
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 6
    # Nectar calls it a duplicate, of what we sent ourselves.
    assert world.result(BILL)["outcome"] == "processed"


def test_an_outage_of_uploads_alone_needs_nobody(make_world: MakeWorld) -> None:
    """Where Nectar takes no upload for days, while it answers all else, bills wait and then go."""
    world = make_world()
    world.drop("Plant 7/First.pdf", bill_pdf(account="first"))
    world.run_until_still()
    world.behaviour = faulty(on_upload(status=500, times=None))
    world.drop(BILL, bill_pdf())
    world.advance(days=2)
    assert world.bill(BILL) == ("sent", "upload-in-doubt")
    assert world.tries("POST") < 15
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(hours=8)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 2


NOT_TAKEN = {
    "cut before the body": on_upload(cut=Cut.BEFORE_BODY),
    "cut in the body": on_upload(cut=Cut.IN_BODY),
    "503": on_upload(status=503),
    "429": on_upload(status=429, retry_after="90"),
    "redirect": on_upload(status=307, location="https://elsewhere.example/v2.2/x"),
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_was_surely_not_taken_is_sent_again(make_world: MakeWorld, name: str) -> None:
    """An upload that was surely not taken is sent again soon, without looking first."""
    world = make_world(behaviour=faulty(NOT_TAKEN[name]))
    world.drop(BILL, bill_pdf())
    world.run_until_still(limit=300)
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
    assert world.tries("POST") == 2
    assert "GET /document/company/{}" not in world.emulator.log.counts


def test_a_job_that_was_never_made_is_sent_again(make_world: MakeWorld) -> None:
    """A 502 without a job behind it: looked for, waited for, then sent once more with a reason."""
    world = make_world(behaviour=faulty(on_upload(status=502)))
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
    assert world.tries("POST") == 2
    assert world.submissions()[0].reason is not None


_NOT_IN_THE_PLAIN_WAY = frozenset(
    {Kind.PING, Kind.ADOPT, Kind.INSPECT, Kind.READ_DOCUMENTS, Kind.EXAMINE, Kind.RECALL}
)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", list(Kind))
def test_killed_in_any_step(
    make_world: MakeWorld, kind: Kind, when: Literal["before", "after"]
) -> None:
    """Killed before or after any step: one job, one result, as if nothing had been."""
    if kind in _NOT_IN_THE_PLAIN_WAY:
        pytest.skip("not met in the plain way of a bill")
    world = make_world()
    world.kill_during(kind, when)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.deaths == 1
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1
    assert world.result(BILL)["outcome"] == "processed"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_an_incomplete_file_is_judged(
    make_world: MakeWorld, when: Literal["before", "after"]
) -> None:
    """A file whose end never came is judged once, killed or not: one result, nothing sent."""
    world = make_world()
    world.kill_during(Kind.EXAMINE, when)
    content = bill_pdf()
    world.drop(BILL, content[: len(content) // 2])
    world.run_until_still()
    assert world.deaths == 1
    assert world.bill(BILL) == ("rejected", "damaged")
    assert world.result(BILL)["problem"]["code"] == "damaged"
    assert not world.uploads()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.READ_DOCUMENTS, Kind.POLL, Kind.FETCH])
def test_killed_while_an_upload_is_looked_for(
    make_world: MakeWorld, kind: Kind, when: Literal["before", "after"]
) -> None:
    """Killed while a lost answer is looked for: it is looked for anew, and found."""
    world = make_world(behaviour=faulty(LOST_ANSWERS["cut after the body"]))
    world.kill_during(kind, when)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.deaths == 1
    assert len(world.uploads()) == 1
    assert world.bill(BILL) == ("done", None)


def test_retry_after_is_respected(make_world: MakeWorld) -> None:
    """429 with Retry-After: nothing at all is asked before that time is over."""
    world = make_world(behaviour=faulty(on_upload(status=429, retry_after="300")))
    for number, content in enumerate(bills(5)):
        world.drop(f"Plant 7/{number}.pdf", content)
    while not world.tries("POST"):
        world.advance(1.0)
    world.advance(5.0)
    before = world.tries()
    world.advance(290.0)
    assert world.tries() == before
    world.run_until_still()
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 5


def test_the_clock_jumps_while_an_upload_is_in_doubt(make_world: MakeWorld) -> None:
    """A sleep of a night while an upload is in doubt changes nothing: one job."""
    world = make_world(behaviour=faulty(LOST_ANSWERS["504"]))
    world.drop(BILL, bill_pdf())
    world.advance(15)
    world.wake_after_sleep(hours=9)
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


def test_a_day_without_nectar_costs_few_requests(make_world: MakeWorld) -> None:
    """Nectar away for 24 hours with 200 bills waiting: at most 150 requests, then all go."""
    world = make_world(scan_seconds=600)
    world.network.is_cut = True
    for number, content in enumerate(bills(200)):
        world.drop(f"Plant 7/{number:03}.pdf", content)
    world.advance(DAY)
    assert world.tries() <= 150
    assert world.holds().keys() == {"no-connection"}
    assert world.hold_notices("no-connection") == 1
    world.network.is_cut = False
    world.advance(HOUR)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 200
    assert world.holds() == {}


def test_an_outage_of_errors(make_world: MakeWorld) -> None:
    """A day of 500 to everything with 50 bills: few requests, no doubles, all done afterwards."""
    world = make_world(behaviour=faulty(Fault(status=500, times=None)), scan_seconds=600)
    for number, content in enumerate(bills(50)):
        world.drop(f"Plant 7/{number:03}.pdf", content)
    world.advance(DAY)
    assert world.tries() <= 200
    world.behaviour = faulty()
    world.advance(3 * HOUR)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 50


def test_a_revoked_key_gives_one_notice(make_world: MakeWorld) -> None:
    """A revoked key with 300 bills: one notice, at most 10 requests an hour; then all go."""
    world = make_world(scan_seconds=600)
    world.behaviour = Behaviour(keys=())
    for number, content in enumerate(bills(300)):
        world.drop(f"Plant 7/{number:03}.pdf", content)
    world.advance(HOUR)
    assert world.holds().keys() == {"key-refused"}
    before = world.tries()
    world.advance(5 * HOUR)
    assert world.tries() - before <= 50
    assert world.hold_notices("key-refused") == 1
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(HOUR)
    assert world.holds() == {}
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 300


def test_no_key_at_all(world: World) -> None:
    """Without a key nothing is asked; bills wait, and go when there is one."""
    world.key = None
    world.drop(BILL, bill_pdf())
    world.advance(HOUR)
    assert world.tries() == 0
    assert world.holds().keys() == {"key-missing"}
    assert world.bill(BILL)[0] == "waiting"
    world.key = KEY
    world.ask("key-changed")
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)


def test_an_upload_refused_for_all(make_world: MakeWorld) -> None:
    """403 to every upload: one hold, probed slowly with another file each time, none rejected."""
    world = make_world(behaviour=faulty(on_upload(status=403, times=None)))
    for number, content in enumerate(bills(30)):
        world.drop(f"Plant 7/{number:03}.pdf", content)
    world.advance(60)
    assert world.holds().keys() == {"upload-refused"}
    before = world.tries("POST")
    world.advance(5 * HOUR)
    assert world.tries("POST") - before <= 30
    assert world.hold_notices("upload-refused") == 1
    assert {state for state, _ in world.bills().values()} == {"waiting"}
    assert sum(row.refusals > 0 for row in world.submissions()) > 20
    world.behaviour = faulty()
    world.advance(HOUR)
    assert set(world.bills().values()) == {("done", None)}
    assert world.holds() == {}
    assert len(world.uploads()) == 30


def test_a_file_refused_twice_while_others_pass(make_world: MakeWorld) -> None:
    """One file that Nectar refuses again after others passed is `refused-by-nectar`."""
    world = make_world()
    world.drop("Plant 7/Good.pdf", bill_pdf())
    world.run_until_still()
    # The first upload from now on is refused, the second passes, the third is refused.
    world.behaviour = faulty(on_upload(status=403), on_upload(status=403, skip=1))
    world.drop(BILL, bill_pdf(account="bad"))
    world.advance(30)
    assert world.holds().keys() == {"upload-refused"}
    world.drop("Plant 7/Another.pdf", bill_pdf(account="another"))
    world.advance(200)
    assert world.bill("Plant 7/Another.pdf") == ("done", None)
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", "refused-by-nectar")
    assert "403" in world.result(BILL)["problem"]["message"]
    assert world.holds() == {}


def test_a_file_refused_once_goes_when_others_pass(make_world: MakeWorld) -> None:
    """A file that was refused once is tried again when others pass, and may be taken then."""
    world = make_world(behaviour=faulty(on_upload(status=403)))
    world.drop(BILL, bill_pdf(account="bad"))
    world.advance(30)
    world.drop("Plant 7/Another.pdf", bill_pdf(account="another"))
    world.run_until_still()
    world.advance(200)
    assert set(world.bills().values()) == {("done", None)}


def test_what_cannot_be_sent_blocks_no_probe(make_world: MakeWorld) -> None:
    """Under a refusal, a bill that nobody may send now keeps no other bill from being tried."""
    world = make_world(folders={"Plant 7": "PLANT-07", "Inbox": "PLANT-07"})
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.ask("pause", folder=world.path("Inbox"))
    world.drop("Inbox/Paused.pdf", bill_pdf(account="paused"))
    world.behaviour = faulty(on_upload(status=403))
    world.drop("Plant 7/Refused.pdf", bill_pdf(account="refused"))
    world.advance(60)
    assert world.holds().keys() == {"upload-refused"}
    world.advance(HOUR)
    assert world.bill("Plant 7/Refused.pdf") == ("done", None)
    assert world.holds() == {}


def test_a_refusal_ends_when_nothing_waits(make_world: MakeWorld) -> None:
    """A refusal is forgotten when the only bill that was refused is taken away."""
    world = make_world(behaviour=faulty(on_upload(status=403, times=None)))
    world.drop(BILL, bill_pdf())
    world.advance(60)
    assert world.holds().keys() == {"upload-refused"}
    world.delete(BILL)
    world.advance(HOUR)
    assert world.holds() == {}


def test_a_bill_that_goes_while_it_is_looked_for(make_world: MakeWorld) -> None:
    """A bill deleted while its upload is in doubt is not sent again; when it returns it is."""
    world = make_world(behaviour=faulty(on_upload(status=502)))
    world.drop(BILL, bill_pdf())
    world.advance(30)
    assert world.bill(BILL) == ("sent", "upload-in-doubt")
    world.delete(BILL)
    world.run_until_still()
    assert world.submissions()[0].stage == "withdrawn"
    assert world.uploads() == []
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert len(world.uploads()) == 1


@pytest.mark.parametrize("status", [413, 415])
def test_a_refusal_about_the_file(make_world: MakeWorld, status: int) -> None:
    """413 and 415 are about the file: `refused-by-nectar`, its words kept, and no hold."""
    world = make_world(behaviour=faulty(on_upload(status=status)))
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.bill(BILL) == ("rejected", "refused-by-nectar")
    assert str(status) in world.result(BILL)["problem"]["message"]
    assert world.result(BILL)["outcome"] == "rejected"
    assert world.result(BILL)["job"] is None
    assert world.holds() == {}
    assert world.uploads() == []


def test_retry_of_a_refused_file(make_world: MakeWorld) -> None:
    """`retry` of a refused file: its JSON goes, it is sent once more, the reason is recorded."""
    world = make_world(behaviour=faulty(on_upload(status=415)))
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    assert world.ask("retry", files=[world.path(BILL)]) == {"done": 1, "declined": []}
    world.run_until_still()
    assert world.bill(BILL) == ("done", None)
    assert world.result(BILL)["outcome"] == "processed"
    assert world.result(BILL)["revision"] == 2


def test_killed_in_an_upload_that_was_not_taken(world: World) -> None:
    """Killed right after an upload was begun: it is looked for, then sent; one job."""
    world.kill_during(Kind.SEND, "before")
    world.drop(BILL, bill_pdf())
    world.advance(60)
    assert world.deaths == 1
    assert world.bill(BILL) == ("sent", "upload-in-doubt")
    assert world.uploads() == []
    world.run_until_still()
    assert len(world.uploads()) == 1
    assert world.bill(BILL) == ("done", None)


def test_two_hundred_bills(make_world: MakeWorld) -> None:
    """Two hundred bills at once: each sent once, each with its result, within minutes."""
    world = make_world()
    for number, content in enumerate(bills(200)):
        world.drop(f"Plant 7/{number:03}.pdf", content)
    world.run_until_still(limit=1800)
    assert set(world.bills().values()) == {("done", None)}
    assert len(world.uploads()) == 200
