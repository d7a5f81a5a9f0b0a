"""Removing what the agent keeps for itself. Results, bills and settings are not its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from agent.bills.errors import AgentError, ConfigurationError, NeedsAttention
from agent.cli.account import patient_key_store
from agent.cli.session import Asking, known_data_dir, settings_of
from agent.cli.tray import TRAY_DIRECTORY
from agent.service import clock
from agent.service.account import account_with, default_account
from agent.service.patience import Patience
from agent.service.trouble import TROUBLE_FILE
from agent.store.connecting import STORE_NAME
from agent.store.snapshot import snapshot
from agent.system.directories import log_dir
from agent.system.identity import agent_identity
from agent.system.lock import HOLDER_FILE, LOCK_FILE
from agent.system.os_errors import naming_os_errors
from agent.watch.mark import remove_mark

PURGED = "the API key, the agent's memory, its logs and its marks in the folders"
_FOLDER_SECONDS = 20.0
_ENVIRONMENTS = ("production", "sandbox")


def purge(config: Path | None) -> Iterator[str]:
    """Remove all that and yield a line for each. Nobody may hold the lock of the data directory."""
    data_dir = known_data_dir(config)
    yield from _marks(config, data_dir)
    yield from _keys(config)
    with naming_os_errors(str(data_dir), of="folder", writing=True):
        for folder in (log_dir(str(data_dir)), data_dir / TRAY_DIRECTORY):
            shutil.rmtree(folder, ignore_errors=True)
        ours = [*data_dir.glob(f"{STORE_NAME}*"), data_dir / TROUBLE_FILE]
        # The lock goes last: who comes meanwhile is kept out.
        for path in (*ours, data_dir / HOLDER_FILE, data_dir / LOCK_FILE):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            data_dir.rmdir()  # if nothing of others is in it
    yield f"The store and the logs in {data_dir} are removed."


def _marks(config: Path | None, data_dir: Path) -> Iterator[str]:
    """Take our marks out of the folders that the settings name, or that the store knows."""
    folders: list[str] = []
    with suppress(ConfigurationError):
        folders += [folder.path for folder in settings_of(config).folders]
    with suppress(NeedsAttention), Asking.at(data_dir).store() as store:
        if store is not None:
            with snapshot(store, (), {}) as view:
                folders += [folder.path for folder in view.overview(clock.now().utc).folders]
    agent_id = agent_identity(str(data_dir)).id
    for folder in dict.fromkeys(folders):
        try:
            remove = partial(remove_mark, folder, agent_id)
            was_there = Patience(_FOLDER_SECONDS).wait_for(folder, remove)
        except (AgentError, OSError) as error:
            yield f"The mark in {folder} stays: {error}"
        else:
            if was_there:
                yield f"The mark in {folder} is removed."


def _keys(config: Path | None) -> Iterator[str]:
    key_store = patient_key_store()
    try:
        account = account_with(settings_of(config), os.environ, key_store)
    except ConfigurationError:
        account = default_account(os.environ, key_store)
    if account.places.api_key_file is not None:
        yield f"The key file {account.places.api_key_file} stays: the agent has not written it."
    for environment in _ENVIRONMENTS:
        try:
            if key_store.delete(account.api, environment):
                yield f"The key for {account.api} ({environment}) is removed."
        except NeedsAttention as error:
            yield f"No key was removed from a key store. {error.message}"
            return
