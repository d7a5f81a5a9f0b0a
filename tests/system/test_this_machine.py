"""Places, identity and hidden files on the machine the tests run on."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import pytest

from agent.system import here
from agent.system.directories import config_candidates, default_data_dir, log_dir
from agent.system.identity import agent_identity, identity_id

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


@linux_only
def test_places_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's place first, then the machine's, as the desktop standard has them."""
    monkeypatch.setenv("HOME", "/home/mara")
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert config_candidates() == (
        Path("/home/mara/.config/nectar-bill-agent/config.toml"),
        Path("/etc/xdg/nectar-bill-agent/config.toml"),
    )
    assert default_data_dir() == "/home/mara/.local/share/nectar-bill-agent"
    assert log_dir("/data") == Path("/data/logs")


@linux_only
def test_places_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who moved their places is followed there, through every machine-wide one."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    monkeypatch.setenv("XDG_CONFIG_DIRS", "/a:/b")
    monkeypatch.setenv("XDG_DATA_HOME", "/d")
    assert [path.parent.parent for path in config_candidates()] == [
        Path("/c"),
        Path("/a"),
        Path("/b"),
    ]
    assert default_data_dir() == "/d/nectar-bill-agent"


def test_identity_stays_and_says_who(tmp_path: Path) -> None:
    """The same user, machine and data directory are the same agent, whatever is in it."""
    first = agent_identity(str(tmp_path))
    assert first == agent_identity(f"{tmp_path}/.")
    assert re.fullmatch("[0-9a-f]{32}", first.id)
    assert first.machine
    assert first.machine in socket.gethostname()
    assert first.user == here.user_name() != ""


def test_identity_differs_by_each_of_its_parts() -> None:
    """Another machine, host name, user or data directory is another agent."""
    parts = ["m", "host", "mara", "/data"]
    others = [[*parts[:i], "other", *parts[i + 1 :]] for i in range(4)]
    assert len({identity_id(*each) for each in [parts, *others]}) == 5
    assert identity_id("m", "HOST", "mara", "/data") == identity_id(*parts)


def test_machine_id_is_not_in_the_identity() -> None:
    """A folder's mark tells nobody the id that the system keeps to itself."""
    machine_id = here.machine_id()
    assert machine_id is None or machine_id not in repr(agent_identity("/data"))


def test_hidden_file_can_still_be_read(tmp_path: Path) -> None:
    """Hiding changes no content, on any system."""
    mark = tmp_path / ".nectar-bill-agent"
    mark.write_text("x")
    here.hide(str(mark))
    assert mark.read_text() == "x"
