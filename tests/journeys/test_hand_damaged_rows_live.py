"""The agent starts on a store with a row that somebody changed, and lives on with it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from bill_files import bill_pdf
from fuzzing import seeds
from hostile_rows import change_a_row
from invariants import check
from journey_world import DAY, KEY, World

from agent.bills.errors import NeedsAttention
from agent.emulator.behaviour import Behaviour, UploadRule
from agent.files.examiner import Examiner
from agent.store.beginning import note_suspicion
from agent.store.naming import StoreDamagedError

SLOW = UploadRule(file_name="Slow*", processing_seconds=900 * DAY)


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory, examiner: Examiner
) -> Iterator[tuple[World, dict[Path, bytes]]]:
    """Return a world that was lived, with its agent ended, and how its data directory was left."""
    behaviour = Behaviour(keys=(KEY,), uploads=(SLOW,))
    world = World(tmp_path_factory.mktemp("lived"), examiner, behaviour=behaviour)
    world.drop("Plant 7/Done.pdf", bill_pdf())
    world.drop("Plant 7/Empty.pdf", b"no bill at all")
    world.drop("Plant 7/Slow.pdf", bill_pdf(account="slow"))
    world.advance(60)
    path = world.end()
    yield world, {file: file.read_bytes() for file in path.parent.iterdir()}
    world.close()


@pytest.mark.parametrize("seed", seeds(12))
def test_a_changed_row_stops_nothing(lived: tuple[World, dict[Path, bytes]], seed: int) -> None:
    """It is lived with, or the store is put aside: nothing is sent again, and nothing crashes."""
    world, left = lived
    source = random.Random(seed)  # noqa: S311  # repeatable
    path = world.end()
    for file in path.parent.iterdir():
        file.unlink()
    for file, content in left.items():
        file.write_bytes(content)
    done = [change_a_row(path, source) for _ in range(source.choice([1, 1, 2]))]
    sent = len(world.uploads())
    try:
        world.begin_again()
        for _ in range(3):
            world.advance(300)
    except StoreDamagedError as damage:
        note_suspicion(world.end(), damage.message)
        assert world.begin_again(), done
        world.advance(300)
    except NeedsAttention as refusal:
        pytest.fail(f"{done}: {refusal}")
    assert not any("internal error" in line for line in world.history()), done
    assert len(world.uploads()) == sent, done
    world.drop(f"Plant 7/New {seed}.pdf", bill_pdf(account=f"new {seed}"))
    world.advance(600)
    assert world.bill(f"Plant 7/New {seed}.pdf")[0] in ("done", "asks", "waiting"), done
    world.delete(f"Plant 7/New {seed}.pdf")
    check(world, is_still=False)
