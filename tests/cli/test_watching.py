"""`status --watch`, on a real terminal and in a pipe."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="this system has no pseudo terminals")

from agent_home import AgentHome
from stored_bills import LOCKED
from terminal_driver import SECONDS, Terminal

from agent.bills.values import Problem
from agent.system.lock import InstanceLock

ENTERS, LEAVES, CLEARS, SHOWS_CURSOR = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[2J", b"\x1b[?25h"


@pytest.fixture
def agent(tmp_path: Path) -> AgentHome:
    """A home in which an agent ran."""
    home = AgentHome(tmp_path)
    store = home.stored()
    store.found(store.folder(home.seven), "one.pdf")
    store.close()
    return home


def watch(agent: AgentHome, size: tuple[int, int] = (24, 80)) -> Terminal:
    """Start it on a terminal of this size."""
    arguments = ("status", "--watch", "--config", str(agent.config))
    return Terminal(*arguments, environ={"HOME": str(agent.data_dir)}, size=size)


@pytest.mark.parametrize(
    "leave", [Terminal.interrupt, lambda terminal: terminal.process.send_signal(signal.SIGTERM)]
)
def test_it_goes_along_and_leaves_the_terminal_as_it_was(
    agent: AgentHome, leave: Callable[[Terminal], None]
) -> None:
    """What changes is shown within a second or two, without a screen cleared; 4 as in `status`."""
    with watch(agent) as terminal:
        terminal.wait_for("stopped: no service is running")
        terminal.wait_for("Ctrl-C ends this.")
        drawn = len(terminal.raw)
        store = agent.stored()
        store.rejected(store.folder(agent.every), "locked.pdf", LOCKED)
        store.close()
        terminal.wait_for("1 bill was rejected")
        terminal.wait_for("Ctrl-C ends this.")
        assert CLEARS not in terminal.raw[drawn:]
        leave(terminal)
        assert terminal.end() == 4
    assert terminal.raw.startswith(ENTERS)
    assert terminal.raw.index(LEAVES) > drawn
    assert SHOWS_CURSOR in terminal.raw[drawn:]
    assert "Traceback" not in terminal.text
    assert "Aborted" not in terminal.text


def test_a_small_screen_says_that_there_is_more(agent: AgentHome) -> None:
    """What does not fit is told of, and how to leave always stands there."""
    with watch(agent, (7, 60)) as terminal:
        shown = terminal.wait_for("Ctrl-C ends this.")
        assert "more lines: bill-agent status" in shown
        assert shown.lstrip().startswith("stopped")
        terminal.interrupt()
        assert terminal.end() == 4


def test_a_next_step_is_shown_whole(agent: AgentHome) -> None:
    """However narrow the screen: its end is the command."""
    store = agent.stored()
    advice = f"Do {'this and ' * 20}run: bill-agent the-end"
    store.rejected(store.folder(agent.every), "x.pdf", Problem("damaged", "It is.", advice))
    store.close()
    with watch(agent, (40, 60)) as terminal:
        assert "the-end" in terminal.wait_for("Ctrl-C ends this.").replace("\n", "")
        terminal.interrupt()
        assert terminal.end() == 4


def test_in_a_pipe_each_change_is_printed_once(agent: AgentHome) -> None:
    """Without a terminal it repeats nothing; stopped, it ends as `status` would."""
    with InstanceLock(str(agent.data_dir)) as lock:
        lock.acquire(timeout=2, now=0)
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "status", "--watch", "--config", str(agent.config)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("working")
            store = agent.stored()
            store.rejected(store.folder(agent.every), "locked.pdf", LOCKED)
            store.close()
            came: list[str] = []
            while not came or not came[-1].startswith("needs-you"):
                came.append(process.stdout.readline())
                assert came[-1]
            process.send_signal(signal.SIGTERM)
            came += process.stdout.readlines()
            assert process.wait(SECONDS) == 3
        finally:
            if process.stdout is not None:
                process.stdout.close()
            process.kill()
            process.wait(SECONDS)
    assert sum(line.startswith(("working", "needs-you")) for line in came) == 1
