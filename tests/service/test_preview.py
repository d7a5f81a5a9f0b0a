"""The look ahead of `init`: what would be sent, what not, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stored_bills import WORLD, StoredBills

from agent.bills.answers import Company, CompanySites, Site
from agent.bills.change import Change
from agent.bills.names import MARK_NAME
from agent.bills.rows import CompanyKey
from agent.config import Settings, load
from agent.service.places import folder_plans
from agent.service.preview import FolderPreview, preview
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.snapshot import Snapshot, snapshot
from agent.system.identity import agent_identity

COMPANY = Company("3f0a", "Harbor Mill Foods", "HMF")
SITES = {
    CompanyKey("HMF"): CompanySites(
        COMPANY, (Site("5d7c", "Harbor Mill Plant 7", "PLANT-07", None),)
    )
}


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    """A watched folder."""
    folder = tmp_path / "bills"
    folder.mkdir()
    return folder


def settings(bills: Path, site: str = "PLANT-07") -> Settings:
    """Return settings with one folder."""
    path = bills.parent / "config.toml"
    path.write_text(
        f"[nectar]\ncompany = 'HMF'\n[[folders]]\npath = '{bills}'\nsite = '{site}'\n"
        f"[agent]\ndata_dir = '{bills.parent / 'data'}'\n",
        "utf-8",
    )
    return load(path, os.environ)


def look(bills: Path, known: Snapshot | None = None) -> FolderPreview:
    """Return the only folder's preview."""
    (seen,) = preview(settings(bills), SITES, known)
    return seen


@contextmanager
def stored(bills: Path, fill: Any) -> Iterator[Snapshot]:
    """Let a store be filled, and read it."""
    writer = StoredBills(bills.parent / "data")
    fill(writer)
    writer.close()
    store = open_for_people(store_path(bills.parent / "data"))
    assert store is not None
    with closing(store), snapshot(store, folder_plans(settings(bills))) as known:
        yield known


def result(bill: Path, **members: Any) -> None:
    """Write a result as the agent does."""
    content: dict[str, Any] = {
        "format": "nectar-bill-result/1",
        "outcome": "processed",
        "file": {"name": bill.name, "size": bill.stat().st_size, "sha256": "0" * 64},
        "site": {"externalId": "PLANT-07", "id": "5d7c", "name": None},
        "company": None,
        "api": WORLD.api,
        "environment": WORLD.environment,
        "job": None,
        "documents": [],
        "duplicates": [],
        "revision": 1,
    }
    bill.with_name(f"{bill.name}.json").write_text(json.dumps(content | members), "utf-8")


def test_what_has_a_result_is_not_sent_again(bills: Path) -> None:
    """Our results count as done, others' files of that name as taken, too large ones as that."""
    for name in ("new.pdf", "done.pdf", "taken.pdf", "replaced.pdf", "large.pdf"):
        (bills / name).write_bytes(b"x" * 10)
    result(bills / "done.pdf")
    result(bills / "replaced.pdf", file={"name": "r", "size": 11, "sha256": "0" * 64})
    (bills / "taken.pdf.json").write_text("{}", "utf-8")
    os.truncate(bills / "large.pdf", 25_000_001)
    seen = look(bills)
    assert (seen.new, seen.with_result, seen.name_taken, seen.too_large) == (1, 1, 2, 1)
    (portion,) = seen.portions.values()
    assert (portion.site, portion.name, portion.size) == ("PLANT-07", "Harbor Mill Plant 7", 10)


def test_what_the_store_knows_is_not_sent_again(bills: Path) -> None:
    """Bills that are done, or left alone, do not count; those that wait still do."""
    for name in ("done.pdf", "left.pdf", "found.pdf"):
        (bills / name).write_bytes(b"x")

    def fill(store: StoredBills) -> None:
        folder = store.folder(bills)
        store.done(folder, "done.pdf")
        store.left(folder, "left.pdf")
        store.found(folder, "found.pdf")

    with stored(bills, fill) as known:
        seen = look(bills, known)
    assert (seen.new, seen.with_result) == (1, 2)


@pytest.mark.parametrize(("bills_there", "is_asked"), [(25, False), (26, True)])
def test_a_first_look_asks_about_many(bills: Path, bills_there: int, is_asked: bool) -> None:
    """More than 25 wait for a word; those with a result do not count."""
    for number in range(bills_there):
        (bills / f"{number}.pdf").write_bytes(b"x")
    (bills / "done.pdf").write_bytes(b"x")
    result(bills / "done.pdf")
    assert look(bills).is_asked is is_asked


def test_a_folder_that_was_looked_at_asks_no_more(bills: Path) -> None:
    """Once the agent has looked, what comes goes."""
    for number in range(26):
        (bills / f"{number}.pdf").write_bytes(b"x")
    with stored(bills, lambda store: _looked_at(store, bills)) as known:
        assert not look(bills, known).is_asked


def _looked_at(store: StoredBills, bills: Path) -> None:
    folder = store.folder(bills)
    store.record(Change(folder=replace(folder, first_look=WORLD.key)))


def test_our_own_mark_without_a_store_always_asks(bills: Path) -> None:
    """After a lost store nobody knows what was sent."""
    (bills / "one.pdf").write_bytes(b"x")
    data_dir = bills.parent / "data"
    mark(bills, agent_identity(str(data_dir)).id)
    seen = look(bills)
    assert seen.is_asked
    assert seen.was_served


def test_what_hinders_is_said(bills: Path) -> None:
    """Another machine's folder, and one that is not there."""
    (bills / "one.pdf").write_bytes(b"x")
    mark(bills, "f00")
    taken = look(bills)
    assert taken.problem is not None
    assert taken.problem.code == "folder-taken"
    assert "OTHER-PC" in str(taken.problem)
    (gone,) = preview(settings(bills.with_name("gone")), SITES, None)
    assert gone.problem is not None
    assert gone.problem.code == "folder-missing"


def test_without_a_site_it_would_wait(bills: Path) -> None:
    """Each reason once, with its number; what Nectar was not asked about is believed."""
    for place in ("Lost.pdf", "PLANT-07/a.pdf", "Elsewhere/b.pdf", "Elsewhere/c.pdf"):
        (bills / place).parent.mkdir(exist_ok=True)
        (bills / place).write_bytes(b"x")
    (seen,) = preview(settings(bills, "{subfolder}"), SITES, None)
    assert list(seen.portions) == ["PLANT-07"]
    assert sorted(seen.waiting.values()) == [1, 2]
    (seen,) = preview(settings(bills, "{subfolder}"), {}, None)
    assert {site: each.files for site, each in seen.portions.items()} == {
        "PLANT-07": 1,
        "Elsewhere": 2,
    }


def mark(bills: Path, agent_id: str) -> None:
    """Leave an owner's mark."""
    content = {"agentId": agent_id, "machine": "OTHER-PC", "user": "mara", "since": "2026-01-01"}
    (bills / MARK_NAME).write_text(json.dumps(content), "utf-8")
