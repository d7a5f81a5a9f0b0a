"""The words to systemd: one datagram each, as often as asked for, to nobody else's socket."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.system.service_notify import ServiceNotifier

if sys.platform == "win32":
    pytest.skip("Windows has no such sockets in Python", allow_module_level=True)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[socket.socket]:
    """The manager's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)
        yield end


def heard(line: socket.socket) -> list[str]:
    """Return what was said since the last time."""
    words: list[str] = []
    try:
        while True:
            words.append(line.recv(64).decode())
    except BlockingIOError:
        return words


def given(line: socket.socket, **more: str) -> dict[str, str]:
    """Return the variables that systemd sets."""
    return {"NOTIFY_SOCKET": line.getsockname(), "WATCHDOG_USEC": "8000000", **more}


def test_it_says_ready_alive_and_stopping(line: socket.socket) -> None:
    """Four times within the watchdog's patience, however often the loop turns."""
    notifier = ServiceNotifier(given(line, WATCHDOG_PID=str(os.getpid())))
    notifier.ready()
    for turn in range(100):
        notifier.alive(1000.0 + turn / 10)
    assert heard(line) == ["READY=1", *["WATCHDOG=1"] * 5]
    notifier.stopping()
    assert heard(line) == ["STOPPING=1"]


def test_who_is_started_by_the_service_is_not_the_service(line: socket.socket) -> None:
    """The variables are taken out of the environment; another process's watchdog is not ours."""
    environ = given(line, WATCHDOG_PID="1", PATH="/bin")
    notifier = ServiceNotifier(environ)
    assert environ == {"PATH": "/bin"}
    notifier.alive(0.0)
    assert heard(line) == []


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens-here"])
def test_nobody_listens(address: str) -> None:
    """Without a manager, or with one that went away, the service goes on."""
    notifier = ServiceNotifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "many"})
    notifier.ready()
    notifier.alive(0.0)
    notifier.stopping()


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux'")
def test_an_abstract_socket() -> None:
    """The manager's socket may have no file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"\0bill-agent-test-{os.getpid()}")
        end.settimeout(5)
        ServiceNotifier({"NOTIFY_SOCKET": f"@bill-agent-test-{os.getpid()}"}).ready()
        assert end.recv(64) == b"READY=1"
