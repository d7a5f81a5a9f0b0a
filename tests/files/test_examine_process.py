"""The helper process may hang, crash, or be killed: the agent lives, and no good file suffers."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from files_made_here import examined, pdf_of_pages, problem_of, python, signature_of

from agent.bills.errors import Transient
from agent.files import wire
from agent.files.examiner import Examiner, Fit

READY = """
import json, os, pathlib, sys
answers = sys.stdout.buffer
def say(answer):
    answers.write(json.dumps(answer).encode() + b"\\n")
    answers.flush()
say({"ready": True})
line = sys.stdin.buffer.readline()
"""
CRASH = READY + "os._exit(3)"
HANG = READY + "sys.stdin.buffer.read()"
BABBLE = READY + "print('Segmentation fault'); sys.stdout.flush(); sys.stdin.buffer.read()"
LOOP = (
    READY
    + """
from agent.files.bounds import bounds
open(os.environ["HELPERS_STARTED"], "a").write("x")
bounds.allow_processor_time(0)
while True: pass
"""
)


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """A good bill."""
    path = tmp_path / "Bill.pdf"
    path.write_bytes(pdf_of_pages(1))
    return path


def number_of(examiner: Examiner) -> int:
    """Return the process number of the helper that lives."""
    assert examiner._helper is not None
    return examiner._helper.process_id


@pytest.mark.parametrize("script", [CRASH, HANG, BABBLE], ids=["crashes", "hangs", "babbles"])
def test_a_helper_without_an_answer(bill: Path, script: str) -> None:
    """A file that ends or stops every helper is told so, in bounded time."""
    examiner = Examiner(python(script), seconds_per_file=0.5)
    problem = problem_of(examiner, bill)
    assert problem.code == "damaged"
    assert "takes too long or too much memory" in problem.message
    examiner.close()


@pytest.mark.skipif(os.name == "nt", reason="processor time has no such limit there")
def test_a_helper_that_loops_is_ended_by_the_system(
    bill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processor time is limited for each file, and is no reason for a second try."""
    examiner = Examiner(python(LOOP), seconds_per_file=60.0)
    started = tmp_path / "started"
    monkeypatch.setenv("HELPERS_STARTED", str(started))
    assert "takes too long" in problem_of(examiner, bill).message
    assert started.read_text(encoding="ascii") == "x"
    examiner.close()


def test_one_crash_is_not_the_files_fault(bill: Path, tmp_path: Path) -> None:
    """A file is given up only after a fresh helper failed at it, too."""
    been_here = tmp_path / "been-here"
    script = READY + (
        f"mark = pathlib.Path({str(been_here)!r})\n"
        "if not mark.exists():\n    mark.touch()\n    os._exit(3)\n"
        "sys.stdin.buffer.read(json.loads(line)['size'])\nsay({'pages': 7})\n"
        "sys.stdin.buffer.read()"
    )
    examiner = Examiner(python(script))
    found = examined(examiner, bill)
    assert isinstance(found, Fit)
    assert found.pages == 7
    examiner.close()


@pytest.mark.parametrize(
    "command",
    [python("raise SystemExit(1)"), python("print('hello')"), ("/nowhere/no-such-program",)],
    ids=["ends at once", "says something else", "is not there"],
)
def test_a_helper_that_cannot_start_rejects_nothing(bill: Path, command: tuple[str, ...]) -> None:
    """A broken installation is not mistaken for broken bills: they wait."""
    examiner = Examiner(command)
    with pytest.raises(Transient) as failure:
        examiner.examine(str(bill), signature_of(bill))
    assert failure.value.code == "examiner-not-started"
    examiner.close()


def test_the_helper_does_not_know_the_key(bill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that parses strangers' bytes holds no secret that they could be after."""
    monkeypatch.setenv("NECTAR_API_KEY", "an invented key")
    script = READY + (
        "sys.stdin.buffer.read(json.loads(line)['size'])\n"
        "say({'pages': 1 + ('an invented key' in os.environ.values())})\n"
        "sys.stdin.buffer.read()"
    )
    examiner = Examiner(python(script))
    found = examined(examiner, bill)
    assert isinstance(found, Fit)
    assert found.pages == 1
    examiner.close()


def test_a_helper_killed_between_files_is_replaced(bill: Path) -> None:
    """Whoever kills the helper, the next file is examined all the same."""
    examiner = Examiner()
    assert isinstance(examined(examiner, bill), Fit)
    first = number_of(examiner)
    os.kill(first, signal.SIGTERM)
    assert isinstance(examined(examiner, bill), Fit)
    assert number_of(examiner) != first
    examiner.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C by process group")
def test_ctrl_c_is_the_agents_alone(bill: Path) -> None:
    """Ctrl-C in the terminal does not end the helper under the agent's hands."""
    examiner = Examiner()
    examined(examiner, bill)
    first = number_of(examiner)
    assert os.getpgid(first) != os.getpgid(0)
    os.kill(first, signal.SIGINT)
    assert isinstance(examined(examiner, bill), Fit)
    assert first == number_of(examiner)
    examiner.close()


def test_the_helper_is_renewed(bill: Path) -> None:
    """A helper that has opened its share of files makes room for a fresh one."""
    examiner = Examiner()
    examined(examiner, bill)
    first = number_of(examiner)
    assert examiner._helper is not None
    examiner._helper.asked = wire.FILES_PER_PROCESS
    examined(examiner, bill)
    assert number_of(examiner) != first
    examiner.close()


def test_an_idle_helper_is_ended(bill: Path) -> None:
    """Nothing to do costs nothing: a helper without files ends, and comes back for the next."""
    examiner = Examiner(idle_seconds=60.0)
    examined(examiner, bill)
    examiner.close_if_idle(100.0)
    examiner.close_if_idle(159.0)
    number_of(examiner)
    examined(examiner, bill)
    examiner.close_if_idle(161.0)
    number_of(examiner)
    examiner.close_if_idle(221.0)
    assert examiner._helper is None
    assert isinstance(examined(examiner, bill), Fit)
    examiner.close()


def start_examining(examiner: Examiner, bill: Path) -> tuple[threading.Thread, list[str]]:
    """Examine in a thread; return once the helper is at it, with the codes raised so far."""
    codes: list[str] = []

    def examine() -> None:
        try:
            examiner.examine(str(bill), signature_of(bill))
        except Transient as error:
            codes.append(error.code)

    worker = threading.Thread(target=examine)
    worker.start()
    while examiner._helper is None:
        worker.join(0.01)
    return worker, codes


def test_closing_ends_a_helper_at_work(bill: Path) -> None:
    """Stopping does not wait for a file that takes long, and rejects nothing."""
    examiner = Examiner(python(HANG), seconds_per_file=60.0)
    worker, codes = start_examining(examiner, bill)
    examiner.close()
    worker.join(10.0)
    assert not worker.is_alive()
    assert codes == ["stopping"]


def test_several_threads_may_examine(tmp_path: Path) -> None:
    """Each thread gets the answer for its own file."""
    examiner = Examiner()
    pages: dict[int, list[int]] = {}

    def examine(count: int) -> None:
        path = tmp_path / f"{count}.pdf"
        path.write_bytes(pdf_of_pages(count))
        fits = [examined(examiner, path) for _ in range(20)]
        pages[count] = [fit.pages for fit in fits if isinstance(fit, Fit)]

    workers = [threading.Thread(target=examine, args=(count,)) for count in (1, 2, 3, 4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30.0)
    assert pages == {count: [count] * 20 for count in (1, 2, 3, 4)}
    examiner.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_helper_is_kept_small(bill: Path) -> None:
    """Memory is limited, no core file is left, and none of the heavy libraries is loaded."""
    examiner = Examiner()
    examined(examiner, bill)
    process = Path(f"/proc/{number_of(examiner)}")
    limits = (process / "limits").read_text().splitlines()
    address_space = next(line for line in limits if line.startswith("Max address space"))
    assert str(wire.MEMORY_BYTES) in address_space
    loaded = (process / "maps").read_text()
    assert "pydantic" not in loaded
    examiner.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_original_is_open_while_it_is_parsed(bill: Path) -> None:
    """While a helper is at a file's bytes, nobody holds the file."""
    examiner = Examiner(python(HANG), seconds_per_file=60.0)
    worker, _ = start_examining(examiner, bill)
    open_files = []
    for number in (os.getpid(), number_of(examiner)):
        for entry in Path(f"/proc/{number}/fd").iterdir():
            try:
                open_files.append(entry.readlink())
            except FileNotFoundError:
                continue
    assert bill not in open_files
    examiner.close()
    worker.join(10.0)
