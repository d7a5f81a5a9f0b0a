"""What the disk under a path is like: far away, folding names, full."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.system import here
from agent.system.os_errors import Cause, cause_of, naming_os_errors


def network_file_system(path: str) -> str | None:
    """Return the kind of network or shared file system that holds ``path``; None if it is local.

    Follows links. None as well where the system does not tell.
    """
    return here.network_file_system(path)


def free_bytes(path: str) -> int:
    """Return the space this user may still fill on the disk of ``path``, which need not exist yet.

    Raises the named errors of a folder.
    """
    folder = path
    while not os.path.lexists(folder) and os.path.dirname(folder) != folder:  # noqa: PTH120 - str in, str out
        folder = os.path.dirname(folder)  # noqa: PTH120 - str in, str out
    with naming_os_errors(folder, of="folder"):
        return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class NameFolding:
    """Which spellings of a name are one name in a folder."""

    case: bool
    """``Bill.pdf`` and ``BILL.PDF``."""
    composition: bool
    """``é`` as one character (NFC) and as two (NFD)."""


_USUAL = {
    "win32": NameFolding(case=True, composition=False),
    "darwin": NameFolding(case=True, composition=True),
}
_ELSEWHERE = NameFolding(case=False, composition=False)


def name_folding(folder: str) -> NameFolding:
    """Return which spellings are one name in ``folder``, by looking existing names up differently.

    Writes nothing. Where no name lends itself, the folder's own name in its parent is tried, and
    then what is usual on this system is assumed. Raises the named errors of a folder.
    """
    usual = _USUAL.get(sys.platform, _ELSEWHERE)
    with naming_os_errors(folder, of="folder"):
        return NameFolding(
            case=_folds(folder, _other_case, usual=usual.case),
            composition=_folds(folder, _other_composition, usual=usual.composition),
        )


def _folds(folder: str, respell: Callable[[str], str | None], *, usual: bool) -> bool:
    for directory, name in _names(folder):
        other = respell(name)
        same = None if other is None else _is_one_file(directory, name, other)
        if same is not None:
            return same
    return usual


def _is_one_file(directory: str, name: str, other: str) -> bool | None:
    """Whether ``other`` finds the file called ``name``; None where that proves nothing."""
    try:
        written = os.lstat(os.path.join(directory, name))  # noqa: PTH118 - exact names
    except FileNotFoundError:  # gone meanwhile
        return None
    if stat.S_ISREG(written.st_mode) and written.st_nlink > 1:  # both may be names of it
        return None
    try:
        found = os.lstat(os.path.join(directory, other))  # noqa: PTH118 - exact names
    except FileNotFoundError:
        return False
    except OSError as error:
        if cause_of(error) is Cause.TOO_LONG:
            return None
        raise
    return os.path.samestat(written, found)


def _names(folder: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield folder, entry.name
    parent, name = os.path.split(os.path.abspath(folder))  # noqa: PTH100 - links must stay
    if name and not os.path.ismount(folder):
        yield parent, name


def _other_case(name: str) -> str | None:
    # ASCII only: systems disagree about the case of other letters.
    other = "".join(letter.swapcase() if letter.isascii() else letter for letter in name)
    return other if other != name else None


def _other_composition(name: str) -> str | None:
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, name)
        if other != name:
            return other
    return None
