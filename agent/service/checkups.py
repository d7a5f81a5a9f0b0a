"""`doctor` in the service: its checks with the service's own rights, drives, proxies and key.

A checkup runs in a thread of its own, for it waits for Nectar and for disks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.system.key_store import KeyStore

Answer = dict[str, Any]
WhyOnTimer = Callable[[str], str | None]
_BROKEN: Answer = {"declined": ["The service met an internal error while it checked."]}


class Checkups:
    """Runs checkups, one at a time. ``done`` is called, from a thread, when one has ended.

    ``why_on_timer`` is what `Watcher` knows of a folder.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        key_store: KeyStore,
        why_on_timer: WhyOnTimer,
        done: Callable[[], object],
    ) -> None:
        self._path = path
        self._environ = environ
        self._key_store = key_store
        self._why_on_timer = why_on_timer
        self._done = done
        self._request: int | None = None
        self._answer: Answer | None = None
        self._thread: threading.Thread | None = None

    def answer(self, request: int) -> Answer | None:
        """Return what the checks of a request found, None as long as they run.

        The same request may ask again. Never waits.
        """
        if request == self._request:
            return self._answer
        if self._thread is not None and self._thread.is_alive():
            return None  # it is for another request; this one's turn comes
        self._request, self._answer = request, None
        self._thread = threading.Thread(target=self._run, name="checkup", daemon=True)
        self._thread.start()
        return None

    def _run(self) -> None:
        # The service needs the checks only when somebody asks for them.
        from agent.service.checks import Checkup  # noqa: PLC0415 - see above

        answer = _BROKEN
        try:
            checkup = Checkup(
                self._path, self._environ, self._key_store, why_on_timer=self._why_on_timer
            )
            checks = list(checkup.run())
            answer = {"checks": [each.as_json() for each in checks]}
        finally:
            self._answer = answer
            self._done()
