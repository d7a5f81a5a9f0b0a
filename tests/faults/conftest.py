"""Agents that may be killed, ended with the test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killable_agent import KillableAgent, MakeAgent

from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

# They stop agents by SIGTERM, which Windows has not.
_POSIX_ONLY = [
    "test_at_once.py",
    "test_bad_days.py",
    "test_lost_store.py",
    "test_secrets.py",
    "test_stopping.py",
]
# They fork agents from a process that has loaded all libraries, which macOS does not bear.
_LINUX_ONLY = ["test_kill_at_random.py", "test_kill_points.py"]
collect_ignore = [
    *(_POSIX_ONLY if sys.platform == "win32" else []),
    *(_LINUX_ONLY if sys.platform != "linux" else []),
]


@pytest.fixture
def make_agent(tmp_path: Path) -> Iterator[MakeAgent]:
    """Make agents, each with a Nectar of its own behaviour."""
    agents: list[KillableAgent] = []
    servers: list[EmulatorServer] = []

    def make(behaviour: Behaviour | None = None, **nectar: Any) -> KillableAgent:
        server = EmulatorServer(behaviour or Behaviour(processing_seconds=0.3)).start()
        servers.append(server)
        agent = KillableAgent(tmp_path / f"agent-{len(agents)}", server, **nectar)
        agents.append(agent)
        return agent

    yield make
    for agent in agents:
        agent.close()
    for server in servers:
        server.stop()
