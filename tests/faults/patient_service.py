"""The service as `bill-agent run` is, but for a disk that counts as hanging after a second.

Run as a process: ``patient_service.py CONFIG``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agent.cli.running import tell
from agent.cli.terminal import say
from agent.config import load
from agent.service import clock
from agent.service.agent import Agent, Options
from agent.service.places import data_dir_of
from agent.system.directories import default_data_dir
from agent.system.lock import InstanceLock
from agent.system.stop_signals import StopSignals

SILENT_SECONDS = 1.0


def main() -> None:
    """Run until stopped."""
    settings = load(Path(sys.argv[1]), os.environ, default_data_dir=default_data_dir())
    with InstanceLock(str(data_dir_of(settings))) as lock:
        lock.acquire(timeout=0.0, now=clock.now().utc)
        agent = Agent(settings, tell, options=Options(silent_seconds=SILENT_SECONDS))
        try:
            with StopSignals(agent.stop):
                agent.run(on_ready=lambda: say("ready"))
        finally:
            agent.close()


if __name__ == "__main__":
    main()
