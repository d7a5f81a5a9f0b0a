"""Trouble of the disk is what a step learned: it is an outcome, and never gets out of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from agent.bills.cloud import IN_CLOUD
from agent.bills.errors import NeedsAttention, Transient
from agent.bills.outcomes import (
    BytesChanged,
    BytesInCloud,
    Failed,
    Looked,
    NoBytes,
    NotOurs,
    NotSent,
    ResultKept,
    ResultRemoved,
    StepOutcome,
    Vanished,
)
from agent.bills.rows import File
from agent.bills.stages import FileStage
from agent.bills.values import Beside, BesideKind, FileId, FolderId, Sha256, Signature
from agent.pipeline import steps
from agent.pipeline.ports import Disk
from agent.pipeline.work import Source

ROOT = "/bills"
SHA = Sha256("ab" * 32)
AWAY = Transient("away", "The share is away.")
DENIED = NeedsAttention("folder-not-readable", "Not for this user.", "Ask for the right.")
MISSING = NeedsAttention("folder-missing", "There is no such folder.", "Bring it back.")
ELSEWHERE = NeedsAttention(IN_CLOUD, "Its content is in the cloud.", "Nothing to do.")


def a_file(stage: FileStage = FileStage.LINKED) -> File:
    """Return a file whose result was written."""
    return File(
        FileId(1),
        FolderId(1),
        f"{ROOT}/Bill.pdf",
        Signature(1, 2, 3),
        stage,
        since=0.0,
        first_seen=0.0,
        last_seen=0.0,
        sha256=SHA,
        present="1.1",
        present_sha256=SHA,
    )


class TroubledDisk:
    """A disk that answers every question with one error, but whether its root is there."""

    def __init__(self, error: Exception, *, has_root: bool = True) -> None:
        self._error = error
        self._has_root = has_root

    def is_folder(self, path: str) -> bool:
        """Tell of the root."""
        assert path == ROOT
        return self._has_root

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a question that ends in the error."""

        def ask(*_: Any) -> Any:
            raise self._error

        return ask


def troubled(error: Exception, *, has_root: bool = True) -> Disk:
    """Return such a disk."""
    return cast("Disk", TroubledDisk(error, has_root=has_root))


@pytest.mark.parametrize("error", [AWAY, DENIED], ids=["transient", "person"])
@pytest.mark.parametrize(
    "step",
    [
        lambda disk: steps.recall(disk, a_file()),
        lambda disk: steps.examine(disk, a_file(FileStage.SETTLED)),
        lambda disk: steps.adopt(disk, a_file(FileStage.EXAMINED)),
        lambda disk: steps.write(disk, a_file(), b"{}"),
        lambda disk: steps.write_unwatched(disk, a_file(), b"{}"),
        lambda disk: steps.remove(disk, a_file(), ROOT),
        lambda disk: steps.inspect(disk, a_file()),
        lambda disk: steps.recognise(disk, a_file(), b"{}"),
    ],
    ids=["recall", "examine", "adopt", "write", "unwatched", "remove", "inspect", "recognise"],
)
def test_each_step_ends_with_the_trouble(
    step: Callable[[Disk], StepOutcome], error: Transient | NeedsAttention
) -> None:
    """The outcome names the error as the disk named it."""
    assert step(troubled(error)) == Failed(error)


@pytest.mark.parametrize(
    ("stage", "has_root", "is_removed"),
    [
        (FileStage.GONE, True, True),
        (FileStage.GONE, False, False),
        (FileStage.LINKED, True, False),
    ],
)
def test_a_result_that_went_with_its_directory_is_removed(
    stage: FileStage, *, has_root: bool, is_removed: bool
) -> None:
    """Only beside a file that is gone, and only while the watched folder is there."""
    outcome = steps.remove(troubled(MISSING, has_root=has_root), a_file(stage), ROOT)
    assert outcome == (ResultRemoved() if is_removed else Failed(MISSING))


class Places:
    """A disk on which each of a bill's places holds its bytes, another's mark, or trouble."""

    def __init__(self, **places: bytes | Exception | None) -> None:
        self._places = places

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Return what lies there."""
        assert sha256 == SHA
        found = self._places[path]
        if isinstance(found, Exception):
            raise found
        return found

    def is_ours(self, folder: str) -> bool:
        """Tell whose the folder is."""
        return folder == "ours"


@pytest.mark.parametrize(
    ("places", "marked", "expected"),
    [
        ({"a": AWAY, "b": b"%PDF"}, None, b"%PDF"),
        ({"a": ELSEWHERE, "b": b"%PDF"}, "ours", b"%PDF"),
        ({"a": AWAY, "b": None}, None, NotSent(AWAY, was_tried=False)),
        ({"a": ELSEWHERE, "b": AWAY}, None, BytesInCloud(("a",))),
        ({"a": b"%PDF", "b": ELSEWHERE}, "theirs", NotOurs()),
        ({"a": None, "b": None}, "ours", NoBytes()),
    ],
)
def test_bytes_are_taken_from_any_place_that_gives_them(
    places: dict[str, Any], marked: str | None, expected: object
) -> None:
    """Trouble at one place is told only where no other has the bytes; nobody else's are taken."""
    disk = cast("Disk", Places(**places))
    sources = tuple(Source(path, marked) for path in places)
    assert steps._bytes_of_any(disk, SHA, sources) == expected


def test_trouble_that_needs_a_person_is_not_the_uploads() -> None:
    """A folder that may not be read lets the upload wait: its own reading asks the person."""
    disk = cast("Disk", Places(a=DENIED))
    outcome = steps._bytes_of_any(disk, SHA, (Source("a", None),))
    assert isinstance(outcome, NotSent)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.was_tried) == (DENIED.code, False)


def test_a_list_of_documents_that_does_not_end_proves_nothing() -> None:
    """After so many pages it counts as unreadable, and is begun again later."""
    outcome = steps.read_documents(
        cast("Any", None), "company-1", cast("Any", None), "CREATED_DATE", 1001, 0.0
    )
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "unreadable-answer"


class Bare:
    """A disk on which a bill is there or not, with nothing of ours beside it."""

    def __init__(self, *, is_there: bool) -> None:
        self._is_there = is_there

    def examine(self, path: str, expected: Signature) -> None:
        """Tell that it is not as expected."""

    def look(self, path: str) -> Looked | None:
        """Look at it."""
        assert path
        return Looked(Signature(9, 9, 9), is_complete=True) if self._is_there else None

    def signature(self, path: str) -> Signature | None:
        """Look at it."""
        assert path
        return Signature(9, 9, 9) if self._is_there else None

    def remove_result(self, path: str, expected: Sha256) -> bool:
        """Refuse: what lies there is another's."""
        assert path != expected
        return False

    def beside(self, path: str) -> Beside:
        """Tell of another's file."""
        assert path
        return Beside(BesideKind.FOREIGN)


def bare(*, is_there: bool) -> Disk:
    """Return such a disk."""
    return cast("Disk", Bare(is_there=is_there))


def test_a_bill_that_is_not_there_gets_no_result_where_nobody_reads() -> None:
    """In a folder that is watched no more nothing else would notice."""
    assert steps.write_unwatched(bare(is_there=False), a_file(), b"{}") == Vanished()


def test_what_changed_while_it_was_read_is_told_from_what_went() -> None:
    """The one is read again, the other left to the readings."""
    file = a_file(FileStage.SETTLED)
    assert steps.examine(bare(is_there=True), file) == BytesChanged()
    assert steps.examine(bare(is_there=False), file) == Vanished()


def test_only_what_we_wrote_is_removed() -> None:
    """Where nothing was written nothing is asked; what is another's is told, and stays."""
    disk = bare(is_there=True)
    assert steps.remove(disk, replace(a_file(), present_sha256=None), ROOT) == ResultRemoved()
    assert steps.remove(disk, a_file(), ROOT) == ResultKept(Beside(BesideKind.FOREIGN))
