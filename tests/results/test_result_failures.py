"""An error of the system beside a bill is named by who can heal it, on every system."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from agent.bills.errors import AgentError, NeedsAttention, Transient
from agent.results.failures import met_at_name, met_at_placing, met_at_writing


def error(number: int, windows_number: int | None = None) -> OSError:
    """Return an error as the system raises it; ``windows_number`` as only Windows gives it."""
    raised = OSError(number, "as the system says it")
    if windows_number is not None:
        raised.winerror = windows_number  # type: ignore[attr-defined]  # exists on Windows alone
    return raised


def code(found: AgentError | None) -> str | None:
    """Return the code of a named error."""
    return None if found is None else found.code


@pytest.fixture
def target(tmp_path: Path) -> str:
    """Return a result's place in a folder that is there."""
    return str(tmp_path / "Bill.pdf.json")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (error(errno.ENOENT), None),
        (error(errno.ENOENT, 2), None),
        (error(errno.ENOENT, 3), "name-too-long"),
        (error(errno.ENOENT, 206), "name-too-long"),
        (error(errno.ENAMETOOLONG), "name-too-long"),
        (error(errno.ENOTDIR), "folder-missing"),
        (error(errno.EACCES), "folder-not-readable"),
        (error(errno.ESTALE), "away"),
        (error(errno.ENOENT, 53), "away"),
    ],
)
def test_a_name_that_cannot_be_looked_up(target: str, raised: OSError, expected: str) -> None:
    """Not there, no room for the name, and trouble of the folder are told apart."""
    assert code(met_at_name(raised, target)) == expected


def test_a_name_in_a_folder_that_is_gone(tmp_path: Path) -> None:
    """A missing name means a missing folder where the folder is not there either."""
    found = met_at_name(error(errno.ENOENT), str(tmp_path / "away" / "Bill.pdf.json"))
    assert code(found) == "folder-missing"
    assert found is not None
    assert str(tmp_path / "away") in found.message


@pytest.mark.parametrize(
    ("raised", "expected", "family"),
    [
        (error(errno.ENOSPC), "disk-full", NeedsAttention),
        (error(errno.EDQUOT), "disk-full", NeedsAttention),
        (error(errno.EROFS), "folder-not-writable", NeedsAttention),
        (error(errno.EACCES), "folder-not-writable", NeedsAttention),
        (error(errno.ENAMETOOLONG), "name-too-long", NeedsAttention),
        (error(errno.EACCES, 32), "busy", Transient),
        (error(errno.EIO), "away", Transient),
        (error(errno.ENOENT), "result-not-written", Transient),
        (error(errno.EFBIG), "system-error", Transient),
    ],
)
def test_a_part_that_cannot_be_written(
    target: str, raised: OSError, expected: str, family: type[AgentError]
) -> None:
    """What a person must do something about is told apart from what passes."""
    found = met_at_writing(raised, target)
    assert found.code == expected
    assert isinstance(found, family)


@pytest.mark.parametrize("raised", [error(errno.EACCES, 5), error(errno.EPERM)])
def test_a_result_that_is_open_elsewhere(target: str, raised: OSError) -> None:
    """A refused rename in a folder that was just written to is the result's own trouble."""
    found = met_at_placing(raised, target)
    assert isinstance(found, Transient)
    assert found.code == "result-in-use"
    assert target in found.message
    assert found.advice


def test_other_trouble_while_placing_is_that_of_writing(target: str) -> None:
    """A disk that is full while renaming is full."""
    assert met_at_placing(error(errno.ENOSPC), target).code == "disk-full"
