"""Hands that damage a store's files, each in one way; and any of them, for random cases."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hypothesis import strategies as st

PAGE = 4096


def journal(path: Path) -> Path:
    """Return where the store's write-ahead log lies."""
    return path.with_name(f"{path.name}-wal")


def cut(path: Path, size: int) -> None:
    """Let a file end after ``size`` bytes."""
    path.write_bytes(path.read_bytes()[:size])


def zero_page(path: Path, number: int) -> None:
    """Let a page, counted from 0, hold nothing."""
    overwrite(path, number * PAGE, b"\0" * PAGE)


def overwrite(path: Path, at: int, content: bytes) -> None:
    """Put other bytes into a file, which keeps its size."""
    whole = bytearray(path.read_bytes())
    whole[at : at + len(content)] = content[: max(0, len(whole) - at)]
    with path.open("r+b") as file:  # in place, also under a program that has it open
        file.write(whole)


def flip_bits(path: Path, count: int, seed: int) -> None:
    """Turn some bits of a file over."""
    chance = random.Random(seed)  # noqa: S311  # repeatable on purpose
    whole = path.read_bytes()
    for at in [chance.randrange(len(whole)) for _ in range(count)] if whole else []:
        overwrite(path, at, bytes([path.read_bytes()[at] ^ 1 << chance.randrange(8)]))


@dataclass(frozen=True)
class Damage:
    """One way to damage the store itself or its write-ahead log."""

    of_log: bool
    way: Literal["missing", "cut", "page zeroed", "bits flipped", "garbage"]
    at: int = 0
    content: bytes = b""

    def do(self, store: Path) -> None:
        """Damage the file, if it is there."""
        path = journal(store) if self.of_log else store
        if not path.exists():
            return
        match self.way:
            case "missing":
                path.unlink()
            case "cut":
                cut(path, self.at)
            case "page zeroed":
                zero_page(path, self.at % max(1, path.stat().st_size // PAGE))
            case "bits flipped":
                flip_bits(path, 1 + self.at % 3, self.at)
            case _:
                overwrite(path, self.at, self.content)


places = st.integers(0, 400_000)
in_place = st.one_of(
    st.builds(Damage, st.booleans(), st.just("page zeroed"), places),
    st.builds(Damage, st.booleans(), st.just("bits flipped"), places),
    st.builds(
        Damage, st.booleans(), st.just("garbage"), places, st.binary(min_size=1, max_size=600)
    ),
    st.builds(Damage, st.booleans(), st.just("garbage"), st.just(0), st.binary(max_size=120)),
)
"""Damage that a program may meet while it has the file open."""
anything = st.one_of(
    in_place,
    st.builds(Damage, st.booleans(), st.just("cut"), places),
    st.builds(Damage, st.booleans(), st.just("missing")),
)
