"""Stores for tests, closed with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_rows import store_file

from agent.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a new store."""
    opened = Store(store_file(tmp_path))
    yield opened
    opened.close()
