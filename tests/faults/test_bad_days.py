"""Real processes on the store's bad days: damaged, deleted under them, on a full disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import damage
import pytest
from killable_agent import REPOSITORY, KillableAgent, MakeAgent, bill_pdf, wait_until

from agent.emulator.behaviour import Behaviour
from agent.service.keeping import TRIAL_SECONDS

UPLOADS = "POST /job/company/{}"


def command(agent: KillableAgent, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command about the agent to its end."""
    return subprocess.run(
        [sys.executable, "-m", "agent", *arguments, "--config", str(agent.config)],
        cwd=REPOSITORY,
        env=agent._environ() | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def status(agent: KillableAgent) -> dict[str, Any]:
    """Return what `status --json` says."""
    found = json.loads(command(agent, "status", "--json").stdout)
    assert isinstance(found, dict)
    return found


def codes(agent: KillableAgent) -> list[str]:
    """Return the codes of the holds in force."""
    return [hold["code"] for hold in status(agent)["holds"]]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file is nobody else's there")
@pytest.mark.parametrize("fate", ["damaged", "deleted"])
def test_the_store_goes_while_the_agent_runs(make_agent: MakeAgent, fate: str) -> None:
    """The agent stops over it with one sentence and exit 1; the next start begins anew and asks.

    A store that was deleted stops it too: another agent could begin in its place, and neither
    would know of the other.
    """
    agent = make_agent(Behaviour(processing_seconds=0.1))
    process = agent.start_ready()
    for number in range(2):
        agent.drop(f"Bill {number}.pdf", bill_pdf(number))
    wait_until(lambda: agent.states() == {"done": 2}, "two bills done")
    before = agent.results()
    if fate == "deleted":
        shutil.rmtree(agent.data_dir)
    else:
        assert agent.stop(process)[0] == 0
        process = agent.start_ready()  # one that does not remember the pages
        store = agent.data_dir / "store.sqlite3"
        for page in range(1, store.stat().st_size // damage.PAGE):
            damage.zero_page(store, page)
    agent.drop("Waits.pdf", bill_pdf(7))
    assert process.wait(45) == 1
    assert agent.output().count("store.sqlite3 is damaged") == 1, agent.output()
    assert "Traceback" not in agent.output()
    assert agent.once() == 3, agent.output()
    assert agent.output().count("It was put aside as") == (fate == "damaged")
    assert agent.states() == {"done": 2, "asks": 1}
    assert agent.results() == before
    assert agent.count(UPLOADS) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a busy write-ahead log; skipped where none can be mounted."""
    place = tmp_path / "small disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)],
        capture_output=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        pytest.skip("no small disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], timeout=30, check=True)


def fill(place: Path) -> Path:
    """Leave no byte free on a disk; return the file that does."""
    path = place / "fills the disk"
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return path


def test_the_disk_of_the_store_becomes_full(small_disk: Path, make_agent: MakeAgent) -> None:
    """Nothing is sent that cannot be written down; one hold says so and ends by itself."""
    agent = make_agent(Behaviour(processing_seconds=0.1), data_dir=small_disk / "data")
    process = agent.start_ready()
    agent.drop("First.pdf", bill_pdf(1))
    wait_until(lambda: agent.has_result("First.pdf"), "the first result")
    filler = fill(small_disk)
    for number in range(2, 25):
        agent.drop(f"Bill {number}.pdf", bill_pdf(number))
    wait_until(lambda: "hold disk-full" in agent.output(), "the hold")
    assert "disk-full" in codes(agent)
    # Settings that are edited now come in force once there is room.
    more = agent.place / "Plant 8"
    more.mkdir()
    (more / "Eight.pdf").write_bytes(bill_pdf(8000))
    with agent.config.open("a", encoding="utf-8") as config:
        config.write(f"\n[[folders]]\npath = '{more}'\nsite = \"PLANT-07\"\n")
    time.sleep(TRIAL_SECONDS + 2)
    assert "hold disk-full [account] ended" not in agent.output(), "what the log gives back is none"
    filler.unlink()
    wait_until(lambda: "hold disk-full [account] ended" in agent.output(), "its end")
    wait_until(lambda: len(agent.results()) == 24, "all results")
    wait_until((more / "Eight.pdf.json").exists, "the result in the new folder")
    assert codes(agent) == [], agent.output()
    assert agent.output().count("hold disk-full") == 2, "told once, ended once"
    assert agent.stop(process)[0] == 0
    assert agent.count(UPLOADS) == 25
    assert len({upload.sha256 for upload in agent.uploads()}) == 25


def test_no_room_to_begin(small_disk: Path, make_agent: MakeAgent) -> None:
    """On a full disk the agent does not start, and says what to do."""
    agent = make_agent(data_dir=small_disk / "data")
    (small_disk / "data").mkdir()
    fill(small_disk)
    agent.drop("Bill.pdf", bill_pdf(1))
    assert agent.once() == 1
    assert "no space left" in agent.output()
    assert "Make room." in agent.output()
    assert "Traceback" not in agent.output()
    assert agent.count(UPLOADS) == 0
