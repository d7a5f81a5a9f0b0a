"""The agent, assembled of its real parts, and its main loop."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent import __version__
from agent.bills.errors import AgentError, ConfigurationError, Transient
from agent.bills.instant import Instant
from agent.bills.outcomes import NotSent
from agent.bills.plan import Plan
from agent.bills.printing import printable
from agent.config import Settings, changes_needing_restart, load
from agent.files.examiner import Examiner
from agent.nectar.client import NectarClient
from agent.pipeline.notices import Notice, line_of
from agent.pipeline.scheduler import Scheduler
from agent.pipeline.work import Kind, Report, Step
from agent.service import clock
from agent.service.checkups import Checkups
from agent.service.disk import HASTY_SECONDS, RealDisk
from agent.service.keeping import StoreKeeper
from agent.service.keys import KeyRing, places_of
from agent.service.letting_go import let_go
from agent.service.logs import end_logs, set_up_logs
from agent.service.places import data_dir_of, places_named
from agent.service.planning import connection_of, plan_of, watched_folders
from agent.service.reloading import FileWatch
from agent.service.watcher import Watcher
from agent.service.workers import SILENT_SECONDS, Workers
from agent.store.naming import StoreDamagedError
from agent.store.remembered import SETTINGS_ERROR
from agent.system.directories import default_data_dir, log_dir
from agent.system.identity import agent_identity
from agent.system.key_store import KeyStore

LONGEST_WAIT_SECONDS = 1.0
"""The loop looks at least this often whether a person asked something."""
LONGEST_PAUSE_SECONDS = 60.0
"""A loop that stood still for longer than any turn takes was asleep, with its machine or alone."""
BLINDNESS_SECONDS = 10.0
STOP_SECONDS = 1.5
"""The end has to come within three seconds, on a busy machine as well."""
CLOSE_SECONDS = 0.3
HANGING_SECONDS = 0.5
"""What a disk lets wait for so long while we stop is left behind."""
SHARE_FOR_PEOPLE = 0.5
"""Between two turns that follow each other at once the store is free for so much of a turn."""
STORE_SECONDS = 5.0
"""How long to wait after the store could not be written."""
MOST_LOGGED = 20
"""Of what happens in one turn: a folder of 100,000 files must not fill the log."""
SOON_SECONDS = 0.5
"""How long to wait after a trouble that passes by itself."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between the service, `once` and the demo."""

    leaves_mark: bool = True
    usage_patience_seconds: float = 30.0
    reloads: bool = True
    silent_seconds: float = SILENT_SECONDS


class Agent:
    """The whole agent in this process. The caller holds the lock of its data directory.

    ``on_notices`` is called after each turn with what happened in it, in the loop's thread.
    """

    def __init__(
        self,
        settings: Settings,
        on_notices: Callable[[list[Notice]], None],
        *,
        environ: Mapping[str, str] = os.environ,
        key_store: KeyStore | None = None,
        options: Options | None = None,
    ) -> None:
        self._settings = settings
        self._on_notices = on_notices
        self._environ = environ
        self._key_store = key_store or KeyStore()
        self._options = options or Options()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        data_dir = data_dir_of(settings)
        self._keys = KeyRing(places_of(settings, environ, self._key_store))
        self._log_handler = set_up_logs(
            log_dir(str(data_dir)),
            settings.agent.log_level,
            secrets=self._keys.known,
            places=self.places,
        )
        self._keeper = StoreKeeper(data_dir, clock.now())
        self.store = self._keeper.store
        self._identity = agent_identity(str(data_dir))
        self._examiner = Examiner()
        hasty_seconds = min(HASTY_SECONDS, self._options.silent_seconds)
        self._disk = RealDisk(self._examiner, self._identity, hasty_seconds=hasty_seconds)
        self._disk.watched = watched_folders(settings)
        self._nectar = NectarClient(connection_of(settings), self._keys.key)
        self._watcher = Watcher(self._wake.set)
        self._workers = Workers(
            self._report,
            settings.nectar.max_requests,
            answered=self._watcher.mailbox.put,
            silent_seconds=self._options.silent_seconds,
        )
        self.scheduler = Scheduler(
            self.store,
            self._plan(settings),
            self._nectar,
            self._disk,
            self._start,
            version=__version__,
            wake=self._wake.set,
            woke_up=self._woke_up,
            met_bug=self._keeper.suspect,
            key_changed=self._keys.look_again,
            checkup=Checkups(
                settings.path,
                environ,
                self._key_store,
                self._watcher.why_on_timer,
                self._wake.set,
            ).answer,
            is_key_file_new=self._keys.is_file_new,
            events_come=self._watcher.events_come,
            longest_pause=LONGEST_PAUSE_SECONDS,
        )
        self._file_watch = FileWatch(settings.path)
        self._looked_at: float | None = None
        self._must_reload = False
        self._is_damaged = False

    def places(self) -> tuple[str, ...]:
        """Return the paths that the settings in force name."""
        return places_named(self._settings)

    def stop(self) -> None:
        """Ask the loop to end. Safe from any thread and from signal handlers."""
        self._stopping.set()
        self._wake.set()

    def run(
        self,
        *,
        on_ready: Callable[[], None],
        on_turn: Callable[[], None] = lambda: None,
        until_still: bool = False,
    ) -> None:
        """Work until `stop`; with ``until_still`` also end when nothing moves by itself.

        ``on_turn`` is called after each turn of the loop, a second apart at most in good health.
        Raises the named errors of the store where it cannot be begun with, or proves damaged.
        """
        try:
            with self.store.naming_errors():
                self._run(on_ready, on_turn, until_still=until_still)
        except StoreDamagedError as damage:
            self._is_damaged = True
            self._keeper.damaged(damage)
            raise

    def _run(
        self, on_ready: Callable[[], None], on_turn: Callable[[], None], *, until_still: bool
    ) -> None:
        now = clock.now()
        # Readings make many small values that hold no circles: looking for some among them costs
        # half as much again as the reading itself.
        gc.set_threshold(100_000, 20, 20)
        self._watcher.watch(self._disk.watched)
        self._keeper.note_run(os.getpid(), now)
        left = [folder.path for folder in self.store.folders() if folder.is_configured]
        let_go(set(left) - self._disk.watched.keys(), self._identity.id)
        self.scheduler.begin(now)
        self._tell(self._keeper.first_notices())
        on_ready()
        _log.info("version %s watches %d folders", __version__, len(self._disk.watched))
        while not self._stopping.is_set():
            began = clock.now().monotonic
            due = self._turn()
            on_turn()
            if self.scheduler.is_in_a_reading():
                # A turn locks the store; people need it now and then to leave a request.
                clock.wait(self._stopping, SHARE_FOR_PEOPLE * (clock.now().monotonic - began))
            if until_still and not self.scheduler.is_anything_moving():
                self._keeper.finish()
                return
            wait = LONGEST_WAIT_SECONDS
            if due is not None:
                wait = min(wait, due - clock.now().utc)
            clock.wait(self._wake, wait)

    def close(self) -> None:
        """Stop with manners: a moment for steps under way, their reports written down.

        What hangs is left behind; it ends with the process.
        """
        self._watcher.close()
        self._withdraw()
        self._nectar.close()
        self._disk.close()
        try:
            if not self._is_damaged:
                self._settle_up()
        except AgentError as error:
            # A kill would have lost no less: what was begun is looked for at the next start.
            _log.warning("the last reports were not written down: %s", error)
        self._workers.close()
        self._examiner.close()
        self._watcher.wait_until_closed(CLOSE_SECONDS)
        self._keeper.close()
        end_logs(self._log_handler)

    def _settle_up(self) -> None:
        ends = clock.now().monotonic + STOP_SECONDS
        while self.scheduler.memory.out and clock.now().monotonic < ends:
            self._wake.clear()
            self.scheduler.settle_up(clock.now())
            for step in self._workers.silent(clock.now().monotonic, HANGING_SECONDS):
                self.scheduler.memory.out.pop(step.key, None)
            clock.wait(self._wake, 0.1 if self.scheduler.memory.out else 0.0)
        self.scheduler.settle_up(clock.now())

    def _withdraw(self) -> None:
        """Take back what no worker has begun; of an upload that is surely not sent."""
        for step in self._workers.withdraw():
            if step.kind is Kind.SEND:
                not_sent = NotSent(Transient("stopped", "The agent was stopped."))
                self.scheduler.report(Report(step, not_sent))
            else:
                self.scheduler.memory.out.pop(step.key, None)

    def _turn(self) -> float | None:
        self._wake.clear()
        now = clock.now()
        hinted = self._watcher.mailbox.take()
        try:
            self._look_after(now)
            due, notices = self.scheduler.turn(now, hinted)
        except StoreDamagedError:
            raise
        except AgentError as error:
            # Steps, reports and hints wait for the next turn.
            for path in hinted:
                self._watcher.mailbox.put(path)
            self._wake.clear()
            self._tell(self._keeper.failed(error, now))
            return now.utc + (SOON_SECONDS if isinstance(error, Transient) else STORE_SECONDS)
        self._tell([*self._keeper.went_well(now), *notices])
        return due

    def _tell(self, notices: list[Notice]) -> None:
        for notice in notices[:MOST_LOGGED]:
            _log.info("%s", printable(line_of(notice)))
        if len(notices) > MOST_LOGGED:
            _log.info("and %d more at the same time", len(notices) - MOST_LOGGED)
        if notices:
            self._on_notices(notices)

    def _look_after(self, now: Instant) -> None:
        """What has to be looked at now and then: the watcher, the helper, the settings."""
        if self._looked_at is not None and now.monotonic - self._looked_at < 1.0:
            return
        was, self._looked_at = self._looked_at, now.monotonic
        self._workers.write_off_hanging(now.monotonic)
        self._examiner.close_if_idle(now.monotonic)
        is_time = was is None or int(now.monotonic / BLINDNESS_SECONDS) != int(
            was / BLINDNESS_SECONDS
        )
        if is_time:
            self._watcher.rearm()
        self._keeper.look(now)
        is_edited = self._options.reloads and self._file_watch.is_edited(now.monotonic)
        if is_edited or self._must_reload:
            self._must_reload = True  # until it is in force, though the store cannot be written
            self._reload(now)
            self._must_reload = False

    def _reload(self, now: Instant) -> None:
        try:
            settings = load(self._settings.path, self._environ, default_data_dir=default_data_dir())
        except ConfigurationError as error:
            _log.warning("the configuration is not usable and was not taken over: %s", error)
            with self.store.transaction():
                self.store.set_meta(SETTINGS_ERROR, error.message)
            return
        with self.store.transaction():
            self.store.set_meta(SETTINGS_ERROR, None)
        if settings == self._settings:
            return
        for key in changes_needing_restart(self._settings, settings):
            _log.warning("%s takes effect after a restart", key)
        self._take_over(settings, now)

    def _take_over(self, settings: Settings, now: Instant) -> None:
        old = self._settings
        logging.getLogger("agent").setLevel(settings.agent.log_level)
        self._keys.use(places_of(settings, self._environ, self._key_store))
        if connection_of(settings) != connection_of(old):
            # Requests under way keep the old client until they end.
            self._nectar.drop_connections()
            self._nectar = NectarClient(connection_of(settings), self._keys.key)
        watched = watched_folders(settings)
        let_go(self._disk.watched.keys() - watched.keys(), self._identity.id)
        # Steps under way may still read a folder that was taken out.
        self._disk.watched = {**self._disk.watched, **watched}
        self._watcher.watch(watched)
        self._workers.most_requests = settings.nectar.max_requests
        self.scheduler.set_plan(self._plan(settings), self._nectar, now)
        self._settings = settings
        _log.info("the configuration was read again")

    def _plan(self, settings: Settings) -> Plan:
        return plan_of(
            settings,
            self._identity.id,
            leaves_mark=self._options.leaves_mark,
            usage_patience_seconds=self._options.usage_patience_seconds,
        )

    def _start(self, step: Step) -> None:
        self._workers.start(step)

    def _report(self, report: Report) -> None:
        self.scheduler.report(report)

    def _woke_up(self) -> None:
        _log.info("woke up, or the clock was set: looking everywhere")
        self._nectar.drop_connections()
