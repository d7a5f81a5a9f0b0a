"""The command line as processes of its own, against the emulator over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
    b"/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%%%EOF\n"
)
SECONDS = 60.0
"""A slow machine gets this long before a test calls something missing."""


def bill(number: int) -> bytes:
    """Return a bill of one page that the emulator can read; each number is another bill."""
    lines = (
        f"Account Number: 55{number:06}",
        "Service Period: 01/01/2026 - 01/31/2026",
        f"Usage: {100 + number} kWh",
        f"Total Amount Due: ${number}.50",
    )
    text = b"".join(b"(%s) Tj 0 -20 Td " % line.encode() for line in lines)
    content = b"BT /F1 12 Tf 72 700 Td " + text + b"ET"
    return PDF % (len(content), content)


@dataclass(slots=True)
class Service:
    """`bill-agent run` as a process; its lines are read as they come."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def wait_for(self, text: str) -> None:
        """Wait until a line with ``text`` was said."""
        ends = time.monotonic() + SECONDS
        while not any(text in line for line in tuple(self.lines)):
            assert time.monotonic() < ends, f"{text!r} was not said: {self.lines}"
            time.sleep(0.05)

    def read(self) -> None:
        """Read what is said until the end."""
        assert self.process.stderr is not None
        self.lines += iter(self.process.stderr.readline, "")


class RealAgent:
    """One configuration with one folder, and commands about it as processes."""

    def __init__(self, home: Path, base_url: str, folder: Path | None = None) -> None:
        self.folder = folder or home / "bills"
        self.folder.mkdir(exist_ok=True)
        self.data_dir = home / "data"
        self.config = home / "config.toml"
        self.config.write_text(
            f'[nectar]\nbase_url = "{base_url}"\ncompany = "HMF"\nenvironment = "sandbox"\n'
            f"[[folders]]\npath = '{self.folder}'\nsite = \"PLANT-07\"\n"
            '[detection]\nquiet_seconds = 1.0\nincomplete_seconds = 2.0\nexisting = "all"\n'
            f"[agent]\ndata_dir = '{self.data_dir}'\n",
            "utf-8",
        )
        self._environ = os.environ | {"NECTAR_API_KEY": "a-key", "COLUMNS": "80"}
        self._services: list[Service] = []

    def add(self, name: str, content: bytes) -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def start(self) -> Service:
        """Start the service and wait until it watches."""
        process = subprocess.Popen(
            self.command("run"),
            env=self._environ,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        service = Service(process)
        self._services.append(service)
        threading.Thread(target=service.read, daemon=True).start()
        service.wait_for("ready")
        return service

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self._environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """Return what a command tells programs."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def wait_for_state(self, path: Path, state: str) -> dict[str, Any]:
        """Wait until a file is in a state; return its row."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            rows = [row for row in self.json("bills")["bills"] if row["path"] == str(path)]
            if rows and rows[0]["state"] == state:
                return dict(rows[0])
            time.sleep(0.2)
        raise AssertionError(f"{path} did not become {state}: {self.json('bills')}")

    def end(self) -> None:
        """End what was started and still runs."""
        for service in self._services:
            if service.process.poll() is None:
                service.process.kill()
            service.process.wait()
            if service.process.stderr is not None:
                service.process.stderr.close()

    def command(self, *arguments: str) -> list[str]:
        """Return how a command about this agent is started."""
        return [sys.executable, "-m", "agent", *arguments, "--config", str(self.config)]
