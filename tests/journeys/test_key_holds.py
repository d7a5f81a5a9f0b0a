"""A new key, wherever it is put: used within the promised time, and looked for only with reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from bill_files import bill_pdf, bills
from hold_world import HoldWorld, MakeHoldWorld
from journey_world import HOUR, KEY

from agent.emulator.behaviour import Behaviour
from agent.system.secret import Secret

BILL = "Plant 7/Bill.pdf"
NEW_KEY = "another-key-77aa"


class CountingKeyStore:
    """A key store that says how often it was read."""

    def __init__(self, key: str | None = None) -> None:
        self.held = key
        self.reads = 0

    def read(self, api: str, environment: str) -> Secret | None:
        """Return what was stored."""
        del api, environment
        self.reads += 1
        return Secret(self.held) if self.held else None


def with_key_file(make_hold_world: MakeHoldWorld, tmp_path: Path, **given: Any) -> HoldWorld:
    """Return a world whose key is in a file."""
    file = tmp_path / "nectar.key"
    put_key(file, KEY)
    return make_hold_world(key_file=file, **given)


def put_key(file: Path, key: str) -> None:
    """Write a key as a careful person does."""
    file.write_text(f"{key}\n", encoding="ascii")
    file.chmod(0o600)


def revoke(world: HoldWorld) -> None:
    """Let the key be good no more, and the next one be."""
    world.behaviour = Behaviour(keys=(NEW_KEY,))


def wait_long(world: HoldWorld) -> None:
    """Let bills wait until the probes are slow."""
    for number, content in enumerate(bills(5)):
        world.drop(f"Plant 7/{number}.pdf", content)
    world.advance(3 * HOUR + 300)
    assert world.holds().keys() <= {"key-refused", "key-missing"}
    assert world.holds()


def is_all_done(world: HoldWorld) -> bool:
    """Whether every bill has its result, and nothing holds."""
    return set(world.bills().values()) == {("done", None)} and world.holds() == {}


def test_a_new_key_in_the_file(make_hold_world: MakeHoldWorld, tmp_path: Path) -> None:
    """Revoked, and another one put into the file: used within a minute, with one notice."""
    world = with_key_file(make_hold_world, tmp_path)
    revoke(world)
    wait_long(world)
    put_key(tmp_path / "nectar.key", NEW_KEY)
    before = world.now.utc
    while "key-refused" in world.holds():
        world.advance(1)
    assert world.now.utc - before <= 60
    world.advance(120)
    assert is_all_done(world)
    assert world.hold_notices("key-refused") == 1


def test_a_key_file_that_appears(make_hold_world: MakeHoldWorld, tmp_path: Path) -> None:
    """Missing at first: used within a minute once it is there, and readable by nobody else."""
    world = with_key_file(make_hold_world, tmp_path)
    file = tmp_path / "nectar.key"
    file.unlink()
    wait_long(world)
    assert "missing" in world.holds()["key-missing"].message
    put_key(file, KEY)
    world.advance(180)
    assert is_all_done(world)


@pytest.mark.skipif(os.name == "nt", reason="access lists decide there")
def test_a_key_file_that_others_can_read(make_hold_world: MakeHoldWorld, tmp_path: Path) -> None:
    """It is not used; once its rights are right it is, within a minute."""
    world = with_key_file(make_hold_world, tmp_path)
    file = tmp_path / "nectar.key"
    file.chmod(0o644)
    wait_long(world)
    assert "chmod 600" in world.holds()["key-missing"].advice
    file.chmod(0o600)
    world.advance(180)
    assert is_all_done(world)


def test_a_new_key_from_key_set(make_hold_world: MakeHoldWorld) -> None:
    """`key set`: the new one is used at once."""
    store = CountingKeyStore(KEY)
    world = make_hold_world(key_store=store)
    revoke(world)
    wait_long(world)
    store.held = NEW_KEY
    world.ask("key-changed")
    world.advance(5)
    assert world.holds() == {}
    world.advance(120)
    assert is_all_done(world)


def test_a_key_from_the_environment_counts_from_the_next_start(
    make_hold_world: MakeHoldWorld,
) -> None:
    """A process cannot see its environment change: the next start uses it, before all others."""
    world = make_hold_world(key_store=CountingKeyStore(KEY))
    revoke(world)
    wait_long(world)
    world.environ = {"NECTAR_API_KEY": NEW_KEY}
    world.restart()
    world.advance(180)
    assert is_all_done(world)
    assert world.hold_notices("key-refused") == 1


def test_the_key_store_is_read_only_with_reason(make_hold_world: MakeHoldWorld) -> None:
    """A locked key store asks its user each time: read at start and on a key hold, else never."""
    store = CountingKeyStore(KEY)
    world = make_hold_world(key_store=store)
    world.drop(BILL, bill_pdf())
    world.run_until_still()
    world.network.is_cut = True
    world.drop("Plant 7/Next.pdf", bill_pdf(account="next"))
    world.advance(6 * HOUR)
    assert "no-connection" in world.holds()
    world.network.is_cut = False
    world.advance(HOUR)
    assert is_all_done(world)
    assert store.reads == 1
    revoke(world)
    world.drop("Plant 7/Last.pdf", bill_pdf(account="last"))
    world.advance(HOUR)
    assert 4 <= store.reads <= 10
