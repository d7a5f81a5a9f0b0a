"""The checks of `doctor` that only a person's own session can make: the service, the tray."""

from __future__ import annotations

from agent.bills.errors import AgentError
from agent.bills.instant import utc_text
from agent.cli.session import Asking
from agent.service import clock
from agent.service.check import Check, failed, passed
from agent.store.snapshot import snapshot
from agent.system.lock import holder


def service_check(asking: Asking) -> Check:
    """Check that the service runs, and with the settings of the file as it is now."""
    try:
        if not asking.is_service_alive():
            return failed("service", "The service does not run.", "Start it: bill-agent run")
        with asking.store() as store:
            error = None
            if store is not None:
                with snapshot(store) as seen:
                    error = seen.overview(clock.now().utc).settings_error
    except AgentError as problem:
        return failed("service", problem.message, problem.advice)
    if error is not None:
        return failed(
            "service",
            f"The service runs with its earlier settings; the changed file has mistakes: {error}",
            "Correct them; the service reads the file again by itself.",
        )
    who = holder(str(asking.data_dir))
    since = f" as process {who.pid} since {utc_text(who.since)}" if who else ""
    return passed("service", f"The service runs{since}.")
