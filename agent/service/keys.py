"""The API key as the client asks for it: found once, looked for again only when there is reason."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from agent.bills.errors import NeedsAttention
from agent.config import Settings
from agent.system.api_key import KeyPlaces, find_key
from agent.system.key_store import KeyStore
from agent.system.secret import Secret


def places_of(settings: Settings, environ: Mapping[str, str], key_store: KeyStore) -> KeyPlaces:
    """Return where the key may be."""
    nectar = settings.nectar
    return KeyPlaces(environ, nectar.api_key_file, nectar.api, nectar.environment, key_store)


class KeyRing:
    """Hands out the key. Safe from any thread.

    The key store is read at start and after `look_again` only: a locked one would ask its user
    each time. A key file is read whenever it changed.
    """

    def __init__(self, places: KeyPlaces) -> None:
        self._lock = threading.Lock()
        self._places = places
        self._key: Secret | None = None
        self._error: NeedsAttention | None = None
        self._file: tuple[int, ...] | None = None

    def use(self, places: KeyPlaces) -> None:
        """Look in other places from now on."""
        with self._lock:
            if places != self._places:
                self._places = places
                self._key = self._error = None

    def look_again(self) -> None:
        """Find the key anew at the next call: it was refused, missing, or a new one was set."""
        with self._lock:
            self._key = self._error = None

    def is_file_new(self) -> bool:
        """Whether the key file is not as it was when the key was last asked for. One ``stat``."""
        with self._lock:
            return self._stamp() != self._file

    def known(self) -> tuple[str, ...]:
        """Return the key in use, for taking it out of texts; empty while none was needed."""
        key = self._key
        return (key.reveal(),) if key is not None else ()

    def key(self) -> str:
        """Return the key for a request's header.

        Raises NeedsAttention("key-missing") where no source has one.
        """
        with self._lock:
            stamp = self._stamp()
            if stamp != self._file:
                self._file = stamp
                self._key = self._error = None
            if self._error is not None:
                raise self._error
            if self._key is None:
                try:
                    self._key, _ = find_key(self._places)
                except NeedsAttention as error:
                    self._error = error
                    raise
            return self._key.reveal()

    def _stamp(self) -> tuple[int, ...] | None:
        path = self._places.api_key_file
        if path is None:
            return None
        try:
            status = os.stat(path)  # noqa: PTH116  # exact name
        except OSError:
            return None
        # Who may read it counts, too: a file that others can read is not used.
        return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid
