"""The life of one agent: its home with folders and bills, its Nectar, and how all ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import jsonschema
import tomli_w
from acts import Death, Told, all_told
from killable_agent import KEY
from nursery import TIME, Ended, Nursery
from prompt_nectar import PromptNectar
from quick_time import QuickTime

from agent.emulator.behaviour import Behaviour
from agent.emulator.world import Upload
from agent.results.schema import result_schema

FOLDERS = {"Plant 7": "PLANT-07", "Plant 7 scans": "PLANT-07", "Plant 8": "PLANT-08"}
WATCHED = ("Plant 7", "Plant 7 scans")
PATIENCE_SECONDS = 90.0
"""Real ones, for one command on a machine with much else to do."""
_A_MOMENT = 0.002
_MARK = ".nectar-bill-agent"
_VALIDATOR = jsonschema.Draft202012Validator(result_schema())
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Standing:
    """How all stands once an agent came to rest, without moments and Nectar's numbers."""

    code: int
    """The exit code of the last command."""
    results: dict[str, str]
    """Each result as it lies there, by its place."""
    states: dict[str, tuple[str, str | None]]
    """The state and code that people see of each file."""
    accepted: dict[str, int]
    """How often Nectar took each bytes, by their sha256."""


class Life:
    """One home; a process at a time. Paths are relative to the home."""

    def __init__(
        self,
        home: Path,
        nursery: Nursery,
        behaviour: Behaviour | None = None,
        **detection: Any,
    ) -> None:
        self.home = home
        self._nursery = nursery
        home.mkdir()
        for folder in FOLDERS:
            (home / folder).mkdir()
        self.time = QuickTime(home / TIME)
        self.nectar = PromptNectar(behaviour or Behaviour(), self.time)
        self.nectar.start()
        self._originals: dict[Path, tuple[bytes, int]] = {}
        self.configure(**detection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.nectar.stop()
        shutil.rmtree(self.home)

    # --- a person's hands ---------------------------------------------------------------------

    def configure(
        self,
        *,
        refresh_hours: float = 0.0,
        folders: tuple[str, ...] = WATCHED,
        **detection: Any,
    ) -> None:
        """Write the configuration."""
        settings = {
            "nectar": {
                "base_url": self.nectar.base_url,
                "environment": "sandbox",
                "company": "HMF",
            },
            "folders": [{"path": str(self.home / name), "site": FOLDERS[name]} for name in folders],
            "detection": {
                "quiet_seconds": 0.5,
                "incomplete_seconds": 1.0,
                "existing": "all",
                "scan_seconds": 600.0,
                **detection,
            },
            "results": {"refresh_hours": refresh_hours},
            "agent": {"data_dir": str(self.home / "data"), "log_level": "DEBUG"},
        }
        (self.home / "config.toml").write_text(tomli_w.dumps(settings), "utf-8")

    def put(self, name: str, content: bytes) -> None:
        """Put a bill into a folder, or other bytes under its name."""
        path = self.home / name
        path.write_bytes(content)
        self._originals[path] = (content, path.stat().st_mtime_ns)

    def move(self, old: str, new: str) -> None:
        """Move a bill."""
        (self.home / old).rename(self.home / new)
        self._originals[self.home / new] = self._originals.pop(self.home / old)

    def delete(self, name: str) -> None:
        """Delete a bill."""
        path = self.home / name
        path.unlink()
        del self._originals[path]

    def take_away(self, name: str) -> None:
        """Remove a result."""
        (self.home / name).unlink()

    def lose_the_store(self) -> None:
        """Remove the data directory, an hour later."""
        shutil.rmtree(self.home / "data")
        self.time.pass_by(3600.0)

    # --- processes ----------------------------------------------------------------------------

    def start(self, *command: str, death: Death | None = None) -> None:
        """Start a command, which may have to die."""
        (self.home / "told").unlink(missing_ok=True)
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BILL_AGENT_", "NECTAR_"))
            and not name.lower().endswith("_proxy")
        }
        self._nursery.start(
            (*command, "--config", str(self.home / "config.toml")),
            {**environ, "NECTAR_API_KEY": KEY, "HOME": str(self.home)},
            home=self.home,
            output=self.home / "output.txt",
            told=self.home / "told",
            death=death,
        )

    def run(self, *command: str, death: Death | None = None) -> Ended:
        """Run a command to its end, or to its death; nothing may live on after it."""
        self.start(*command, death=death)
        ended = self._nursery.wait(PATIENCE_SECONDS)
        if ended is None:
            self._nursery.kill()
            raise AssertionError(f"{command} did not end: {self.output()}")
        assert ended.left == 0, f"{command} left processes behind"
        return ended

    def kill_after(self, acts: int) -> Ended:
        """Kill the process that runs once it has begun so many acts, unless it ended.

        It is killed from outside, wherever it is by then.
        """
        ended = None
        while ended is None and self._count_of_acts() < acts:
            ended = self._nursery.wait(_A_MOMENT)
        ended = ended or self._nursery.kill()
        assert ended.left == 0, "a killed agent left processes behind"
        return ended

    def _count_of_acts(self) -> int:
        told = self.home / "told"
        return told.read_bytes().count(b"\n") if told.exists() else 0

    def told(self) -> tuple[Told, ...]:
        """Return the acts of the last process."""
        return all_told(self.home / "told")

    def output(self) -> str:
        """Return the end of what all processes said."""
        return (self.home / "output.txt").read_text("utf-8", "replace")[-4000:]

    # --- how all stands -----------------------------------------------------------------------

    def uploads(self) -> list[Upload]:
        """Return every upload that Nectar accepted."""
        return self.nectar.call(lambda emulator: list(emulator.world.uploads.values()))

    def results(self) -> dict[str, str]:
        """Return each result by its place, without moments and numbers."""
        return {
            str(path.relative_to(self.home)): self._timeless(path.read_text("utf-8"))
            for folder in FOLDERS
            for path in sorted((self.home / folder).rglob("*.json"))
        }

    def standing(self, code: int) -> Standing:
        """Return how all stands."""
        return Standing(
            code,
            self.results(),
            {
                str(Path(os.fsdecode(path)).relative_to(self.home)): (state, reason)
                for path, state, reason in self._rows("SELECT path, state, code FROM files")
            },
            dict(Counter(upload.sha256 for upload in self.uploads())),
        )

    def check(self) -> None:
        """Fail where something is not as it always has to be once an agent came to rest."""
        for path, (content, modified) in self._originals.items():
            assert path.read_bytes() == content, f"{path} was changed"
            assert path.stat().st_mtime_ns == modified, f"{path} was touched"
        for folder in FOLDERS:
            for path in (self.home / folder).rglob("*"):
                if path in self._originals or path.name == _MARK:
                    continue
                assert path.suffix == ".json", f"{path} was left"
                _VALIDATOR.validate(json.loads(path.read_bytes()))
        assert self._rows("PRAGMA integrity_check") == [("ok",)]
        assert self._rows("PRAGMA foreign_key_check") == []
        assert self._rows("SELECT kind FROM requests WHERE answered IS NULL") == []

    def _rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.home / "data" / "store.sqlite3")) as store:
            return store.execute(sql).fetchall()

    def _timeless(self, text: str) -> str:
        text = text.replace(self.nectar.origin, "(Nectar)")
        return _NUMBER.sub("(number)", _MOMENT.sub("(moment)", text))
