"""Every error of the system has a name, sorted by who can heal it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.system.os_errors import (
    BY_WINDOWS_NUMBER,
    Cause,
    cause_of,
    file_error,
    folder_error,
    naming_os_errors,
)

FOLDER = str(Path("bills", "plant"))
FILE = str(Path(FOLDER, "a.pdf"))

EXPECTED: dict[str, tuple[type[AgentError], str]] = {
    "EBUSY": (Transient, "busy"),
    "EAGAIN": (Transient, "busy"),
    "EMFILE": (Transient, "busy"),
    "ESTALE": (Transient, "away"),
    "EIO": (Transient, "away"),
    "ETIMEDOUT": (Transient, "away"),
    "ENODEV": (Transient, "away"),
    "ENOTCONN": (Transient, "away"),
    "EHOSTDOWN": (Transient, "away"),
    "ECONNRESET": (Transient, "away"),
    "ENOENT": (NeedsAttention, "folder-missing"),
    "ENOTDIR": (NeedsAttention, "folder-missing"),
    "EACCES": (NeedsAttention, "folder-not-readable"),
    "EPERM": (NeedsAttention, "folder-not-readable"),
    "EROFS": (NeedsAttention, "folder-not-writable"),
    "ENOSPC": (NeedsAttention, "disk-full"),
    "EDQUOT": (NeedsAttention, "disk-full"),
    "ENAMETOOLONG": (NeedsAttention, "name-too-long"),
    "EINVAL": (Transient, "system-error"),
}


@pytest.mark.parametrize("name", [name for name in EXPECTED if hasattr(errno, name)])
def test_error_of_a_folder_has_its_name(name: str) -> None:
    """Time heals a busy or absent drive; a person heals a missing, locked or full one."""
    number = getattr(errno, name)
    error = folder_error(OSError(number, os.strerror(number)), FOLDER)
    assert (type(error), error.code) == EXPECTED[name]


@pytest.mark.parametrize("number", sorted(errno.errorcode))
@pytest.mark.parametrize("writing", [False, True])
def test_every_number_has_a_name_and_names_the_path(number: int, *, writing: bool) -> None:
    """No error of the system gets through unnamed, and each sentence says where."""
    error = OSError(number, os.strerror(number))
    for named in (
        folder_error(error, FOLDER, writing=writing),
        file_error(error, FILE, writing=writing),
    ):
        assert isinstance(named, Transient | NeedsAttention)
        assert FOLDER in named.message
        assert isinstance(named, Transient) or named.advice


def test_writing_and_reading_ask_for_other_remedies() -> None:
    """A folder that cannot be written, and a file that cannot be read just now."""
    denied = PermissionError(errno.EACCES, "denied")
    gone = FileNotFoundError(errno.ENOENT, "gone")
    assert folder_error(denied, FOLDER, writing=True).code == "folder-not-writable"
    assert file_error(denied, FILE, writing=True).code == "folder-not-writable"
    assert file_error(gone, FILE, writing=True).code == "folder-missing"
    assert isinstance(file_error(denied, FILE), Transient)
    assert file_error(gone, FILE).code == "file-gone"


def test_a_file_in_place_of_a_folder_is_called_so(tmp_path: Path) -> None:
    """A folder that cannot be made because a file has its name: the sentence says what to do."""
    in_place = tmp_path / "data"
    in_place.touch()
    with (
        pytest.raises(NeedsAttention, match="is a file, not a folder") as caught,
        naming_os_errors(str(in_place), of="folder", writing=True),
    ):
        in_place.mkdir()
    assert "configuration" in caught.value.advice


class WindowsError(OSError):
    """An error as Windows has it: its own number beside an errno that folds several into one."""

    def __init__(self, number: int, folded: int) -> None:
        super().__init__(folded, "error")
        self.winerror = number


def test_windows_number_counts_before_the_errno() -> None:
    """A file in use is not "no permission", and a share that is away is not "missing"."""
    assert cause_of(WindowsError(32, errno.EACCES)) is Cause.BUSY
    assert cause_of(WindowsError(53, errno.ENOENT)) is Cause.AWAY
    assert cause_of(WindowsError(5, errno.EACCES)) is Cause.DENIED
    assert cause_of(WindowsError(999_999, errno.ENOSPC)) is Cause.FULL
    assert file_error(WindowsError(362, errno.EINVAL), FILE).code == "waiting-for-cloud"


@pytest.mark.parametrize("number", sorted(BY_WINDOWS_NUMBER))
def test_every_windows_number_has_a_name(number: int) -> None:
    """Each number of the table ends in a named error."""
    assert folder_error(WindowsError(number, errno.EINVAL), FOLDER).code != "system-error"


def test_context_names_the_error_of_its_block(tmp_path: Path) -> None:
    """What the system says in a block comes out as ours, with the system's as its cause."""
    with (
        pytest.raises(NeedsAttention) as caught,
        naming_os_errors(str(tmp_path / "x"), of="folder"),
    ):
        os.scandir(tmp_path / "x")
    assert caught.value.code == "folder-missing"
    assert isinstance(caught.value.__cause__, FileNotFoundError)
