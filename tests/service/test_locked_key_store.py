"""A key store that is locked at boot: the service waits for it, and goes on by itself."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import tomli_w

from agent.bills.holds import Hold
from agent.config import load
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice
from agent.service import clock
from agent.service.agent import Agent
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import leave_request
from agent.system.key_store import KeyStore, KeyStoreError, Reason
from agent.system.secret import Secret

KEY = "key-from-a-key-store"
LONGEST = 60.0


class KeyStoreAtBoot(KeyStore):
    """A key store that is locked until somebody logs in."""

    def __init__(self) -> None:
        super().__init__()
        self.is_locked = True
        self.reads = 0

    def read(self, api: str, environment: str) -> Secret | None:
        """Return the key once the store is open."""
        del api, environment
        self.reads += 1
        if self.is_locked:
            raise KeyStoreError(Reason.LOCKED)
        return Secret(KEY)


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Settings for a Nectar that knows the key; what the service changes for itself is undone."""
    thresholds = gc.get_threshold()
    (tmp_path / "Plant 7").mkdir()
    with EmulatorServer(Behaviour(keys=(KEY,))) as server:
        settings = {
            "nectar": {"base_url": server.base_url, "company": "HMF"},
            "folders": [{"path": str(tmp_path / "Plant 7"), "site": "PLANT-07"}],
            "agent": {"data_dir": str(tmp_path / "data")},
        }
        path = tmp_path / "config.toml"
        path.write_text(tomli_w.dumps(settings), encoding="utf-8")
        yield path
    gc.set_threshold(*thresholds)


def test_a_locked_key_store_is_waited_for(config: Path, tmp_path: Path) -> None:
    """Locked: one hold that says so, one look at the store, no end; unlocked: it goes on."""
    key_store = KeyStoreAtBoot()
    began: list[Hold] = []
    ended: list[Hold] = []
    reads: list[int] = []

    def follow(notices: list[Notice]) -> None:
        for notice in notices:
            if isinstance(notice, HoldBegan):
                began.append(notice.hold)
                reads.append(key_store.reads)
                key_store.is_locked = False
                people = open_for_people(store_path(tmp_path / "data"))
                assert people is not None
                with closing(people):
                    leave_request(people, "rescan", {}, clock.now().utc)
            if isinstance(notice, HoldEnded):
                ended.append(notice.hold)
                agent.stop()

    agent = Agent(load(config, {}), follow, environ={}, key_store=key_store)
    patience = threading.Timer(LONGEST, agent.stop)
    patience.start()
    try:
        agent.run(on_ready=lambda: None)
    finally:
        patience.cancel()
        agent.close()
    assert [hold.code for hold in began] == ["key-missing"]
    assert "locked" in began[0].message
    assert reads == [1]
    assert [hold.code for hold in ended] == ["key-missing"]
