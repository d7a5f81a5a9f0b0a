"""`tray`: the icon that shows how the agent is."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from agent.bills.errors import ConfigurationError
from agent.cli.app import RUN, app
from agent.cli.exits import ExitCode
from agent.cli.session import ConfigOption, failing_well, known_data_dir, settings_of
from agent.cli.terminal import say, say_lines
from agent.service import clock
from agent.system.lock import AlreadyRunning, InstanceLock, holder, is_held
from agent.system.stop_signals import StopSignals

TRAY_DIRECTORY = "tray"
"""What belongs to the icon, in the data directory: its lock, and what it told."""
_LOGIN_SECONDS = 30.0
"""At login the panel may come after us."""
_TERMINAL_SECONDS = 2.0


@app.command(rich_help_panel=RUN)
def tray(
    config: ConfigOption = None,
    wait: Annotated[
        float | None,
        typer.Option(
            "--wait",
            metavar="SECONDS",
            min=0.0,
            max=3600.0,
            help="Wait so long for a panel.",
            show_default="30, or 2 in a terminal",
        ),
    ] = None,
) -> None:
    """Show the icon in the tray: state, menu, notifications."""
    # Pictures, D-Bus and notifications come along, which no other command needs.
    from agent.cli.tray_agent import WatchedAgent  # noqa: PLC0415 - see above
    from agent.tray.showing import NO_TRAY, icon_to_use  # noqa: PLC0415 - see above
    from agent.tray.tray import Tray  # noqa: PLC0415 - see above

    with failing_well():
        data_dir = known_data_dir(config)
        folder = data_dir / TRAY_DIRECTORY
        lock = InstanceLock(str(folder))
        try:
            lock.acquire(timeout=0.0, now=clock.now().utc)
        except AlreadyRunning as error:
            who = f", by process {error.holder.pid}" if error.holder is not None else ""
            say(f"The icon is shown already{who}; this one leaves.")
            return
        with lock:
            icon = Tray(WatchedAgent(config, data_dir), folder, say)
            with StopSignals(icon.stop):
                shown = icon_to_use(_patience() if wait is None else wait, icon.stopping)
                if shown is None:
                    if not icon.stopping.is_set():
                        say(NO_TRAY)
                    return
                _say_what_is_missing(config)
                if _is_in_terminal():
                    say("The icon is shown until Ctrl-C, or Quit in its menu.")
                try:
                    icon.run(shown)
                except OSError:
                    say(NO_TRAY)
                    lock.release()
                    # A thread of a backend that failed never ends.
                    os._exit(ExitCode.WELL)


def _patience() -> float:
    return _TERMINAL_SECONDS if _is_in_terminal() else _LOGIN_SECONDS


def _is_in_terminal() -> bool:
    # A packaged program without a console has none of the streams.
    return any(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def end_icon(data_dir: Path) -> bool:
    """End the tray of a data directory; return whether there was one."""
    folder = str(data_dir / TRAY_DIRECTORY)
    shown = holder(folder)
    if shown is None or not is_held(folder):
        return False
    with suppress(ProcessLookupError):
        os.kill(shown.pid, signal.SIGTERM)
    return True


def _say_what_is_missing(config: Path | None) -> None:
    try:
        settings_of(config)
    except ConfigurationError as error:
        say_lines(error.message)
