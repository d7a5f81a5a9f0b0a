"""Bombs, loops, chimeras and cut files: named or sent within bounds, and the next one is read."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
from pathlib import Path

import pytest
from files_made_here import examined, pdf_of_pages, python
from fuzzing import seeds
from hostile_files import (
    DAMAGED,
    EITHER,
    FIT,
    cases,
    damaged,
    encrypted,
    noise,
    object_stream_in_itself,
    with_everything,
)

from agent.bills.errors import Transient
from agent.files import wire
from agent.files.examiner import Examiner, Unfit

CASES = cases()
WHOLE = {
    "PDF": pdf_of_pages(3),
    "linearized PDF": pdf_of_pages(2, linearize=True),
    "PNG": noise("PNG"),
    "JPEG": noise("JPEG"),
    "progressive JPEG": noise("JPEG", progressive=True),
}
GREEDY = (
    "PNG of a large scan",
    "PNG with a packed text",
    "PNG that unpacks to more than it shows",
    "content that unpacks to gigabytes",
    "page fifty thousand deep",
    "ten thousand pages",
    "a hundred thousand objects",
)
TO_DAMAGE = [
    *WHOLE.values(),
    with_everything(),
    encrypted(6, user="", aes=True),
    object_stream_in_itself(),
]


def called(examiner: Examiner, path: Path, data: bytes) -> str:
    """Return what a file with these bytes is called: ``fit``, or the code of its problem."""
    path.write_bytes(data)
    found = examined(examiner, path)
    if isinstance(found, Unfit):
        assert found.problem.message
        assert "takes too long" not in found.problem.message
        return found.problem.code
    return FIT


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_called_what_it_is(examiner: Examiner, tmp_path: Path, name: str) -> None:
    """In the time of any other file; the same helper goes on."""
    expected, made = CASES[name]
    before = examiner._helper.process_id if examiner._helper else None
    found = called(examiner, tmp_path / "Bill.pdf", made())
    assert found in ((FIT, DAMAGED) if expected == EITHER else (expected,))
    if before is not None and examiner._helper is not None and examiner._helper.asked > 1:
        assert examiner._helper.process_id == before


@pytest.mark.parametrize("form", WHOLE)
def test_a_file_cut_anywhere_is_damaged(examiner: Examiner, tmp_path: Path, form: str) -> None:
    """At each fiftieth of its length: half a bill is never sent."""
    data = WHOLE[form]
    for part in range(1, 50):
        cut = data[: len(data) * part // 50]
        assert called(examiner, tmp_path / "Bill.pdf", cut) in (DAMAGED, "not-a-bill-file"), part


@pytest.mark.parametrize("seed", seeds(10))
def test_a_damaged_file_gets_an_answer(examiner: Examiner, tmp_path: Path, seed: int) -> None:
    """Bytes overwritten, doubled, left out: an answer each time."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    for _ in range(40):
        assert called(examiner, tmp_path / "Bill", damaged(source.choice(TO_DAMAGE), source))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's peak")
def test_no_file_needs_more_memory_than_a_picture(tmp_path: Path) -> None:
    """The most that one of them took of the helper, the largest of them having been opened."""
    examiner = Examiner()
    for name in GREEDY:
        called(examiner, tmp_path / "Bill.pdf", CASES[name][1]())
    assert examiner._helper is not None
    status = Path(f"/proc/{examiner._helper.process_id}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    examiner.close()
    assert int(peak.split()[1]) << 10 < wire.MEMORY_BYTES // 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", ["SIGSEGV", "SIGKILL", "SIGABRT", "SIGBUS"])
def test_a_helper_killed_in_the_middle_of_a_file(tmp_path: Path, number: str) -> None:
    """A crash of the library, or the system short of memory: a fresh helper reads the file."""
    examiner = Examiner()
    path = tmp_path / "Bill.pdf"
    assert called(examiner, path, WHOLE["PDF"]) == FIT
    helper = examiner._helper
    assert helper is not None
    os.kill(helper.process_id, signal.SIGSTOP)
    found: list[str] = []
    opening = threading.Thread(target=lambda: found.append(called(examiner, path, WHOLE["PDF"])))
    opening.start()
    while helper.asked < 2:
        opening.join(0.01)
    os.kill(helper.process_id, getattr(signal, number))
    os.kill(helper.process_id, signal.SIGCONT)
    opening.join(60)
    assert found == [FIT]
    assert examiner._helper is not helper
    examiner.close()


def test_a_file_does_not_wait_for_others_without_end(tmp_path: Path) -> None:
    """Where others take long it is put off, and its thread is free for something else."""
    script = """
import sys, time
print('{"ready": true}', flush=True)
sys.stdin.readline()
time.sleep(60)
"""
    examiner = Examiner(python(script), queue_seconds=0.2)
    path = tmp_path / "Bill.pdf"
    path.write_bytes(WHOLE["PDF"])
    slow = threading.Thread(target=lambda: _examined_or_put_off(examiner, path), daemon=True)
    slow.start()
    while not examiner._lock.locked():
        slow.join(0.01)
    with pytest.raises(Transient, match="waits its turn"):
        examined(examiner, path)
    examiner.close()
    slow.join(20)
    assert not slow.is_alive()


def _examined_or_put_off(examiner: Examiner, path: Path) -> None:
    with contextlib.suppress(Transient):
        examined(examiner, path)
