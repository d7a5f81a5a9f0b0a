"""`service install`, `uninstall`, `start`, `stop`, `status`: the agent in the background."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from agent.bills.errors import AgentError
from agent.cli.app import RUN, app
from agent.cli.arguments import wrong_usage
from agent.cli.choosing import ask
from agent.cli.exits import ExitCode
from agent.cli.purging import PURGED, purge
from agent.cli.session import (
    Asking,
    ConfigOption,
    JsonOption,
    config_path,
    failing_well,
    known_data_dir,
    settings_of,
)
from agent.cli.terminal import facts, print_json, printable, say
from agent.cli.tray import end_icon
from agent.config.find import VARIABLE as CONFIG_VARIABLE
from agent.service import clock
from agent.system.api_key import VARIABLE as KEY_VARIABLE
from agent.system.lock import holder
from agent.system.service_manager import (
    Presence,
    ServiceManager,
    ServiceStatus,
    has_desktop,
    launch_of,
    service_manager,
    start_beside,
)

_END_SECONDS = 5.0

service = typer.Typer(no_args_is_help=True, help="Run in the background, from login on.")
app.add_typer(service, name="service", rich_help_panel=RUN)

_NONE_HERE = (
    "This system has no service manager that is known here (systemd, launchd, Task Scheduler)."
)
_WITHOUT = "The agent can be run without one: bill-agent run"


@service.command()
def install(
    *,
    no_tray: Annotated[
        bool, typer.Option("--no-tray", help="The service alone, without its tray icon.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Start the service and the tray icon at every login, and the service now.

    A configuration with mistakes is refused. Where there is none yet all is installed, so that a
    package can do it for everybody: the service ends at once and waits for `service start`.
    """
    with failing_well():
        _expect_own_user()
        config = _named(config)
        manager = _manager(config)
        is_new = config is None and not os.path.lexists(config_path(None))
        if not is_new:
            settings_of(config)
        _expect_nobody_else(manager, config)
        try:
            files = manager.install(with_tray=not no_tray)
        except AgentError as error:
            if not is_new or error.code != "service-not-started":
                raise
            files = manager.status().files
        status = manager.status()
        for path in files:
            say(f"Written: {path}")
        if is_new:
            say("There is no configuration yet. Write one: bill-agent init")
            say("Then start the service: bill-agent service start")
        else:
            say(f"The service {_word(status)}. {status.detail}".strip())
        if not no_tray and has_desktop():
            start_beside(launch_of(config).command("tray"))
        if KEY_VARIABLE in os.environ:
            say(f"{KEY_VARIABLE} of this terminal does not reach it: bill-agent key status")


@service.command()
def uninstall(
    *,
    is_purge: Annotated[bool, typer.Option("--purge", help=f"Remove {PURGED} too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
    config: ConfigOption = None,
) -> None:
    """Stop the service and remove it, and the tray icon.

    Settings, key, store, results and folder marks stay. Results and bills stay with --purge, too.
    """
    if is_purge and not yes:
        if not sys.stdin.isatty():
            raise wrong_usage("--purge asks back. Where nobody can answer, give --yes as well.")
        say(f"This removes {PURGED}, for good. Bills, results and settings stay.")
        if ask("Go on? [y/N]").lower() not in ("y", "yes"):
            raise typer.Exit(ExitCode.FAILED)
    with failing_well():
        config = _named(config)
        manager = service_manager(launch_of(config))
        if manager is None:
            _expect_nobody(config)
        else:
            _expect_nobody_else(manager, config)
            for path in manager.uninstall():
                say(f"Removed: {path}")
        is_left = manager is not None and manager.status().presence is not Presence.ABSENT
        say(
            "The service of a package stays for others; for you it is stopped, and starts no more."
            if is_left
            else "No service is installed."
        )
        if end_icon(known_data_dir(config)):
            say("The icon is ended.")
        if is_purge:
            _wait_for_the_end(config)
            _expect_nobody(config)
            for line in purge(config):
                say(line)


@service.command()
def start(config: ConfigOption = None) -> None:
    """Start the service now."""
    with failing_well():
        config = _named(config)
        manager = _manager(config)
        if manager.status().presence is Presence.ABSENT:
            raise AgentError(
                "service-absent",
                "The service is not installed.",
                "Install it: bill-agent service install",
            )
        _expect_nobody_else(manager, config)
        manager.start()
        say("The service is started.")


@service.command()
def stop(config: ConfigOption = None) -> None:
    """Stop the service until the next login, or until it is started."""
    with failing_well():
        _manager(_named(config)).stop()
        say("The service is stopped.")


@service.command()
def status(*, json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say whether the service is installed, runs, and starts at login."""
    with failing_well():
        config = _named(config)
        manager = service_manager(launch_of(config))
        if manager is None:
            found = ServiceStatus(Presence.ABSENT, False, "", (), f"{_NONE_HERE} {_WITHOUT}")
        else:
            found = _with_who_runs(manager.status(), config)
        if json:
            print_json(
                "service status",
                {
                    "manager": found.manager or None,
                    "presence": found.presence.value,
                    "startsAtLogin": found.starts_at_login,
                    "files": [str(path) for path in found.files],
                    "detail": found.detail,
                },
            )
        else:
            lines = (f"The service {_word(found)}.", found.detail, *map(str, found.files))
            for line in filter(None, lines):
                facts().print(printable(line), soft_wrap=True)
        if found.presence is not Presence.RUNNING:
            raise typer.Exit(ExitCode.NOT_RUNNING)


def _named(config: Path | None) -> Path | None:
    """Return the configuration that is named; a manager does not hand the variable on."""
    variable = os.environ.get(CONFIG_VARIABLE)
    return config if config is not None or not variable else Path(variable)


def _manager(config: Path | None) -> ServiceManager:
    manager = service_manager(launch_of(config))
    if manager is None:
        raise AgentError("no-service-manager", _NONE_HERE, _WITHOUT)
    return manager


def _expect_own_user() -> None:
    """Raise AgentError under sudo: the service is each user's own, and root's watches nothing."""
    user = os.environ.get("SUDO_USER", "root")
    if sys.platform != "win32" and os.geteuid() == 0 and user != "root":
        raise AgentError(
            "wrong-user",
            f"This would install the service for root, not for {user}.",
            "Run it without sudo: bill-agent service install",
        )


def _expect_nobody_else(manager: ServiceManager, config: Path | None) -> None:
    """Raise AgentError where an agent runs that the manager did not start."""
    if manager.status().presence is not Presence.RUNNING:
        _expect_nobody(config)


def _wait_for_the_end(config: Path | None) -> None:
    """Let a service that was ended go: not every manager waits for it."""
    asking, ends = Asking.at(known_data_dir(config)), clock.now().monotonic + _END_SECONDS
    while asking.is_service_alive() and clock.now().monotonic < ends:
        clock.sleep(0.1)


def _expect_nobody(config: Path | None) -> None:
    data_dir = known_data_dir(config)
    if Asking.at(data_dir).is_service_alive():
        found = holder(str(data_dir))
        who = f" as process {found.pid}" if found is not None else ""
        raise AgentError(
            "already-running",
            f"The agent runs already{who}, and not as this service.",
            "End that one first.",
        )


def _with_who_runs(status: ServiceStatus, config: Path | None) -> ServiceStatus:
    """Return the status, with the agent that somebody started by hand, if there is one."""
    try:
        _expect_nobody(config)
    except AgentError as error:
        if status.presence is not Presence.RUNNING:
            return replace(status, detail=error.message)
    return status


def _word(status: ServiceStatus) -> str:
    login = "starts at login" if status.starts_at_login else "does not start at login"
    match status.presence:
        case Presence.ABSENT:
            return "is not installed"
        case Presence.INSTALLED:
            return f"does not run; it {login} ({status.manager})"
        case Presence.RUNNING:
            return f"runs, and {login} ({status.manager})"
