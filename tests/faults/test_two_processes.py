"""Two real agents on one folder: the second says so, `take` changes the owner, each bill goes once.

What machines do at the worst moment is shown in virtual time (``journeys/test_two_machines.py``).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_agent import SECONDS, RealAgent, bill

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer


@pytest.fixture
def nectar() -> Iterator[EmulatorServer]:
    """A Nectar that reads at once."""
    server = EmulatorServer(Behaviour(processing_seconds=0.2)).start()
    yield server
    server.stop()


@pytest.fixture
def agents(tmp_path: Path, nectar: EmulatorServer) -> Iterator[tuple[RealAgent, RealAgent]]:
    """Two agents with data directories of their own, for one folder."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first = RealAgent(tmp_path / "first", nectar.base_url)
    second = RealAgent(tmp_path / "second", nectar.base_url, folder=first.folder)
    yield first, second
    first.end()
    second.end()


def wait_for_result(path: Path) -> None:
    """Wait until a bill has its result."""
    ends = time.monotonic() + SECONDS
    while not path.with_name(f"{path.name}.json").exists():
        assert time.monotonic() < ends, f"no result of {path.name}"
        time.sleep(0.05)


def test_the_folder_changes_hands(
    agents: tuple[RealAgent, RealAgent], nectar: EmulatorServer
) -> None:
    """The first serves, the second waits and names it; after `take` it is the other way round."""
    first, second = agents
    served = f"served by {socket.gethostname().partition('.')[0]} "
    first_service = first.start()
    wait_for_result(first.add("One.pdf", bill(1)))
    second_service = second.start()
    second_service.wait_for(served)
    assert [hold["code"] for hold in second.json("status")["holds"]] == ["folder-taken"]
    wait_for_result(first.add("Two.pdf", bill(2)))
    taken = second.run("take", str(first.folder))
    assert taken.returncode == 0, taken.stderr
    assert "serves" in taken.stderr
    wait_for_result(first.add("Three.pdf", bill(3)))
    first_service.wait_for(served)
    assert second.json("status")["holds"] == []
    uploads = nectar.call(lambda emulator: list(emulator.world.uploads.values()))
    assert len(uploads) == len({each.sha256 for each in uploads}) == 3
    for service in (first_service, second_service):  # what a result was written in goes after it
        service.process.terminate()
        assert service.process.wait(SECONDS) == 0
    names = {path.name for path in first.folder.iterdir()} - {".nectar-bill-agent"}
    assert names == {
        f"{each}.pdf{end}" for each in ("One", "Two", "Three") for end in ("", ".json")
    }


def test_an_earlier_revision_can_be_shown(
    agents: tuple[RealAgent, RealAgent], nectar: EmulatorServer
) -> None:
    """What Nectar corrected stays to be seen as it was: `bills show FILE --revision 1`."""
    first, _ = agents
    config = first.config.read_text("utf-8")
    first.config.write_text(config + "[results]\nrefresh_hours = 0.001\n", "utf-8")
    first.start()
    path = first.add("One.pdf", bill(1))
    first.wait_for_state(path, "done")
    document = nectar.call(lambda emulator: next(iter(emulator.world.documents)))
    nectar.call(
        lambda emulator: changes.correct_document(
            emulator.world, time.time(), document, {"totalCharges": "999.99"}
        )
    )
    ends = time.monotonic() + SECONDS
    while first.json("bills", "show", str(path))["revision"] < 2:
        assert time.monotonic() < ends, "never corrected"
        time.sleep(0.2)
    shown = [
        first.json("bills", "show", str(path), "--revision", str(number))["documents"]
        for number in (1, 2)
    ]
    assert [documents[0]["totalCharges"] for documents in shown] == ["1.50", "999.99"]
