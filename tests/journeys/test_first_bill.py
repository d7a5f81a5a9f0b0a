"""The plain way of a bill."""

from __future__ import annotations

from bill_files import bill_pdf
from journey_world import World


def test_a_bill_becomes_a_result(world: World) -> None:
    """A bill that is dropped into a folder is sent once and gets its JSON, `processed`."""
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    world.run_until_still()
    assert world.bills() == {"Plant 7/Bill.pdf": ("done", None)}
    result = world.result("Plant 7/Bill.pdf")
    assert result["outcome"] == "processed"
    assert result["documents"][0]["usageData"][0]["usage"]
    assert len(world.uploads()) == 1
    assert world.tree() == ["Plant 7/Bill.pdf", "Plant 7/Bill.pdf.json"]
