"""`run` and `once`: the agent in the foreground."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.app import RUN, app
from agent.cli.arguments import wrong_usage
from agent.cli.exits import ExitCode, first_of
from agent.cli.looking import reading
from agent.cli.session import Asking, ConfigOption, failing_well, settings_of
from agent.cli.tables import counted
from agent.cli.terminal import say
from agent.config import Settings
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice, StoreBegunAnew
from agent.service import clock
from agent.service.places import data_dir_of
from agent.system.lock import InstanceLock
from agent.system.stop_signals import StopSignals

if TYPE_CHECKING:
    from agent.service.agent import Agent

LOCK_SECONDS = 2.0
_LONGEST_TIMEOUT = 366 * 86400.0
_ASK_EVERY_SECONDS = 0.2


def tell(notices: list[Notice]) -> None:
    """Say a line for each change of a bill's state and for each hold."""
    for notice in notices:
        match notice:
            case HoldBegan(hold):
                say(f"hold {hold.code} [{hold.scope.words}]: {hold.message} {hold.advice}")
            case HoldEnded(hold):
                say(f"hold {hold.code} [{hold.scope.words}] ended")
            case StoreBegunAnew(message):
                say(message)
            case _:
                code = f" ({notice.code})" if notice.code else ""
                tail = f": {notice.message}" if notice.message else ""
                say(f"{notice.after.value}{code} {notice.path}{tail}")


@app.command(rich_help_panel=RUN)
def run(config: ConfigOption = None) -> None:
    """Watch the folders in the foreground until stopped."""
    stopping = _Stopping()
    with failing_well(), StopSignals(stopping.stop):
        _run(settings_of(config), stopping, until_still=False)


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
            _run(settings, stopping, until_still=True)
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


def _run(settings: Settings, stopping: _Stopping, *, until_still: bool) -> None:
    # The agent brings HTTP, PDF and watching along, which other commands need not wait for.
    from agent.service.agent import Agent  # noqa: PLC0415 - see above

    with InstanceLock(str(data_dir_of(settings))) as lock:
        lock.acquire(timeout=LOCK_SECONDS, now=clock.now().utc)
        agent = Agent(settings, tell)
        try:
            stopping.hand_to(agent)
            agent.run(on_ready=lambda: say("ready"), until_still=until_still)
        finally:
            agent.close()


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
        if overview.needs_you:
            needs = counted(overview.needs_you, "thing needs", "things need")
            say(f"{needs} you: bill-agent status")
            codes.append(ExitCode.NEEDS_PERSON)
    return first_of(codes)
