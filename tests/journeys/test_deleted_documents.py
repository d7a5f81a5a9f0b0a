"""What Nectar deleted after the result was written: noticed, confirmed, told; never guessed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from bill_files import bill_pdf, bills
from journey_world import HOUR, KEY, MakeWorld, World
from virtual_nectar import VirtualNetwork

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault, FaultBody, Outcome, UploadRule
from agent.emulator.requests import Cut
from agent.store.answers_codec import answers_of

BILL = "Plant 7/Bill.pdf"
DAYS: dict[str, Any] = {"refresh_hours": 24.0, "scan_seconds": 7200.0, "longest_jump": 3600.0}


class ForgetfulNetwork(VirtualNetwork):
    """Lists no documents, though they are there."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Empty the company's list of documents."""
        response = super().handle_request(request)
        if "/document/company/" not in request.url.path:
            return response
        said = json.loads(response.read()) | {"documents": [], "hasNext": False}
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(said).encode()))


def done(make_world: MakeWorld, **rule: object) -> tuple[World, list[str]]:
    """Return a world in which one bill was read, and its documents' ids."""
    uploads = (UploadRule(**rule),) if rule else ()  # type: ignore[arg-type]
    world = make_world(behaviour=Behaviour(keys=(KEY,), uploads=uploads), **DAYS)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    return world, [one["id"] for one in world.result(BILL)["documents"]]


def delete(world: World, document: str) -> None:
    """Delete a document at Nectar."""
    changes.delete_document(world.emulator.world, world.now.utc, document)


def test_a_deleted_document_is_noticed_though_nothing_else_changed(make_world: MakeWorld) -> None:
    """Within two days the result says so, as a new revision; the old one stays in the store."""
    world, (document,) = done(make_world)
    before = world.result(BILL)
    delete(world, document)
    world.advance(hours=49)
    after = world.result(BILL)
    assert (after["outcome"], after["revision"]) == ("no-data", 2)
    assert after["documents"] == []
    assert after["problem"]["code"] == "no-data"
    assert "deleted" in after["problem"]["message"]
    assert world.bill(BILL) == ("rejected", "no-data")
    (row,) = world.submissions()
    blob = world.store.answers_blob(row.id, 1)
    assert blob is not None
    assert answers_of(blob).documents[0].id == before["documents"][0]["id"]
    assert len(world.uploads()) == 1


def test_what_stays_deleted_is_told_once(make_world: MakeWorld) -> None:
    """Days later the result is the same, byte for byte, and no request was spent on it."""
    world, (document,) = done(make_world)
    delete(world, document)
    world.advance(hours=49)
    content = (world.root / f"{BILL}.json").read_bytes()
    before = world.emulator.log.counts["GET /document/{}"]
    world.advance(days=6)
    assert (world.root / f"{BILL}.json").read_bytes() == content
    assert world.emulator.log.counts["GET /document/{}"] == before


def test_a_document_that_was_put_back(make_world: MakeWorld) -> None:
    """What is undeleted comes back as a further revision, whatever its time of change says."""
    world, (document,) = done(make_world)
    whole = world.emulator.world.documents[document]
    delete(world, document)
    world.advance(hours=49)
    world.emulator.world.documents[document] = whole
    world.advance(hours=49)
    result = world.result(BILL)
    assert (result["outcome"], result["revision"]) == ("processed", 3)
    assert world.bill(BILL) == ("done", None)


def test_one_of_several_is_deleted(make_world: MakeWorld) -> None:
    """The others stay, and nobody speaks of several any more."""
    world, documents = done(make_world, outcome=Outcome.SEVERAL, documents=2)
    assert "several-documents" in {one["code"] for one in world.result(BILL)["warnings"]}
    delete(world, documents[1])
    world.advance(hours=49)
    result = world.result(BILL)
    assert [one["id"] for one in result["documents"]] == documents[:1]
    assert (result["outcome"], result["revision"]) == ("processed", 2)
    assert "several-documents" not in {one["code"] for one in result["warnings"]}


def test_a_document_that_is_missing_for_a_moment_is_not_deleted(make_world: MakeWorld) -> None:
    """404 in the very moment in which a correction is fetched: the next look decides."""
    world, documents = done(make_world, outcome=Outcome.SEVERAL, documents=2)
    changes.correct_document(
        world.emulator.world, world.now.utc, documents[0], {"totalCharges": "999.99"}
    )
    fault = Fault(path=f"/document/{documents[1]}", status=404, times=1)
    world.behaviour = Behaviour(keys=(KEY,), faults=(fault,))
    before = world.emulator.log.counts["GET /document/{}"]
    while world.emulator.log.counts["GET /document/{}"] == before:
        world.advance(60.0)
    assert world.result(BILL)["revision"] == 1
    world.advance(hours=2)
    result = world.result(BILL)
    assert [one["id"] for one in result["documents"]] == documents
    assert result["documents"][0]["totalCharges"] == "999.99"
    assert result["revision"] == 2


def test_a_document_that_the_list_forgot_is_not_deleted(make_world: MakeWorld) -> None:
    """Absence from a list proves nothing: what answers when it is asked for is there."""
    world, _ = done(make_world)
    world.network = ForgetfulNetwork(world.emulator, lambda: world.now.utc)
    world.restart()
    content = (world.root / f"{BILL}.json").read_bytes()
    before = world.emulator.log.counts["GET /document/{}"]
    world.advance(days=5)
    assert (world.root / f"{BILL}.json").read_bytes() == content
    assert 3 <= world.emulator.log.counts["GET /document/{}"] - before <= 6


def test_a_revision_whose_original_was_deleted(make_world: MakeWorld) -> None:
    """Replaced and deleted in one go: the revision takes its place at once."""
    for named_by in ("new", "both"):
        world, (document,) = done(make_world)
        nectar = world.emulator.world
        changes.revise_document(
            nectar, world.now.utc, document, {"notes": "revised"}, named_by=named_by
        )
        delete(world, document)
        world.advance(hours=25)
        result = world.result(BILL)
        assert (result["outcome"], result["revision"]) == ("processed", 2)
        assert [one["notes"] for one in result["documents"]] == ["revised"]
        assert result["warnings"] == []


def test_a_duplicate_that_was_deleted_is_looked_at_twice(make_world: MakeWorld) -> None:
    """The known bill of a duplicate is gone: it is told with the next correction, never guessed."""
    world, _ = done(make_world)
    world.drop("Plant 7/Again.pdf", bill_pdf() + b"% scanned again\n%%EOF\n")
    world.run_until_still()
    result = world.result("Plant 7/Again.pdf")
    assert result["outcome"] == "duplicate"
    known = result["duplicates"][0]["id"]
    changes.correct_document(world.emulator.world, world.now.utc, known, {"notes": "known"})
    fault = Fault(path=f"/document/{known}", status=404, times=2)
    world.behaviour = Behaviour(keys=(KEY,), faults=(fault,))
    world.advance(hours=27)
    assert world.result("Plant 7/Again.pdf")["duplicates"][0]["document"]["notes"] == "known"


def test_a_whole_page_of_deletions(make_world: MakeWorld) -> None:
    """Many at once are all told in time, a few with each look, and the rest is left alone."""
    world = make_world(behaviour=Behaviour(keys=(KEY,), page_size=10), **DAYS)
    for number, content in enumerate(bills(30)):
        world.drop(f"Plant 7/{number:02}.pdf", content)
    world.run_until_still()
    for number in range(25):
        delete(world, world.result(f"Plant 7/{number:02}.pdf")["documents"][0]["id"])
    world.advance(hours=24 * 3 + 2)
    states = world.bills()
    for number in range(30):
        expected = ("rejected", "no-data") if number < 25 else ("done", None)
        assert states[f"Plant 7/{number:02}.pdf"] == expected


@pytest.mark.parametrize("hours", [24.0, 1.0])
def test_what_looking_costs(make_world: MakeWorld, hours: float) -> None:
    """Five pages of documents: each once a day, and one request a look for what changed."""
    behaviour = Behaviour(keys=(KEY,), page_size=5)
    world = make_world(behaviour=behaviour, **(DAYS | {"refresh_hours": hours}))
    for number, content in enumerate(bills(25)):
        world.drop(f"Plant 7/{number:02}.pdf", content)
    world.run_until_still()
    world.advance(days=2)
    before = world.emulator.log.counts.copy()
    world.advance(days=2)
    listed = world.emulator.log.counts["GET /document/company/{}"]
    asked = listed - before["GET /document/company/{}"]
    assert asked <= 2 * (5 + 24 / hours) + 2
    assert world.emulator.log.counts["GET /document/{}"] == before["GET /document/{}"]


def test_a_list_that_breaks_off_is_read_anew(make_world: MakeWorld) -> None:
    """A page that cannot be read decides nothing; the whole list is asked for again later."""
    world, (document,) = done(make_world)
    delete(world, document)
    spoilt = (
        {"status": 500},
        {"status": 503},
        {"cut": Cut.IN_ANSWER},
        {"body": FaultBody.GARBAGE},
        {"body": FaultBody.EMPTY},
    )
    faults = tuple(Fault(path="/document/company/*", **members) for members in spoilt)
    world.behaviour = Behaviour(keys=(KEY,), faults=faults)
    world.advance(hours=55)
    assert world.result(BILL)["outcome"] == "no-data"
    assert world.tries("GET", world.now.utc - 49 * HOUR) < 150
