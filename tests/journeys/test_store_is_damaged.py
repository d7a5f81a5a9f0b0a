"""Whatever becomes of the store's files: nothing is sent again, no result and no original changes.

One world is lived once: a bill that is done, one whose result an importer took away, one that was
rejected, one that Nectar reads for days. Then its store is damaged in one way after the other, as
the agent left it or as a killed agent left it; each time the agent is started again and lives on
for a while.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import damage
import pytest
from bill_files import bill_pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invariants import check
from journey_world import DAY, KEY, MakeWorld, World, results

from agent.bills.errors import AgentError, NeedsAttention
from agent.emulator.behaviour import Behaviour, UploadRule
from agent.files.examiner import Examiner
from agent.pipeline.work import Kind, Report
from agent.store.beginning import note_suspicion
from agent.store.checking import examine
from agent.store.naming import StoreDamagedError

EXAMPLES = 400 if "SLOW_TESTS" in os.environ else 40
IMPORTED = "Plant 7/Imported.pdf.json"
SLOW = UploadRule(file_name="Slow*", processing_seconds=900 * DAY)


class Lived:
    """A world that was lived, and how its data directory was left, by a stop and by a kill."""

    def __init__(self, world: World, left: dict[bool, dict[Path, bytes]]) -> None:
        self.world = world
        self._left = left
        self._results = results(world)
        self._sent = len(world.uploads())
        self._refusals: list[NeedsAttention] = []
        self._stops: list[tuple[str, str | None]] = []

    def put_back(self, *, killed: bool) -> Path:
        """Let the data directory be as it was left; return where the store lies."""
        path = self.world.end()
        for file in path.parent.iterdir():
            file.unlink()
        self.world.root.joinpath(IMPORTED).unlink(missing_ok=True)
        for file, content in self._left[killed].items():
            file.write_bytes(content)
        return path

    def live(self) -> None:
        """Start the agent and let it live on; it may stop over damage and be started again."""
        world = self.world
        try:
            world.begin_again()
        except NeedsAttention as refusal:
            self._refusals.append(refusal)
            for file in world._data.iterdir():  # as the advice has it
                file.unlink()
            world.begin_again()
        self.live_on()

    def live_on(self) -> None:
        """Let the agent live on; it may stop over damage, once, and be started again."""
        try:
            self._live_on()
        except StoreDamagedError as found:
            note_suspicion(self.world.end(), found.message)
            lost = self.world.begin_again()
            self._stops.append((found.message, lost))
            self._live_on()

    def _live_on(self) -> None:
        """As the main loop does: what is not damage is tried again; the store may be to blame."""
        for _ in range(20):
            try:
                self.world.advance(300)
            except StoreDamagedError:
                raise
            except AgentError:
                examine(self.world.store.path)
            else:
                examine(self.world.store.path)
                return
        raise AssertionError("one error after the other")

    def check(self, *, may_be_back: bool) -> None:
        """Fail where something was sent, or something beside the bills is not as it was.

        ``may_be_back`` is whether the last commits may be lost, in which a result was noticed to
        have been taken away.
        """
        assert len(self.world.uploads()) == self._sent, "something was sent"
        found = results(self.world)
        if may_be_back:
            found.pop(IMPORTED, None)
        assert found == self._results
        check(self.world, is_still=False)
        assert all(refusal.advice.endswith(".") for refusal in self._refusals)
        assert all(lost for _, lost in self._stops), "it stopped, and was begun with again"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, examiner: Examiner) -> Iterator[Lived]:
    """Live one world up to the point from which every example starts."""
    behaviour = Behaviour(keys=(KEY,), uploads=(SLOW,))
    world = World(tmp_path_factory.mktemp("lived"), examiner, behaviour=behaviour)
    world.drop("Plant 7/Done.pdf", bill_pdf())
    world.drop("Plant 7/Imported.pdf", bill_pdf(account="imported"))
    world.drop("Plant 7/Empty.pdf", b"no bill at all")
    world.drop("Plant 7/Slow.pdf", bill_pdf(account="slow"))
    world.advance(60)
    world.delete("Plant 7/Imported.pdf.json")
    world.advance(300)
    assert world.bills() == {
        "Plant 7/Done.pdf": ("done", None),
        "Plant 7/Imported.pdf": ("done", "result-removed"),
        "Plant 7/Empty.pdf": ("rejected", "not-a-bill-file"),
        "Plant 7/Slow.pdf": ("sent", None),
    }
    left = {}
    for killed in (True, False):
        path = world.end(killed=killed)
        left[killed] = {file: file.read_bytes() for file in path.parent.iterdir()}
        world.begin_again()
    yield Lived(world, left)
    world.close()


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(killed=st.booleans(), damages=st.lists(damage.anything, min_size=1, max_size=2))
@pytest.mark.timeout(900)
def test_any_damage_while_the_agent_is_not_there(
    lived: Lived, killed: bool, damages: list[damage.Damage]
) -> None:
    """The agent starts on it, or refuses to with a next step; it sends and changes nothing."""
    path = lived.put_back(killed=killed)
    for each in damages:
        each.do(path)
    lived.live()
    lived.check(may_be_back=killed and any(each.of_log for each in damages))


@pytest.mark.skipif(sys.platform == "win32", reason="an open file is nobody else's there")
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(done=damage.in_place, wait=st.sampled_from([0.0, 30.0, 90.0]))
@pytest.mark.timeout(900)
def test_any_damage_while_the_agent_runs(lived: Lived, done: damage.Damage, wait: float) -> None:
    """The agent goes on, or stops over it once; then it begins anew and sends nothing."""
    path = lived.put_back(killed=False)
    lived.world.begin_again()
    lived.world.advance(wait)
    done.do(path)
    lived.live_on()
    lived.live()
    lived.check(may_be_back=False)


@pytest.mark.parametrize("of_log", ["missing", "garbage"])
def test_the_log_is_lost_with_an_upload_under_way(
    make_world: MakeWorld, of_log: Literal["missing", "garbage"]
) -> None:
    """A kill and a lost log at once: the upload was written down in the file before it left."""
    world = make_world()
    world.drop("Plant 7/First.pdf", bill_pdf(account="first"))
    world.run_until_still()
    world.drop("Plant 7/Bill.pdf", bill_pdf())
    world.advance(9.0)
    world.held = []
    while not any(step.kind is Kind.SEND for step in world.held):
        world.advance(0.5)
        for step in [each for each in world.held if each.kind is not Kind.SEND]:
            world.held.remove(step)
            world.scheduler.report(Report(step, step.run()))
    (sending,) = world.held
    path = world.end(killed=True)
    sending.run()  # Nectar takes it; the answer reaches nobody
    damage.Damage(of_log=True, way=of_log, content=b"garbage").do(path)
    world.held = None
    assert world.begin_again() is None
    world.run_until_still()
    assert world.bill("Plant 7/Bill.pdf") == ("done", None)
    assert len(world.uploads()) == 2
