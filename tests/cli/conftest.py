"""A stand-in of Nectar and a user's home, for the commands that set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from key_store_in_file import VARIABLE
from set_up_driver import Home

from agent.cli.terminal import facts, people
from agent.emulator.server import EmulatorServer


@pytest.fixture(autouse=True)
def consoles() -> Iterator[None]:
    """Leave no console behind: it stays as wide as the test had it that used it first."""
    yield
    facts.cache_clear()
    people.cache_clear()


@pytest.fixture(scope="session")
def emulator() -> Iterator[EmulatorServer]:
    """Nectar, in good health; a test that changes its behaviour puts it back."""
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home without a configuration, with a key store of its own and no key."""
    for variable in ("NECTAR_API_KEY", "BILL_AGENT_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "key_store_in_file.InFile")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys.json"))
    return Home(tmp_path, emulator.base_url)
