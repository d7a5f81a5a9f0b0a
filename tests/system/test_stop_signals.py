"""Being asked to stop, in a real process with real signals."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.system.stop_signals import is_impatience

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

_POLITE = """
import threading
from agent.system.stop_signals import StopSignals
stop = threading.Event()
with StopSignals(stop.set):
    print("ready", flush=True)
    stop.wait(60)
print("stopped", flush=True)
"""

_STUBBORN = """
import threading
from agent.system.stop_signals import StopSignals
with StopSignals(lambda: print("asked", flush=True)):
    print("ready", flush=True)
    threading.Event().wait(60)
"""

# The main thread holds a lock of C's and runs no Python, as in a library that hangs.
_HANGING = _STUBBORN.replace("threading.Event().wait(60)", "threading.Lock().__enter__(); hang()")
_HANGING = "import hashlib\ndef hang(): hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)\n" + _HANGING

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return what starts a process and waits until it is ready."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_first_signal_stops_politely(start: Start, name: str) -> None:
    """The service manager, Ctrl-C and a closing terminal all let the agent end in order."""
    process = start(_POLITE)
    process.send_signal(getattr(signal, name))
    assert process.communicate(timeout=30)[0] == "stopped\n"
    assert process.returncode == 0


@pytest.mark.parametrize("code", [_STUBBORN, _HANGING], ids=["waiting", "hanging"])
def test_second_signal_ends_at_once(start: Start, code: str) -> None:
    """Who asks twice does not wait, even for a main thread that hangs in a library."""
    process = start(code)
    process.send_signal(signal.SIGTERM)
    assert process.stdout
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    assert process.returncode == 128 + signal.SIGINT


def test_only_a_repeated_wish_is_impatience() -> None:
    """Signals that come together count once, and a closing terminal may repeat its own."""
    assert not is_impatience([signal.SIGTERM, signal.SIGHUP], asked_before=False)
    assert not is_impatience([signal.SIGHUP], asked_before=True)
    assert not is_impatience([], asked_before=True)
    assert is_impatience([signal.SIGINT], asked_before=True)
    assert is_impatience([signal.SIGHUP, signal.SIGTERM], asked_before=True)


def test_ignored_hang_up_stays_ignored(start: Start) -> None:
    """Started with nohup, the agent survives its terminal and still stops when asked."""
    ignore = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    show = "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, flush=True)"
    code = _POLITE.replace("    stop.wait", f"    {show}\n    stop.wait")
    process = start(f"{ignore}\n{code}")
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30)[0] == "stopped\n"


def test_handlers_are_put_back(start: Start) -> None:
    """After the context signals mean what they meant before."""
    process = start(f"{_POLITE}\nimport signal\nprint(int(signal.getsignal(signal.SIGTERM)))\n")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30)[0] == "stopped\n0\n"
