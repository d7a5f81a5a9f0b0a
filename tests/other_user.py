"""What a user without rights meets, also where the tests run as root."""

from __future__ import annotations

import codecs
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534
_ENCODINGS = ("ascii", "cp1252", "idna", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-32")


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user can reach and write, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def without_rights() -> Iterator[None]:
    """Let root act as nobody; anybody else is without its rights already."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
    elif sys.platform != "linux":
        pytest.skip("root can give up its rights for a while on Linux alone")
    else:
        # A codec first asked for by somebody who may not read Python's own files is unknown for the
        # rest of the process.
        for encoding in _ENCODINGS:
            codecs.lookup(encoding)
        os.setresuid(_NOBODY, _NOBODY, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)
