"""A world in which every hold can be brought about and taken away again, and its cost counted."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from journey_world import HOUR, MoodyDisk, World
from rich.console import Console

from agent.bills.cloud import waiting_for_cloud
from agent.bills.errors import AgentError, NeedsAttention
from agent.bills.instant import Instant
from agent.bills.outcomes import Examined, Looked, Unfit
from agent.bills.plan import FolderPlan
from agent.bills.values import Reading, Sha256, Signature
from agent.cli.app import register
from agent.cli.report import Report as StatusReport
from agent.cli.report import with_trouble
from agent.files.cloud import Cloud
from agent.files.examiner import Examiner
from agent.pipeline.notices import HoldEnded
from agent.pipeline.work import Kind, Report, Step
from agent.service.keeping import StoreKeeper
from agent.service.keys import KeyRing
from agent.service.planning import plan_of
from agent.service.trouble import noted_trouble
from agent.store.connecting import store_path
from agent.store.naming import StoreDamagedError
from agent.store.opening import open_for_people
from agent.store.snapshot import snapshot
from agent.store.store import Store
from agent.store.views import BillFilter, BillView, Overview
from agent.system.api_key import KeyPlaces
from agent.system.identity import AgentIdentity
from agent.system.key_store import KeyStore
from agent.system.os_errors import file_error, folder_error

register()  # README lists the commands in the order in which they are imported
from agent.cli.status import facts_of, shown  # noqa: E402 - see above


class FakeCloud(Cloud):
    """A cloud that keeps the content of the files named in ``away``, and gives what is asked for.

    ``refuses`` is whether it gives nothing now, ``keeps`` are files that it never gives;
    ``asked`` is what was asked for, in order. ``flags_stay`` is whether a file counts as a
    placeholder for ever, as some providers have it; ``takes_back`` whether what it gave is away
    again at the next look.
    """

    def __init__(self) -> None:
        super().__init__(command=())
        self.away: set[str] = set()
        self.refuses = False
        self.keeps: set[str] = set()
        self.flags_stay = self.takes_back = False
        self._given: set[str] = set()
        self.asked: list[str] = []

    def holds(self, path: str) -> bool:
        """Whether the file's content is in this cloud."""
        if path in self._given:
            self._given.discard(path)
            return False
        return path in self.away

    def bring(self, path: str) -> bool:
        """Give the content, unless the mood is otherwise; False where the file is gone."""
        self.asked.append(path)
        if not Path(path).exists():
            return False
        if self.refuses or path in self.keeps:
            why = waiting_for_cloud(path, "its provider does not run")
            raise NeedsAttention(why.code, why.message, why.advice)
        if self.takes_back:
            self._given.add(path)
        elif not self.flags_stay:
            self.away.discard(path)
        return True


class HoldDisk(MoodyDisk):
    """A disk that counts what it is asked, and whose files may be in the cloud."""

    def __init__(
        self, examiner: Examiner, identity: AgentIdentity, now: Callable[[], Instant]
    ) -> None:
        super().__init__(examiner, identity, now)
        self.cloud = self._cloud = FakeCloud()
        self.asked: Counter[str] = Counter()
        self.opened: set[str] = set()
        """Files whose bytes were read."""
        self.locked: set[str] = set()
        """Files that this user may not read."""
        self.denied: set[str] = set()
        """Folders that this user may not read."""
        self.unwritable: set[str] = set()
        """Folders, and directories in them, in which no file can be made, as a reading tells."""
        self.unmounted: set[str] = set()
        """Folders whose volume is away: what lies there is the empty mount point."""
        self.refusing: dict[str, int] = {}
        """Folders in which writing fails with this number although a reading tells of nothing."""

    def read(self, folder: FolderPlan, **how: Any) -> Reading:
        """Read the folder; placeholders are told as the systems that have them tell them."""
        self.asked["readings"] += 1
        if folder.path in self.denied:
            raise folder_error(PermissionError(errno.EACCES, "denied"), folder.path)
        reading = super().read(folder, **how)
        if folder.path in self.unmounted:
            reading = replace(reading, volume=f"mount point of {reading.volume}")
        writable = reading.writable and folder.path not in self.unwritable
        holding = {os.path.dirname(each.path) for each in reading.seen} - {folder.path}  # noqa: PTH120
        told = replace(
            reading,
            placeholders=tuple(one.path for one in reading.seen if self.cloud.holds(one.path)),
            writable=writable,
            closed=tuple(holding & self.unwritable),
        )
        return self._without_brought(told)

    def look(self, path: str) -> Looked | None:
        """Look at the file; its end mark is read."""
        self.asked["looks"] += 1
        if path in self.locked:
            raise file_error(PermissionError(errno.EACCES, "denied"), path)
        looked = super().look(path)
        self.opened.add(path)
        return looked

    def examine(self, path: str, expected: Signature) -> Examined | Unfit | None:
        """Examine the file; all of it is read."""
        self.asked["looks"] += 1
        examined = super().examine(path, expected)
        self.opened.add(path)
        return examined

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Read the file for an upload."""
        self.asked["looks"] += 1
        return super().bytes_of(path, sha256)

    def write_result(
        self, path: str, content: bytes, may_replace: Sha256 | None
    ) -> tuple[Sha256, Signature] | Any:
        """Write a result."""
        self.asked["writes"] += 1
        number = next((self.refusing[root] for root in self.refusing if path.startswith(root)), 0)
        if any(path.startswith(root) for root in self.unwritable):
            number = errno.EACCES
        if number:
            raise file_error(OSError(number, "refused"), f"{path}.json", writing=True)
        return super().write_result(path, content, may_replace)


class _NoKeyStore(KeyStore):
    """A key store that is empty."""

    def read(self, api: str, environment: str) -> None:
        """Return that there is none."""


class HoldWorld(World):
    """A world with a disk of many moods, asked for its status as people ask."""

    disk: HoldDisk
    slow: Kind | None = None
    """Steps of this kind do not end before `end_slow`."""

    def __init__(
        self,
        *given: Any,
        key_file: Path | None = None,
        key_store: Any = None,
        **settings: Any,
    ) -> None:
        self.under_way: list[Step] = []
        self.environ: dict[str, str] = {}
        self._key_file, self._key_store = key_file, key_store
        self._ring: KeyRing | None = None
        self.told: list[str] = []
        """The codes of the holds of which a person was told, in order."""
        self._needing: set[tuple[str, str]] = set()
        super().__init__(*given, **settings)

    def _begin(self) -> None:
        """Begin with the real key ring where a key file or a key store is given."""
        if self._key_file or self._key_store:
            file = str(self._key_file) if self._key_file else None
            store = self._key_store or _NoKeyStore()
            nectar = self.settings.nectar
            places = KeyPlaces(self.environ, file, nectar.api, nectar.environment, store)
            self._ring = KeyRing(places)
        super()._begin()

    def _hooks(self) -> dict[str, Any]:
        if self._ring is None:
            return {}
        ring = self._ring
        return {"key_changed": ring.look_again, "is_key_file_new": ring.is_file_new}

    def _give_key(self) -> str:
        return self._ring.key() if self._ring is not None else super()._give_key()

    def _start(self, step: Step) -> None:
        if step.kind is self.slow:
            self.under_way.append(step)
            return
        super()._start(step)

    def end_slow(self) -> None:
        """Let the slow steps end, and be slow no more."""
        self.slow = None
        steps, self.under_way = self.under_way, []
        for step in steps:
            self.scheduler.report(Report(step, step.run()))

    def _open_store(self) -> Store:
        self.keeper = StoreKeeper(self._data, self.now)
        return self.keeper.store

    def turn(self) -> float | None:
        """Do one turn; where the store cannot be written all waits, as in the service."""
        hints = set(self._hints)
        try:
            due = super().turn()
        except StoreDamagedError:
            raise
        except AgentError as error:
            self._hints |= hints
            self.notices += self.keeper.failed(error, self.now)
            # The service tries every few seconds; so often would show no more.
            self.now = self.now.plus(300.0)
            return None
        self.notices += self.keeper.went_well(self.now)
        return due

    def fill_disk_of_store(self) -> None:
        """Let the store have no page more than it has."""
        self.store._connection.execute("PRAGMA max_page_count = 1").fetchone()

    def make_room_for_store(self) -> None:
        """Let it grow again."""
        self.store._connection.execute("PRAGMA max_page_count = 1000000").fetchone()

    def _make_disk(self, examiner: Examiner) -> MoodyDisk:
        return HoldDisk(examiner, self.identity, lambda: self.now)

    @property
    def cloud(self) -> FakeCloud:
        """The cloud that keeps some files' content."""
        return self.disk.cloud

    def overview(self) -> Overview:
        """Return what a person may know now."""
        people = open_for_people(store_path(self._data))
        assert people is not None
        plan = plan_of(self.settings, self.identity.id)
        try:
            with snapshot(people, plan.folders, plan.site_names) as view:
                return view.overview(self.now.utc)
        finally:
            people.close()

    def listed(self) -> list[BillView]:
        """Return every file as `bills` lists it."""
        people = open_for_people(store_path(self._data))
        assert people is not None
        plan = plan_of(self.settings, self.identity.id)
        try:
            with snapshot(people, plan.folders, plan.site_names) as view:
                return list(view.bills(BillFilter()))
        finally:
            people.close()

    def status(self) -> dict[str, Any]:
        """Return what ``status --json`` says while the service runs."""
        return facts_of(self._report())

    def status_text(self) -> str:
        """Return what ``status`` says to people while the service runs."""
        console = Console(width=100)
        with console.capture() as captured:
            console.print(shown(self._report()), crop=False)
        return captured.get()

    def _report(self) -> StatusReport:
        overview = with_trouble(self.overview(), noted_trouble(self._data))
        return StatusReport(
            state=overview.service_state(is_alive=True, are_settings_wrong=False),
            is_alive=True,
            pid=1,
            since=self.now.utc,
            mistakes=(),
            overview=overview,
            now=self.now.utc,
            data_dir=self._data,
            settings=self.settings,
        )

    def live(self, hours: float, look_every: float = 900.0) -> None:
        """Let time pass while somebody looks at the status now and then."""
        end = self.now.utc + hours * HOUR
        while self.now.utc < end:
            self.advance(min(look_every, end - self.now.utc))
            self.look()

    def look(self) -> None:
        """Look at the status as the tray does: what needs a person and did not before is told."""
        now = {
            (each.hold.code, each.hold.scope.key)
            for each in self.overview().holds
            if each.needs_person
        }
        self.told += [code for code, key in now if (code, key) not in self._needing]
        self._needing = now

    def ends(self, code: str) -> int:
        """Return how often people were told that a hold of this code ended."""
        return sum(isinstance(one, HoldEnded) and one.hold.code == code for one in self.notices)

    def holds_of(self, code: str) -> list[dict[str, Any]]:
        """Return the holds of one code as ``status --json`` tells them."""
        return [each for each in self.status()["holds"] if each["code"] == code]

    def put_in_cloud(self, names: Iterable[str]) -> None:
        """Let the content of files be in the cloud; what no event tells."""
        self.cloud.away |= {self.path(name) for name in names}


MakeHoldWorld = Callable[..., HoldWorld]
"""Makes a world of the settings of `HoldWorld`, beside its place and its examiner."""
