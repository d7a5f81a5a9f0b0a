"""Control of a service that runs: pause and resume, another key, a configuration broken and mended.

The holds that follow from a bad key are lived through in virtual time (``journeys``); here is what
a person does with real commands, files and processes.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_agent import SECONDS, RealAgent, bill

from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

WELL, NOT_RUNNING, CONFIGURATION = 0, 4, 78
FIRST, SECOND = "first-key-of-the-test", "second-key-of-the-test"
SETTLED_SECONDS = 2.0
"""A file is sent after a fifth of a second of quiet; after two it would have been."""


class LiveAgent(RealAgent):
    """An agent with a key file or key store of its own, and a configuration to edit."""

    def __init__(self, home: Path, nectar: EmulatorServer) -> None:
        super().__init__(home, nectar.base_url)
        self.nectar = nectar
        self.key_file = home / "nectar.key"
        tests = Path(__file__).parents[1]
        del self._environ["NECTAR_API_KEY"]
        self._environ |= {
            "PYTHON_KEYRING_BACKEND": "key_store_in_file.InFile",
            "KEY_STORE_OF_THE_TEST": str(home / "keys.json"),
            "PYTHONPATH": os.pathsep.join((str(tests / "cli"), str(tests.parent))),
        }

    def edit(self, change: Callable[[str], str]) -> None:
        """Change the text of the configuration."""
        self.config.write_text(change(self.config.read_text("utf-8")), "utf-8")

    def use_key_file(self, key: str) -> None:
        """Put a key into the key file, as a careful person does."""
        new = self.key_file.with_suffix(".new")
        new.write_text(f"{key}\n", "ascii")
        new.chmod(0o600)
        new.replace(self.key_file)

    def set_key(self, key: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run `key set`."""
        return subprocess.run(
            self.command("key", "set", *options),
            env=self._environ,
            input=key,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def accept_only(self, key: str) -> None:
        """Let Nectar take this key and no other from now on."""
        self.nectar.behave(Behaviour(processing_seconds=0.1, keys=(key,)))

    def uploads(self) -> int:
        """Return how many bills Nectar was given."""
        return self.nectar.call(lambda emulator: len(emulator.world.uploads))


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[LiveAgent]:
    """An agent that does not run yet, and its Nectar."""
    with EmulatorServer(Behaviour(processing_seconds=0.1)) as nectar:
        live = LiveAgent(tmp_path, nectar)
        live.use_key_file(FIRST)
        live.edit(lambda text: text.replace("quiet_seconds = 1.0", "quiet_seconds = 0.2"))
        live.edit(
            lambda text: text.replace("[nectar]", f"[nectar]\napi_key_file = '{live.key_file}'")
        )
        yield live
        live.end()


def wait_for_result(bill: Path) -> None:
    """Wait until a bill has its result."""
    ends = time.monotonic() + SECONDS
    while not bill.with_name(f"{bill.name}.json").exists():
        assert time.monotonic() < ends, f"no result of {bill.name}"
        time.sleep(0.05)


def test_paused_nothing_is_sent(agent: LiveAgent) -> None:
    """Pause, drop a bill, nothing is sent; resume, it is."""
    service = agent.start()
    assert agent.run("pause").returncode == WELL
    one = agent.add("one.pdf", bill(1))
    service.wait_for(f"waiting {one}")
    time.sleep(SETTLED_SECONDS)
    assert agent.json("status")["service"]["state"] == "paused"
    assert agent.uploads() == 0
    assert agent.run("resume").returncode == WELL
    wait_for_result(one)


def test_another_key_from_key_set(agent: LiveAgent) -> None:
    """The next request uses it, and nothing waits for it."""
    agent.edit(lambda text: text.replace("api_key_file", "# api_key_file"))
    assert agent.set_key(FIRST, "--no-check").returncode == WELL
    agent.accept_only(FIRST)
    service = agent.start()
    wait_for_result(agent.add("one.pdf", bill(1)))
    agent.accept_only(SECOND)
    told = agent.set_key(SECOND)
    assert (told.returncode, "The service uses it from now on." in told.stderr) == (WELL, True)
    wait_for_result(agent.add("two.pdf", bill(2)))
    assert not [line for line in service.lines if line.startswith("hold key-")]


def test_another_key_in_the_file_and_a_kill(agent: LiveAgent) -> None:
    """The same with `api_key_file`. Killed, it is told as stopped, with what was known last."""
    never = agent.run("status")
    assert (never.returncode, "stopped" in never.stdout) == (NOT_RUNNING, True)
    agent.accept_only(FIRST)
    service = agent.start()
    wait_for_result(agent.add("one.pdf", bill(1)))
    agent.accept_only(SECOND)
    agent.use_key_file(SECOND)
    service.wait_for(f"done {agent.add('two.pdf', bill(2))}")
    assert not [line for line in service.lines if line.startswith("hold key-")]
    service.process.kill()
    service.process.wait(SECONDS)
    told = agent.json("status")
    assert told["service"] == {"state": "stopped", "pid": None, "since": None}
    assert told["counts"]["done"] == 2


def test_a_configuration_broken_and_mended(agent: LiveAgent, tmp_path: Path) -> None:
    """The last good one stays in force, and status says so; the mended one is taken over."""
    service = agent.start()
    agent.edit(lambda text: text + "colour = 'blue'\n")
    told = agent.run("status", "--json")
    assert (told.returncode, "settings-wrong" in told.stdout) == (CONFIGURATION, True)
    wait_for_result(agent.add("one.pdf", bill(1)))
    more = tmp_path / "more bills"
    more.mkdir()
    (more / "two.pdf").write_bytes(bill(2))
    folder = f"[[folders]]\npath = '{more}'\nsite = \"PLANT-07\"\n"
    agent.edit(lambda text: text.replace("colour = 'blue'\n", "") + folder)
    service.wait_for(f"done {more / 'two.pdf'}")
    assert agent.json("status")["service"]["state"] in ("idle", "working")
