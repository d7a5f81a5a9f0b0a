"""One agent for each data directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.bills.errors import NeedsAttention
from agent.system.lock import AlreadyRunning, Holder, InstanceLock, holder, is_held

NOW = 1_770_000_000.0

_OTHER = """
import sys
from agent.system.lock import InstanceLock
lock = InstanceLock(sys.argv[1])
lock.acquire(timeout=0, now=1770000000.0)
print("held", flush=True)
sys.stdin.read()
lock.release()
"""

_RACER = """
import sys
from agent.system.lock import AlreadyRunning, InstanceLock
print("there", flush=True)
for round in sys.stdin:
    lock = InstanceLock(sys.argv[1])
    try:
        lock.acquire(timeout=0.2, now=1770000000.0 + int(round))
    except AlreadyRunning as error:
        print(error.holder.pid, int(error.holder.since), flush=True)
        sys.stdin.readline()
    else:
        print("held", flush=True)
        sys.stdin.readline()
        lock.release()
    print("over", flush=True)
"""

StartOther = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def start_other() -> Iterator[StartOther]:
    """Return what starts another process that takes the lock and holds it."""
    started: list[subprocess.Popen[str]] = []

    def start(data_dir: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", _OTHER, str(data_dir)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=30)


def test_second_process_is_told_who_runs(tmp_path: Path, start_other: StartOther) -> None:
    """While one agent runs, another learns its process and since when."""
    process = start_other(tmp_path)
    assert is_held(str(tmp_path))
    with pytest.raises(AlreadyRunning, match="since 2026-02-02T02:40:00Z") as caught:
        InstanceLock(str(tmp_path)).acquire(timeout=0, now=NOW)
    assert caught.value.holder == Holder(process.pid, NOW)


def test_lock_is_free_after_an_orderly_end(tmp_path: Path, start_other: StartOther) -> None:
    """Who let go left no word behind."""
    process = start_other(tmp_path)
    process.communicate("", timeout=30)
    assert not is_held(str(tmp_path))
    assert holder(str(tmp_path)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_lock_is_free_after_kill_9(tmp_path: Path, start_other: StartOther) -> None:
    """The system lets go for a process that was killed; nobody removes a stale lock by hand."""
    process = start_other(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    assert not is_held(str(tmp_path))
    with InstanceLock(str(tmp_path)) as lock:
        lock.acquire(timeout=0, now=NOW)
        assert holder(str(tmp_path)) == Holder(os.getpid(), NOW)


def test_of_two_at_the_same_instant_one_holds_it(tmp_path: Path) -> None:
    """Twenty times: one takes the lock, and the other learns the process of that one."""
    (tmp_path / "bill-agent.lock.json").write_text('{"pid": 1, "since": 1}')  # of a killed one
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, str(tmp_path)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    def tell(text: str) -> list[str]:
        for racer in racers:
            assert racer.stdin
            racer.stdin.write(f"{text}\n")
            racer.stdin.flush()
        return heard()

    def heard() -> list[str]:
        return [racer.stdout.readline().strip() for racer in racers if racer.stdout]

    try:
        assert heard() == ["there", "there"]
        for number in range(20):
            said = tell(str(number))
            assert said.count("held") == 1, said
            winner = racers[said.index("held")]
            assert f"{winner.pid} {1770000000 + number}" in said
            assert tell("over") == ["over", "over"]
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate(timeout=30)


def test_asking_lets_go_at_once(tmp_path: Path) -> None:
    """Asking whether the agent is alive keeps no agent from starting."""
    with InstanceLock(str(tmp_path)) as lock:
        lock.acquire(timeout=0, now=NOW)
        assert is_held(str(tmp_path))
    assert not is_held(str(tmp_path))
    with InstanceLock(str(tmp_path)) as lock:
        lock.acquire(timeout=0, now=NOW)


def test_asking_makes_no_folder(tmp_path: Path) -> None:
    """A look at the status leaves nothing behind."""
    assert not is_held(str(tmp_path / "data"))
    assert list(tmp_path.iterdir()) == []


def test_data_directory_is_made_for_its_user_alone(tmp_path: Path) -> None:
    """The store will hold bills' data; on POSIX nobody else may look."""
    data_dir = tmp_path / "a" / "data"
    with InstanceLock(str(data_dir)) as lock:
        lock.acquire(timeout=0, now=NOW)
    if sys.platform != "win32":
        assert data_dir.stat().st_mode & 0o777 == 0o700


def test_half_written_word_about_the_holder_is_none(tmp_path: Path) -> None:
    """A file cut short by a full disk is passed over."""
    (tmp_path / "bill-agent.lock.json").write_text('{"pid": 1')
    assert holder(str(tmp_path)) is None


def test_place_where_no_folder_can_be_made_is_named(tmp_path: Path) -> None:
    """A data directory that cannot be made is a sentence about that folder."""
    (tmp_path / "file").touch()
    with pytest.raises(NeedsAttention, match="data"):
        InstanceLock(str(tmp_path / "file" / "data")).acquire(timeout=0, now=NOW)
