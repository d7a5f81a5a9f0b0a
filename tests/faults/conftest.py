"""Real agents, ended with the test; the suite is for systems with kill -9."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_agent import RealAgent

from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

MakeAgent = Callable[..., RealAgent]

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture
def make_agent(tmp_path: Path) -> Iterator[MakeAgent]:
    """Make agents, each with a Nectar of its own behaviour."""
    agents: list[RealAgent] = []
    servers: list[EmulatorServer] = []

    def make(behaviour: Behaviour | None = None, **nectar: Any) -> RealAgent:
        server = EmulatorServer(behaviour or Behaviour(processing_seconds=0.3)).start()
        servers.append(server)
        agent = RealAgent(tmp_path / f"agent-{len(agents)}", server, **nectar)
        agents.append(agent)
        return agent

    yield make
    for agent in agents:
        agent.close()
    for server in servers:
        server.stop()
