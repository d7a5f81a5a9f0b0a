"""Which file is the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.bills.errors import ConfigurationError
from agent.config import find_config_file


def test_argument_wins_over_variable_over_candidates(tmp_path: Path) -> None:
    """What is named more closely counts, whether or not it is there."""
    candidates = [tmp_path / "user.toml", tmp_path / "machine.toml"]
    candidates[0].touch()
    environ = {"BILL_AGENT_CONFIG": str(tmp_path / "variable.toml")}
    assert find_config_file(tmp_path / "a.toml", environ, candidates) == tmp_path / "a.toml"
    assert find_config_file(None, environ, candidates) == tmp_path / "variable.toml"
    assert find_config_file(None, {"BILL_AGENT_CONFIG": ""}, candidates) == candidates[0]


def test_first_candidate_that_is_there_is_taken(tmp_path: Path) -> None:
    """The machine's file serves users without their own; with neither, the user's is named."""
    candidates = [tmp_path / "user.toml", tmp_path / "machine.toml"]
    assert find_config_file(None, {}, candidates) == candidates[0]
    candidates[1].touch()
    assert find_config_file(None, {}, candidates) == candidates[1]


def test_home_is_expanded_and_relative_paths_are_of_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service manager expands no tilde; a person in a terminal means this folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert find_config_file("~/c.toml", {}, []) == tmp_path / "c.toml"
    assert find_config_file("c.toml", {}, []) == Path.cwd() / "c.toml"
    with pytest.raises(ConfigurationError, match="nobody's home"):
        find_config_file("~no-such-user/c.toml", {}, [])
