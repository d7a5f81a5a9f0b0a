"""Seeded random journeys: whatever people, Nectar and the machine do, the promises hold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bill_files import bill_pdf
from invariants import check
from journey_world import HOUR, KEY, MakeWorld, World

from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault, Outcome, UploadRule
from agent.emulator.requests import Cut
from agent.emulator.world import HARBOR_MILL_FOODS
from agent.pipeline.work import Kind

FOLDERS = {"Plant 7": "PLANT-07", "Plant 8": "PLANT-08", "Inbox": "PLANT-07"}
CONTENTS = [*(bill_pdf(account=f"9-{number}") for number in range(6)), b"no bill at all", b""]
NAMES = ["A.pdf", "B.pdf", "c/A.pdf", "D.PDF"]
ACTIONS = 40


class RandomHands:
    """People, Nectar and the machine, all at random from one seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)  # noqa: S311  # repeatable on purpose
        self.said: list[str] = []

    def act(self) -> None:
        """Do one thing, and let some time pass."""
        actions: list[Callable[[], None]] = [
            *[self.drop] * 6,
            *[self.move] * 4,
            *[self.delete] * 2,
            *[self.remove_result] * 2,
            *[self.edit_result] * 1,
            *[self.put_foreign] * 1,
            *[self.kill] * 3,
            *[self.fault] * 4,
            *[self.restart] * 1,
            *[self.ask] * 3,
            *[self.blink] * 2,
            *[self.sleep] * 1,
            *[self.correct] * 2,
            *[self.archive] * 1,
            *[self.nest] * 1,
        ]
        action = self.random.choice(actions)
        self.said.append(action.__name__)
        action()
        self.world.advance(self.random.choice([0.01, 0.5, 3.0, 11.0, 30.0, 70.0, 600.0, 3 * HOUR]))

    def some_name(self) -> str:
        """Return a place for a bill."""
        return f"{self.random.choice(list(FOLDERS))}/{self.random.choice(NAMES)}"

    def some_bill(self) -> str | None:
        """Return a bill that is there."""
        names = [
            path.relative_to(self.world.root).as_posix()
            for path in self.world.originals
            if path.suffix.lower() == ".pdf"
        ]
        return self.random.choice(sorted(names)) if names else None

    def drop(self) -> None:
        """Drop a file."""
        name = self.some_name()
        self.world.drop(name, self.random.choice(CONTENTS))
        self.leave_to_the_agent(name)

    def move(self) -> None:
        """Move a file, perhaps over another one, perhaps with its result."""
        name, to = self.some_bill(), self.some_name()
        if name is None or name == to:
            return
        self.world.move(name, to)
        if self.random.random() < 0.3 and self.world.has_result(name):
            self.world.move(f"{name}.json", f"{to}.json")
        self.leave_to_the_agent(name)
        self.leave_to_the_agent(to)

    def leave_to_the_agent(self, name: str) -> None:
        """Let a result that was edited count as the agent's, which adopts it with its bytes."""
        path = self.world.root / f"{name}.json"
        if path in self.world.originals and b"nectar-bill-result" in path.read_bytes():
            del self.world.originals[path]

    def delete(self) -> None:
        """Delete a file."""
        if (name := self.some_bill()) is not None:
            self.world.delete(name)

    def remove_result(self) -> None:
        """Take a result away."""
        name = self.some_bill()
        if name is not None and self.world.has_result(name):
            self.world.delete(f"{name}.json")

    def edit_result(self) -> None:
        """Edit a result."""
        name = self.some_bill()
        if name is not None and self.world.has_result(name):
            self.world.edit_result(name)

    def put_foreign(self) -> None:
        """Put somebody else's JSON where a result may come."""
        name = self.some_name()
        if not self.world.has_result(name):
            self.world.drop(f"{name}.json", b'{"from": "another program"}')

    def kill(self) -> None:
        """Let the agent die in some step."""
        self.world.kill_during(
            self.random.choice(list(Kind)), self.random.choice(["before", "after"])
        )

    def fault(self) -> None:
        """Let Nectar fail for a while, or do well again."""
        path = self.random.choice(["*", "/job/company/*", "/job/*", "/document/*", "/company/*"])
        fault = self.random.choice(
            [
                Fault(path=path, status=502, carried_out=True, times=2),
                Fault(path=path, status=503, times=3),
                Fault(path=path, cut=Cut.AFTER_BODY, times=2),
                Fault(path=path, cut=Cut.IN_BODY, times=2),
                Fault(path=path, cut=Cut.IN_ANSWER, times=2),
                Fault(path="/job/company/*", status=403, times=2),
                Fault(path=path, delay_seconds=60.0, times=2),
            ]
        )
        rule = UploadRule(
            outcome=self.random.choice(list(Outcome)[:9]),
            processing_seconds=self.random.choice([1.0, 60.0, 900.0]),
            times=2,
        )
        self.world.behaviour = Behaviour(keys=(KEY,), faults=(fault,), uploads=(rule,))

    def restart(self) -> None:
        """Start the agent anew."""
        self.world.restart()

    def ask(self) -> None:
        """Ask something about some file."""
        name = self.some_bill()
        kind = self.random.choice(["retry", "send", "rewrite", "dismiss", "rescan"])
        if kind == "rescan":
            self.world.ask("rescan")
        elif name is not None:
            self.world.ask(kind, files=[self.world.path(name)])

    def blink(self) -> None:
        """Let a folder go away for a while."""
        folder = self.random.choice(list(FOLDERS))
        self.world.rename_root(folder, "away")
        self.world.advance(self.random.choice([1.0, 90.0, HOUR]))
        self.world.rename_root("away", folder)

    def sleep(self) -> None:
        """Let the machine sleep."""
        self.world.wake_after_sleep(hours=self.random.choice([0.1, 9.0, 80.0]))

    def correct(self) -> None:
        """Let Nectar correct or delete a document."""
        documents = sorted(self.world.emulator.world.documents)
        if not documents:
            return
        chosen, now = self.random.choice(documents), self.world.now.utc
        if self.random.random() < 0.2:
            changes.delete_document(self.world.emulator.world, now, chosen)
        else:
            members = {"totalCharges": f"{self.random.randrange(1000)}.10"}
            changes.correct_document(self.world.emulator.world, now, chosen, members)

    def archive(self) -> None:
        """Archive a site, or bring it back."""
        day = self.random.choice([None, "2026-01-31"])
        changes.archive_site(self.world.emulator.world, self.world.now.utc, "PLANT-08", day)

    def nest(self) -> None:
        """Watch a folder inside another one for another site, or no longer."""
        nested = {**FOLDERS, "Plant 7/c": "PLANT-08"}
        self.world.configure(self.random.choice([FOLDERS, nested]))


@pytest.mark.parametrize("seed", range(8))
def test_a_random_journey(make_world: MakeWorld, seed: int) -> None:
    """Nothing is lost, harmed, doubled or left half done, and in the end all is still."""
    world = make_world(folders=FOLDERS, scan_seconds=600, refresh_hours=6.0)
    changes.add_site(
        world.emulator.world, world.now.utc, HARBOR_MILL_FOODS.id, "Plant 8", "PLANT-08"
    )
    hands = RandomHands(world, seed)
    for _ in range(ACTIONS):
        hands.act()
        check(world, is_still=False)
    world.behaviour = Behaviour(keys=(KEY,))
    world._kill = None
    changes.archive_site(world.emulator.world, world.now.utc, "PLANT-08", day=None)
    world.advance(days=1)
    world.run_until_still(limit=8 * 86400)
    check(world)
    bills = {path for path in world.originals if path.suffix.lower() == ".pdf"}
    known = {Path(world.path(name)): state for name, state in world.bills().items()}
    assert known.keys() == bills, "what is seen is not what lies there"
    strange = {
        path.name: (state, hands.said)
        for path, state in known.items()
        if state[0] in ("waiting", "sent")
    }
    assert strange == {}, "something never ended"
    assert not any("internal error" in line for line in world.history())
    jobs = Counter((each.sha256, each.site_id) for each in world.uploads())
    assert all(count <= 6 for count in jobs.values())
