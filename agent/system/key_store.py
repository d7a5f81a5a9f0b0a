"""The API key in the system's key store, asked under a time limit.

A locked key store may open a window and block until somebody answers, or for ever. So every call
runs in a thread that nobody has to wait for; as long as one is stuck no second one is begun.

A store that keeps its secrets in a plain file (``keyrings.alt``) is not used unless somebody has
chosen it in keyring's own settings: it would promise more than ``api_key_file`` and keep less.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.bills.errors import NeedsAttention
from agent.system.secret import Secret, secret_from

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "nectar-bill-agent"
"""Under which name the entries stand in the key store."""

LIMIT_SECONDS = 10.0
"""How long a program without a person in front of it waits for the key store."""

_OTHERWISE = "Give the API key in NECTAR_API_KEY, or in a file that [nectar] api_key_file names."


class Reason(StrEnum):
    """Why the key store did not do what it was asked for."""

    NONE_HERE = "none-here"
    LOCKED = "locked"
    DISMISSED = "dismissed"
    TIMED_OUT = "timed-out"
    FAILED = "failed"


_SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.NONE_HERE: ("This system has no key store that this program can use.", _OTHERWISE),
    Reason.LOCKED: (
        "The system's key store is locked.",
        f"Unlock it, for example by logging in to the desktop. {_OTHERWISE}",
    ),
    Reason.DISMISSED: (
        "The system's key store could not be opened: nobody answered its question.",
        f"Log in to the desktop and answer it. {_OTHERWISE}",
    ),
    Reason.TIMED_OUT: (
        "The system's key store does not answer; it may wait for its password in a window.",
        f"Look for that window and unlock it. {_OTHERWISE}",
    ),
    Reason.FAILED: ("The system's key store gave an error.", _OTHERWISE),
}


class KeyStoreError(NeedsAttention):
    """The key store could not be used; ``reason`` says why, the message never what is in it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__("key-missing", *_SENTENCES[reason])
        self.reason = reason


class KeyStore:
    """The entries of this program in the key store of the system, one for each API and environment.

    Every method raises KeyStoreError after ``limit_seconds`` at the latest.
    """

    def __init__(self, *, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._limit_seconds = limit_seconds
        self._lock = threading.Lock()
        self._stuck: _Call | None = None

    def read(self, api: str, environment: str) -> Secret | None:
        """Return the key for ``api`` and ``environment``, or None where none is stored.

        Raises NeedsAttention as well where what is stored cannot be a key.
        """
        text = self._ask(lambda backend: backend.get_password(SERVICE, _entry(api, environment)))
        return secret_from(text, source="the system's key store") if text else None

    def write(self, api: str, environment: str, key: Secret) -> None:
        """Store the key, in place of an earlier one."""

        def store(backend: KeyringBackend) -> None:
            backend.set_password(SERVICE, _entry(api, environment), key.reveal())

        self._ask(store)

    def delete(self, api: str, environment: str) -> bool:
        """Remove the key; return whether there was one."""

        def remove(backend: KeyringBackend) -> str | None:
            stored = backend.get_password(SERVICE, _entry(api, environment))
            if stored is not None:
                backend.delete_password(SERVICE, _entry(api, environment))
            return stored

        return self._ask(remove) is not None

    def _ask(self, question: Callable[[KeyringBackend], str | None]) -> str | None:
        with self._lock:
            if self._stuck is not None and self._stuck.is_alive():
                raise KeyStoreError(Reason.TIMED_OUT)
            call = _Call(question)
            call.start()
            call.join(self._limit_seconds)
            if call.is_alive():
                self._stuck = call
                raise KeyStoreError(Reason.TIMED_OUT)
            self._stuck = None
        if call.failure is not None:
            raise KeyStoreError(call.failure)
        return call.answer


def _entry(api: str, environment: str) -> str:
    return f"{api} {environment}"


class _Call(threading.Thread):
    """One question to the key store; whoever asked may have given up on it."""

    def __init__(self, question: Callable[[KeyringBackend], str | None]) -> None:
        super().__init__(name="key-store", daemon=True)
        self._question = question
        self.answer: str | None = None
        self.failure: Reason | None = Reason.FAILED  # what it stays at after an unknown error

    def run(self) -> None:
        # keyring takes a tenth of a second and looks for plug-ins, so it is imported when needed.
        from keyring.errors import (  # noqa: PLC0415 - see above
            InitError,
            KeyringLocked,
            NoKeyringError,
        )

        try:
            backend = _backend()
            if backend is not None:
                self.answer = self._question(backend)
            self.failure = Reason.NONE_HERE if backend is None else None
        except NoKeyringError:
            self.failure = Reason.NONE_HERE
        except KeyringLocked:
            self.failure = Reason.LOCKED
        except InitError:
            self.failure = Reason.DISMISSED
        except _errors():
            self.failure = Reason.FAILED


def _backend() -> KeyringBackend | None:
    """Return the key store that keyring picks, or None where it is none to rely on."""
    from keyring import core  # noqa: PLC0415 - see _Call.run
    from keyring.backends import chainer, fail, null  # noqa: PLC0415 - see _Call.run

    chosen = core.load_env() or core.load_config()
    found = chosen or core.get_keyring()
    members = found.backends if isinstance(found, chainer.ChainerBackend) else [found]
    for member in members:
        if isinstance(member, (fail.Keyring, null.Keyring)):
            continue
        if chosen is None and type(member).__module__.startswith("keyrings.alt"):
            continue
        return member
    return None


def _errors() -> tuple[type[Exception], ...]:
    """Return keyring's errors, and what gets past it from the libraries below, where loaded."""
    from keyring.errors import KeyringError  # noqa: PLC0415 - see _Call.run

    names = (
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney.wrappers", "DBusErrorResponse"),
        ("win32ctypes.pywin32.pywintypes", "error"),
    )
    loaded = [getattr(sys.modules[module], name) for module, name in names if module in sys.modules]
    return (
        KeyringError,
        OSError,
        RuntimeError,
        ValueError,
        LookupError,
        ImportError,
        AttributeError,
        *loaded,
    )
