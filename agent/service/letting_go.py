"""Taking our marks out of folders that are watched no more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection

from agent.watch.mark import remove_mark

PATIENCE_SECONDS = 1.0

_log = logging.getLogger(__name__)


def let_go(folders: Collection[str], agent_id: str) -> None:
    """Take the marks of ``agent_id`` out of folders; one on a share that hangs holds nobody up."""
    threads = [
        threading.Thread(target=_remove_mark, args=(path, agent_id), name="mark", daemon=True)
        for path in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS / len(threads))


def _remove_mark(path: str, agent_id: str) -> None:
    try:
        remove_mark(path, agent_id)
    except OSError as error:
        _log.warning("the mark in %s could not be removed: %s", path, error)
