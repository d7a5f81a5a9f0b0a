"""The agent as the tray watches it: looked at cheaply, and asked as the commands ask it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from agent.bills.errors import AgentError
from agent.cli.report import Report, Reporter, without_store
from agent.cli.session import config_path
from agent.cli.tray_acts import TrayActs
from agent.config.find import VARIABLE as CONFIG_VARIABLE
from agent.service import clock
from agent.service.logs import LOG_NAME
from agent.service.trouble import TROUBLE_FILE
from agent.store.connecting import journal_path, store_path
from agent.store.snapshot import Snapshot
from agent.store.views import BillView, FinishedBills, ServiceState
from agent.system.directories import log_dir
from agent.system.lock import HOLDER_FILE, holder, is_held
from agent.system.service_manager import launch_of, service_manager
from agent.tray.seen import AtLogin, Places, Seen
from agent.tray.wishes import Wish

RECENT = 12
_LOOK_ANYWAY_SECONDS = 30.0
"""What time alone changes is seen after so long: a folder that is missing for half an hour."""
_SHARE = 20.0
"""A look that took long is followed by a rest so many times longer."""
_ASK_MANAGER_SECONDS = 300.0


@dataclass(slots=True)
class _Extras:
    """What the tray shows and the status does not."""

    recent: tuple[BillView, ...] = ()
    finished: FinishedBills = field(default_factory=FinishedBills)


class WatchedAgent:
    """The agent of one configuration. `look` belongs to one thread, `act` may come from another."""

    def __init__(self, config: Path | None, data_dir: Path) -> None:
        self._config = config
        self._data_dir = data_dir
        self._reporter = Reporter(config)
        variable = os.environ.get(CONFIG_VARIABLE)
        # A manager does not hand the variable on.
        launch = launch_of(Path(variable) if config is None and variable else config)
        self._manager = service_manager(launch)
        self._acts = TrayActs(config, launch, self._manager)
        self._signs: tuple[object, ...] | None = None
        self._look_again = 0.0
        self._rest_until = 0.0
        self._is_stale = True
        self._at_login = AtLogin(is_known=False, is_wanted=False)
        self._ask_manager = 0.0

    def look(self, finished_after: float | None) -> Seen | None:
        """Return how the agent is now, None where nothing has changed since the last look."""
        began = clock.now()
        is_asked_for, self._is_stale = self._is_stale, False
        signs = self._signs_now()
        # A service that came or ended is shown at once.
        is_asked_for = is_asked_for or self._signs is None or signs[0] != self._signs[0]
        is_new = signs != self._signs or began.monotonic >= self._look_again
        if not is_asked_for and (not is_new or began.monotonic < self._rest_until):
            return None
        self._signs = signs
        if is_asked_for or began.monotonic >= self._ask_manager:
            self._at_login = self._asked_manager()
            self._ask_manager = began.monotonic + _ASK_MANAGER_SECONDS
        seen = self._seen(finished_after if finished_after is not None else began.utc)
        took = clock.now().monotonic - began.monotonic
        self._look_again = began.monotonic + _LOOK_ANYWAY_SECONDS
        self._rest_until = began.monotonic + took * _SHARE
        return seen

    def _signs_now(self) -> tuple[object, ...]:
        """Return what is another value whenever there may be something new, at little cost."""
        try:
            config = config_path(self._config)
            is_alive = is_held(str(self._data_dir))
        except AgentError as error:
            return (error.code,)
        store = store_path(self._data_dir)
        beside = [self._data_dir / name for name in (HOLDER_FILE, TROUBLE_FILE)]
        return is_alive, *(_sign(each) for each in (config, store, journal_path(store), *beside))

    def _seen(self, finished_after: float) -> Seen:
        extras = _Extras()

        def read_more(view: Snapshot) -> None:
            extras.recent = tuple(view.latest_results(RECENT))
            extras.finished = view.finished_after(finished_after)

        now = clock.now().utc
        config: Path | None = None
        try:
            config = config_path(self._config)
            report = self._reporter.report(read_more)
            self._data_dir = report.data_dir
        except AgentError as error:
            report = _unreadable(self._data_dir, error, now)
        settings = report.settings
        overview = report.overview
        return Seen(
            state=report.state,
            is_set_up=report.is_alive or config is None or os.path.lexists(config),
            mistakes=report.mistakes,
            was_killed=not report.is_alive and holder(str(report.data_dir)) is not None,
            overview=overview,
            recent=extras.recent,
            finished=extras.finished,
            folders=tuple(folder.path for folder in overview.folders),
            may_notify=settings.agent.notifications if settings is not None else True,
            places=Places(
                config=config or Path(str(self._config)),
                log=log_dir(str(report.data_dir)) / LOG_NAME,
            ),
            at_login=self._at_login,
            now=report.now,
        )

    def _asked_manager(self) -> AtLogin:
        if self._manager is None:
            return AtLogin(is_known=False, is_wanted=False)
        try:
            status = self._manager.status()
        except AgentError:
            return AtLogin(is_known=False, is_wanted=False)
        return AtLogin(is_known=True, is_wanted=status.starts_at_login)

    def act(self, wish: Wish) -> str:
        """Do what was clicked; return a sentence for the person, "" for none. Raises AgentError."""
        try:
            return self._acts.act(wish)
        finally:
            self._is_stale = True


def _sign(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _unreadable(data_dir: Path, error: AgentError, now: float) -> Report:
    """Return the report about a data directory that cannot be read."""
    return Report(
        ServiceState.STOPPED,
        False,
        None,
        None,
        (),
        without_store((), error, now),
        now,
        data_dir,
        None,
    )
