"""What every part of the pipeline works on: the store, and what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.pipeline.holding import HoldBook
from agent.pipeline.mapping import Map
from agent.pipeline.memory import Memory
from agent.pipeline.recording import Recorder
from agent.store.store import Store


@dataclass(frozen=True, slots=True)
class Shared:
    """One of each in an agent; all of them belong to the thread that does the turns."""

    store: Store
    map: Map
    holds: HoldBook
    recorder: Recorder
    memory: Memory


class Part:
    """A part of the pipeline, by its subject."""

    def __init__(self, shared: Shared) -> None:
        self._store = shared.store
        self._map = shared.map
        self._holds = shared.holds
        self._recorder = shared.recorder
        self._memory = shared.memory
