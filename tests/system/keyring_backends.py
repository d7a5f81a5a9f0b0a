"""Key stores for tests, made as keyring wants them: each behaves in one way that real ones have."""

from __future__ import annotations

import threading
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError

released = threading.Event()
"""Set to let go whoever waits in a ``Blocking`` key store."""


class InMemory(KeyringBackend):
    """A key store that works; its entries are those of the process, so a test clears them."""

    priority = -1  # never chosen by itself
    entries: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was stored."""
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store it."""
        self.entries[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove it; as in real ones, what is not there cannot be removed."""
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")


class _Failing(InMemory):
    error: Exception

    def get_password(self, service: str, username: str) -> str | None:
        """Fail."""
        raise self.error from KeyError(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Fail."""
        raise self.error from KeyError(service, username, password)


class Locked(_Failing):
    """A login keyring that is locked, without a screen to ask on."""

    error = KeyringLocked("Failed to unlock the collection!")


class Dismissed(_Failing):
    """A window was closed without an answer."""

    error = InitError("Failed to create the collection: Prompt dismissed..")


class Broken(_Failing):
    """An error that is none of the others; its text is no business of ours."""

    error = KeyringError("could not store nk_live_secret")


class Foreign(_Failing):
    """An error that comes from below the key store."""

    error = OSError(5, "Input/output error")


class Blocking(InMemory):
    """A window waits for a password, and nobody is there."""

    def get_password(self, service: str, username: str) -> str | None:
        """Wait until released."""
        released.wait(60)
        return super().get_password(service, username)
