"""Where the API key comes from: the environment, a file, the system's key store, in this order.

The first source that is given decides. One that is given but wrong is an error and not passed
over, for the key below it may belong to somebody else.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from agent.bills.errors import AgentError, NeedsAttention
from agent.system import here
from agent.system.key_store import KeyStore
from agent.system.os_errors import Cause, cause_of
from agent.system.secret import Secret, key_text, secret_from

VARIABLE = "NECTAR_API_KEY"

_LARGEST_FILE = 65536  # bytes


class KeySource(StrEnum):
    """Where a key comes from, in words for people; the strongest first."""

    ENVIRONMENT = VARIABLE
    FILE = "api_key_file"
    KEY_STORE = "the system's key store"


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """All that says where a key may be."""

    environ: Mapping[str, str] = field(repr=False)
    api_key_file: str | None
    """Absolute path, from the settings."""
    api: str
    environment: str
    key_store: KeyStore


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What one source has to say. It never holds the key."""

    source: KeySource
    holds_key: bool
    is_used: bool
    """It is the one that decides, whether or not its key is right."""
    problem: str
    """Why its key cannot be used, with the next step; empty where nothing is wrong."""


def find_key(places: KeyPlaces) -> tuple[Secret, KeySource]:
    """Return the key and where it is from.

    Raises NeedsAttention ``key-missing``: no source has one, or the one that decides is wrong.
    """
    for source, look in _LOOKS.items():
        key = look(places)
        if key is not None:
            return key, source
    raise NeedsAttention(
        "key-missing",
        f"There is no API key for {places.api} ({places.environment}).",
        'Store it with "bill-agent key set".',
    )


def key_status(places: KeyPlaces) -> tuple[SourceStatus, ...]:
    """Return what each source has, the strongest first; every one is looked at."""
    found: list[SourceStatus] = []
    for source, look in _LOOKS.items():
        problem, holds_key = "", False
        try:
            holds_key = look(places) is not None
        except AgentError as error:
            problem = str(error)
        decides = bool(holds_key or problem) and not any(earlier.is_used for earlier in found)
        found.append(SourceStatus(source, holds_key, decides, problem))
    return tuple(found)


def known_keys(places: KeyPlaces) -> tuple[str, ...]:
    """Return the key of every source, for taking them out of texts; what is wrong is left out."""
    keys: list[str] = []
    for look in _LOOKS.values():
        with suppress(AgentError):
            key = look(places)
            if key is not None:
                keys.append(key.reveal())
    return tuple(keys)


def _from_environment(places: KeyPlaces) -> Secret | None:
    text = places.environ.get(VARIABLE)
    return secret_from(text, source=VARIABLE) if text else None


def _from_file(places: KeyPlaces) -> Secret | None:
    return read_key_file(places.api_key_file) if places.api_key_file else None


def _from_key_store(places: KeyPlaces) -> Secret | None:
    return places.key_store.read(places.api, places.environment)


_LOOKS: dict[KeySource, Callable[[KeyPlaces], Secret | None]] = {
    KeySource.ENVIRONMENT: _from_environment,
    KeySource.FILE: _from_file,
    KeySource.KEY_STORE: _from_key_store,
}


def read_key_file(path: str) -> Secret:
    """Return the key in the file at ``path``: one line, which others must not be able to read.

    Raises NeedsAttention ``key-missing`` with what is wrong and the next step.
    """
    try:
        # Looked at before it is opened: opening a pipe would wait for somebody to write to it.
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - as the settings have it
            raise _wrong_file(path, "is no file", "Name a file that holds the key in one line.")
        with open(path, "rb") as file:  # noqa: PTH123 - as the settings have it
            if here.readable_by_others(os.fstat(file.fileno())):
                raise _wrong_file(
                    path, "can be read by others", f'Run "chmod 600 {path}", or make a new key.'
                )
            content = file.read(_LARGEST_FILE)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    lines = [line for line in key_text(content).splitlines() if line.strip()]
    if len(lines) != 1:
        what = "holds several lines" if lines else "is empty"
        raise _wrong_file(path, what, "Put the key there, alone in one line.")
    return secret_from(lines[0], source=f"the file {path}")


def _unreadable(path: str, error: OSError | ValueError) -> NeedsAttention:
    cause = cause_of(error) if isinstance(error, OSError) else Cause.OTHER
    if cause is Cause.MISSING:
        # Somebody may have written the key itself where its file belongs, so it is not shown.
        return NeedsAttention(
            "key-missing",
            "The key file that [nectar] api_key_file names is missing.",
            "Put it there, or correct [nectar] api_key_file.",
        )
    if cause is Cause.DENIED:
        return _wrong_file(path, "may not be read by this user", "Make this user its owner.")
    reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
    return _wrong_file(path, f"cannot be read ({reason})", "Correct [nectar] api_key_file.")


def _wrong_file(path: str, what: str, advice: str) -> NeedsAttention:
    return NeedsAttention("key-missing", f"The key file {path} {what}.", advice)
