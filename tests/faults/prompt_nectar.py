"""Nectar's stand-in in the time of the agents: what it was sent is taken before time passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quick_time import QuickTime

from agent.emulator.behaviour import Behaviour
from agent.emulator.nectar import Emulator
from agent.emulator.readers import InlineReader
from agent.emulator.server import EmulatorServer


class _PromptReader(InlineReader):
    """Reads a bill while its request is answered, not in a thread that is slower than the time."""

    def prepare(self, data: bytes, ready: Callable[[], None]) -> None:
        """Examine a file, then call ``ready``."""
        self.examine(data)
        ready()

    def close(self) -> None:
        """Nothing is under way."""


class PromptNectar(EmulatorServer):
    """The emulator on a port of its own, in a time that may be skipped."""

    def __init__(self, behaviour: Behaviour, time: QuickTime) -> None:
        super().__init__(behaviour, clock=time.now)
        self._reader.close()
        reader: Any = _PromptReader()
        self._reader = reader
        self.emulator = Emulator(behaviour, None, reader)
