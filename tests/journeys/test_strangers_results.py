"""Results that strangers wrote beside bills: adopted whole or left alone, never written over."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from typing import Any

import pytest
from bill_files import bill_pdf, bills
from fuzzing import seeds
from hostile_json import HostileJson
from journey_world import DAY, MakeWorld, World

from agent.bills.names import MARK_NAME

NOT_A_PDF = b"%PDF-1.4 cut\n%%EOF\n"


def own_results(world: World) -> list[bytes]:
    """Return real results of ours: three that were processed, and one that was rejected."""
    for number, content in enumerate([*bills(3), NOT_A_PDF]):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.run_until_still()
    return [(world.root / f"Plant 7/{number}.pdf.json").read_bytes() for number in range(4)]


@pytest.mark.parametrize("seed", seeds(4))
def test_results_with_hostile_members(make_world: MakeWorld, seed: int) -> None:
    """Of real results some parts are changed: nothing is sent twice, nothing written over."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    ours = own_results(make_world())
    world = make_world()
    put = {}
    for number, content in enumerate([*bills(3), NOT_A_PDF]):
        good = json.loads(ours[number])
        put[number] = HostileJson(source).body(good, most=source.choice([1, 2, 6]))
        path = world.drop(f"Plant 7/{number}.pdf", content)
        path.with_name(f"{number}.pdf.json").write_bytes(put[number])
    world.advance(seconds=300)
    assert not any("internal error" in line for line in world.history())
    for number, content in put.items():
        name = f"Plant 7/{number}.pdf"
        assert content == (world.root / f"{name}.json").read_bytes()
        world.originals[world.root / f"{name}.json"] = hashlib.sha256(content).hexdigest()
        assert world.bill(name)[0] in ("done", "rejected", "asks"), world.bill(name)
    assert world.uploads() == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"revision": 10**100}, "result-name-taken"),
        ({"revision": -5}, "result-name-taken"),
        ({"company": {"externalId": "X", "id": "another", "name": "X"}}, "asks-other-site"),
        ({"environment": "sandbox\ud800"}, "result-name-taken"),
        ({"api": "https://x.example/?X-Amz-Signature=5ec4e7"}, "result-name-taken"),
    ],
)
def test_a_false_result_of_ours_is_asked_about(
    make_world: MakeWorld, members: dict[str, Any], code: str
) -> None:
    """The right bytes and a wrong number, company or environment: a person is asked."""
    own, world = make_world(), make_world()
    result = json.loads(own_results(own)[0]) | members
    content = json.dumps(result).encode()
    world.drop("Plant 7/0.pdf", bills(3)[0])
    world.drop("Plant 7/0.pdf.json", content)
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill("Plant 7/0.pdf") == ("asks", code)
    assert world.bill("Plant 7/Other.pdf") == ("done", None)
    assert not any("5ec4e7" in line for line in world.history())
    world.move("Plant 7/0.pdf.json", "Plant 7/elsewhere.txt")
    if code == "asks-other-site":
        world.ask("send", files=[world.path("Plant 7/0.pdf")])
    world.advance(seconds=10)
    world.run_until_still()
    assert world.bill("Plant 7/0.pdf") == ("done", None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
def test_a_pipe_where_the_result_belongs(world: World) -> None:
    """It is asked about, holds nobody up, and the bill goes once it was moved away."""
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    place = world.root / "Plant 7/Bill.pdf.json"
    os.mkfifo(place)
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ("asks", "result-name-taken")
    assert world.bill("Plant 7/Other.pdf") == ("done", None)
    assert place.is_fifo()
    place.unlink()
    world.advance(120)
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ("done", None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
def test_a_pipe_where_the_mark_belongs(make_world: MakeWorld) -> None:
    """Nobody can tell whose the folder is: it waits, named, and the others go on."""
    world = make_world(folders={"absent": "PLANT-07", "Plant 7": "PLANT-07"})
    (world.root / "absent").mkdir()
    os.mkfifo(world.root / "absent" / MARK_NAME)
    world.drop("absent/Bill.pdf", bill_pdf())
    world.drop("Plant 7/Other.pdf", bill_pdf(account="other"))
    world.advance(120)
    assert MARK_NAME in world.holds()["folder-taken"].message
    assert world.bill("Plant 7/Other.pdf") == ("done", None)
    assert len(world.uploads()) == 1
    (world.root / "absent" / MARK_NAME).unlink()
    world.run_until_still(limit=DAY)
    world.advance(hours=2)
    assert world.bill("absent/Bill.pdf") == ("done", None)
