"""What a command needs to begin: the configuration, the store to read, requests to the service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from agent.bills.errors import AgentError, ConfigurationError
from agent.cli.exits import ExitCode
from agent.cli.terminal import say, say_lines
from agent.config import Settings, find_config_file, load, written_data_dir
from agent.service import clock
from agent.service.places import data_dir_of
from agent.store.beginning import make_store
from agent.store.connecting import Connection, store_path
from agent.store.naming import naming_store_errors
from agent.store.opening import open_for_people
from agent.store.requests import answer_of, leave_request
from agent.system.directories import config_candidates, default_data_dir
from agent.system.lock import AlreadyRunning, InstanceLock, is_held
from agent.system.os_errors import naming_os_errors

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file.",
        show_default=False,
        readable=False,  # one that cannot be read is no wrong usage: reading it says so
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value for programs.")]

ANSWER_SECONDS = 5.0
_ASK_EVERY_SECONDS = 0.05


def config_path(argument: Path | None) -> Path:
    """Return which file the configuration is."""
    return find_config_file(argument, os.environ, config_candidates())


def settings_of(argument: Path | None) -> Settings:
    """Return the configuration. Raises ConfigurationError with every mistake."""
    return load(config_path(argument), os.environ, default_data_dir=default_data_dir())


def known_data_dir(argument: Path | None) -> Path:
    """Return where the data lies, also where the configuration is missing or not usable."""
    try:
        return data_dir_of(settings_of(argument))
    except ConfigurationError:
        written = written_data_dir(config_path(argument), os.environ)
        return Path(written or default_data_dir())


@contextmanager
def failing_well() -> Iterator[None]:
    """End the command with the right exit code and plain words where it cannot go on."""
    try:
        yield
    except ConfigurationError as error:
        say_lines(error.message)
        raise typer.Exit(ExitCode.CONFIGURATION) from None
    except AgentError as error:
        say(str(error))
        raise typer.Exit(ExitCode.FAILED) from None


class Asking:
    """The store as a command sees it: to read, and to leave requests for the service."""

    def __init__(self, settings: Settings) -> None:
        self.data_dir = data_dir_of(settings)

    @classmethod
    def at(cls, data_dir: Path) -> Self:
        """Return the store in a data directory whose settings are not known."""
        asking = cls.__new__(cls)
        asking.data_dir = data_dir
        return asking

    def is_service_alive(self) -> bool:
        """Whether an agent holds the lock of the data directory."""
        return is_held(str(self.data_dir))

    @contextmanager
    def store(self) -> Iterator[Connection | None]:
        """Open the store; None where no agent ever ran. Raises the store's named errors."""
        path = store_path(self.data_dir)
        connection = open_for_people(path)
        try:
            with naming_store_errors(path):
                yield connection
        finally:
            if connection is not None:
                connection.close()

    def until_answered(self, kind: str, payload: dict[str, Any]) -> Iterator[None]:
        """Leave a request and yield until it is answered: the caller waits, or gives up."""
        with self.store() as connection:
            if connection is None:
                return
            request = leave_request(connection, kind, payload, clock.now().utc)
            while answer_of(connection, request) is None:
                yield

    def _make_store(self) -> None:
        """Make the store where no agent ever ran, so that the first one finds what was asked."""
        with naming_os_errors(str(self.data_dir), of="folder"):
            if store_path(self.data_dir).exists():
                return
        with suppress(AlreadyRunning), InstanceLock(str(self.data_dir)) as lock:
            lock.acquire(timeout=0.0, now=clock.now().utc)
            make_store(store_path(self.data_dir))

    def ask(
        self, kind: str, payload: dict[str, Any], *, seconds: float = ANSWER_SECONDS
    ) -> dict[str, Any] | None:
        """Leave a request and return the service's answer, None if there is none after so long.

        Where no service runs the request stays in the store, which is made if need be, and is
        answered once one does.
        """
        self._make_store()
        with self.store() as connection:
            if connection is None:
                raise AgentError(
                    "starting",
                    "The service is just starting for the first time.",
                    "Run the command again.",
                )
            request = leave_request(connection, kind, payload, clock.now().utc)
            if not self.is_service_alive():
                return None
            ends = clock.now().monotonic + seconds
            while clock.now().monotonic < ends and self.is_service_alive():
                answer = answer_of(connection, request)
                if answer is not None:
                    return answer
                clock.sleep(_ASK_EVERY_SECONDS)
        return None
