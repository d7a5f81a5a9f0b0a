"""What the commands say about a store that is damaged, lost, a backup, or cannot be written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from agent_home import AgentHome
from set_up_driver import Said
from stored_bills import NOW

from agent.bills.holds import ACCOUNT, new_hold
from agent.cli.exits import ExitCode
from agent.service import clock
from agent.service.trouble import TroubleNote, noted_trouble
from agent.store.backup import back_up, backup_path
from agent.store.beginning import open_or_begin_anew
from agent.store.connecting import store_path
from agent.system.lock import InstanceLock


@pytest.fixture
def agent(tmp_path: Path) -> AgentHome:
    """An agent that knows one bill."""
    home = AgentHome(tmp_path)
    stored = home.stored()
    stored.done(stored.folder(home.seven), "Bill.pdf")
    stored.close()
    return home


def put_garbage(agent: AgentHome) -> Path:
    """Let the store be no store any more; return it."""
    path = store_path(agent.data_dir)
    path.write_bytes(b"garbage" * 1000)
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("bills",),
        ("bills", "show", "Bill.pdf"),
        ("status",),
        ("pause",),
        ("retry", "--all"),
        ("rescan",),
    ],
)
def test_a_damaged_store_is_named(agent: AgentHome, arguments: tuple[str, ...]) -> None:
    """Each command says which file, what is wrong, and that starting the agent puts it right."""
    path = put_garbage(agent)
    said: Said = agent.run(*arguments)
    assert said.code in (ExitCode.FAILED, ExitCode.NOT_RUNNING)
    told = " ".join((said.out + said.err).split())
    assert f"{path} is damaged: file is not a database." in told
    assert "bill-agent run" in told
    assert path.read_bytes() == b"garbage" * 1000, "only the agent puts it aside"


def test_doctor_looks_at_the_store_in_full(agent: AgentHome) -> None:
    """It finds what a start in a hurry passes over, and says of what time the backup is."""

    def store_check() -> dict[str, object]:
        checks = json.loads(agent.run("doctor", "--json").out)["checks"]
        (found,) = (each for each in checks if each["check"] == "store")
        return dict(found)

    path = store_path(agent.data_dir)
    assert "is sound and knows 1 bill." in str(store_check())
    assert back_up(path, backup_path(path))
    assert "Its backup is of 20" in str(store_check())
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE files SET state = 'unheard of'")
    assert "is damaged: it holds a state that was never written there" in str(store_check())


def test_the_status_after_a_store_was_put_aside(agent: AgentHome) -> None:
    """It says so for some time, with the name of what was put aside."""
    path = put_garbage(agent)
    store, _ = open_or_begin_anew(path, clock.now().utc)
    store.close()
    told = " ".join(agent.run("status").out.split())
    assert "It was put aside as store.sqlite3.damaged-" in told
    assert "nothing else that was there before is sent without your answer" in told


def test_that_a_store_was_put_aside_is_no_news_for_ever(agent: AgentHome) -> None:
    """Weeks later the status is silent about it."""
    store, _ = open_or_begin_anew(put_garbage(agent), NOW)
    store.close()
    assert "put aside" not in agent.run("status").out


def test_a_backup_can_be_looked_at(agent: AgentHome) -> None:
    """With a copy of it as the store: bills and revisions are shown, and nothing can be asked."""
    path = store_path(agent.data_dir)
    copy = path.with_name("copy")
    assert back_up(path, copy)
    copy.replace(path)
    bill = str(agent.seven / "Bill.pdf")
    assert "Bill.pdf" in agent.run("bills").out
    assert agent.run("bills", "show", bill, "--revision", "1").code == ExitCode.WELL
    for arguments in (("rewrite", bill), ("pause",)):
        said = agent.run(*arguments)
        assert said.code == ExitCode.FAILED
        assert "is a backup" in said.err
    said = agent.run("run")
    assert said.code == ExitCode.FAILED
    assert "does not know what was sent since" in said.err


def test_a_hold_that_could_not_be_written_down(agent: AgentHome) -> None:
    """The running service notes beside the store that it cannot write there; status shows it."""
    note = TroubleNote(agent.data_dir)
    hold = new_hold("disk-full", ACCOUNT, "No space on the disk.", "Make room.", NOW)
    with InstanceLock(str(agent.data_dir)) as lock:
        lock.acquire(timeout=0, now=NOW)
        assert json.loads(agent.run("status", "--json").out)["holds"] == []
        note.write(hold)
        (shown,) = json.loads(agent.run("status", "--json").out)["holds"]
        assert (shown["code"], shown["scope"]) == ("disk-full", "account")
        assert (shown["message"], shown["advice"]) == (hold.message, hold.advice)
        assert shown["since"] == "2026-02-02T02:40:00Z"
        note.write(None)
        assert json.loads(agent.run("status", "--json").out)["holds"] == []
        note.write(hold)
    # Of a service that runs no more it says nothing.
    assert json.loads(agent.run("status", "--json").out)["holds"] == []
    note.remove()
    assert noted_trouble(agent.data_dir) is None
