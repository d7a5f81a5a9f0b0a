"""Whatever Nectar answers, no bill is lost, doubled or mistold; once it answers well, all end."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from bill_files import bills
from fuzzing import seeds
from hostile_network import HostileWorld
from invariants import check
from journey_world import DAY, HOUR, KEY
from secret_search import found_in, texts

from agent.bills.answers import has_usage_or_charges
from agent.emulator.behaviour import Behaviour, Outcome, UploadRule
from agent.files.examiner import Examiner
from agent.service.logs import RedactingFormatter

SECRETS = (KEY, "X-Amz-Signature", "X-Amz-Expires", "5ec4e7c0ffee")


@pytest.fixture
def hostile(
    request: pytest.FixtureRequest, tmp_path: Path, examiner: Examiner
) -> Iterator[HostileWorld]:
    """A world on a hostile network with three bills in it."""
    settings = {"scan_seconds": 600, "refresh_hours": 6.0}
    world = HostileWorld(tmp_path, examiner, seed=request.param, **settings)
    for number, content in enumerate(bills(3)):
        world.drop(f"Plant 7/{number}.pdf", content)
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    handler.setFormatter(RedactingFormatter(lambda: (KEY,)))
    logger = logging.getLogger("agent")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield world
    logger.removeHandler(handler)
    logger.setLevel(level)
    world.close()
    assert found_in(logged.getvalue().encode("utf-8", "backslashreplace"), SECRETS) == []


def check_hostile(world: HostileWorld, *, is_still: bool) -> None:
    """Fail where a promise is broken; a link without its secret is no secret."""
    check(world, is_still=is_still, link="X-Amz-")
    for name in world.tree():
        if name.endswith(".json"):
            result = world.result(name.removesuffix(".json"))
            if result["outcome"] == "processed":
                assert any(has_usage_or_charges(each) for each in result["documents"]), name
    assert [line for line in world.history() if "internal error" in line] == []
    assert all(code != "internal-error" for _, code in world.bills().values())


def check_ended(world: HostileWorld) -> None:
    """Let good days come, and fail where a bill does not end or a secret was kept."""
    world.network.odds = 0.0
    world.behaviour = Behaviour(keys=(KEY,))
    world.advance(days=1)
    world.run_until_still(limit=10 * DAY)
    check_hostile(world, is_still=True)
    assert {state for state, _ in world.bills().values()} <= {"done", "rejected"}, world.bills()
    for path in world._data.iterdir():
        assert [secret for text in texts(path) for secret in found_in(text, SECRETS)] == []


@pytest.mark.parametrize("hostile", seeds(4), indirect=True)
def test_any_answers(hostile: HostileWorld) -> None:
    """Parts of answers changed, statuses and lines broken: named, bounded, and healed by time."""
    choose = hostile.network.random
    outcomes = choose.sample(list(Outcome)[:9], 3)
    rules = tuple(UploadRule(outcome=outcome, times=1) for outcome in outcomes)
    hostile.behaviour = Behaviour(keys=(KEY,), uploads=rules)
    hostile.network.odds = choose.choice([0.1, 0.3, 0.6, 1.0])
    hostile.advance(seconds=choose.choice([60.0, HOUR, 12 * HOUR]))
    check_hostile(hostile, is_still=False)
    check_ended(hostile)


@pytest.mark.parametrize("hostile", seeds(2), indirect=True)
def test_rubbish_changes_nothing_in_the_end(hostile: HostileWorld) -> None:
    """Answers that cannot be taken for any: each bill is sent once, and its usage comes."""
    hostile.network.is_plain_rubbish = True
    hostile.network.odds = 0.5
    hostile.advance(hours=2)
    check_hostile(hostile, is_still=False)
    check_ended(hostile)
    results = [hostile.result(f"Plant 7/{number}.pdf") for number in range(3)]
    assert [result["outcome"] for result in results] == ["processed"] * 3
    assert len(hostile.uploads()) == 3


@pytest.mark.parametrize("hostile", [0], indirect=True)
def test_an_error_is_not_taken_for_a_document(hostile: HostileWorld) -> None:
    """200 with an error in it, or nothing, where the document was due: it is asked for again."""
    hostile.network.is_plain_rubbish = True
    hostile.network.odds = 1.0
    hostile.network.where = "/v2.2/document/"
    hostile.advance(seconds=600)
    assert not any(name.endswith(".json") for name in hostile.tree())
    check_ended(hostile)
    assert {hostile.result(f"Plant 7/{number}.pdf")["outcome"] for number in range(3)} == {
        "processed"
    }
