"""Who answers `doctor`: the service where one runs, in its own context, else this terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from agent.bills.errors import AgentError, ConfigurationError
from agent.cli.account import patient_key_store
from agent.cli.own_checks import own_checks
from agent.cli.session import Asking, config_path
from agent.cli.terminal import people
from agent.config import load, written_data_dir
from agent.service import clock
from agent.service.check import Check, Seen, failed
from agent.service.checks import Checkup
from agent.system.directories import default_data_dir

CHECKUP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Examination:
    """Every check that can be made, and by whom.

    ``seconds`` is how long the service may take: a folder that hangs lets its checks wait for 20.
    """

    argument: Path | None
    seconds: float = CHECKUP_SECONDS

    def run(self) -> Iterator[tuple[Seen, Check]]:
        """Yield each check as it comes in. Takes some seconds."""
        path = config_path(self.argument)
        asking, mistakes = _asking(path)
        try:
            is_alive = asking.is_service_alive()
        except AgentError:
            is_alive = False  # the checks of service and store say why
        found: list[Check] | Check | None = _asked(asking, self.seconds) if is_alive else None
        if isinstance(found, list):
            if mistakes is not None:
                yield Seen.TERMINAL, failed("configuration", mistakes, f"Correct {path}.")
            yield from ((Seen.SERVICE, each) for each in found)
            yield from ((Seen.TERMINAL, each) for each in own_checks(asking, self.argument))
            return
        if found is not None:
            yield Seen.TERMINAL, found
        named = f' --config "{path}"' if self.argument is not None else ""
        checkup = Checkup(path, os.environ, patient_key_store(), named)
        yield from ((Seen.TERMINAL, each) for each in checkup.run())
        if checkup.settings is None:
            return
        for check in own_checks(asking, self.argument):
            if found is None or check.name != "service":  # that it is silent has been said
                yield Seen.TERMINAL, check


def _asking(path: Path) -> tuple[Asking, str | None]:
    """Return the data directory to look at, and the mistakes of a file that cannot be used."""
    try:
        return Asking(load(path, os.environ, default_data_dir=default_data_dir())), None
    except ConfigurationError as error:
        written = written_data_dir(path, os.environ)
        return Asking.at(Path(written or default_data_dir())), error.message


def _asked(asking: Asking, seconds: float) -> list[Check] | Check:
    """Return what the service found, or what is wrong with it where it found nothing."""
    until = clock.now().utc + seconds
    try:
        with _waiting():
            answer = asking.ask("checkup", {"until": until}, seconds=seconds)
        if answer is None and not asking.is_service_alive():
            return failed("service", "The service stopped while it was asked.", "Look at its log.")
        if answer is None:
            words = f"The service runs, but has not answered within {seconds:.0f} seconds."
            return failed("service", words, "Stop it and start it again; its log may say why.")
    except AgentError as error:
        return failed("service", error.message, error.advice)
    if "checks" in answer:
        return [Check.of_json(each) for each in answer["checks"]]
    words = " ".join(str(each) for each in answer.get("declined") or ())
    return failed("service", words or "The service did not check anything.", "Start it again.")


def _waiting() -> AbstractContextManager[object]:
    if people().is_terminal:
        return people().status("The service checks what it sees …")
    return nullcontext()
