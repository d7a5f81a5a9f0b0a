"""Days of a world, made up from a seed: events with the pauses between them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hands import (
    BILLS,
    CONTENTS,
    FAULT_PATHS,
    FAULTS,
    FIXED,
    FOLDERS,
    OUTCOMES,
    PLACES,
)
from journey_world import DAY, HOUR
from troubled_world import Hints

from agent.emulator.behaviour import FileNames, Shape, UploadAnswer
from agent.pipeline.work import Kind

PAUSES = (0.01, 0.5, 3.0, 11.0, 30.0, 70.0, 600.0, 3 * HOUR)
WHILES = (5.0, 90.0, HOUR, 9 * HOUR)
WISHES = (
    FOLDERS,
    {**FOLDERS, "Plant 7/c": "PLANT-08"},
    {**FOLDERS, "Inbox": "PLANT-08"},
    {name: site for name, site in FOLDERS.items() if name != "Inbox"},
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens, and how many seconds pass after it."""

    name: str
    arguments: tuple[Any, ...]
    pause: float

    def as_json(self) -> list[Any]:
        """Return it as it is kept in a file."""
        return [self.name, list(self.arguments), self.pause]


def random_days(seed: int, length: int) -> list[Event]:
    """Return so many events; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311  # repeatable on purpose
    names = list(_MAKERS)
    chosen = dice.choices(names, weights=[_MAKERS[name][0] for name in names], k=length)
    return [Event(name, tuple(_MAKERS[name][1](dice)), dice.choice(PAUSES)) for name in chosen]


def _bill(dice: random.Random) -> int:
    return dice.randrange(60)


def _content(dice: random.Random) -> int:
    return dice.randrange(BILLS) if dice.random() < 0.85 else dice.randrange(len(CONTENTS))


def _place(dice: random.Random) -> str:
    return dice.choice(PLACES)


def _folder(dice: random.Random) -> str:
    return dice.choice(FIXED)


def _part(dice: random.Random) -> str:
    return dice.choice([*FIXED, "Plant 7/c", "All/PLANT-07"])


def _while(dice: random.Random) -> float:
    return dice.choice(WHILES)


_Maker = Callable[[random.Random], tuple[Any, ...]]

_MAKERS: dict[str, tuple[float, _Maker]] = {
    "drop": (9, lambda d: (_place(d), _content(d))),
    "write_slowly": (
        4,
        lambda d: (_place(d), _content(d), d.randint(2, 4), d.choice([0.4, 4.0, 60.0, 200.0])),
    ),
    "scan_pages": (
        3,
        lambda d: (_place(d), _content(d), d.randint(2, 4), d.choice([0.4, 4.0, 8.0])),
    ),
    "save_by_rename": (2, lambda d: (_place(d), _content(d), d.choice([0.1, 5.0, 120.0]))),
    "touch": (1, lambda d: (_bill(d),)),
    "copy": (2, lambda d: (_bill(d), _place(d))),
    "move": (5, lambda d: (_bill(d), _place(d), d.random() < 0.3)),
    "delete": (2, lambda d: (_bill(d),)),
    "move_tree_in": (2, lambda d: (_folder(d), [_content(d) for _ in range(d.randint(1, 4))])),
    "move_tree_out": (1, lambda d: (_folder(d), d.choice([*FIXED, "Elsewhere"]))),
    "remove_result": (2, lambda d: (_bill(d),)),
    "edit_result": (1, lambda d: (_bill(d),)),
    "put_foreign": (1, lambda d: (_place(d),)),
    "remove_foreign": (1, lambda d: (_place(d),)),
    "lose_folder": (
        3,
        lambda d: (_folder(d), _while(d), d.choice(["same", "unmounted", "copy"])),
    ),
    "hide": (1, lambda d: (_part(d), _while(d))),
    "protect": (1, lambda d: (_part(d), _while(d))),
    "fill_disk": (1, lambda d: (_while(d),)),
    "fill_store": (1, lambda d: (d.choice([5.0, 90.0]),)),
    "mistreat_hints": (2, lambda d: (d.choice(list(Hints)).value,)),
    "sleep": (2, lambda d: (d.choice([0.1, 9.0, 80.0]),)),
    "set_clock": (1, lambda d: (d.choice([0.0, 0.0, -HOUR, -2 * DAY, 90.0, 3 * DAY]),)),
    "restart": (1, lambda _: ()),
    "kill_in_step": (3, lambda d: (d.choice(list(Kind)).value, d.random() < 0.5)),
    "kill_at_commit": (3, lambda d: (d.random() < 0.5, d.randrange(12))),
    "refuse_commit": (2, lambda d: (d.randrange(12),)),
    "lose_store": (0.5, lambda _: ()),
    "fail": (5, lambda d: (d.randrange(len(FAULTS)), d.choice(FAULT_PATHS))),
    "cut_line": (2, lambda d: (_while(d),)),
    "revoke_key": (1, lambda d: (_while(d), d.choice([401, 403]))),
    "rule_uploads": (
        4,
        lambda d: (
            d.choice(OUTCOMES).value,
            d.choice([1.0, 60.0, 900.0, DAY]),
            d.choice([0.0, 0.0, 30.0, HOUR]),
            d.random() < 0.2,
            d.random() < 0.15,
        ),
    ),
    "answer_in_shape": (
        1,
        lambda d: (
            d.choice(list(Shape)).value,
            d.choice(list(UploadAnswer)).value,
            d.choice(list(FileNames)).value,
        ),
    ),
    "change_document": (
        3,
        lambda d: (
            _bill(d),
            d.choice(["correct", "revise", "delete", "move"]),
            f"{d.randrange(1000)}.10",
        ),
    ),
    "lose_job": (1, lambda d: (_bill(d),)),
    "change_site": (
        2,
        lambda d: (
            d.choice(["PLANT-07", "PLANT-08"]),
            d.choice(["archive", "rename", "double", "mend", "mend"]),
        ),
    ),
    "configure": (
        2,
        lambda d: (d.choice(WISHES), d.choice([0.0, 0.5, 6.0]), d.choice([60.0, 3600.0])),
    ),
    "ask_for_file": (4, lambda d: (d.choice(["retry", "send", "rewrite", "dismiss"]), _bill(d))),
    "ask_for_all": (
        2,
        lambda d: (d.choice(["rescan", "pause", "resume", "resume"]), d.choice([None, _folder(d)])),
    ),
    "admit_all": (1, lambda _: ()),
}
"""How likely each event is, and how its arguments are made up."""
