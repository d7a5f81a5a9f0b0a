"""The service and the tray as tasks at logon, kept by Windows' own Task Scheduler.

Its restart on failure looks at the start of a task alone and not at how its program ended, so a
service that died is brought back by the repetition of its trigger, which does nothing while it
lives. For the same reason one that was stopped is disabled until it is started again.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from pathlib import Path

from agent.bills.errors import AgentError
from agent.system import _manager_tools as tools
from agent.system import here
from agent.system._task_files import service_task, tray_task
from agent.system.os_errors import naming_os_errors
from agent.system.service_manager import Launch, Presence, ServiceStatus

RUNNING = "267009"
"""The last result of a task that runs; the word for it is another one in each language."""
_LAST_RESULT = 6
"""The column in the long list, the same in each language."""


class TaskScheduler:
    """One user's service; see `ServiceManager`. Tasks are the machine's: their names hold whose."""

    name = "Task Scheduler"

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        user, domain = here.user_name(), os.environ.get("USERDOMAIN")
        self._user = f"{domain}\\{user}" if domain else user
        self._service = f"nectar-bill-agent ({user})"
        self._tray = f"nectar-bill-agent tray ({user})"

    def install(self, *, with_tray: bool) -> tuple[Path, ...]:
        """Make the tasks anew and run them. Windows keeps them: no file of ours stays."""
        self._end(self._service)
        self._end(self._tray)
        self._create(self._service, service_task(self._launch, self._user))
        tools.tell("schtasks", "/run", "/tn", self._service)
        if with_tray:
            self._create(self._tray, tray_task(self._launch, self._user))
            tools.tell("schtasks", "/run", "/tn", self._tray)
        else:
            self._delete(self._tray)
        return ()

    def uninstall(self) -> tuple[Path, ...]:
        """End and delete both tasks."""
        for name in (self._service, self._tray):
            self._end(name)
            self._delete(name)
        return ()

    def start(self) -> None:
        """Enable the task and run it; a second instance is never begun."""
        if self._described(self._service) is None:
            raise AgentError(
                "service-absent",
                "The service is not installed.",
                "Install it: bill-agent service install",
            )
        tools.tell("schtasks", "/change", "/tn", self._service, "/enable")
        tools.tell("schtasks", "/run", "/tn", self._service)

    def stop(self) -> None:
        """Disable the task, or its trigger would start it again; then end it."""
        if self._described(self._service) is not None:
            tools.tell("schtasks", "/change", "/tn", self._service, "/disable")
            self._end(self._service)

    def status(self) -> ServiceStatus:
        """Ask the Task Scheduler."""
        described = self._described(self._service)
        presence = Presence.ABSENT if described is None else Presence.INSTALLED
        detail = ""
        if described is not None and self._is_running(self._service):
            presence = Presence.RUNNING
            detail = "It runs while you are logged in."
        elif described is not None:
            detail = "It does not run. Start it: bill-agent service start"
        return ServiceStatus(
            presence=presence,
            starts_at_login=described is not None
            and re.search(r"<Enabled>\s*false\s*</Enabled>", described) is None,
            manager=self.name,
            files=(),
            detail=detail,
        )

    def set_start_at_login(self, *, is_wanted: bool) -> None:
        """Make the tasks anew, with their triggers on or off; what runs is left running."""
        if self._described(self._service) is not None:
            self._create(self._service, service_task(self._launch, self._user, at_login=is_wanted))
        if self._described(self._tray) is not None:
            self._create(self._tray, tray_task(self._launch, self._user, at_login=is_wanted))

    def _create(self, name: str, task: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "task.xml")
            with naming_os_errors(str(path), of="file", writing=True):
                path.write_text(task, encoding="utf-16")  # with a mark of the byte order
            tools.tell("schtasks", "/create", "/tn", name, "/xml", str(path), "/f")

    def _delete(self, name: str) -> None:
        if self._described(name) is not None:
            tools.tell("schtasks", "/delete", "/tn", name, "/f")

    def _end(self, name: str) -> None:
        if self._is_running(name):
            tools.tell("schtasks", "/end", "/tn", name)

    def _described(self, name: str) -> str | None:
        """Return the task as XML, None where there is none."""
        answer = tools.ask("schtasks", "/query", "/tn", name, "/xml")
        return answer.output if answer.is_well else None

    def _is_running(self, name: str) -> bool:
        answer = tools.ask("schtasks", "/query", "/tn", name, "/v", "/fo", "csv", "/nh")
        if not answer.is_well:
            return False
        rows = csv.reader(answer.output.splitlines())
        return any(row[_LAST_RESULT : _LAST_RESULT + 1] == [RUNNING] for row in rows)
