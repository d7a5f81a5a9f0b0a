"""A configuration file to write to, and a short way to the mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.bills.errors import ConfigurationError
from agent.config import Settings, load

ENVIRON = {"HOME": "/home/mara", "USERPROFILE": "/home/mara"}

Load = Callable[[str], Settings]
Mistakes = Callable[[str], tuple[str, ...]]


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Where the file under test lies; nothing is there yet."""
    return tmp_path / "config.toml"


@pytest.fixture
def loaded(config_file: Path) -> Load:
    """Return the settings in a text."""

    def settings(text: str) -> Settings:
        config_file.write_text(text, encoding="utf-8")
        return load(config_file, ENVIRON)

    return settings


@pytest.fixture
def mistakes(config_file: Path) -> Mistakes:
    """Return all mistakes in a text that must not load."""

    def refused(text: str) -> tuple[str, ...]:
        config_file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            load(config_file, ENVIRON)
        return caught.value.mistakes

    return refused
