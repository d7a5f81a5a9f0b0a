"""The emulator on a loopback port, in a thread of its own or as a program of its own."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from agent.emulator.behaviour import Behaviour
from agent.emulator.gate import HOST, Gate, listening
from agent.emulator.nectar import Emulator
from agent.emulator.readers import BackgroundReader
from agent.emulator.world import World

Result = TypeVar("Result")


class EmulatorServer:
    """The emulator in a thread of its own, for ``with``; listens on 127.0.0.1 only.

    ``clock`` gives epoch seconds. `emulator` belongs to that thread: look at it and change
    it through `call`.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        port: int = 0,
        world: World | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reader = BackgroundReader()
        self.emulator = Emulator(behaviour, world, self._reader)
        self.port = port
        self.clock = clock
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """The API address to configure."""
        return f"{self.origin}/v2.2"

    def start(self) -> Self:
        """Listen. Raises OSError when the port cannot be had."""
        self._thread.start()
        self._started.wait()
        if self._problem is not None:
            self.stop()
            raise self._problem
        return self

    def stop(self) -> None:
        """Stop listening; what is under way is broken off after 0.2 s."""
        if self._problem is None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
        self._reader.close()

    def call(self, action: Callable[[Emulator], Result]) -> Result:
        """Run something on the emulator between two requests and return what it returns."""

        async def run() -> Result:
            return action(self.emulator)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)

    def behave(self, behaviour: Behaviour) -> None:
        """Put other settings in force."""

        def set_behaviour(emulator: Emulator) -> None:
            emulator.behaviour = behaviour

        self.call(set_behaviour)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._listen())
        except OSError as error:
            self._problem = error
        finally:
            self._loop.close()
            self._started.set()

    async def _listen(self) -> None:
        gate = Gate(self.emulator, self._reader, self.clock)
        async with listening(gate, self.port) as self.port:
            self._started.set()
            await self._stop.wait()


def serve(
    port: int,
    announce: Callable[[str], None],
    behaviour: Behaviour | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; for the main thread of a program.

    ``announce`` is given the API address once it answers. Raises OSError when the port
    cannot be had.
    """
    asked_to_stop = threading.Event()
    former = {
        number: signal.signal(number, lambda *_: asked_to_stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        with EmulatorServer(behaviour, port=port) as server:
            announce(server.base_url)
            # Windows delivers Ctrl-C only between waits, so none of them is long.
            while not asked_to_stop.wait(0.5):
                pass
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
