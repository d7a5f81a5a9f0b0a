"""Random days of two machines on one folder: events from a seed, and what must hold after them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from bill_files import bill_pdf
from invariants import check
from journey_world import DAY, HOUR, KEY
from random_days import Event
from two_machines import Machine, TwoMachines, conflicted
from worlds import place_in_memory

from agent.bills.names import MARK_NAME
from agent.emulator import changes
from agent.emulator.behaviour import Behaviour, Fault
from agent.emulator.requests import Cut
from agent.files.examiner import Examiner
from agent.pipeline.work import Kind

LENGTH = 12
"""Events in the days of a pair."""
FOLDER = "Plant 7"
NAMES = tuple(f"{FOLDER}/{name}.pdf" for name in "ABCDE")
CONTENTS = (*(bill_pdf(account=f"9-{number}") for number in range(6)), b"no bill at all")
PAUSES = (0.01, 0.5, 3.0, 12.0, 40.0, 90.0, 700.0, 2 * HOUR)
FAULTS = (
    Fault(path="/job/company/*", status=502, carried_out=True),
    Fault(path="/job/company/*", status=502),
    Fault(path="/job/company/*", cut=Cut.AFTER_BODY),
    Fault(path="*", status=503, times=3),
)
_ENDED: tuple[Any, ...] = ("done", "rejected")
STEPS = (Kind.SEND, Kind.SEND, Kind.WRITE, Kind.POLL, Kind.READ_FOLDER, Kind.READ_DOCUMENTS)


class PairOfHands:
    """People, Nectar, the sync program and the power supply at work on two machines."""

    def __init__(self, two: TwoMachines) -> None:
        self.two = two
        self.was_apart = False
        """Whether each copy ever had a mark of its own."""
        self.removed: set[str] = set()
        """Results that a person took away."""

    def look(self) -> None:
        """Notice whether the copies differ about their owner."""
        self.was_apart = self.was_apart or len(self.marks()) > 1

    def marks(self) -> set[str]:
        """Return the agents that the marks in the copies name."""
        paths = [machine.world.root / FOLDER / MARK_NAME for machine in self.two.machines]
        return {json.loads(path.read_bytes())["agentId"] for path in paths if path.exists()}

    def drop(self, side: int, name: int, content: int) -> None:
        """Drop a bill, perhaps over another one."""
        self.two.machines[side].world.drop(NAMES[name], CONTENTS[content])

    def delete(self, side: int, name: int) -> None:
        """Delete a bill."""
        world = self.two.machines[side].world
        if world.root / NAMES[name] in world.originals:
            world.delete(NAMES[name])

    def remove_mark(self, side: int) -> None:
        """Delete the mark, as a person may who shows hidden files."""
        (self.two.machines[side].world.root / FOLDER / MARK_NAME).unlink(missing_ok=True)

    def kill(self, side: int, step: int, is_after: bool) -> None:
        """Let an agent die in a step; it starts again at once."""
        world = self.two.machines[side].world
        world.kill_during(STEPS[step], "after" if is_after else "before")

    def switch(self, side: int) -> None:
        """Switch a machine off, or on."""
        machine = self.two.machines[side]
        if machine.state == "off":
            self.two.start(machine)
        else:
            self.two.switch_off(machine)

    def sleep(self, side: int, is_in_send: bool) -> None:
        """Let a machine fall asleep, perhaps with an upload in hand."""
        machine = self.two.machines[side]
        if machine.state == "on" and machine.sleeps_in is None:
            self.two.fall_asleep(machine, within=Kind.SEND if is_in_send else None)

    def wake(self, side: int) -> None:
        """Wake a machine that sleeps."""
        machine = self.two.machines[side]
        if machine.state == "asleep":
            self.two.wake(machine)

    def take(self, side: int) -> None:
        """Let a person take the folder to a machine."""
        machine = self.two.machines[side]
        if machine.state == "on" and machine.sleeps_in is None:
            self.two.take(machine)

    def cut(self, side: int, is_cut: bool) -> None:
        """Cut a machine's line to Nectar, or mend it."""
        self.two.machines[side].world.network.is_cut = is_cut

    def behave(self, fault: int | None, seconds: float) -> None:
        """Let Nectar fail in some way, and take so long to read a bill."""
        faults = () if fault is None else (FAULTS[fault],)
        self.two.emulator.behaviour = Behaviour(
            keys=(KEY,), processing_seconds=seconds, faults=faults
        )

    def correct(self, number: int) -> None:
        """Let Nectar correct a bill."""
        documents = sorted(self.two.emulator.world.documents)
        if documents:
            chosen = documents[number % len(documents)]
            members = {"totalCharges": f"{number}.10"}
            changes.correct_document(self.two.emulator.world, self.two.now, chosen, members)

    def sync(self, is_paused: bool, seconds: float) -> None:
        """Pause the sync program or let it work, quickly or slowly."""
        if self.two.sync is not None:
            self.two.sync.is_paused = is_paused
            self.two.sync.delay = lambda _: seconds

    def mend_all(self) -> None:
        """Let everything work again."""
        self.behave(None, 1.0)
        self.sync(is_paused=False, seconds=5.0)
        for side, machine in enumerate(self.two.machines):
            self.cut(side, is_cut=False)
            machine.world._kill = None
            self.wake(side)
            if machine.state == "off" or machine.sleeps_in is not None:
                self.two.start(machine)


def live_pair(events: Iterable[Event], examiner: Examiner, *, copies: bool) -> None:
    """Live through days until all is still; AssertionError where a promise broke."""
    with place_in_memory() as place:
        two = TwoMachines(
            place, examiner, copies=copies, longest_jump=3600.0, scan_seconds=1800.0,
            refresh_hours=6.0,
        )  # fmt: skip
        try:
            hands = PairOfHands(two)
            for event in events:
                getattr(hands, event.name)(*event.arguments)
                hands.look()
                two.advance(event.pause)
                hands.look()
            hands.mend_all()
            two.advance(hours=7)
            two.run_until_still(limit=8 * DAY)
            _check_at_the_end(two, hands)
        finally:
            two.close()


def live_pair_of_seed(seed: int, examiner: Examiner) -> None:
    """Live through the days of a seed, in one tree or in two copies; the error names the seed."""
    try:
        live_pair(random_days_of_two(seed), examiner, copies=seed % 2 == 1)
    except Exception as error:
        error.add_note(f"pair {seed}: {random_days_of_two(seed)}")
        raise


def _check_at_the_end(two: TwoMachines, hands: PairOfHands) -> None:
    owners = [machine for machine in two.machines if not machine.is_held()]
    assert len(owners) == 1, "exactly one machine serves the folder"
    (owner,) = owners
    assert hands.marks() == {owner.world.identity.id}, "the marks name another"
    for machine in two.machines:
        check(machine.world, is_alone=False)
        assert not any("internal error" in line for line in machine.world.history())
        _check_results_are_there(machine)
    states = owner.world.bills()
    # Two bills of one name in two copies: the sync program may put one's result beside the other.
    ended = (*_ENDED, ("asks", "result-name-taken")) if hands.was_apart else _ENDED
    strange = {
        name: state
        for name, state in states.items()
        if state not in ended and state[0] not in ended
    }
    assert strange == {}, "something never ended"
    bills = {path for path in owner.world.originals if path.suffix == ".pdf"}
    assert {owner.world.root / name for name in states} == bills, "what is seen is not there"
    _check_sent_once(two, hands)


def _check_results_are_there(machine: Machine) -> None:
    for path in machine.world.originals:
        name = path.relative_to(machine.world.root).as_posix()
        if path.suffix == ".pdf":
            # Of two results of one name the sync program may have put ours aside.
            aside = path.with_name(conflicted(f"{path.name}.json"))
            assert machine.world.has_result(name) or aside.exists(), f"{name} has no result"


def _check_sent_once(two: TwoMachines, hands: PairOfHands) -> None:
    """The same bytes go once; again with a recorded reason, or once a machine while apart."""
    excused = {
        row.sha256
        for machine in two.machines
        for row in machine.world.submissions()
        if row.reason is not None
    }
    sent = Counter(each.sha256 for each in two.emulator.world.uploads.values())
    most = 2 if hands.was_apart else 1
    for sha256, count in sent.items():
        assert count <= most or sha256 in excused, f"{sha256} was sent {count} times"


_Maker = Callable[[random.Random], tuple[Any, ...]]


def _side(dice: random.Random) -> int:
    return dice.randrange(2)


_MAKERS: dict[str, tuple[float, _Maker]] = {
    "drop": (8, lambda d: (_side(d), d.randrange(len(NAMES)), d.randrange(len(CONTENTS)))),
    "delete": (1, lambda d: (_side(d), d.randrange(len(NAMES)))),
    "remove_mark": (1, lambda d: (_side(d),)),
    "kill": (3, lambda d: (_side(d), d.randrange(len(STEPS)), d.random() < 0.5)),
    "switch": (3, lambda d: (_side(d),)),
    "sleep": (2, lambda d: (_side(d), d.random() < 0.5)),
    "wake": (3, lambda d: (_side(d),)),
    "take": (3, lambda d: (_side(d),)),
    "cut": (2, lambda d: (_side(d), d.random() < 0.5)),
    "behave": (
        3,
        lambda d: (
            d.choice([None, *range(len(FAULTS))]),
            d.choice([1.0, 60.0, 900.0, 3 * HOUR]),
        ),
    ),
    "correct": (2, lambda d: (d.randrange(1000),)),
    "sync": (3, lambda d: (d.random() < 0.4, d.choice([0.0, 5.0, 300.0, 2 * HOUR]))),
}
"""How likely each event is, and how its arguments are made up."""


def random_days_of_two(seed: int, length: int = LENGTH) -> list[Event]:
    """Return so many events; the same for the same seed. The second machine starts first of all."""
    dice = random.Random(seed)  # noqa: S311  # repeatable on purpose
    weights = [weight for weight, _ in _MAKERS.values()]
    names = dice.choices(list(_MAKERS), weights=weights, k=length)
    events = [Event(name, _MAKERS[name][1](dice), dice.choice(PAUSES)) for name in names]
    paused = Event("sync", (dice.random() < 0.3, 5.0), 0.01)
    return [paused, Event("switch", (1,), dice.choice(PAUSES)), *events]
