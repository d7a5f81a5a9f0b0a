"""What a person has been told, kept in a small file, so that a new tray repeats nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.tray.notices import Told, ToldTrouble

TOLD_FILE = "told.json"


def load_told(folder: Path) -> Told:
    """Return what was told; nothing where there is no file or none that can be read."""
    try:
        return _told_of(json.loads((folder / TOLD_FILE).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Told()


def save_told(folder: Path, told: Told) -> None:
    """Keep what was told. A full disk costs no more than a repetition after a restart."""
    text = json.dumps(
        {
            "troubles": {key: [each.count, each.at] for key, each in told.troubles.items()},
            "finishedUntil": told.finished_until,
            "finishedTold": told.finished_told,
        }
    )
    with suppress(OSError):
        part = folder / f"{TOLD_FILE}.part"
        part.write_text(text, encoding="ascii")
        part.replace(folder / TOLD_FILE)


def _told_of(value: Any) -> Told:
    until = value["finishedUntil"]
    return Told(
        troubles={
            str(key): ToldTrouble(int(count), float(at))
            for key, (count, at) in value["troubles"].items()
        },
        finished_until=None if until is None else float(until),
        finished_told=float(value["finishedTold"]),
    )
