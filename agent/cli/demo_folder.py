"""The demo's folder: a new one, filled with sample bills or with copies of the user's own."""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent.bills.names import MARK_NAME, RESULT_ENDING
from agent.system.os_errors import naming_os_errors
from agent.watch.candidates import CandidateRules, Sort

RULES = CandidateRules(("pdf", "png", "jpg"))
"""What the demo takes for a bill."""

_NAME = "bill-agent-demo"


class UnusableFolderError(ValueError):
    """The folder or a file that was asked for cannot be used; the text says why."""


def make_folder(asked: Path | None) -> Path:
    """Return an empty folder: the one asked for, or a new one here, else among temporary files.

    Raises UnusableFolderError where the one asked for is not new or empty, or lies in a folder
    that an agent serves: it would send the demo's bills to Nectar. Raises the named errors of a
    folder.
    """
    if asked is not None:
        return _checked(Path(os.path.abspath(asked.expanduser())))  # noqa: PTH100 - links must stay
    here = Path.cwd()
    if serving(here) is None and os.access(here, os.W_OK):
        number = 1
        while True:
            folder = here / (_NAME if number == 1 else f"{_NAME}-{number}")
            try:
                folder.mkdir()
            except FileExistsError:
                number += 1
            except OSError:
                break  # some other place will do
            else:
                return folder
    with naming_os_errors(tempfile.gettempdir(), of="folder", writing=True):
        return Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))


def _checked(folder: Path) -> Path:
    served = serving(folder)
    if served is not None:
        raise UnusableFolderError(
            f"{folder} lies in {served}, which an agent serves: it would send these bills to "
            "Nectar. Name a folder elsewhere."
        )
    with naming_os_errors(str(folder), of="folder", writing=True):
        if folder.exists() and not folder.is_dir():
            raise UnusableFolderError(f"{folder} is a file. Name a new folder.")
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UnusableFolderError(f"{folder} is not empty. Name a new or an empty folder.")
    return folder


def serving(folder: Path) -> Path | None:
    """Return the folder at or above ``folder`` that carries an agent's mark, None if none does."""
    return next((each for each in (folder, *folder.parents) if (each / MARK_NAME).exists()), None)


def files_given(given: Iterable[Path]) -> list[Path]:
    """Return the files that are meant: each as named, and those directly in a folder named.

    Results of earlier runs are left out. Raises UnusableFolderError for what is not there.
    """
    found: list[Path] = []
    for each in given:
        if each.is_dir():
            with naming_os_errors(str(each), of="folder"):
                found += sorted(inner for inner in each.iterdir() if inner.is_file())
        elif each.is_file():
            found.append(each)
        else:
            raise UnusableFolderError(f"{each}: there is no such file.")
    return [each for each in found if not _is_result(each.name)]


def fill(folder: Path, files: Iterable[Path] | None) -> None:
    """Copy ``files`` into the folder, or write the sample bills where None are given.

    A name that is taken gets " (2)" and so on. Raises the named errors of a file or folder.
    """
    if files is None:
        # It brings PDF and pictures along, which no other command should wait for.
        from agent.files.samples import write_sample_bills  # noqa: PLC0415 - see above

        with naming_os_errors(str(folder), of="folder", writing=True):
            write_sample_bills(folder)
        return
    taken: set[str] = set()
    for file in files:
        name = next(each for each in _names(file.name) if _comparable(each) not in taken)
        taken.add(_comparable(name))
        # Only the content and the time: the copy of a write-protected file must be removable.
        with naming_os_errors(str(file), of="file"):
            status = file.stat()
            shutil.copyfile(file, folder / name)
            os.utime(folder / name, ns=(status.st_atime_ns, status.st_mtime_ns))


def bills_in(folder: Path) -> list[Path]:
    """Return the files that the agent takes for bills."""
    return _of_sort(folder, Sort.CANDIDATE)


def not_read_in(folder: Path) -> list[Path]:
    """Return the documents of kinds that Nectar does not read."""
    return _of_sort(folder, Sort.UNSUPPORTED)


def _of_sort(folder: Path, sort: Sort) -> list[Path]:
    return sorted(each for each in folder.iterdir() if RULES.sort(each.name) is sort)


def _is_result(name: str) -> bool:
    bill = name[: -len(RESULT_ENDING)]
    return name.lower().endswith(RESULT_ENDING) and RULES.sort(bill) is Sort.CANDIDATE


def _names(name: str) -> Iterator[str]:
    yield name
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    number = 2
    while True:
        yield f"{stem} ({number}){ending}"
        number += 1


def _comparable(name: str) -> str:
    """Return what names have in common that some disk takes for the same."""
    return unicodedata.normalize("NFC", name).casefold()
