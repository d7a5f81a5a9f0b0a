"""A share that stops answering, in a real file system: the other folders go on, and so does it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hung_share import REQUESTS, WHY_NOT, Share, SharesAgent
from killable_agent import bill_pdf, wait_until

from agent.config import load
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer
from agent.service import machine_checks
from agent.service.patience import Patience

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
MakeShares = Callable[..., tuple[SharesAgent, list[Share]]]
CALLS = ("readdir", "getattr", "read", "write")
"""Where a share hangs: while it is listed, looked at, read, or written to."""


@pytest.fixture
def make_shares(tmp_path: Path) -> Iterator[MakeShares]:
    """Make an agent with a folder of this disk and one share for each name."""
    server = EmulatorServer(Behaviour(processing_seconds=0.2)).start()
    shares: list[Share] = []
    agents: list[SharesAgent] = []

    def make(*names: str) -> tuple[SharesAgent, list[Share]]:
        for name in names:
            shares.append(Share(tmp_path / "shares", name))
            if not shares[-1].mount():
                pytest.skip("this system lets this user mount nothing")
        agents.append(SharesAgent(tmp_path / "agent", server, shares))
        return agents[0], shares

    yield make
    for share in shares:
        share.die()
    for agent in agents:
        agent.close()
    server.stop()


def has_results(*folders: Path, name: str) -> bool:
    """Whether a bill has its result in each folder."""
    return all((folder / f"{name}.json").exists() for folder in folders)


def test_the_other_folders_go_on_and_nothing_is_lost(make_shares: MakeShares) -> None:
    """Four shares hang, each in another call: bills on this disk get their results meanwhile.

    So they do while bills of a share are to be sent that cannot be read. Status names each share
    and what is waited for. Once they answer all is done, once.
    """
    agent, shares = make_shares(*CALLS)
    process = agent.start_ready()
    listed, _, read, written = (str(share.path) for share in shares)
    behind = [share.behind for share in shares]
    for number, folder in enumerate((agent.folder, *behind)):
        (folder / "first.pdf").write_bytes(bill_pdf(number))
    wait_until(lambda: has_results(agent.folder, *behind, name="first.pdf"), "the first results")
    agent.ask("pause")
    for number in range(REQUESTS):
        (Path(behind[2]) / f"waits {number}.pdf").write_bytes(bill_pdf(30 + number))
    wait_until(lambda: agent.stages()["queued"] == REQUESTS, "bills that wait to be sent")

    for share, call in zip(shares, CALLS, strict=True):
        share.hang(call)
    agent.ask("resume")
    for number, folder in enumerate((*behind, agent.folder), start=10):
        (folder / "second.pdf").write_bytes(bill_pdf(number))
    wait_until(lambda: has_results(agent.folder, name="second.pdf"), "a result on this disk")
    assert not any(has_results(folder, name="second.pdf") for folder in behind)
    held: dict[str, str] = {}

    def are_all_held() -> bool:
        held.update(agent.holds())
        return held.keys() >= {str(share.path) for share in shares}

    wait_until(are_all_held, "a hold on each share")
    assert all("does not answer" in message for message in held.values())
    assert "the list of its files" in held[listed]
    assert "the result of second.pdf" in held[written]
    shown = {hold["scope"]: hold for hold in agent.status()["holds"]}
    assert shown[f"folder: {read}"]["code"] == "folder-missing"
    (agent.folder / "third.pdf").write_bytes(bill_pdf(20))
    wait_until(lambda: has_results(agent.folder, name="third.pdf"), "another result on this disk")

    for share in shares:
        share.hang("")
    wait_until(lambda: has_results(*behind, name="second.pdf"), "the results on the shares")
    wait_until(lambda: agent.states() == {"done": 11 + REQUESTS}, "the end of all")
    wait_until(lambda: agent.holds() == {}, "the end of the holds")
    sent = [upload.sha256 for upload in agent.uploads()]
    assert len(sent) == len(set(sent)) == 11 + REQUESTS
    assert not [each for folder in behind for each in folder.glob(".nectar-*.part")]
    assert agent.stop(process)[0] == 0


def test_stopping_does_not_wait_for_a_share(make_shares: MakeShares) -> None:
    """With a share that stands still the agent ends in time; the next one does the rest, once."""
    agent, (share,) = make_shares("share")
    process = agent.start_ready()
    (share.behind / "first.pdf").write_bytes(bill_pdf(1))
    wait_until(lambda: has_results(share.behind, name="first.pdf"), "the first result")
    share.freeze()
    (share.behind / "second.pdf").write_bytes(bill_pdf(2))
    wait_until(lambda: str(share.path) in agent.holds(), "a hold")
    code, seconds = agent.stop(process)
    assert code == 0, agent.output()
    assert seconds < 3.0
    process = agent.start_ready()  # and neither does a start
    share.thaw()
    wait_until(lambda: has_results(share.behind, name="second.pdf"), "the second result")
    assert len(agent.uploads()) == 2
    assert agent.stop(process)[0] == 0


def test_what_the_kernel_keeps_ends_with_the_share(make_shares: MakeShares) -> None:
    """A call that a share took and does not answer keeps the process, but not what it served."""
    agent, (share,) = make_shares("share")
    process = agent.start_ready()
    share.hang("readdir")
    wait_until(lambda: str(share.path) in agent.holds(), "a hold")
    process.send_signal(signal.SIGTERM)
    state = Path(f"/proc/{process.pid}/stat")
    wait_until(lambda: ") Z " in state.read_text(encoding="ascii"), "the end of all but one call")
    assert process.poll() is None
    share.die()  # and its mount comes again
    assert process.wait(20) == 0
    assert share.mount()
    process = agent.start_ready()
    (share.behind / "Bill.pdf").write_bytes(bill_pdf(1))
    wait_until(lambda: has_results(share.behind, name="Bill.pdf"), "a result")
    assert len(agent.uploads()) == 1


def test_a_share_that_goes_and_comes_again(make_shares: MakeShares) -> None:
    """A share whose server dies in the midst: a hold, no bill is gone, and then it goes on."""
    agent, (share,) = make_shares("share")
    process = agent.start_ready()
    (share.behind / "first.pdf").write_bytes(bill_pdf(1))
    wait_until(lambda: has_results(share.behind, name="first.pdf"), "the first result")
    share.hang("all")
    (share.behind / "second.pdf").write_bytes(bill_pdf(2))
    wait_until(lambda: str(share.path) in agent.holds(), "a hold")
    share.die()
    time.sleep(2.5)
    assert str(share.path) in agent.holds()
    assert share.mount()
    wait_until(lambda: has_results(share.behind, name="second.pdf"), "the second result")
    wait_until(lambda: agent.holds() == {}, "the end of the hold")
    wait_until(lambda: agent.states() == {"done": 2}, "the end of both")
    assert len(agent.uploads()) == 2
    assert agent.stop(process)[0] == 0


def test_doctor_waits_once_for_all_that_hang(make_shares: MakeShares) -> None:
    """Its checks look at folders side by side, name those that hang, and tell of the others."""
    agent, shares = make_shares("one", "two", "three")
    for share in shares:
        share.hang("all")
    settings = load(agent.config, {})
    patience = Patience(2.0)
    began = time.monotonic()
    found = [
        *machine_checks.folders(settings, {}, patience),
        *machine_checks.disk_space(settings, patience),
    ]
    assert time.monotonic() - began < 3 * 2.0  # one after the other it would be six times as long
    wrong = [(check.name, check.about) for check in found if not check.is_well]
    assert wrong == [("folder", str(share.path)) for share in shares]
    assert {check.name for check in found if check.is_well} == {"folder", "disk-space"}
