"""Being asked to stop: once politely, a second time at once.

The interpreter notes a signal in a socket the moment it comes, and a thread of our own reads it.
So the second signal ends the process even while the main thread waits in a library, and no lock
is ever taken inside a signal handler.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from agent.system import here


class StopSignals:
    """While used as a context, signals that ask for a stop call ``on_stop``, once.

    ``on_stop`` is called in a thread of its own. A second signal ends the process at once with
    exit code 128 and its number, as a shell would tell it. Closing the console on Windows asks for
    a stop as well, and waits a few seconds until the context ends. Main thread only.
    """

    def __init__(self, on_stop: Callable[[], None]) -> None:
        self._on_stop = on_stop
        self._asked = threading.Event()
        self._finished = threading.Event()
        self._earlier: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._receiver, self._sender = socket.socketpair()
        self._sender.setblocking(False)
        self._earlier_descriptor = signal.set_wakeup_fd(
            self._sender.fileno(), warn_on_full_buffer=False
        )
        for number in here.STOP_SIGNALS:
            # Whoever started us may have chosen that a hang-up or Ctrl-C is not for us (nohup).
            if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
                self._earlier[number] = signal.signal(number, _noted)
        self._undo_console = here.watch_console_closing(self._ask, self._finished)
        self._reader = threading.Thread(target=self._read, name="stop-signals", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._earlier_descriptor)
        self._sender.close()
        self._reader.join()
        self._receiver.close()
        self._undo_console()
        self._finished.set()

    def _read(self) -> None:
        while received := self._receiver.recv(64):
            noted = [number for number in self._earlier if int(number) in received]
            if is_impatience(noted, asked_before=self._asked.is_set()):
                os._exit(128 + noted[0])
            if noted:
                self._ask()

    def _ask(self) -> None:
        if not self._asked.is_set():
            self._asked.set()
            self._on_stop()


def is_impatience(noted: Sequence[signal.Signals], *, asked_before: bool) -> bool:
    """Whether ``noted``, signals that came together, ask for an end at once.

    Signals that come together count once. A hang-up counts only as the first, for a terminal that
    closes may repeat it.
    """
    return asked_before and any(number != _HANG_UP for number in noted)


_HANG_UP = getattr(signal, "SIGHUP", None)  # Windows has none


def _noted(number: int, frame: FrameType | None) -> None:
    """Do nothing: the interpreter has noted the signal in the socket already."""
