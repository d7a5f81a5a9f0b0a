"""A person's first start, on a real terminal and against the emulator over real HTTP."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="this system has no pseudo terminals")

from key_store_in_file import VARIABLE
from manager_tools import ManagerTools
from set_up_driver import Home
from terminal_driver import Terminal

from agent.config import load
from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

KEY = "nk_live_7Qd0sYb3Zk"
NOTHING = "Stopped. Nothing was written, and no key was stored."


@pytest.fixture
def person(
    home: Home, emulator: EmulatorServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Let Nectar accept one key; return the variables of a person who has not stored it yet."""
    emulator.behave(Behaviour(keys=(KEY,)))
    home.configure(home.watched("old", "PLANT-07"))
    tools = ManagerTools(tmp_path_factory.mktemp("manager") / "tools")
    yield {
        "HOME": str(home.folder),
        "PATH": os.pathsep.join([str(tools.place), os.environ["PATH"]]),
        "XDG_CONFIG_HOME": str(home.folder / ".config"),
        "XDG_DATA_HOME": str(home.folder / "share"),
        "PYTHON_KEYRING_BACKEND": "key_store_in_file.InFile",
        VARIABLE: str(home.folder / "keys.json"),
    }
    emulator.behave(Behaviour())


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder, with the content of files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_the_whole_way(home: Home, person: dict[str, str], emulator: EmulatorServer) -> None:
    """Every question, each with a wrong answer first; then the preview, the file and the key."""
    seven, every = home.folder / "Plant 7", home.folder / "every"
    (every / "PLANT-07").mkdir(parents=True)
    seven.mkdir()
    for number in range(2):
        (seven / f"Bill {number}.pdf").write_bytes(b"x" * 1_000_000)
    (seven / "Letter.docx").write_bytes(b"x")
    for number in range(26):
        (every / "PLANT-07" / f"{number}.png").write_bytes(b"x")
    (every / "Lost.pdf").write_bytes(b"x")
    before = home.config.read_bytes()
    arguments = ("init", "--force", "--config", str(home.config))
    with Terminal(*arguments, environ=person) as terminal:
        terminal.answer("(Enter: later):", "no key")
        assert "no API key in the input" in terminal.answer("(Enter: later):", "wrong")
        assert "not accepted" in terminal.answer("(Enter: later):", KEY)
        terminal.answer("Number or externalId:", "3")
        terminal.answer("Number or externalId:", "HMF")
        assert "archived" in terminal.answer("none yet):", str(seven / "Bill 0.pdf"))
        assert "is a file" in terminal.answer("none yet):", "nowhere")
        terminal.answer("[y/N]", "perhaps")
        terminal.answer("[y/N]", "n")
        terminal.answer("none yet):", "~")
        assert "the agent's own data" in terminal.answer("none yet):", f"'{seven}'")
        terminal.answer("Number or externalId:", "PLANT-02")
        terminal.answer("Number or externalId:", "1")
        terminal.answer("no more):", f"{seven}/")
        assert "already" in terminal.answer("no more):", str(every))
        terminal.answer("Number or externalId:", "{subfolder}")
        terminal.answer("no more):", "")
        preview = terminal.answer("[Y/n]", "what?")
        assert home.config.read_bytes() == before
        assert not (home.folder / "keys.json").exists()
        terminal.answer("[Y/n]", "")
        assert terminal.end() == 0
    numbers = [line.split()[-3:] for line in preview.splitlines() if line.endswith(("MB", "kB"))]
    assert numbers == [["2", "2.0", "MB"], ["26", "1", "kB"], ["28", "2.0", "MB"]]
    for sentence in (
        f"More than 25 bills lie in {every} already",
        "1 bill has no site",
        "Nectar does not read 1 file",
    ):
        assert sentence in preview
    assert terminal.text.endswith(f'Next: bill-agent service install --config "{home.config}"\n')
    assert KEY not in terminal.text
    settings = load(home.config, os.environ)
    assert settings.nectar.company == "HMF"
    assert [(each.path, each.site) for each in settings.folders] == [
        (str(seven), "PLANT-07"),
        (str(every), "{subfolder}"),
    ]
    assert "# The folder." in home.config.read_text("utf-8")
    assert list(json.loads((home.folder / "keys.json").read_text("utf-8")).values()) == [KEY]
    assert home.config.with_name("config.toml.bak").read_bytes() == before
    posts = emulator.call(lambda it: [each for each in it.log if each.method == "POST"])
    assert posts == []


def test_without_nectar(home: Home, person: dict[str, str]) -> None:
    """Without a file and a key all is asked that can be, and said what is still to do."""
    home.config.unlink()
    bills = home.folder / "Bills"
    bills.mkdir()
    (bills / "Bill.pdf").write_bytes(b"x")
    with Terminal("init", "--config", str(home.config), environ=person) as terminal:
        terminal.answer("(Enter: production):", "3")
        terminal.answer("(Enter: production):", "sandbox")
        assert "(sandbox)" in terminal.wait_for("(Enter: later):")
        terminal.type("")
        terminal.answer("the only one):", "")
        terminal.answer("none yet):", str(bills))
        terminal.answer("each subfolder is one:", "")
        terminal.answer("each subfolder is one:", "PLANT-07")
        terminal.answer("no more):", "")
        assert "1 kB" in terminal.answer("[Y/n]", "y")
        assert terminal.end() == 0
    assert terminal.text.endswith(f'Next: bill-agent key set --config "{home.config}"\n')
    settings = load(home.config, os.environ)
    assert (settings.nectar.environment, settings.nectar.company) == ("sandbox", None)


def test_what_a_package_installed_is_only_started(home: Home, person: dict[str, str]) -> None:
    """Where the service is there already, the next step is to start it."""
    unit = home.folder / ".config" / "systemd" / "user" / "nectar-bill-agent.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n", "utf-8")
    folder = f"{home.folder / 'old'}=PLANT-07"
    arguments = ("init", "--force", "--company", "HMF", "--folder", folder)
    with Terminal(*arguments, "--config", str(home.config), environ=person) as terminal:
        terminal.answer("later):", KEY)
        terminal.answer("[Y/n]", "")
        assert terminal.end() == 0
    step = "service install" if sys.platform == "darwin" else "service start"
    assert f"Next: bill-agent {step} --config" in terminal.text


def test_without_a_key_store(home: Home, person: dict[str, str]) -> None:
    """A machine that has none is no dead end: what to do is said, and the key shows nowhere."""
    person["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    folder = f"{home.folder / 'old'}=PLANT-07"
    arguments = ("init", "--force", "--company", "HMF", "--folder", folder)
    with Terminal(*arguments, "--config", str(home.config), environ=person) as terminal:
        assert "no key store" in terminal.answer("later):", KEY)
        terminal.answer("[Y/n]", "")
        assert terminal.end() == 0
    assert f"name that file as api_key_file in {home.config}" in terminal.text
    assert KEY not in terminal.text
    assert KEY not in home.config.read_text("utf-8")


@pytest.mark.parametrize("at", ["production):", "later):", "none yet):", "externalId:", "[Y/n]"])
def test_ctrl_c_leaves_nothing(home: Home, person: dict[str, str], at: str) -> None:
    """At any question Ctrl-C ends it, says so, and all is as it was."""
    bills = home.folder / "Bills"
    bills.mkdir()
    arguments = ["init", "--company", "HMF", "--config", str(home.config)]
    if at == "production):":
        home.config.unlink()
    else:
        arguments.append("--force")
    before = tree(home.folder)
    ways = [
        *(("later):", KEY), ("none yet):", str(bills)), ("externalId:", "PLANT-07")),
        *(("no more):", ""), ("[Y/n]", "y")),
    ]
    with Terminal(*arguments, environ=person) as terminal:
        for question, answer in ways:
            if at in ("production):", question):
                break
            terminal.answer(question, answer)
        terminal.wait_for(f"{at} ")
        terminal.interrupt()
        assert terminal.end() == 1
    assert terminal.text.rstrip().endswith(NOTHING)
    assert tree(home.folder) == before


def test_the_end_of_input_leaves_nothing(home: Home, person: dict[str, str]) -> None:
    """Ctrl-D at the hidden question is no error of the program's, either."""
    before = tree(home.folder)
    arguments = ("init", "--force", "--config", str(home.config))
    with Terminal(*arguments, environ=person) as terminal:
        terminal.wait_for("later): ")
        terminal.press_end()
        assert terminal.end() == 1
    assert terminal.text.rstrip().endswith(NOTHING)
    assert tree(home.folder) == before


def test_saying_no_leaves_nothing(home: Home, person: dict[str, str]) -> None:
    """Whoever does not like what would be sent answers n, and all is as it was."""
    before = tree(home.folder)
    folder = f"{home.folder / 'old'}=PLANT-07"
    arguments = ("init", "--force", "--company", "HMF", "--folder", folder)
    with Terminal(*arguments, "--config", str(home.config), environ=person) as terminal:
        terminal.answer("later):", KEY)
        assert "nothing to send yet" in terminal.answer("[Y/n]", "n")
        assert terminal.end() == 1
    assert terminal.text.rstrip().endswith(NOTHING)
    assert tree(home.folder) == before
