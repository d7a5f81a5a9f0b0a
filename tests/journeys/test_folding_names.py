"""Volumes on which two spellings are one name, as on Windows and macOS: by a fake."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bill_files import bill_pdf
from invariants import check
from journey_world import HOUR, MoodyDisk, World

from agent.bills.names import RESULT_ENDING
from agent.bills.outcomes import Examined, Looked, Unfit
from agent.bills.values import Beside, Sha256, Signature
from agent.emulator import changes
from agent.files.examiner import Examiner

OLD, NEW = "Plant 7/Büro 1.pdf", "Plant 7/BÜRO 1.PDF"
DECOMPOSED = unicodedata.normalize("NFD", OLD)


class FoldingDisk(MoodyDisk):
    """A disk that finds a file under every spelling of its name, and keeps the one it was given."""

    def look(self, path: str) -> Looked | None:
        """Look at the file of this name."""
        return super().look(_found(path))

    def signature(self, path: str) -> Signature | None:
        """Return the stat of the file of this name."""
        return super().signature(_found(path))

    def examine(self, path: str, expected: Signature) -> Examined | Unfit | None:
        """Examine the file of this name."""
        return super().examine(_found(path), expected)

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Read the file of this name."""
        return super().bytes_of(_found(path), sha256)

    def beside(self, path: str) -> Beside:
        """Look at the result of this name."""
        return super().beside(_with_result(path))

    def write_result(self, path: str, content: bytes, may_replace: Sha256 | None) -> Any:
        """Write the result under the spelling that it has, if it is there."""
        return super().write_result(_with_result(path), content, may_replace)

    def remove_result(self, path: str, expected: Sha256) -> bool:
        """Remove the result of this name."""
        return super().remove_result(_with_result(path), expected)

    def _names_fold(self, path: str) -> bool:
        del path
        return True


def _found(path: str) -> str:
    """Return the path under which the file of this name lies, the path itself where none does."""
    folder, name = os.path.split(path)
    others = (each for each in os.listdir(folder) if _folded(each) == _folded(name))  # noqa: PTH208  # exact names
    return os.path.join(folder, next(others, name))  # noqa: PTH118  # exact names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFD", name).lower()


def _with_result(path: str) -> str:
    return _found(path + RESULT_ENDING)[: -len(RESULT_ENDING)]


class FoldingWorld(World):
    """A world on a volume that folds names."""

    def _make_disk(self, examiner: Examiner) -> FoldingDisk:
        return FoldingDisk(examiner, self.identity, lambda: self.now)


@pytest.fixture
def world(tmp_path: Path, examiner: Examiner) -> Iterator[FoldingWorld]:
    """A world with one folder, ``Plant 7``, on such a volume."""
    world = FoldingWorld(
        tmp_path, examiner, refresh_hours=6.0, scan_seconds=3600.0, longest_jump=3600.0
    )
    yield world
    try:
        check(world)
    finally:
        world.close()


def json_files(world: World) -> list[str]:
    """Return the results that there are."""
    return [name for name in world.tree() if name.endswith(".json")]


@pytest.mark.parametrize("to", [NEW, DECOMPOSED], ids=["case", "composition"])
@pytest.mark.parametrize("stopped", [False, True])
def test_another_spelling_of_the_name(world: FoldingWorld, to: str, *, stopped: bool) -> None:
    """A bill whose name is only spelled anew keeps its one result, and is not sent."""
    world.drop(OLD, bill_pdf())
    world.run_until_still()
    content = (world.root / f"{OLD}.json").read_bytes()
    world.move(OLD, to)
    if stopped:
        world._hints.clear()
        world.restart()
    world.advance(HOUR)
    world.run_until_still()
    assert world.bills() == {to: ("done", None)}
    assert (world.root / f"{OLD}.json").read_bytes() == content
    assert json_files(world) == [f"{OLD}.json"]
    assert len(world.uploads()) == 1


def test_a_correction_after_another_spelling(world: FoldingWorld) -> None:
    """A later revision replaces that one result, whatever the bill is called by then."""
    world.drop(OLD, bill_pdf())
    world.run_until_still()
    world.move(OLD, NEW)
    world.advance(HOUR)
    (document,) = world.emulator.world.documents
    changes.correct_document(world.emulator.world, world.now.utc, document, {"notes": "corrected"})
    world.advance(hours=13)
    assert json_files(world) == [f"{OLD}.json"]
    assert world.result(OLD)["revision"] == 2
    assert world.bills() == {NEW: ("done", None)}


def test_a_result_that_a_person_spelled_anew(world: FoldingWorld) -> None:
    """A result under another spelling is the bill's result: it is neither missed nor doubled."""
    world.drop(OLD, bill_pdf())
    world.run_until_still()
    result = world.root / f"{OLD}.json"
    result.rename(world.root / f"{NEW}.json")
    world.advance(HOUR)
    assert world.bills() == {OLD: ("done", None)}
    world.ask("rewrite", files=[world.path(OLD)])
    world.run_until_still()
    assert json_files(world) == [f"{NEW}.json"]
