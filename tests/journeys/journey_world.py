"""The whole agent in virtual time: a folder tree and the emulator go in, a folder tree comes out.

Everything is real but the clock, the network and the workers: the store, the scheduler, the disk,
the client. Steps run inline. A person's hands are the methods that change the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import tomli_w
from virtual_nectar import VirtualNetwork

from agent.bills.errors import NeedsAttention
from agent.bills.holds import Hold
from agent.bills.instant import Instant
from agent.bills.plan import FolderPlan, Plan
from agent.bills.rows import File, Submission
from agent.bills.stages import State
from agent.bills.values import Reading
from agent.config import Settings, load
from agent.emulator.behaviour import Behaviour
from agent.emulator.nectar import Emulator
from agent.emulator.world import Upload
from agent.files.examiner import Examiner
from agent.nectar.client import NectarClient
from agent.pipeline.notices import HoldBegan, Notice
from agent.pipeline.scheduler import Scheduler
from agent.pipeline.work import Kind, Report, Step
from agent.service.disk import RealDisk
from agent.service.planning import connection_of, plan_of, watched_folders
from agent.store.beginning import open_or_begin_anew
from agent.store.connecting import store_path
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.store.store import Store
from agent.system.identity import AgentIdentity, agent_identity
from agent.watch.mark import remove_mark

START = 1_770_836_400.0  # 2026-02-11T19:00:00Z
KEY = "journey-key-4f81"
LONGEST_JUMP_SECONDS = 60.0
"""The loop looks at least this often whether something is due that no row names."""
HOUR = 3600.0
DAY = 86400.0


class Killed(BaseException):
    """The process ends here, without a word: nothing in the agent may catch it."""


class MoodyDisk(RealDisk):
    """The real disk, on which folders can be made unreadable whoever runs the tests."""

    def __init__(
        self, examiner: Examiner, identity: AgentIdentity, now: Callable[[], Instant]
    ) -> None:
        super().__init__(examiner, identity)
        self.now = now
        self.unreadable: set[str] = set()

    def read(
        self, folder: FolderPlan, *, claim: float | None, take: float | None, tidy: bool
    ) -> Reading:
        """Read the folder without what lies below the unreadable ones."""
        reading = super().read(folder, claim=claim, take=take, tidy=tidy)
        if not self.unreadable:
            return reading
        hidden = tuple(path for path in sorted(self.unreadable) if _is_below(path, folder.path))
        return replace(
            reading,
            seen=tuple(
                one for one in reading.seen if not any(_is_below(one.path, root) for root in hidden)
            ),
            unreadable=(*reading.unreadable, *hidden),
        )


class World:
    """One agent with its folders below ``root``, and Nectar. Paths are relative to ``root``.

    Two worlds over one ``root`` or one ``emulator`` are two machines: see `two_machines`.
    """

    def __init__(
        self,
        place: Path,
        examiner: Examiner,
        *,
        folders: Mapping[str, str | dict[str, Any]] | None = None,
        behaviour: Behaviour | None = None,
        longest_jump: float = LONGEST_JUMP_SECONDS,
        root: Path | None = None,
        emulator: Emulator | None = None,
        machine: str | None = None,
        **settings: Any,
    ) -> None:
        self.root = root or place / "bills"
        self.root.mkdir(exist_ok=True)
        self._data = place / "data"
        self._data.mkdir()
        self.identity = agent_identity(str(self._data))
        if machine is not None:
            self.identity = replace(self.identity, machine=machine)
        self._config = place / "config.toml"
        self.now = Instant(START, 1000.0)
        self.emulator = emulator or Emulator(behaviour or Behaviour(keys=(KEY,)))
        self._longest_jump = longest_jump
        self.network = self._make_network()
        self.key: str | None = KEY
        self.notices: list[Notice] = []
        self.originals: dict[Path, str] = {}
        """What the person's files hold, by path: the agent must leave them so."""
        self._hints: set[str] = set()
        self._kill: tuple[Kind, Literal["before", "after"]] | None = None
        self.deaths = 0
        self.held: list[Step] | None = None
        """Where steps are kept that are to end later than at once."""
        self.folders: dict[str, str | dict[str, Any]] = dict(folders or {"Plant 7": "PLANT-07"})
        self.options: dict[str, Any] = {"existing": "all", **settings}
        self._make_folders()
        self.settings = self._load()
        self.disk = self._make_disk(examiner)
        self.store = self._open_store()
        self._begin()

    # --- the agent's life ---------------------------------------------------------------------

    def restart(self) -> None:
        """End the agent between two turns, without manners, and start it again."""
        self.store.close()
        self.store = self._open_store()
        self._begin()

    def lose_store(self, **settings: Any) -> None:
        """Start the agent again with its store gone, perhaps with other settings."""
        self.store.close()
        self.options.update(settings)
        self.settings = self._load()
        for file in self._data.iterdir():
            file.unlink()
        self.store = self._open_store()
        self._begin()

    def end(self, *, killed: bool = False) -> Path:
        """End the agent; return its store as it lies there then, for others to lay hands on.

        One that was killed leaves its write-ahead log.
        """
        left = {file: file.read_bytes() for file in self._data.iterdir()}
        self.store.close()
        if killed:
            for file, content in left.items():
                file.write_bytes(content)
            store_path(self._data).with_name("store.sqlite3-shm").unlink(missing_ok=True)
        return store_path(self._data)

    def begin_again(self) -> str | None:
        """Start the agent that ended; return why its store was begun anew, if it was.

        Raises what the agent says where it refuses to start.
        """
        opened, lost = open_or_begin_anew(store_path(self._data), self.now.utc)
        opened.close()
        self.store = self._open_store()
        self._begin()
        return lost

    def kill_during(self, kind: Kind, when: Literal["before", "after"]) -> None:
        """Let the agent die in the next step of a kind: before it does it, or before it reports."""
        self._kill = (kind, when)

    def configure(
        self, folders: Mapping[str, str | dict[str, Any]] | None = None, **settings: Any
    ) -> None:
        """Put a changed configuration in force, as the service does."""
        if folders is not None:
            self.folders = dict(folders)
        self.options.update(settings)
        self._make_folders()
        self.settings = self._load()
        watched = watched_folders(self.settings)
        for path in self.disk.watched.keys() - watched.keys():
            remove_mark(path, self.identity.id)
        self.disk.watched = {**self.disk.watched, **watched}
        self.scheduler.set_plan(self._plan(), self._client(), self.now)

    def wake_after_sleep(self, hours: float) -> None:
        """Let the machine sleep: the monotonic clock stands still."""
        self.now = Instant(self.now.utc + hours * HOUR, self.now.monotonic)

    # --- time ---------------------------------------------------------------------------------

    def turn(self) -> float | None:
        """Do one turn now; the agent may die in it and start again."""
        hinted, self._hints = self._hints, set()
        try:
            due, notices = self.scheduler.turn(self.now, hinted)
        except Killed:
            self.deaths += 1
            self.restart()
            return None
        self.notices += notices
        return due

    def run_until_still(self, limit: float = 2 * DAY) -> None:
        """Let time pass until nothing moves by itself; fails after ``limit`` seconds."""
        end = self.now.utc + limit
        hinted = self.now.utc + 2.0 if self._hints else 0.0
        while True:
            self._pass(end)
            if self.now.utc < hinted:
                continue
            if not self.scheduler.is_anything_moving():
                return
            assert self.now.utc < end, f"still moving after {limit} s: {self.bills()}"

    def advance(self, seconds: float = 0.0, *, hours: float = 0.0, days: float = 0.0) -> None:
        """Let time pass, whatever moves."""
        end = self.now.utc + seconds + hours * HOUR + days * DAY
        while self.now.utc < end:
            self._pass(end)
        self.turn()

    def _pass(self, end: float) -> None:
        """Do one turn, and jump to the moment at which there is something to do again."""
        due = self.turn()
        is_more = bool(self.scheduler._reports)
        wait = 0.001
        if not is_more:
            wait = min(self._longest_jump, end - self.now.utc)
            wait = wait if due is None else min(wait, due - self.now.utc)
        self.now = self.now.plus(max(wait, 0.001))

    # --- a person's hands ---------------------------------------------------------------------

    def drop(self, name: str, content: bytes, *, modified: date | None = None) -> Path:
        """Put a file into a folder, or other bytes under its name."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if modified is not None:
            noon = float(modified.toordinal() - date(1970, 1, 1).toordinal()) * DAY + DAY / 2
            os.utime(path, (noon, noon))
        self.originals[path] = _sha256(content)
        self._hint(path)
        return path

    def move(self, name: str, to: str, *, with_result: bool = False) -> None:
        """Move or rename a file; its result stays where it is."""
        old, new = self.root / name, self.root / to
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
        sha256 = self.originals.pop(old, None)
        self.originals.pop(new, None)  # what lay there was overwritten
        if sha256 is not None:
            self.originals[new] = sha256
        self._hint(old)
        self._hint(new)
        if with_result:
            self.move(f"{name}.json", f"{to}.json")

    def rename_root(self, name: str, to: str) -> None:
        """Rename a folder with all that lies in it, without a hint: it went away, or came back."""
        old, new = self.root / name, self.root / to
        old.rename(new)
        for path in [path for path in self.originals if path.is_relative_to(old)]:
            self.originals[new / path.relative_to(old)] = self.originals.pop(path)

    def delete(self, name: str) -> None:
        """Delete a file."""
        path = self.root / name
        path.unlink()
        self.originals.pop(path, None)
        self._hint(path)

    def edit_result(self, name: str) -> bytes:
        """Let a person change the result of a bill; return what it holds now."""
        path = self.root / f"{name}.json"
        content = path.read_bytes().replace(b'"warnings"', b'"myNote": "checked", "warnings"')
        self.drop(f"{name}.json", content)
        return content

    def ask(self, kind: str, **payload: Any) -> dict[str, Any]:
        """Leave a request as the command line does, and return the agent's answer."""
        people = open_for_people(store_path(self._data))
        assert people is not None
        with closing(people):
            number = leave_request(people, kind, payload, self.now.utc)
            for _ in range(20):
                self.turn()
                self.now = self.now.plus(0.001)
                answer = answer_of(people, number)
                if answer is not None:
                    return answer
        raise AssertionError(f"no answer to {kind} {payload}")

    def path(self, name: str) -> str:
        """Return the absolute path of a file or folder."""
        return str(self.root / name)

    # --- what came of it ----------------------------------------------------------------------

    def bills(self) -> dict[str, tuple[str, str | None]]:
        """Return the state and the code of each file that is not gone."""
        return {
            os.path.relpath(file.path, self.root): (shown[0].value, shown[1])
            for file in self.rows()
            if (shown := self.store.shown(file.id)) is not None and shown[0] is not State.GONE
        }

    def bill(self, name: str) -> tuple[str, str | None]:
        """Return the state and the code of one file."""
        return self.bills()[os.path.normpath(name)]

    def rows(self) -> list[File]:
        """Return the rows of all files."""
        return self.store._files("1 ORDER BY path")

    def row(self, name: str) -> File:
        """Return the row of one file."""
        file = self.store.file_at(self.path(name))
        assert file is not None, f"{name} is not known"
        return file

    def has_been_examined(self, name: str) -> bool:
        """Whether the agent knows the bytes of a file."""
        path = self.path(name)
        return any(file.path == path and file.sha256 is not None for file in self.rows())

    def submissions(self) -> list[Submission]:
        """Return the rows of all submissions."""
        return self.store._submissions("1 ORDER BY id")

    def history(self) -> list[str]:
        """Return every line of history."""
        rows = self.store._connection.execute("SELECT what FROM history ORDER BY rowid")
        return [str(row[0]) for row in rows]

    def result(self, name: str) -> dict[str, Any]:
        """Return the result beside a bill."""
        found = json.loads((self.root / f"{name}.json").read_bytes())
        assert isinstance(found, dict)
        return found

    def has_result(self, name: str) -> bool:
        """Whether something lies at the place of a bill's result."""
        return (self.root / f"{name}.json").exists()

    def tree(self) -> list[str]:
        """Return every file below the root but the owner marks and their conflicted copies."""
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and not path.name.startswith(".nectar-bill-agent")
        )

    def holds(self) -> dict[str, Hold]:
        """Return the holds in force by code."""
        return {hold.code: hold for hold in self.scheduler.holds.all()}

    def hold_notices(self, code: str) -> int:
        """Return how often people were told that a hold of this code began."""
        return sum(
            isinstance(one, HoldBegan) and one.hold.code == code and not one.is_again
            for one in self.notices
        )

    def uploads(self) -> list[Upload]:
        """Return what Nectar took in."""
        return list(self.emulator.world.uploads.values())

    def tries(self, method: str = "", since: float = 0.0) -> int:
        """Return how many requests were tried since a moment."""
        return sum(at >= since and method in ("", used) for at, used, _ in self.network.tried)

    @property
    def behaviour(self) -> Behaviour:
        """How Nectar behaves from now on."""
        return self.emulator.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self.emulator.behaviour = behaviour

    def close(self) -> None:
        """End the agent."""
        self.store.close()

    # --- assembly -----------------------------------------------------------------------------

    def time_at_nectar(self) -> float:
        """Return the time by Nectar's clock, which may not be this machine's."""
        return self.now.utc

    def _make_network(self) -> VirtualNetwork:
        return VirtualNetwork(self.emulator, self.time_at_nectar)

    def _make_disk(self, examiner: Examiner) -> MoodyDisk:
        return MoodyDisk(examiner, self.identity, lambda: self.now)

    def _open_store(self) -> Store:
        return Store(store_path(self._data))

    def _begin(self) -> None:
        self.disk.watched = watched_folders(self.settings)
        self.scheduler = Scheduler(
            self.store,
            self._plan(),
            self._client(),
            self.disk,
            self._start,
            version="1",
            **self._hooks(),
        )
        self.scheduler.begin(self.now)

    def _hooks(self) -> dict[str, Any]:
        """Return what else the scheduler is given."""
        return {}

    def _plan(self) -> Plan:
        return plan_of(self.settings, self.identity.id)

    def _client(self) -> NectarClient:
        return NectarClient(connection_of(self.settings), self._give_key, transport=self.network)

    def _give_key(self) -> str:
        if self.key is None:
            raise NeedsAttention("key-missing", "There is no key.", "Set one.")
        return self.key

    def _start(self, step: Step) -> None:
        if self.held is not None:
            self.held.append(step)
            return
        if self._kill is not None and self._kill[0] is step.kind:
            when, self._kill = self._kill[1], None
            if when == "after":
                step.run()
            raise Killed
        self.scheduler.report(Report(step, step.run()))

    def _hint(self, path: Path) -> None:
        roots = [root for root in self.disk.watched if _is_below(str(path), root)]
        if roots:
            self._hints.add(max(roots, key=len))

    def _make_folders(self) -> None:
        for name in self.folders:
            path = self.root / name
            if not path.exists() and not name.startswith("absent"):
                path.mkdir(parents=True)

    def _load(self) -> Settings:
        options = dict(self.options)
        nectar = {"company": options.pop("company", "HMF")}
        for key in ("environment", "base_url", "max_requests"):
            if key in options:
                nectar[key] = options.pop(key)
        text = {
            "nectar": {key: value for key, value in nectar.items() if value is not None},
            "agent": {"data_dir": str(self._data)},
            "site_names": options.pop("site_names", {}),
            "results": {"refresh_hours": options.pop("refresh_hours", 0.0)},
            "detection": options,
            "folders": [
                {"path": str(self.root / name)}
                | (site if isinstance(site, dict) else {"site": site})
                for name, site in self.folders.items()
            ],
        }
        self._config.write_text(tomli_w.dumps(text), encoding="utf-8")
        return load(self._config, os.environ)


MakeWorld = Callable[..., World]
"""Makes a world of the settings of `World`, beside its place and its examiner."""


def results(world: World) -> dict[str, tuple[bytes, int]]:
    """Return what lies beside the bills, with the times of change in nanoseconds."""
    return {
        path.relative_to(world.root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(world.root.rglob("*.json"))
    }


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_below(path: str, root: str) -> bool:
    return Path(path).is_relative_to(root)
