"""`run` and `once`: the agent in the foreground."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from agent.bills.short_paths import shortened
from agent.cli.app import RUN, app
from agent.cli.arguments import wrong_usage
from agent.cli.exits import ExitCode, first_of
from agent.cli.looking import reading
from agent.cli.session import Asking, ConfigOption, failing_well, settings_of
from agent.cli.tables import counted
from agent.cli.terminal import say
from agent.config import Settings
from agent.pipeline.notices import Notice, line_of
from agent.service import clock
from agent.service.places import data_dir_of
from agent.system.directories import home_dir
from agent.system.lock import InstanceLock
from agent.system.service_manager import MANAGED
from agent.system.service_notify import ServiceNotifier
from agent.system.stop_signals import StopSignals

if TYPE_CHECKING:
    from agent.service.agent import Agent

LOCK_SECONDS = 2.0
_LONGEST_TIMEOUT = 366 * 86400.0
_ASK_EVERY_SECONDS = 0.2


def tell(notices: list[Notice]) -> None:
    """Say a line for each change of a bill's state and for each hold."""
    for notice in notices:
        say(line_of(notice))


@app.command(rich_help_panel=RUN)
def run(config: ConfigOption = None) -> None:
    """Watch the folders in the foreground until stopped."""
    stopping = _Stopping()
    notifier = ServiceNotifier(os.environ)
    with _ending_for_good(), failing_well(), StopSignals(stopping.stop):
        _run(settings_of(config), stopping, notifier=notifier)


@app.command(rich_help_panel=RUN)
def once(
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Give up after so long."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Do all that is due, wait for what time brings, and end."""
    if timeout is not None and not timeout <= _LONGEST_TIMEOUT:
        raise wrong_usage("--timeout is a number of seconds, at most a year of them.")
    stopping = _Stopping()
    with failing_well(), StopSignals(stopping.stop), clock.alarm(timeout, stopping.stop):
        settings = settings_of(config)
        is_still = _is_served(settings, stopping)
        if is_still is None:
            _run(settings, stopping, notifier=None)
            is_still = not stopping.is_asked()
        raise typer.Exit(_ended(settings, is_still=is_still))


class _Stopping:
    """A wish to stop that may come before there is an agent to stop. Safe from any thread."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._stop: Callable[[], None] = lambda: None

    def stop(self) -> None:
        """Stop what runs, or what is about to."""
        self.asked.set()
        self._stop()

    def is_asked(self) -> bool:
        """Whether a stop was asked for."""
        return self.asked.is_set()

    def hand_to(self, agent: Agent) -> None:
        """Let the wish reach ``agent``, also one that came before."""
        self._stop = agent.stop
        if self.asked.is_set():
            agent.stop()


def _run(settings: Settings, stopping: _Stopping, *, notifier: ServiceNotifier | None) -> None:
    """Run the agent; without a service manager to notify, until nothing moves by itself."""
    # The agent brings HTTP, PDF and watching along, which other commands need not wait for.
    from agent.service.agent import Agent  # noqa: PLC0415 - see above

    with InstanceLock(str(data_dir_of(settings))) as lock:
        lock.acquire(timeout=LOCK_SECONDS, now=clock.now().utc)
        is_managed = MANAGED in os.environ
        agent = Agent(
            settings, lambda told: _tell_manager(told, agent) if is_managed else tell(told)
        )
        try:
            stopping.hand_to(agent)
            if notifier is None:
                agent.run(on_ready=lambda: say("ready"), until_still=True)
            else:
                _serve(agent, notifier)
        finally:
            agent.close()


def _serve(agent: Agent, notifier: ServiceNotifier) -> None:
    def ready() -> None:
        say("ready")
        notifier.ready()

    try:
        agent.run(on_ready=ready, on_turn=lambda: notifier.alive(clock.now().monotonic))
    finally:
        notifier.stopping()


def _tell_manager(notices: list[Notice], agent: Agent) -> None:
    """Say the same without whole paths, for a manager keeps what is said.

    launchd lets its file grow for ever; what would be said there is in the log alone.
    """
    for notice in notices if os.environ[MANAGED] != "launchd" else ():
        say(shortened(line_of(notice), agent.places(), home_dir()))


@contextmanager
def _ending_for_good() -> Iterator[None]:
    """Let no configuration that cannot be used look like a failure to launchd.

    It starts whatever failed anew, for ever, and knows no exit code that is left out.
    """
    try:
        yield
    except typer.Exit as ending:
        if ending.exit_code == ExitCode.CONFIGURATION and os.environ.get(MANAGED) == "launchd":
            raise typer.Exit(ExitCode.WELL) from None
        raise


def _is_served(settings: Settings, stopping: _Stopping) -> bool | None:
    """Let a running service do it; return whether all came to rest, None where none runs."""
    asking = Asking(settings)
    if not asking.is_service_alive():
        return None
    # One after the other: what the first sets off counts as moving for the second.
    for kind in ("rescan", "wait-until-still"):
        for _ in asking.until_answered(kind, {}):
            if not asking.is_service_alive():
                say("The service stopped meanwhile.")
                raise typer.Exit(ExitCode.NOT_RUNNING)
            if clock.wait(stopping.asked, _ASK_EVERY_SECONDS):
                return False
    return True


def _ended(settings: Settings, *, is_still: bool) -> ExitCode:
    """Say how it ended, and return what `once` exits with."""
    with reading(settings) as view:
        overview = view.overview(clock.now().utc) if view is not None else None
    codes = [] if is_still else [ExitCode.GAVE_UP]
    if not is_still:
        say("Stopped before all had come to rest; the next run goes on from here.")
    if overview is not None:
        holds = [each.hold for each in overview.holds]
        if any(hold.code == "no-connection" for hold in holds):
            codes.append(ExitCode.FAILED)
        if overview.unreadable is not None:
            say(f"{overview.unreadable.message} {overview.unreadable.advice}")
            codes.append(ExitCode.FAILED)
        if overview.needs_you:
            needs = counted(overview.needs_you, "thing needs", "things need")
            say(f"{needs} you: bill-agent status")
            codes.append(ExitCode.NEEDS_PERSON)
    return first_of(codes)
