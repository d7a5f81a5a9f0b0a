"""What the disk under a path is like: far away, folding names, full."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.system import here
from agent.system.os_errors import Cause, cause_of, naming_os_errors


def network_file_system(path: str) -> str | None:
    """Return the kind of network or shared file system that holds ``path``; None if it is local.

    Follows links. None as well where the system does not tell.
    """
    return here.network_file_system(path)


def file_system_without_events(path: str) -> str | None:
    """Return the kind of a file system at or below ``path`` whose changes nobody tells us of.

    None where there is none, or the system does not tell. Such a place is not touched: it may hang.
    """
    return here.file_system_without_events(path)


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
        case = _folding_in(folder, other_case)
        composition = _folding_in(folder, other_composition)
    return NameFolding(
        case=usual.case if case is None else case,
        composition=usual.composition if composition is None else composition,
    )


Respelling = Callable[[str], str | None]
"""Returns another spelling of a name, or None where there is none."""


def _folding_in(folder: str, respell: Respelling) -> bool | None:
    with os.scandir(folder) as entries:
        found = folds((entry.name for entry in entries), respell, _look_up_in(folder))
    if found is not None or os.path.ismount(folder):  # the parent is another disk
        return found
    parent, name = os.path.split(os.path.abspath(folder))  # noqa: PTH100 - links must stay
    return folds([name], respell, _look_up_in(parent))


def folds(
    names: Iterable[str], respell: Respelling, look_up: Callable[[str], os.stat_result | None]
) -> bool | None:
    """Whether a directory finds the file of one of ``names`` under another spelling as well.

    ``look_up`` returns what a name finds, None for nothing. The first name that proves something
    decides; None where no name does.
    """
    for name in names:
        other = respell(name)
        written = look_up(name) if other is not None else None
        # A name may be gone meanwhile, and a file with several names may have both spellings.
        if other is None or written is None or _has_several_names(written):
            continue
        found = look_up(other)
        return found is not None and os.path.samestat(written, found)
    return None


def _has_several_names(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def _look_up_in(directory: str) -> Callable[[str], os.stat_result | None]:
    def look_up(name: str) -> os.stat_result | None:
        try:
            return os.lstat(os.path.join(directory, name))  # noqa: PTH118 - exact names
        except OSError as error:
            # The other spelling may be longer than a name can be.
            if cause_of(error) in {Cause.MISSING, Cause.TOO_LONG}:
                return None
            raise

    return look_up


def other_case(name: str) -> str | None:
    """Return ``name`` with capitals for small letters and the reverse, where it has letters.

    ASCII only: systems disagree about the case of other letters.
    """
    other = "".join(letter.swapcase() if letter.isascii() else letter for letter in name)
    return other if other != name else None


def other_composition(name: str) -> str | None:
    """Return ``name`` with its accents composed where they were apart, or the reverse."""
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, name)
        if other != name:
            return other
    return None
