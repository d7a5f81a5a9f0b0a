"""What a click in the tray's menu does to the agent, as the commands do it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from agent.bills.errors import AgentError
from agent.cli.report import Reporter
from agent.cli.session import Asking
from agent.service.places import folder_plans
from agent.store.snapshot import snapshot
from agent.store.views import BillFilter
from agent.system.lock import holder
from agent.system.service_manager import Launch, Presence, ServiceManager, start_beside
from agent.tray.wishes import Ask, AskForBills, StartAtLogin, StartService, StopService, Wish

_MOST_FILES = 1000
"""Of one click; the rest is as easily asked for with the next one."""


class TrayActs:
    """Asks the service of one configuration, starts it and stops it."""

    def __init__(self, config: Path | None, launch: Launch, manager: ServiceManager | None) -> None:
        self._reporter = Reporter(config)
        self._launch = launch
        self._manager = manager

    def act(self, wish: Wish) -> str:
        """Do what was clicked; return a sentence for the person, "" for none. Raises AgentError."""
        match wish:
            case Ask(kind, payload):
                return self._ask(kind, dict(payload))
            case AskForBills():
                return self._ask_for_bills(wish)
            case StartService():
                self._start()
            case StopService():
                self._stop()
            case StartAtLogin(is_wanted):
                self._set_start_at_login(is_wanted=is_wanted)
            case _:
                pass
        return ""

    def _ask(self, kind: str, payload: dict[str, Any]) -> str:
        asking = Asking.at(self._reporter.report().data_dir)
        answer = asking.ask(kind, payload)
        if answer is not None:
            return "\n".join(str(each) for each in answer.get("declined") or ())
        if asking.is_service_alive():
            return "The service has not answered yet; it does what you asked for once it can."
        return "The service is not running. What you asked for is done once it is started."

    def _ask_for_bills(self, wish: AskForBills) -> str:
        files: list[str] = []
        report = self._reporter.report()
        plans = folder_plans(report.settings) if report.settings is not None else ()
        wanted = BillFilter(state=wish.state, code=wish.code, limit=_MOST_FILES, is_dismissed=False)
        with Asking.at(report.data_dir).store() as connection:
            if connection is not None:
                with snapshot(connection, plans) as view:
                    files = [each.path for each in view.bills(wanted)]
        return self._ask(wish.kind, {"files": files}) if files else ""

    def _presence(self) -> Presence:
        """Return how far the system's manager knows the service; absent where it says nothing."""
        try:
            return self._manager.status().presence if self._manager else Presence.ABSENT
        except AgentError:
            return Presence.ABSENT

    def _start(self) -> None:
        if self._manager is not None and self._presence() is not Presence.ABSENT:
            try:
                self._manager.start()
            except AgentError as error:
                if error.code != "manager-missing":
                    raise
            else:
                return
        # No manager keeps it: it ends with the session.
        if start_beside(self._launch.command("run")) is None:
            raise AgentError(
                "service-not-started",
                f"{self._launch.program[0]} cannot be started.",
                "Install the program again.",
            )

    def _stop(self) -> None:
        if self._manager is not None and self._presence() is Presence.RUNNING:
            self._manager.stop()
            return
        data_dir = self._reporter.report().data_dir
        running = holder(str(data_dir))
        if running is not None and Asking.at(data_dir).is_service_alive():
            os.kill(running.pid, signal.SIGTERM)

    def _set_start_at_login(self, *, is_wanted: bool) -> None:
        if self._manager is None:
            return
        if is_wanted and self._presence() is Presence.ABSENT:
            self._manager.install(with_tray=True)
        else:
            self._manager.set_start_at_login(is_wanted=is_wanted)
