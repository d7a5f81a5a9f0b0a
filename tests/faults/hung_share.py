"""A share that can hang, and an agent that watches some of them beside a folder of this disk."""

from __future__ import annotations

import ctypes.util
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import tomli_w
from killable_agent import REPOSITORY, KillableAgent, wait_until

from agent.emulator.server import EmulatorServer
from agent.store.connecting import Connection, store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request

WHY_NOT = next(
    (
        why
        for why, is_missing in (
            ("FUSE is of Linux", sys.platform != "linux"),
            ("there is no /dev/fuse", not os.access("/dev/fuse", os.R_OK | os.W_OK)),
            ("mfusepy is not installed", importlib.util.find_spec("mfusepy") is None),
            ("libfuse is not installed", not any(map(ctypes.util.find_library, ("fuse3", "fuse")))),
        )
        if is_missing
    ),
    "",
)
"""Why no file system can be made here, empty where one can."""


class Share:
    """A folder that a server of its own passes on to ``path``, and that hangs on request."""

    def __init__(self, place: Path, name: str) -> None:
        self.path = place / name
        self.behind = place / f"behind {name}"
        self._mood = place / f"mood of {name}"
        self.path.mkdir(parents=True)
        self.behind.mkdir()
        self.hang("")
        self._server: subprocess.Popen[bytes] | None = None

    def mount(self) -> bool:
        """Start the server; False where this system lets nobody mount anything."""
        self._server = subprocess.Popen(
            [
                *(sys.executable, Path(__file__).with_name("fuse_server.py")),
                *(self.behind, self.path, self._mood),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = self._server
        wait_until(lambda: server.poll() is not None or self.path.is_mount(), "a mount")
        return self.path.is_mount()

    def hang(self, call: str) -> None:
        """Let each call of this name hang, ``all`` for all; none with an empty name."""
        new = self._mood.with_suffix(".new")
        new.write_text(call, encoding="ascii")
        new.replace(self._mood)

    def freeze(self) -> None:
        """Let the server stand still: what is asked from now on it does not even take."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server go on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def die(self) -> None:
        """Let the server die, and its mount be gone."""
        if self._server is None:
            return
        self.hang("")
        self._server.kill()
        self._server.wait(20)
        self._server = None
        with suppress(OSError, subprocess.TimeoutExpired):
            command = ("fusermount3", "-u", "-z", str(self.path))
            subprocess.run(command, check=False, timeout=20, capture_output=True)


REQUESTS = 4
"""So many of the agent's threads talk to Nectar at once."""


class SharesAgent(KillableAgent):
    """An agent for a folder on this disk and for shares."""

    def __init__(self, place: Path, server: EmulatorServer, shares: list[Share]) -> None:
        super().__init__(place, server)
        paths = [self.folder, *(share.path for share in shares)]
        settings: dict[str, Any] = {
            "nectar": {
                "base_url": server.base_url,
                "environment": "sandbox",
                "company": "HMF",
                "max_requests": REQUESTS,
            },
            "folders": [{"path": str(path), "site": "PLANT-07"} for path in paths],
            "detection": {"quiet_seconds": 0.2, "scan_seconds": 1.0, "existing": "all"},
            "agent": {"data_dir": str(self.data_dir), "log_level": "DEBUG"},
        }
        self.config.write_text(tomli_w.dumps(settings), encoding="utf-8")

    def start(self, command: str = "run") -> subprocess.Popen[bytes]:
        """Start the service with little patience for disks."""
        assert command == "run"
        return self.run_script(Path(__file__).with_name("patient_service.py"), str(self.config))

    def ask(self, kind: str) -> None:
        """Ask the service something, as the command line does, and wait for its answer."""
        with self._store() as store:
            request = leave_request(store, kind, {}, time.time())
            wait_until(lambda: answer_of(store, request) is not None, f"an answer to {kind}")

    def holds(self) -> dict[str, str]:
        """Return what is said of each folder on hold, by its path."""
        with self._store() as store:
            return dict(store.execute("SELECT name, message FROM holds WHERE kind = 'folder'"))

    def stages(self) -> Counter[str]:
        """Return how many uploads are at each stage."""
        with self._store() as store:
            return Counter(row[0] for row in store.execute("SELECT stage FROM submissions"))

    def status(self) -> Any:
        """Return what `status --json` says."""
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "agent", "status", "--json"),
                *("--config", str(self.config)),
            ],
            cwd=REPOSITORY,
            env=self._environ(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return json.loads(finished.stdout)

    @contextmanager
    def _store(self) -> Iterator[Connection]:
        store = open_for_people(store_path(self.data_dir))
        assert store is not None
        with closing(store):
            yield store
