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
from agent.bills.holds import ACCOUNT, new_hold
from agent.bills.instant import Instant
from agent.bills.outcomes import NotSent
from agent.bills.plan import Plan
from agent.config import Settings, changes_needing_restart, load
from agent.files.examiner import Examiner
from agent.nectar.client import NectarClient
from agent.pipeline.notices import HoldBegan, Notice
from agent.pipeline.scheduler import Scheduler
from agent.pipeline.work import Kind, Report, Step
from agent.service import clock
from agent.service.disk import RealDisk
from agent.service.keys import KeyRing, places_of
from agent.service.logs import end_logs, set_up_logs
from agent.service.places import data_dir_of
from agent.service.planning import connection_of, plan_of, watched_folders
from agent.service.reloading import FileWatch
from agent.service.workers import Workers
from agent.store.opening import store_path
from agent.store.remembered import RUN_PID, RUN_SINCE, SETTINGS_ERROR
from agent.store.store import Store
from agent.system.directories import default_data_dir, log_dir
from agent.system.identity import agent_identity
from agent.system.key_store import KeyStore
from agent.system.volumes import file_system_without_events
from agent.watch.folders import WatchedFolder
from agent.watch.mailbox import Mailbox
from agent.watch.mark import remove_mark
from agent.watch.observer import FolderObserver

LONGEST_WAIT_SECONDS = 1.0
"""The loop looks at least this often whether a person asked something."""
LONGEST_PAUSE_SECONDS = 60.0
"""A loop that stood still for longer than any turn takes was asleep, with its machine or alone."""
BLINDNESS_SECONDS = 10.0
STOP_SECONDS = 2.0
WATCH_SECONDS = 3.0
"""How long a start waits until every folder is watched; the readings see all in any case."""
SHARE_FOR_PEOPLE = 0.5
"""Between two turns that follow each other at once the store is free for so much of a turn."""
STORE_SECONDS = 5.0
"""How long to wait after the store could not be written."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between the service, `once` and the demo."""

    leaves_mark: bool = True
    usage_patience_seconds: float = 30.0
    reloads: bool = True


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
            log_dir(str(data_dir)), settings.agent.log_level, self._keys.known
        )
        self.store = Store(store_path(data_dir))
        self._identity = agent_identity(str(data_dir))
        self._examiner = Examiner()
        self._disk = RealDisk(self._examiner, self._identity)
        self._disk.watched = watched_folders(settings)
        self._nectar = NectarClient(connection_of(settings), self._keys.key)
        self._mailbox = Mailbox(self._wake.set)
        self._observer = FolderObserver(
            self._mailbox.put, without_events=file_system_without_events
        )
        self._workers = Workers(self._report, settings.nectar.max_requests)
        self.scheduler = Scheduler(
            self.store,
            self._plan(settings),
            self._nectar,
            self._disk,
            self._start,
            version=__version__,
            wake=self._wake.set,
            woke_up=self._woke_up,
            key_changed=self._keys.look_again,
            is_key_file_new=self._keys.is_file_new,
            events_come=lambda path: path not in self._observer.on_timer(),
            longest_pause=LONGEST_PAUSE_SECONDS,
        )
        self._file_watch = FileWatch(settings.path)
        self._looked_at: float | None = None
        self._watcher: threading.Thread | None = None
        self._store_trouble = ""

    def stop(self) -> None:
        """Ask the loop to end. Safe from any thread and from signal handlers."""
        self._stopping.set()
        self._wake.set()

    def run(self, *, on_ready: Callable[[], None], until_still: bool = False) -> None:
        """Work until `stop`; with ``until_still`` also end when nothing moves by itself."""
        now = clock.now()
        # Readings make many small values that hold no circles: looking for some among them costs
        # half as much again as the reading itself.
        gc.set_threshold(100_000, 20, 20)
        self._watch_all(self._disk.watched)
        with self.store.transaction():
            self.store.set_meta(RUN_PID, str(os.getpid()))
            self.store.set_meta(RUN_SINCE, str(now.utc))
            self.store.set_meta(SETTINGS_ERROR, None)
        for folder in self.store.folders():
            if folder.is_configured and folder.path not in self._disk.watched:
                self._let_go(folder.path)
        self.scheduler.begin(now)
        on_ready()
        _log.info("version %s watches %d folders", __version__, len(self._disk.watched))
        while not self._stopping.is_set():
            began = clock.now().monotonic
            due = self._turn()
            if self.scheduler.is_in_a_reading():
                # A turn locks the store; people need it now and then to leave a request.
                clock.wait(self._stopping, SHARE_FOR_PEOPLE * (clock.now().monotonic - began))
            if until_still and not self.scheduler.is_anything_moving():
                return
            wait = LONGEST_WAIT_SECONDS
            if due is not None:
                wait = min(wait, due - clock.now().utc)
            clock.wait(self._wake, wait)

    def close(self) -> None:
        """Stop with manners: two seconds for steps under way, their reports written down."""
        self._withdraw()
        self._nectar.close()
        self._disk.close()
        ends = clock.now().monotonic + STOP_SECONDS
        while self.scheduler.memory.out and clock.now().monotonic < ends:
            self._wake.clear()
            self.scheduler.settle_up(clock.now())
            clock.wait(self._wake, 0.1 if self.scheduler.memory.out else 0.0)
        self.scheduler.settle_up(clock.now())
        self._workers.close()
        self._examiner.close()
        self._observer.close()
        self.store.close()
        end_logs(self._log_handler)

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
        self._look_after(now)
        hinted = self._mailbox.take()
        try:
            due, notices = self.scheduler.turn(now, hinted)
        except AgentError as error:
            self._store_failed(error, hinted, now)
            return now.utc + STORE_SECONDS
        self._store_trouble = ""
        if notices:
            self._on_notices(notices)
        return due

    def _store_failed(self, error: AgentError, hinted: frozenset[str], now: Instant) -> None:
        """Tell once that the store cannot be written; steps and hints wait for the next turn."""
        for path in hinted:
            self._mailbox.put(path)
        self._wake.clear()
        if error.code != self._store_trouble:
            self._store_trouble = error.code
            _log.error("the store cannot be written: %s", error)
            hold = new_hold(error.code, ACCOUNT, error.message, error.advice, now.utc)
            self._on_notices([HoldBegan(hold)])

    def _look_after(self, now: Instant) -> None:
        """What has to be looked at now and then: the watcher, the helper, the settings."""
        if self._looked_at is not None and now.monotonic - self._looked_at < 1.0:
            return
        was, self._looked_at = self._looked_at, now.monotonic
        self._workers.write_off_stuck(now.monotonic)
        self._examiner.close_if_idle(now.monotonic)
        is_time = was is None or int(now.monotonic / BLINDNESS_SECONDS) != int(
            was / BLINDNESS_SECONDS
        )
        if is_time:
            self._look_after_watcher()
        if self._options.reloads and self._file_watch.is_edited(now.monotonic):
            self._reload(now)

    def _watch_all(self, watched: Mapping[str, WatchedFolder]) -> None:
        """Watch the folders; one on a share that hangs keeps nobody waiting for long."""
        folders = tuple(watched.values())
        watcher = threading.Thread(
            target=self._observer.watch, args=(folders,), name="watcher", daemon=True
        )
        watcher.start()
        watcher.join(WATCH_SECONDS)
        self._watcher = watcher

    def _look_after_watcher(self) -> None:
        # Roots are looked at in a thread of their own: one may lie on a share that hangs.
        if self._watcher is not None and self._watcher.is_alive():
            return
        self._watcher = threading.Thread(target=self._rearm_blind, name="watcher", daemon=True)
        self._watcher.start()

    def _rearm_blind(self) -> None:
        blind = self._observer.blind()
        if blind:
            _log.info("watching anew: %s", ", ".join(sorted(blind)))
            self._observer.rearm(blind)

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
        old, self._settings = self._settings, settings
        logging.getLogger("agent").setLevel(settings.agent.log_level)
        self._keys.use(places_of(settings, self._environ, self._key_store))
        if connection_of(settings) != connection_of(old):
            # Requests under way keep the old client until they end.
            self._nectar.drop_connections()
            self._nectar = NectarClient(connection_of(settings), self._keys.key)
        watched = watched_folders(settings)
        for path in self._disk.watched.keys() - watched.keys():
            self._let_go(path)
        # Steps under way may still read a folder that was taken out.
        self._disk.watched = {**self._disk.watched, **watched}
        self._watch_all(watched)
        self._workers.most_requests = settings.nectar.max_requests
        self.scheduler.set_plan(self._plan(settings), self._nectar, now)
        _log.info("the configuration was read again")

    def _let_go(self, path: str) -> None:
        try:
            remove_mark(path, self._identity.id)
        except OSError as error:
            _log.warning("the mark in %s could not be removed: %s", path, error)

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
