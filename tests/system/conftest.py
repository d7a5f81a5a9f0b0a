"""Choosing a key store for a test."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

KEYRING = "PYTHON_KEYRING_BACKEND"


@pytest.fixture
def use_keyring(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes keyring use a class of ``keyring_backends``, or one by its full name."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    importlib.import_module("keyring_backends").InMemory.entries.clear()

    def use(name: str) -> None:
        monkeypatch.setenv(KEYRING, name if "." in name else f"keyring_backends.{name}")

    return use
