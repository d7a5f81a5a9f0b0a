"""`bill-agent service …`: what is checked first, what is said, and what uninstalling takes away."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_home import AgentHome
from key_store_in_file import VARIABLE
from manager_tools import ManagerTools
from set_up_driver import Home, Said
from typer.testing import CliRunner

from agent.bills.values import Mark
from agent.cli.app import app
from agent.service import clock
from agent.system.identity import agent_identity
from agent.system.lock import InstanceLock
from agent.system.service_manager import MANAGED
from agent.watch.mark import write_mark

if sys.platform != "linux":
    pytest.skip("the manager is systemd here", allow_module_level=True)

WELL, FAILED, USAGE, NOT_RUNNING, CONFIGURATION = 0, 1, 2, 4, 78
UNIT = "systemd/user/nectar-bill-agent.service"


@pytest.fixture
def manager(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> ManagerTools:
    """A systemd of the test's own, in a home of its own (``home`` sets the rest)."""
    del home
    tools = ManagerTools(tmp_path / "tools")
    monkeypatch.setenv("PATH", f"{tools.place}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COLUMNS", "80")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "SUDO_USER", MANAGED):
        monkeypatch.delenv(variable, raising=False)
    return tools


@pytest.fixture
def agent(manager: ManagerTools, tmp_path: Path) -> Iterator[AgentHome]:
    """A configuration, and a store with a bill that is done."""
    del manager
    made = AgentHome(tmp_path)
    stored = made.stored()
    stored.done(stored.folder(made.seven), "done.pdf")
    stored.close()
    yield made
    made.config.unlink(missing_ok=True)


def run_unnamed(*arguments: str) -> Said:
    """Run a command that finds its configuration by itself."""
    result = CliRunner().invoke(app, arguments)
    return Said(result.exit_code, result.stdout, result.stderr)


def hold(data_dir: Path) -> InstanceLock:
    """Be an agent that somebody runs by hand."""
    lock = InstanceLock(str(data_dir))
    lock.acquire(timeout=1.0, now=clock.now().utc)
    return lock


def test_install_and_status(agent: AgentHome, tmp_path: Path) -> None:
    """It says what was written, that it runs, and how long it does; status tells programs too."""
    before = agent.run("service", "status")
    assert (before.code, before.out) == (NOT_RUNNING, "The service is not installed.\n")
    said = agent.run("service", "install")
    assert said.code == WELL, said.err
    assert f"Written: {tmp_path / UNIT}\n" in said.err
    assert "The service runs, and starts at login (systemd)." in said.err
    assert "loginctl enable-linger" in said.err
    assert str(agent.config) in (tmp_path / UNIT).read_text("utf-8")
    told = agent.run("service", "status", "--json")
    assert told.code == WELL
    assert told.json["format"] == "nectar-bill-agent-service-status/1"
    assert told.json["presence"] == "running"
    assert told.json["startsAtLogin"] is True
    assert told.json["manager"] == "systemd"
    assert all(Path(path).is_file() for path in told.json["files"])
    assert agent.run("service", "stop").code == WELL
    assert agent.run("service", "status", "--json").code == NOT_RUNNING
    assert agent.run("service", "start").code == WELL
    assert agent.run("service", "status").code == WELL


def test_a_configuration_with_mistakes_is_not_installed(agent: AgentHome, tmp_path: Path) -> None:
    """78 and every mistake, and nothing is written."""
    agent.config.write_text("[nectar]\nmax_requests = 99\ncolour = 1\n", "utf-8")
    said = agent.run("service", "install")
    assert said.code == CONFIGURATION
    assert "max_requests" in said.err
    assert "colour" in said.err
    assert not (tmp_path / UNIT).exists()


def test_a_named_configuration_must_be_there(agent: AgentHome, tmp_path: Path) -> None:
    """Whoever writes --config means a file that is there."""
    agent.config.unlink()
    assert agent.run("service", "install").code == CONFIGURATION
    assert not (tmp_path / UNIT).exists()


def test_rolling_out_before_there_is_a_configuration(manager: ManagerTools, tmp_path: Path) -> None:
    """All is installed, exit 0, with what is to be done; the service ends with 78 by itself."""
    manager.say("unusable")
    said = run_unnamed("service", "install")
    assert said.code == WELL, said.err
    assert "bill-agent init" in said.err
    assert "bill-agent service start" in said.err
    assert (tmp_path / UNIT).is_file()
    assert (tmp_path / "autostart/nectar-bill-agent-tray.desktop").is_file()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have been somebody else before")
def test_under_sudo(agent: AgentHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would be root's service, which nobody means."""
    monkeypatch.setenv("SUDO_USER", "ann")
    said = agent.run("service", "install")
    assert (said.code, "for root, not for ann" in said.err) == (FAILED, True)
    assert not (tmp_path / UNIT).exists()


@pytest.mark.parametrize(("manager_name", "code"), [("systemd", CONFIGURATION), ("launchd", WELL)])
def test_what_a_manager_must_not_start_anew(
    agent: AgentHome, monkeypatch: pytest.MonkeyPatch, manager_name: str, code: int
) -> None:
    """Wrong settings end it with 78; with 0 where the manager would start it over and over."""
    agent.config.write_text("[nectar]\ncolour = 1\n", "utf-8")
    monkeypatch.setenv(MANAGED, manager_name)
    said = agent.run("run")
    assert (said.code, "colour" in said.err) == (code, True)


def test_the_variable_is_handed_on(
    agent: AgentHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The service has not the terminal's environment: what it names goes into the unit."""
    monkeypatch.setenv("BILL_AGENT_CONFIG", str(agent.config))
    monkeypatch.setenv("NECTAR_API_KEY", "the-terminals-own")
    said = run_unnamed("service", "install", "--no-tray")
    assert said.code == WELL, said.err
    text = (tmp_path / UNIT).read_text("utf-8")
    assert f'"--config" "{agent.config}"' in text
    assert "the-terminals-own" not in text
    assert "NECTAR_API_KEY of this terminal does not reach it" in said.err
    assert not (tmp_path / "autostart").exists()


def test_beside_an_agent_run_by_hand(agent: AgentHome) -> None:
    """It is named; neither install nor start nor uninstall go on, and it is not the service."""
    assert agent.run("service", "start").code == FAILED  # not installed
    lock = hold(agent.data_dir)
    for command in ("install", "uninstall"):
        said = agent.run("service", command)
        assert said.code == FAILED
        assert f"process {os.getpid()}" in said.err
    told = agent.run("service", "status")
    assert (told.code, f"process {os.getpid()}" in told.out) == (NOT_RUNNING, True)
    lock.release()


def test_uninstall_leaves_what_the_agent_knows(agent: AgentHome, tmp_path: Path) -> None:
    """Unit, link and icon go; settings, store and marks stay."""
    agent.run("service", "install")
    write_our_mark(agent)
    said = agent.run("service", "uninstall")
    assert said.code == WELL, said.err
    assert not (tmp_path / "systemd").exists()
    assert not (tmp_path / "autostart").exists()
    assert (agent.data_dir / "store.sqlite3").is_file()
    assert (agent.seven / ".nectar-bill-agent").is_file()
    assert agent.config.is_file()


def test_purge_takes_away_what_is_the_agents_alone(
    agent: AgentHome, manager: ManagerTools, tmp_path: Path
) -> None:
    """Key, store, logs and our marks go; bills, results, settings and others' marks stay."""
    assert agent.run("key", "set", "--no-check").code == FAILED  # nothing was typed
    keys = Path(os.environ[VARIABLE])
    assert keys == tmp_path / "keys.json"
    keys.write_text(
        '{"nectar-bill-agent http://127.0.0.1:9 sandbox": "a-key", "others entry": "stays"}',
        "utf-8",
    )
    write_our_mark(agent)
    others = Mark("another-agent", "PC-2", "bob", "2026-01-01T00:00:00Z")
    write_mark(str(agent.every), others)
    (agent.data_dir / "logs").mkdir()
    for name in ("logs/bill-agent.log", "logs/bill-agent.log.1", "store.sqlite3.backup"):
        (agent.data_dir / name).write_text("x", "utf-8")
    (agent.seven / "done.pdf").write_bytes(b"%PDF-1.4\n%%EOF")
    (agent.seven / "done.pdf.json").write_text("{}", "utf-8")
    manager.say("no-manager")
    refused = agent.run("service", "uninstall", "--purge")
    assert (refused.code, "--yes" in refused.err) == (USAGE, True)
    assert agent.data_dir.exists()
    said = agent.run("service", "uninstall", "--purge", "--yes")
    assert said.code == WELL, said.err
    assert not agent.data_dir.exists()
    assert sorted(path.name for path in agent.seven.iterdir()) == ["done.pdf", "done.pdf.json"]
    assert (agent.every / ".nectar-bill-agent").is_file()
    assert keys.read_text("utf-8") == '{"others entry": "stays"}'
    assert agent.config.is_file()


def test_purge_finds_the_marks_where_the_settings_are_wrong(agent: AgentHome) -> None:
    """The store knows which folders were watched."""
    write_our_mark(agent)
    agent.config.write_text(f"[agent]\ndata_dir = '{agent.data_dir}'\nsize = 1\n", "utf-8")
    said = agent.run("service", "uninstall", "--purge", "--yes")
    assert said.code == WELL, said.err
    assert not (agent.seven / ".nectar-bill-agent").exists()
    assert not agent.data_dir.exists()


def test_where_there_is_no_manager(
    agent: AgentHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One sentence, and the command that does without."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    said = agent.run("service", "install")
    assert (said.code, "bill-agent run" in said.err) == (FAILED, True)
    told = agent.run("service", "status", "--json")
    assert (told.code, told.json["manager"]) == (NOT_RUNNING, None)


def write_our_mark(agent: AgentHome) -> None:
    """Leave the mark of this agent in its folder."""
    mark = Mark(agent_identity(str(agent.data_dir)).id, "PC-1", "ann", "2026-01-01T00:00:00Z")
    write_mark(str(agent.seven), mark)
