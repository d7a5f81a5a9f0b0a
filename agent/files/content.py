"""Reading an original once: its fingerprint, or the bytes to send.

A file is closed as soon as it is read. Every function tells a file that changed from one that can
be trusted; a file that cannot be read raises the named errors of a file.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from agent.bills.values import Sha256, Signature
from agent.files.opening import is_no_original, open_original
from agent.files.problems import LARGEST_BYTES
from agent.files.signature import signature
from agent.system.os_errors import file_error
from agent.system.signs_of_life import disk_answered

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Changed:
    """The file is no longer the one that was expected: changed, replaced or gone."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held while its signature stayed the same.

    ``data`` is everything up to 25,000,000 bytes; of a larger file only its first mebibyte.
    """

    sha256: Sha256
    size: int
    data: bytes


def read_content(
    path: str, expected: Signature, opened: Callable[[str], BinaryIO] = open_original
) -> Content | Changed:
    """Read the file at ``path`` once, checking its signature before and after.

    ``opened`` opens it.
    """
    try:
        with opened(path) as original:
            content = _content(original, expected)
    except OSError as error:
        return _changed_or_raise(error, path)
    # The name may lead to another file by now, which the open one could not tell.
    return content if signature(path) == expected else Changed()


def fingerprint(path: str, expected: Signature) -> Sha256 | Changed:
    """Return the sha256 of the file at ``path`` if it is and stays the one expected."""
    content = read_content(path, expected)
    return content if isinstance(content, Changed) else content.sha256


def read_for_upload(path: str, sha256: Sha256) -> bytes | Changed:
    """Return the bytes of the file at ``path`` if they have this ``sha256``.

    A file over 25,000,000 bytes is not read: it cannot be one that was examined and passed.
    """
    try:
        with open_original(path) as original:
            status = os.fstat(original.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_BYTES:
                return Changed()
            data = b"".join(_pieces(original))
    except OSError as error:
        return _changed_or_raise(error, path)
    return data if hashlib.sha256(data).hexdigest() == sha256 else Changed()


def _content(original: BinaryIO, expected: Signature) -> Content | Changed:
    if not _is_still(original, expected):
        return Changed()
    digest = hashlib.sha256()
    size = 0
    kept: list[bytes] = []
    for piece in _pieces(original):
        digest.update(piece)
        size += len(piece)
        if size > expected.size:  # it grows as we read
            return Changed()
        if not kept or expected.size <= LARGEST_BYTES:
            kept.append(piece)
    if size != expected.size:
        return Changed()
    return Content(Sha256(digest.hexdigest()), size, b"".join(kept))


def _pieces(original: BinaryIO) -> Iterator[bytes]:
    while piece := original.read(_PIECE_BYTES):
        disk_answered()
        yield piece


def _is_still(original: BinaryIO, expected: Signature) -> bool:
    status = os.fstat(original.fileno())
    return stat.S_ISREG(status.st_mode) and Signature.of(status) == expected


def _changed_or_raise(error: OSError, path: str) -> Changed:
    if is_no_original(error):
        return Changed()
    raise file_error(error, path) from error
