"""What an agent is killed in: each scene is one thing that happens to bills, and how it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acts import Death, Point, Side
from killable_agent import bill_pdf
from life import Life

from agent.emulator.behaviour import Behaviour, Fault, Outcome, UploadRule
from agent.emulator.changes import add_site, correct_document
from agent.emulator.nectar import Emulator
from agent.emulator.requests import Cut

NEEDS_PERSON = 3
ONE, OTHER = bill_pdf(1), bill_pdf(2)
BILL, RESULT = "Plant 7/Bill.pdf", "Plant 7/Bill.pdf.json"
PROCESSED = "processed"


@dataclass(frozen=True, slots=True)
class Scene:
    """``before`` brings about how things stand; ``happens`` is what the agent then finds.

    At the end each of ``results`` lies there with its outcome and no other, and Nectar accepted
    ``accepted`` uploads: never the same bytes twice, but ``again`` times for a recorded reason.
    """

    name: str
    results: Mapping[str, str]
    accepted: int
    before: Callable[[Life], None] | None = None
    happens: Callable[[Life], None] | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    settings: Mapping[str, Any] = field(default_factory=dict)
    again: int = 0
    unfindable: int = 0
    """How many uploads make no document: they are not found at Nectar, and sent once more."""
    code: int = 0
    is_at_rest: bool = True
    """Whether nothing moves any more after ``before``."""
    is_by_chance: Callable[[Point], bool] = lambda _: False
    """Whether an act differs from life to life, so that it may not be met again."""
    is_of_interest: Callable[[Point], bool] = lambda _: True
    is_slow: bool = False
    """Whether it is left to the long run: what it could tell, others nearly do."""
    sends_as_others: bool = False
    """Whether its requests are left to the long run, as those of the first scene and the cuts."""


def upload_name(content: bytes, stem: str = "Bill") -> str:
    """Return the name under which Nectar is given a bill."""
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.pdf"


def a_bill(life: Life) -> None:
    """Let one bill lie in the folder."""
    life.put(BILL, ONE)


def a_bill_that_is_done(life: Life) -> None:
    """Let one bill have its result."""
    a_bill(life)
    assert life.run("once").code == 0, life.output()


def a_bill_that_failed(life: Life) -> None:
    """Let one bill have a result that says that Nectar failed."""
    a_bill(life)
    assert life.run("once").code == NEEDS_PERSON, life.output()


def a_bill_at_nectar(life: Life) -> None:
    """Let one bill be accepted, and the agent killed then."""
    a_bill(life)
    accepted = Point(f"commit submissions {upload_name(ONE)}: begun to accepted")
    assert life.run("once", death=Death(accepted, Side.AFTER)).was_killed


def a_result_that_is_not_noted(life: Life) -> None:
    """Let the result of one bill have its place, and the agent killed then."""
    a_bill(life)
    placed = Point(f"link Plant 7/.nectar-….part to {RESULT}")
    assert life.run("once", death=Death(placed, Side.AFTER)).was_killed


def a_lost_store(life: Life) -> None:
    """Let the folder be known by its mark alone, with a bill in it that waits to be admitted."""
    assert life.run("once").code == 0, life.output()
    life.lose_the_store()
    a_bill(life)
    assert life.run("once").code == NEEDS_PERSON, life.output()


def a_bill_that_asks_about_another_site(life: Life) -> None:
    """Let the bytes of a bill that is done lie in another site's folder too."""
    life.nectar.call(lambda emulator: add_site(emulator.world, 0.0, "HMF", "Eight", "PLANT-08"))
    life.configure(folders=("Plant 7", "Plant 8"))
    a_bill_that_is_done(life)
    life.put("Plant 8/Copy.pdf", ONE)
    assert life.run("once").code == NEEDS_PERSON, life.output()


def _asked(life: Life, *command: str) -> None:
    assert life.run(*command).code == 0, life.output()


def _taken_away(life: Life) -> None:
    life.take_away(RESULT)
    assert life.run("once").code == 0, life.output()
    _asked(life, "rewrite", str(life.home / BILL))


def _corrected(life: Life) -> None:
    life.time.pass_by(3600.0)

    def correct(emulator: Emulator) -> None:
        (document,) = emulator.world.documents
        correct_document(emulator.world, life.time.now(), document, {"totalCharges": "999.00"})

    life.nectar.call(correct)


def _cut(cut: Cut) -> Scene:
    fault = Fault(method="POST", path="/job/company/*", cut=cut)
    return Scene(
        f"an upload cut {cut.value.replace('_', ' ')}",
        {RESULT: PROCESSED},
        accepted=1,
        happens=a_bill,
        behaviour=Behaviour(faults=(fault,)),
        # How much was on its way when the line broke is for the system to say.
        is_by_chance=lambda _: cut.is_before_effect,
        is_of_interest=lambda point: "POST" in point.name or "submissions" in point.name,
    )


SCENES = (
    Scene("a bill at the first start", {RESULT: PROCESSED}, accepted=1, happens=a_bill),
    Scene(
        "a start with nothing to do",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        is_slow=True,
    ),
    Scene(
        "a second copy",
        {RESULT: PROCESSED, "Plant 7 scans/Copy.pdf.json": PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.put("Plant 7 scans/Copy.pdf", ONE),
    ),
    Scene(
        "other bytes under the name, the first were done",
        {RESULT: PROCESSED},
        accepted=2,
        before=a_bill_that_is_done,
        happens=lambda life: life.put(BILL, OTHER),
        sends_as_others=True,
    ),
    Scene(
        "other bytes under the name, the first are at Nectar",
        {RESULT: PROCESSED},
        accepted=2,
        before=a_bill_at_nectar,
        happens=lambda life: life.put(BILL, OTHER),
        is_at_rest=False,
        sends_as_others=True,
    ),
    Scene(
        "other bytes under the name, the first result was not noted",
        {RESULT: PROCESSED},
        accepted=2,
        before=a_result_that_is_not_noted,
        happens=lambda life: life.put(BILL, OTHER),
        is_at_rest=False,
        is_slow=True,
    ),
    Scene(
        "moved to another folder of the site",
        {"Plant 7 scans/Bill.pdf.json": PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.move(BILL, "Plant 7 scans/Bill.pdf"),
        # Both folders are read at once: which reading is the first to end is for the system to say.
        is_by_chance=lambda point: point.name.endswith("Bill.pdf: missing"),
    ),
    Scene(
        "deleted by a person",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.delete(BILL),
    ),
    Scene(
        "renamed",
        {"Plant 7/Renamed.pdf.json": PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.move(BILL, "Plant 7/Renamed.pdf"),
        is_slow=True,
    ),
    Scene(
        "no bill at all",
        {RESULT: PROCESSED, "Plant 7/Letter.pdf.json": "rejected"},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.put("Plant 7/Letter.pdf", b"To whom it may concern"),
        code=NEEDS_PERSON,
    ),
    Scene(
        "corrected by Nectar",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=_corrected,
        settings={"refresh_hours": 0.5},
    ),
    Scene(
        "admitted after a lost store",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_lost_store,
        happens=lambda life: _asked(life, "admit", str(life.home / "Plant 7"), "--all"),
        sends_as_others=True,
    ),
    Scene(
        "tried again after it failed",
        {RESULT: PROCESSED},
        accepted=2,
        again=1,
        before=a_bill_that_failed,
        happens=lambda life: _asked(life, "retry", "--all"),
        behaviour=Behaviour(uploads=(UploadRule(Outcome.FAILED, times=1),)),
        # While the old result is removed Nectar is asked for the sites: what comes first is written
        # down first, and what comes at once in one commit.
        is_by_chance=lambda point: point.name.endswith("Bill.pdf: present"),
        sends_as_others=True,
    ),
    Scene(
        "sent for another site when a person said so",
        {RESULT: PROCESSED, "Plant 8/Copy.pdf.json": "duplicate"},
        accepted=2,
        again=1,
        unfindable=1,
        before=a_bill_that_asks_about_another_site,
        happens=lambda life: _asked(life, "send", str(life.home / "Plant 8" / "Copy.pdf")),
        code=NEEDS_PERSON,  # Nectar books the duplicate on the first site
        is_slow=True,
    ),
    Scene(
        "written anew after it was taken away",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=_taken_away,
    ),
    Scene(
        "a folder leaves the configuration",
        {RESULT: PROCESSED},
        accepted=1,
        before=a_bill_that_is_done,
        happens=lambda life: life.configure(folders=("Plant 7",)),
    ),
    *(_cut(cut) for cut in Cut),
)
