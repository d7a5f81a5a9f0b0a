"""The API key's commands: proved, stored, shown by its source and never by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from set_up_driver import Home

from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

KEY = "nk_live_7Qd0sYb3Zk"
FOLDER = "[[folders]]\npath = '/bills'\nsite = 'PLANT-07'\n"


@pytest.fixture(autouse=True)
def only_this_key(emulator: EmulatorServer) -> Iterator[None]:
    """Let Nectar accept no other key."""
    emulator.behave(Behaviour(keys=(KEY,)))
    yield
    emulator.behave(Behaviour())


@pytest.fixture(autouse=True)
def key_is_never_shown(home: Home) -> Iterator[None]:
    """Look for the key in everything that was printed in the test."""
    yield
    assert KEY not in "".join(home.printed)


def stored(home: Home) -> str:
    """Return all that the key store holds."""
    path = home.folder / "keys.json"
    return path.read_text("utf-8") if path.exists() else ""


def test_set_proves_the_key_and_names_the_companies(home: Home) -> None:
    """A right key is stored, and its owner sees for which companies it is."""
    home.configure(FOLDER)
    said = home.run("key", "set", typed=f"  {KEY}\n")
    assert (said.code, said.out) == (0, "")
    assert "Harbor Mill Foods (HMF)" in said.err
    assert KEY in stored(home)


def test_set_stores_no_key_that_nectar_refuses(home: Home) -> None:
    """A wrong key is not stored, and the command fails."""
    home.configure(FOLDER)
    said = home.run("key", "set", typed="wrong-key\n")
    assert said.code == 1
    assert "was not stored" in said.err
    assert "wrong-key" not in said.err + stored(home)


def test_set_without_check_asks_nobody(home: Home) -> None:
    """``--no-check`` stores a key although Nectar would refuse it."""
    home.configure(FOLDER)
    assert home.run("key", "set", "--no-check", typed="other-key").code == 0
    assert "other-key" in stored(home)


def test_set_says_how_to_go_on_without_network(home: Home) -> None:
    """Where Nectar cannot be reached, the way to store the key all the same is named."""
    home.base_url = "http://127.0.0.1:9/v2.2"
    home.configure(FOLDER)
    said = home.run("key", "set", typed=KEY)
    assert said.code == 1
    assert "--no-check" in said.err
    assert stored(home) == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_set_takes_a_file_that_windows_wrote(home: Home, encoding: str) -> None:
    """A roll-out gives the key in a file; marks of its encoding are no part of it."""
    home.configure(FOLDER)
    assert home.run("key", "set", "--no-check", typed=f"{KEY}\r\n".encode(encoding)).code == 0
    assert f'"{KEY}"' in stored(home)


@pytest.mark.parametrize("typed", ["", "two words\n", "\n"])
def test_set_refuses_what_is_no_key(home: Home, typed: str) -> None:
    """Nothing, or several words, is no key."""
    home.configure(FOLDER)
    assert home.run("key", "set", "--no-check", typed=typed).code == 1
    assert stored(home) == ""


def test_set_takes_no_key_as_an_argument(home: Home) -> None:
    """An argument would be seen by every user of the machine, so it is wrong usage."""
    home.configure(FOLDER)
    assert home.run("key", "set", "some-key").code == 2


def test_set_warns_of_a_stronger_source(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored key that is hidden by the environment's is not left unsaid."""
    home.configure(FOLDER)
    monkeypatch.setenv("NECTAR_API_KEY", KEY)
    assert "NECTAR_API_KEY is set" in home.run("key", "set", typed=KEY).err


def test_each_api_and_environment_has_its_own_key(home: Home) -> None:
    """A production key never comes out for the sandbox."""
    home.configure(FOLDER)
    home.run("key", "set", typed=KEY)
    home.config.write_text(home.config.read_text("utf-8").replace("sandbox", "production"), "utf-8")
    assert home.run("key", "status", "--json").json["terminal"]["source"] is None


def test_status_tells_terminal_and_service_apart(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in this terminal's environment is not one that the service has."""
    home.configure(FOLDER)
    home.run("key", "set", typed=KEY)
    monkeypatch.setenv("NECTAR_API_KEY", KEY)
    status = home.run("key", "status", "--json").json
    assert status["format"] == "nectar-bill-agent-key-status/1"
    assert status["terminal"]["source"] == "NECTAR_API_KEY"
    assert status["service"]["source"] == "key-store"
    assert "This terminal uses NECTAR_API_KEY" in home.run("key", "status").out


def test_delete_removes_the_key(home: Home) -> None:
    """Afterwards there is none, and to delete once more does no harm."""
    home.configure(FOLDER)
    home.run("key", "set", typed=KEY)
    assert home.run("key", "delete").code == 0
    assert KEY not in stored(home)
    said = home.run("key", "delete")
    assert said.code == 0
    assert "was not in the key store" in said.err


def test_wrong_configuration_is_not_guessed_around(home: Home) -> None:
    """With a file that cannot be used nobody knows for which address a key is: exit 78."""
    home.config.write_text("[nectar]\nenvironment = 'test'\n", "utf-8")
    assert home.run("key", "set", "--no-check", typed=KEY).code == 78
    assert stored(home) == ""
