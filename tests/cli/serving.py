"""The real service in a thread, for commands that ask it; its environment may be another one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from set_up_driver import Home

from agent.config import load
from agent.service import clock
from agent.service.agent import Agent
from agent.service.places import data_dir_of
from agent.system.lock import InstanceLock

SECONDS = 60.0
"""A slow machine gets this long before a test calls something missing."""


@contextmanager
def serving(home: Home, environ: Mapping[str, str]) -> Iterator[None]:
    """Let a service with the home's configuration run, with variables of its own."""
    settings = load(home.config, environ)
    ready, agents = threading.Event(), list[Agent]()

    def serve() -> None:
        with InstanceLock(str(data_dir_of(settings))) as lock:
            lock.acquire(timeout=SECONDS, now=clock.now().utc)
            agent = Agent(settings, lambda _: None, environ=environ)
            agents.append(agent)
            try:
                agent.run(on_ready=ready.set)
            finally:
                agent.close()

    thread = threading.Thread(target=serve, name="service of the test")
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield
    finally:
        for agent in agents:
            agent.stop()
        thread.join(SECONDS)
    assert not thread.is_alive()
