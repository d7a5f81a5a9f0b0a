"""Each commit refused once in turn, as by a disk that is full for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bill_files import bill_pdf
from hold_causes import CLINIC
from journey_world import KEY
from troubled_world import MortalStore, TroubledWorld

from agent.bills.errors import NeedsAttention
from agent.emulator.behaviour import Behaviour, Fault
from agent.files.examiner import Examiner
from agent.store.connecting import store_path


SITES_LATE = Fault(path="/company*", times=3, status=503)


class RefusingStore(MortalStore):
    """The real store, but one commit is refused."""

    until_refusal: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction, or refuse its commit."""
        with super().transaction():
            yield
            if self.until_refusal is not None:
                self.until_refusal -= 1
                if self.until_refusal < 0:
                    self.until_refusal = None
                    raise NeedsAttention("disk-full", "No space.", "Make room.")


class RefusedWorld(TroubledWorld):
    """A world in which a turn that could not be written is done again a second later."""

    store: RefusingStore

    def turn(self) -> float | None:
        """Do one turn, as the service does it."""
        try:
            return super().turn()
        except NeedsAttention:
            return self.now.utc + 1.0

    def _open_store(self) -> RefusingStore:
        return RefusingStore(store_path(self._data))


def test_each_commit_refused_once(tmp_path: Path, examiner: Examiner) -> None:
    """Whichever it is, what the turn learned is not forgotten: each bill is sent once and done.

    The bills are examined while the company is read in vain under changed settings, and wait for
    it.
    """
    refused = 0
    while True:
        place = tmp_path / str(refused)
        place.mkdir()
        world = RefusedWorld(place, examiner, folders={"Plant 7": "PLANT-07"}, scan_seconds=900)
        try:
            world.run_until_still()
            world.drop("Plant 7/One.pdf", bill_pdf(account="one"))
            world.drop("Plant 7/Two.pdf", bill_pdf(account="two"))
            world.advance(world.settings.detection.quiet_seconds - 1)
            world.behaviour = Behaviour(keys=(KEY,), faults=(SITES_LATE,))
            _configure(world, {**world.folders, "Clinic": CLINIC})
            world.store.until_refusal = refused
            world.advance(300)
            was_refused = world.store.until_refusal is None
            assert set(world.bills().values()) == {("done", None)}, f"commit {refused}"
            assert len(world.bills()) == len(world.uploads()) == 2, f"commit {refused}"
        finally:
            world.close()
        if not was_refused:
            break
        refused += 1
    assert refused > 10


def _configure(world: RefusedWorld, folders: dict[str, str]) -> None:
    """Put settings in force; as the service does, once more where they were not written."""
    try:
        world.configure(folders)
    except NeedsAttention:
        world.advance(1.0)
        world.configure(folders)
