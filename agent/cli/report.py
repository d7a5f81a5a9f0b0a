"""How the agent is: read from its lock, its store and the settings, also while those are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agent.bills.errors import AgentError, ConfigurationError, NeedsAttention
from agent.bills.holds import ACCOUNT, Hold
from agent.bills.plan import FolderPlan
from agent.bills.stages import State
from agent.cli.session import Asking, known_data_dir, settings_of
from agent.config import Settings
from agent.service import clock
from agent.service.places import folder_plans
from agent.service.trouble import noted_trouble
from agent.store.snapshot import Snapshot, nothing_yet, snapshot
from agent.store.views import HoldView, Overview, ServiceState
from agent.system.lock import holder


@dataclass(frozen=True, slots=True)
class Report:
    """How the agent is at one instant. ``mistakes`` are those of settings that cannot be used.

    ``pid`` and ``since`` (seconds since 1970) are None while no service is alive. ``settings`` are
    None where they cannot be used.
    """

    state: ServiceState
    is_alive: bool
    pid: int | None
    since: float | None
    mistakes: tuple[str, ...]
    overview: Overview
    now: float
    data_dir: Path
    settings: Settings | None


class Reporter:
    """Makes reports, one after the other for ``--watch``; the settings are read each time."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._data_dir: Path | None = None

    def report(self, read_more: Callable[[Snapshot], None] | None = None) -> Report:
        """Return how the agent is now; ``read_more`` may read more at the same instant.

        Raises the named errors of the data directory.
        """
        mistakes: tuple[str, ...] = ()
        settings: Settings | None = None
        try:
            settings = settings_of(self._config)
            asking = Asking(settings)
        except ConfigurationError as error:
            mistakes = error.mistakes
            # A file that is being written anew does not move what its last good version named.
            asking = Asking.at(self._data_dir or known_data_dir(self._config))
        self._data_dir = asking.data_dir if settings is not None else self._data_dir
        plans = folder_plans(settings) if settings is not None else ()
        is_alive = asking.is_service_alive()
        now = clock.now().utc
        overview = _overview(asking, plans, settings, now, read_more)
        if is_alive:
            overview = with_trouble(overview, noted_trouble(asking.data_dir))
        if mistakes == () and is_alive and overview.settings_error is not None:
            mistakes = tuple(overview.settings_error.splitlines())
        state = overview.service_state(is_alive=is_alive, are_settings_wrong=bool(mistakes))
        held = holder(str(asking.data_dir)) if is_alive else None
        return Report(
            state=state,
            is_alive=is_alive,
            pid=(held.pid if held is not None else overview.pid) if is_alive else None,
            since=(held.since if held is not None else overview.since) if is_alive else None,
            mistakes=mistakes,
            overview=overview,
            now=now,
            data_dir=asking.data_dir,
            settings=settings,
        )


def _overview(
    asking: Asking,
    plans: tuple[FolderPlan, ...],
    settings: Settings | None,
    now: float,
    read_more: Callable[[Snapshot], None] | None,
) -> Overview:
    names = settings.site_names if settings is not None else {}
    try:
        with asking.store() as connection:
            if connection is None:
                return nothing_yet(plans)
            with snapshot(connection, plans, names) as view:
                if read_more is not None:
                    read_more(view)
                return view.overview(now)
    except NeedsAttention as error:
        return without_store(plans, error, now)


def with_trouble(overview: Overview, trouble: Hold | None) -> Overview:
    """Return the overview with the hold that the service cannot write into its store."""
    if trouble is None:
        return overview
    known = {(each.hold.code, each.hold.scope) for each in overview.holds}
    if (trouble.code, trouble.scope) in known:
        return overview
    waiting = sum(overview.counts.get(state, 0) for state in (State.WAITING, State.SENT))
    view = HoldView(trouble, waiting, needs_person=True)
    folders = tuple(
        replace(folder, holds=(trouble.code, *folder.holds)) for folder in overview.folders
    )
    return replace(overview, folders=folders, holds=(view, *overview.holds))


def without_store(plans: tuple[FolderPlan, ...], error: AgentError, now: float) -> Overview:
    """Return how an agent is whose store or data directory cannot be read."""
    hold = Hold(error.code, ACCOUNT, now, error.message, error.advice, None)
    return nothing_yet(plans, (HoldView(hold, 0, needs_person=True),))
