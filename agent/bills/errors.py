"""Every expected failure, sorted by who can heal it.

::

    AgentError
    ├── Transient            time heals it: the row waits, longer each time
    │   └── NoConnection     … and nothing else of Nectar answers either
    ├── NeedsAttention       a person heals it: a hold on its scope
    │   └── NotAnswering     … the disk of a folder lets whoever asks it wait, for ever perhaps
    ├── Rejected             nobody heals it, for these bytes
    ├── NotThere             that object is not there, or not this key's
    ├── UploadRefused        Nectar refused an upload, not clearly for the file's sake
    ├── InDoubt              an upload may or may not have been taken
    └── ConfigurationError   a person heals it, before anything runs

Each is raised by the adapter that met the cause, already with its code, a sentence for people and
the one next step. No error text ever holds the API key or a pre-signed link.
"""

from __future__ import annotations


class AgentError(Exception):
    """An expected failure: ``code`` for programs, ``message`` and ``advice`` for people."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class Transient(AgentError):
    """Time heals it. ``retry_after`` is the wait in seconds that the other side asked for."""

    def __init__(
        self, code: str, message: str, advice: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(code, message, advice)
        self.retry_after = retry_after


class NoConnection(Transient):
    """Nectar could not be reached, or broke off. On an upload: surely not taken."""


class NeedsAttention(AgentError):
    """A person heals it. ``code`` is the hold's code (contract, section 4)."""


class NotAnswering(NeedsAttention):
    """A disk or share does not answer. It may still do so, hours later."""


class Rejected(AgentError):
    """Nobody heals it for these bytes. ``code`` is the problem's code (contract, section 3)."""


class NotThere(AgentError):
    """403 or 404 on a GET: the object is not there or not this key's. ``status`` tells which."""

    def __init__(self, code: str, message: str, advice: str = "", *, status: int) -> None:
        super().__init__(code, message, advice)
        self.status = status


class UploadRefused(AgentError):
    """A 4xx on the upload that does not clearly speak of the file. ``status`` is Nectar's."""

    def __init__(self, code: str, message: str, advice: str = "", *, status: int) -> None:
        super().__init__(code, message, advice)
        self.status = status


class InDoubt(AgentError):
    """The whole body left, and no usable answer came: the upload may have been taken.

    ``was_taken`` is whether the answer says so, and only names no job that can be asked for.
    """

    def __init__(
        self, code: str, message: str, advice: str = "", *, was_taken: bool = False
    ) -> None:
        super().__init__(code, message, advice)
        self.was_taken = was_taken


class ConfigurationError(AgentError):
    """The configuration cannot be used. ``mistakes`` holds every one, in the order of the file."""

    def __init__(self, mistakes: tuple[str, ...], *, code: str = "settings-wrong") -> None:
        super().__init__(code, "\n".join(mistakes))
        self.mistakes = mistakes
