"""`run`, `once` and the requests to them, as people start them: real processes, real signals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_agent import RealAgent, bill

from agent.emulator.server import EmulatorServer

WELL, FAILED, USAGE, NEEDS_PERSON, NOT_RUNNING, GAVE_UP = 0, 1, 2, 3, 4, 75
NOT_USABLE = 78
STOP_SECONDS = 3.0
NOT_A_BILL = b"<html><body>Please sign in</body></html>"


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    """Nectar on this machine."""
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def agent(tmp_path: Path, emulator: EmulatorServer) -> Iterator[RealAgent]:
    """An agent that does not run yet."""
    real = RealAgent(tmp_path, emulator.base_url)
    yield real
    real.end()


def test_a_bill_dropped_into_the_folder_is_done(agent: RealAgent) -> None:
    """The whole way, seen through `run`'s lines, `status` and `bills`."""
    service = agent.start()
    path = agent.add("bill.pdf", bill(1))
    row = agent.wait_for_state(path, "done")
    assert row["outcome"] == "processed"
    assert Path(row["result"]).is_file()
    service.wait_for(f"waiting {path}")
    service.wait_for(f"sent {path}")
    service.wait_for(f"done {path}")
    told = agent.json("status")
    assert told["service"]["pid"] == service.process.pid
    assert told["service"]["state"] == "idle"
    assert agent.run("status").returncode == WELL


def test_requests_are_answered_by_the_service(agent: RealAgent) -> None:
    """Dismiss, retry, rewrite, pause and resume do what they say; a wrong state exits 2."""
    agent.start()
    done, wrong = agent.add("bill.pdf", bill(2)), agent.add("page.pdf", NOT_A_BILL)
    agent.wait_for_state(done, "done")
    agent.wait_for_state(wrong, "rejected")
    assert agent.run("status").returncode == NEEDS_PERSON
    assert agent.run("dismiss", str(wrong)).returncode == WELL
    assert agent.run("status").returncode == WELL
    refused = agent.run("retry", str(done))
    assert (refused.returncode, "is done" in refused.stderr) == (USAGE, True)
    result = Path(f"{done}.json")
    result.unlink()
    assert agent.run("rewrite", str(done)).returncode == WELL
    assert agent.run("once").returncode == WELL
    assert result.is_file()
    assert agent.run("pause").returncode == WELL
    assert agent.json("status")["service"]["state"] == "paused"
    paused = agent.add("later.pdf", bill(3))
    assert agent.run("once").returncode == WELL
    agent.wait_for_state(paused, "waiting")
    assert agent.run("resume").returncode == WELL
    agent.wait_for_state(paused, "done")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_time(agent: RealAgent, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it within 3 s with exit 0; `status` then says 4."""
    service = agent.start()
    began = time.monotonic()
    service.process.send_signal(number)
    assert service.process.wait(timeout=STOP_SECONDS) == WELL
    assert time.monotonic() - began < STOP_SECONDS
    assert agent.run("status").returncode == NOT_RUNNING


def test_a_second_one_says_who_runs(agent: RealAgent) -> None:
    """Two agents never serve one data directory."""
    service = agent.start()
    second = agent.run("run")
    assert second.returncode == FAILED
    assert str(service.process.pid) in second.stderr
    assert agent.run("status").returncode == WELL


def test_once_does_what_is_due_and_ends(agent: RealAgent) -> None:
    """0 when all is well; 3 when a person is needed; the folder's results are there."""
    done = agent.add("bill.pdf", bill(4))
    first = agent.run("once")
    assert first.returncode == WELL, first.stderr
    assert f"done {done}" in first.stderr
    assert Path(f"{done}.json").is_file()
    agent.add("page.pdf", NOT_A_BILL)
    assert agent.run("once").returncode == NEEDS_PERSON


def test_once_gives_up_in_time(agent: RealAgent) -> None:
    """75 when the time is over before all came to rest; the next one goes on."""
    path = agent.add("bill.pdf", bill(5))
    assert agent.run("once", "--timeout", "0.2").returncode == GAVE_UP
    assert agent.run("once").returncode == WELL
    assert Path(f"{path}.json").is_file()


def test_once_does_not_wait_for_a_connection(tmp_path: Path) -> None:
    """Without Nectar it ends after three tries, as failed."""
    with EmulatorServer() as server:
        base_url = server.base_url
    agent = RealAgent(tmp_path, base_url)
    agent.add("bill.pdf", bill(6))
    said = agent.run("once")
    assert said.returncode == FAILED
    assert "no-connection" in said.stderr


def test_once_does_not_wait_for_a_mark_that_names_nobody(agent: RealAgent) -> None:
    """A folder whose mark cannot be read is on hold, and never read: only a person can help."""
    agent.add(".nectar-bill-agent", b"no mark")
    agent.add("bill.pdf", bill(7))
    said = agent.run("once", "--timeout", "40")
    assert said.returncode == NEEDS_PERSON
    assert "folder-taken" in said.stderr


def test_once_does_not_wait_for_companies_that_are_not_there(
    tmp_path: Path, emulator: EmulatorServer
) -> None:
    """An address where nothing but 404 is answered ends in a hold, and nobody waits for it."""
    agent = RealAgent(tmp_path, emulator.base_url.replace("/v2.2", "/elsewhere"))
    agent.add("bill.pdf", bill(8))
    said = agent.run("once", "--timeout", "40")
    assert said.returncode == NEEDS_PERSON
    assert "company-missing" in said.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a file is closed to its owner otherwise there")
def test_settings_that_may_not_be_read_are_not_usable(agent: RealAgent) -> None:
    """The file is there and closed to this user: exit 78 with a sentence, not wrong usage."""
    agent.config.chmod(0)
    said = said_without_rights(agent.command("status"))
    assert said.returncode == NOT_USABLE
    assert "may not be read" in said.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a folder is closed to its owner otherwise")
@pytest.mark.parametrize("command", ["once", "run", "status", "bills", "pause", "doctor"])
def test_a_data_directory_that_may_not_be_entered_is_named(agent: RealAgent, command: str) -> None:
    """Each command says which folder is closed to this user, and nothing of its own code."""
    agent.data_dir.mkdir(exist_ok=True)
    agent.data_dir.chmod(0)
    try:
        said = said_without_rights(agent.command(command))
    finally:
        agent.data_dir.chmod(0o700)
    # Without blanks: a long path is broken where the line ends.
    told = "".join((said.stdout + said.stderr).split())
    assert said.returncode == FAILED, told
    assert str(agent.data_dir) in told
    assert "maynotberead" in told or "maynotwrite" in told
    assert "Traceback" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="a file is closed to its owner otherwise there")
def test_once_does_not_wait_for_a_bill_that_may_not_be_read(
    agent: RealAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its permissions are for a person to change: `once` ends as failed, and names the file."""
    monkeypatch.setenv("NECTAR_API_KEY", "a-key")
    path = Path(agent.add("bill.pdf", bill(9)))
    path.chmod(0)
    said = said_without_rights(agent.command("once", "--timeout", "40"))
    assert said.returncode == FAILED, said.stderr
    assert f"{path} may not be read" in " ".join(said.stderr.split())


def said_without_rights(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody for whom permissions hold: root has to give its rights up."""
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is not there")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_once_asks_a_running_service(agent: RealAgent) -> None:
    """It waits until the service has nothing left to do, and says how that ended."""
    agent.start()
    path = agent.add("bill.pdf", bill(7))
    said = agent.run("once")
    assert said.returncode == WELL, said.stderr
    assert Path(f"{path}.json").is_file()
