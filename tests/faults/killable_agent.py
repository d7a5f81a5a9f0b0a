"""The agent as a process that may be killed at any moment; the emulator is in the test's process.

``real_agent`` beside this drives the command line; here matter Nectar's side and what is left on
the disk.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pikepdf
import tomli_w

from agent.emulator.server import EmulatorServer
from agent.emulator.world import Upload

KEY = "fault-test-key-9b27f1"
REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 45.0


def bill_pdf(number: int) -> bytes:
    """Return an electricity bill that the emulator can read; another number, another bill."""
    lines = (
        "EXAMPLE LIGHT & POWER",
        f"Account number 800-{number:04}",
        f"Meter EX-{number:04}",
        "Billing period May 1, 2025 to May 31, 2025",
        "Bill date June 3, 2025",
        f"Electricity used {1000 + number} kWh",
        "Total due USD 208.00",
    )
    shown = "".join(
        f"1 0 0 1 40 {780 - 16 * row} Tm ({line}) Tj\n" for row, line in enumerate(lines)
    )
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.obj.Contents = pdf.make_stream(f"BT /F 11 Tf\n{shown}ET".encode("latin-1"))
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds; fails with ``what`` after so long."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"after {seconds:.0f} s still not so: {what}"
        time.sleep(0.02)


class KillableAgent:
    """One configuration with its folder and data directory, and the processes started for it."""

    def __init__(
        self, place: Path, server: EmulatorServer, *, data_dir: Path | None = None, **nectar: Any
    ) -> None:
        self.place = place
        self.server = server
        self.folder = place / "Plant 7"
        self.folder.mkdir(parents=True)
        self.data_dir = data_dir or place / "data"
        self.config = place / "config.toml"
        settings = {
            "nectar": {
                "base_url": server.base_url,
                "environment": "sandbox",
                "company": "HMF",
                **nectar,
            },
            "detection": {"quiet_seconds": 0.5, "existing": "all"},
            "agent": {"data_dir": str(self.data_dir), "log_level": "DEBUG"},
        }
        # A table of its own, so that a test may append more folders to the file.
        folder = tomli_w.dumps({"path": str(self.folder), "site": "PLANT-07"})
        text = f"{tomli_w.dumps(settings)}\n[[folders]]\n{folder}"
        self.config.write_text(text, encoding="utf-8")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._outputs = 0

    # --- processes ----------------------------------------------------------------------------

    def start(self, command: str = "run") -> subprocess.Popen[bytes]:
        """Start the agent; what it says goes to a file below ``place``."""
        return self.run_script("-m", "agent", command, "--config", str(self.config))

    def run_script(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start Python; what is said goes to a file below ``place``."""
        self._outputs += 1
        with (self.place / f"output-{self._outputs}.txt").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=REPOSITORY,
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return process

    def start_ready(self) -> subprocess.Popen[bytes]:
        """Start the agent and wait until it says that it is ready."""
        process = self.start()
        wait_until(lambda: "ready\n" in self.output(), "ready")
        return process

    def once(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Let the agent do all that is to do; return its exit code."""
        return self.start("once").wait(seconds)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process at once, as a power cut does."""
        process.kill()
        process.wait(PATIENCE_SECONDS)

    def stop(self, process: subprocess.Popen[bytes]) -> tuple[int, float]:
        """Ask a process to stop; return its exit code and how long that took."""
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECONDS)
        return code, time.monotonic() - began

    def close(self) -> None:
        """End every process that still runs."""
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)

    def _environ(self) -> dict[str, str]:
        ours = ("BILL_AGENT_", "NECTAR_")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(ours) and not name.lower().endswith("_proxy")
        }
        return {**kept, "NECTAR_API_KEY": KEY, "HOME": str(self.place)}

    # --- what there is ------------------------------------------------------------------------

    def output(self) -> str:
        """Return what the last process said so far."""
        path = self.place / f"output-{self._outputs}.txt"
        return path.read_text(encoding="utf-8", errors="replace")

    def drop(self, name: str, content: bytes) -> Path:
        """Put a bill into the folder."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def has_result(self, name: str) -> bool:
        """Whether a result lies beside a bill."""
        return (self.folder / f"{name}.json").exists()

    def result(self, name: str) -> dict[str, Any]:
        """Return the result beside a bill."""
        found = json.loads((self.folder / f"{name}.json").read_bytes())
        assert isinstance(found, dict)
        return found

    def results(self) -> dict[str, bytes]:
        """Return every result as it lies there."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob("*.json"))}

    def uploads(self) -> list[Upload]:
        """Return every upload that Nectar accepted."""
        return self.server.call(lambda emulator: list(emulator.world.uploads.values()))

    def count(self, call: str) -> int:
        """Return how often a call was made."""
        return self.server.call(lambda emulator: emulator.log.counts[call])

    def states(self) -> Counter[str]:
        """Return how many bills are in each state, as the store says."""
        with closing(sqlite3.connect(self.data_dir / "store.sqlite3")) as store:
            return Counter(row[0] for row in store.execute("SELECT state FROM files"))

    def files(self) -> list[Path]:
        """Return everything that the agent wrote or said, bills apart."""
        return [
            path
            for path in sorted(self.place.rglob("*"))
            if path.is_file() and path.suffix != ".pdf" and path != self.config
        ]


MakeAgent = Callable[..., KillableAgent]
"""Makes agents that are ended with the test; see the fixture ``make_agent``."""
