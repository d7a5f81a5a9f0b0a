"""A row changed by hand, of the right types and yet impossible: named, and never believed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from fuzzing import seeds
from hostile_rows import change_a_row
from stored_bills import NOW, StoredBills

from agent.bills.holds import ACCOUNT
from agent.store.checking import check
from agent.store.connecting import store_path
from agent.store.naming import StoreDamagedError
from agent.store.opening import open_for_people
from agent.store.snapshot import snapshot
from agent.store.store import Store
from agent.store.views import BillFilter


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a store of most kinds of rows lies; copy it before touching it."""
    place = tmp_path_factory.mktemp("store")
    stored = StoredBills(place)
    folder = stored.folder(place / "bills")
    for add in (stored.done, stored.sent, stored.rejected, stored.found, stored.gone):
        add(folder, f"{add.__name__}.pdf")
    stored.hold("no-connection", ACCOUNT)
    stored.close()
    return store_path(place)


def copied(whole: Path, place: Path) -> Path:
    """Return a copy of the store."""
    path = place / whole.name
    shutil.copy(whole, path)
    return path


IMPOSSIBLE = {
    "a time that is no moment": "UPDATE files SET since = 9e999",
    "a due that is no moment": "UPDATE submissions SET due = 9e999",
    "a count below nothing": "UPDATE files SET missing = -1",
    "a count without end": "UPDATE files SET missing = 9223372036854775807",
    "failures without end": "UPDATE submissions SET failures = 9223372036854775807",
    "a revision without end": "UPDATE submissions SET revision = 9223372036854775807",
    "a sha256 that is none": "UPDATE files SET sha256 = 'x' WHERE sha256 IS NOT NULL",
    "an unheard-of kind": "UPDATE files SET kind = 'docx' WHERE kind IS NOT NULL",
    "an unheard-of fate": "UPDATE files SET fate = 'burnt'",
    "no path": "UPDATE files SET path = x'' WHERE id = 1",
    "half a path": "UPDATE files SET path = x'42' WHERE id = 1",
    "a path with a NUL": "UPDATE files SET path = x'2f6200' WHERE id = 1",
    "a folder that is not there": "UPDATE files SET folder_id = 99",
    "a submission that is not there": "UPDATE files SET submission_id = 99 WHERE stage = 'linked'",
    "a file of another folder": "UPDATE folders SET path = x'2f6e6f7768657265'",
    "a question that is none": "UPDATE files SET question = '[1, 2, 3]'",
    "a question that is no JSON": "UPDATE files SET question = '{'",
    "a problem of four words": 'UPDATE submissions SET problem = \'["a", "b", "c", "d"]\'',
    "a place of numbers": "UPDATE submissions SET place = '[1, 2, 3, 4]'",
    "a place that is none": "UPDATE submissions SET place = 'null'",
    "an outcome nobody knows": "UPDATE submissions SET outcome = 'x' WHERE outcome IS NOT NULL",
    "warnings of numbers": "UPDATE submissions SET warnings = '[[1, 2]]'",
    "a hold of no scope": "UPDATE holds SET kind = 'planet'",
    "a hold since no moment": "UPDATE holds SET since = 9e999",
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_row_is_damage(whole: Path, tmp_path: Path, name: str) -> None:
    """It is found when the store is opened, and nothing is concluded from it."""
    path = copied(whole, tmp_path)
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("PRAGMA ignore_check_constraints = ON")
        assert store.execute(IMPOSSIBLE[name]).rowcount > 0
    with pytest.raises(StoreDamagedError):
        check(path)


def looked_at(path: Path) -> None:
    """Read all that people may read."""
    people = open_for_people(path)
    assert people is not None
    with closing(people), snapshot(people) as view:
        view.overview(NOW)
        for row in view.bills(BillFilter()):
            view.bill(row.path)


def taken_up(path: Path) -> None:
    """Read all that the agent reads when it starts."""
    store = Store(path)
    try:
        with store.transaction():
            for folder in store.folders():
                store.files_in(folder.id)
            store.holds()
            store.next_due(NOW)
            store.pull_back(NOW, 10.0)
    finally:
        store.close()


@pytest.mark.parametrize("act", [looked_at, taken_up])
@pytest.mark.parametrize("seed", seeds(4))
def test_any_change_of_a_row_is_named_or_harmless(
    whole: Path, tmp_path: Path, act: Callable[[Path], Any], seed: int
) -> None:
    """Whatever was put where: it is read, or the store is named as damaged."""
    source = random.Random(seed)  # noqa: S311  # repeatable
    for _ in range(25):
        path = copied(whole, tmp_path)
        done = [change_a_row(path, source) for _ in range(source.choice([1, 1, 2]))]
        with suppress(StoreDamagedError):
            act(path)
        assert path.exists(), done


def test_a_moment_in_a_far_future_is_not_waited_for(whole: Path, tmp_path: Path) -> None:
    """What is due in the year 4000, by a clock that was wrong, is due when the agent starts."""
    path = copied(whole, tmp_path)
    with closing(sqlite3.connect(path)) as by_hand, by_hand:
        by_hand.execute("UPDATE submissions SET due = 64060588800.0 WHERE due IS NOT NULL")
    store = Store(path)
    with store.transaction():
        store.pull_back(NOW, 6 * 3600.0)
    due = store._connection.execute("SELECT max(due) FROM submissions").fetchone()[0]
    store.close()
    assert due is None or due <= NOW
