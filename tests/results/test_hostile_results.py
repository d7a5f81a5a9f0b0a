"""What strangers put where a result belongs is looked at within bounds, and never touched."""

from __future__ import annotations

import json
import os
import random
import socket
import sys
from pathlib import Path

import pytest
from fuzzing import examples
from hostile_json import HostileJson
from hypothesis import given
from hypothesis import strategies as st
from sample_results import result_of

from agent.bills.exact_json import MOST_VALUES
from agent.bills.values import BesideKind, Sha256, Signature
from agent.results.beside import LARGEST_RESULT, Kept, look, remove, write
from agent.results.reading_back import read_back
from agent.results.recognise import recognise

SIGNATURE = Signature(1, 2, 3)
WHOLE = result_of()
SAMPLE = json.loads(WHOLE)


@examples(300)
@given(st.integers(0, 2**32))
def test_a_result_with_hostile_members_is_ours_or_foreign(seed: int) -> None:
    """Any types, huge numbers, half characters, deep nests: recognised whole, or not at all."""
    content = HostileJson(random.Random(seed)).body(SAMPLE)  # noqa: S311  # repeatable
    beside = recognise(content, SIGNATURE)
    assert beside.content_sha256
    found = read_back(beside)
    assert (found is None) == (beside.kind is BesideKind.FOREIGN)
    assert 0 <= beside.revision < 2**63
    assert (beside.file_size or 0) < 2**63


@examples(60)
@given(st.integers(0, len(WHOLE) - 2))
def test_half_a_result_is_foreign(length: int) -> None:
    """A result that was cut anywhere is none of ours."""
    assert recognise(WHOLE[:length], SIGNATURE).kind is BesideKind.FOREIGN


@pytest.mark.parametrize(
    "members",
    [
        {"revision": -5},
        {"revision": 0},
        {"revision": 10**100},
        {"revision": 1.0},
        {"revision": True},
        {"file": SAMPLE["file"] | {"size": 2**64}},
        {"file": SAMPLE["file"] | {"sha256": "A" * 64}},
        {"file": SAMPLE["file"] | {"sha256": "0" * 64 + "\n"}},
        {"company": []},
        {"company": {"id": 5}},
        {"site": {"id": {}}},
        {"job": "e84b"},
        {"documents": {}},
        {"format": "nectar-bill-result/2"},
        {"documents": [[]] * (MOST_VALUES + 1)},
    ],
)
def test_a_result_that_cannot_be_ours_is_foreign(members: dict[str, object]) -> None:
    """What decides about adopting it has its right type and size, or it is not adopted."""
    content = json.dumps(SAMPLE | members).encode()
    assert recognise(content, SIGNATURE).kind is BesideKind.FOREIGN


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    """Nor anything else that no result can be as large as."""
    bill = tmp_path / "Bill.pdf"
    for size in (LARGEST_RESULT + 1, 1 << 30):
        with Path(f"{bill}.json").open("wb") as file:
            file.write(WHOLE)
            file.truncate(size)
        found = look(str(bill))
        assert (found.kind, found.content_sha256) == (BesideKind.FOREIGN, None)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
@pytest.mark.parametrize(
    "what",
    ["pipe", "folder", "full folder", "link to the bill", "link to a pipe", "link", "socket"],
)
def test_what_is_no_file_is_never_opened_nor_touched(tmp_path: Path, what: str) -> None:
    """A pipe would be waited for without end; a link may lead to the bill itself."""
    folder = tmp_path / "bills"
    folder.mkdir()
    bill, pipe = folder / "Bill.pdf", tmp_path / "pipe"
    bill.write_bytes(WHOLE)
    os.mkfifo(pipe)
    place = Path(f"{bill}.json")
    with socket.socket(socket.AF_UNIX) as line:
        match what:
            case "pipe":
                os.mkfifo(place)
            case "folder":
                place.mkdir()
            case "full folder":
                place.mkdir()
                (place / "inside").write_bytes(b"x")
            case "link to the bill":
                place.symlink_to(bill)
            case "link to a pipe":
                place.symlink_to(pipe)
            case "link":
                place.symlink_to("nowhere")
            case _:
                line.bind(os.path.relpath(place))
    before = place.lstat()
    assert look(str(bill)).kind is BesideKind.FOREIGN
    assert isinstance(write(str(bill), WHOLE, None), Kept)
    assert isinstance(write(str(bill), WHOLE, Sha256("0" * 64)), Kept)
    assert not remove(str(bill), Sha256("0" * 64))
    after = place.lstat()
    assert (before.st_mode, before.st_ino) == (after.st_mode, after.st_ino)
    assert bill.read_bytes() == WHOLE
    assert len(list(folder.iterdir())) == 2
