"""Each commit refused once in turn, as by a disk that is full for a moment."""

from __future__ import annotations

from pathlib import Path

from bill_files import bill_pdf
from hold_causes import CLINIC
from journey_world import KEY
from troubled_world import TroubledWorld

from agent.emulator.behaviour import Behaviour, Fault
from agent.files.examiner import Examiner

SITES_LATE = Fault(path="/company*", times=3, status=503)


def test_each_commit_refused_once(tmp_path: Path, examiner: Examiner) -> None:
    """Whichever it is, what the turn learned is not forgotten: each bill is sent once and done.

    The bills are examined while the company is read in vain under changed settings, and wait for
    it.
    """
    refused = 0
    while True:
        place = tmp_path / str(refused)
        place.mkdir()
        world = TroubledWorld(place, examiner, folders={"Plant 7": "PLANT-07"}, scan_seconds=900)
        try:
            world.run_until_still()
            world.drop("Plant 7/One.pdf", bill_pdf(account="one"))
            world.drop("Plant 7/Two.pdf", bill_pdf(account="two"))
            world.advance(world.settings.detection.quiet_seconds - 1)
            world.behaviour = Behaviour(keys=(KEY,), faults=(SITES_LATE,))
            world.configure({**world.folders, "Clinic": CLINIC})
            world.store.until_refusal = refused
            world.advance(300)
            was_refused = world.store.until_refusal is None
            assert set(world.bills().values()) == {("done", None)}, f"commit {refused}"
            assert len(world.bills()) == len(world.uploads()) == 2, f"commit {refused}"
        finally:
            world.close()
        if not was_refused:
            break
        refused += 1
    assert refused > 10
