"""`run` and `once`: the agent in the foreground."""

from __future__ import annotations

from agent.cli.app import RUN, app
from agent.cli.session import ConfigOption, failing_well, settings_of
from agent.cli.terminal import say
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice
from agent.service import clock
from agent.service.agent import Agent
from agent.service.places import data_dir_of
from agent.system.lock import InstanceLock
from agent.system.stop_signals import StopSignals

LOCK_SECONDS = 2.0


def tell(notices: list[Notice]) -> None:
    """Say a line for each change of a bill's state and for each hold."""
    for notice in notices:
        match notice:
            case HoldBegan(hold):
                say(f"hold {hold.code} [{hold.scope.words}]: {hold.message} {hold.advice}")
            case HoldEnded(hold):
                say(f"hold {hold.code} [{hold.scope.words}] ended")
            case _:
                code = f" ({notice.code})" if notice.code else ""
                tail = f": {notice.message}" if notice.message else ""
                say(f"{notice.after.value}{code} {notice.path}{tail}")


@app.command(rich_help_panel=RUN)
def run(config: ConfigOption = None) -> None:
    """Watch the folders in the foreground until stopped."""
    with failing_well():
        settings = settings_of(config)
        with InstanceLock(str(data_dir_of(settings))) as lock:
            lock.acquire(timeout=LOCK_SECONDS, now=clock.now().utc)
            agent = Agent(settings, tell)
            try:
                with StopSignals(agent.stop):
                    agent.run(on_ready=lambda: say("ready"))
            finally:
                agent.close()
