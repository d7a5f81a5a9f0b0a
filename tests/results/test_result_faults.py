"""Kills, full disks and folders without permission leave the old result or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.results.beside import remove, write
from agent.results.recognise import sha256_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork, limits and modes")

SCRIPT = Path(__file__).with_name("troubled_writer.py")
OLD = b'"old"' * 20_000


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that every user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def names(folder: Path) -> list[str]:
    """Return the names of all that lies in ``folder``."""
    return sorted(each.name for each in folder.iterdir())


def in_trouble(trouble: str, folder: Path) -> list[str]:
    """Run the writer in this trouble; return what it printed, line by line."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), trouble, str(folder)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_kill_before_any_line_leaves_a_whole_result(tmp_path: Path) -> None:
    """Killed anywhere in the writing: old or new lies there, at most one part, and it heals."""
    (lines,) = in_trouble("killed", tmp_path)
    assert int(lines) > 60


def test_another_program_may_write_at_any_moment(tmp_path: Path) -> None:
    """In an empty place its bytes always stay; in a taken one, but for a last unseen moment."""
    lines, lost, lines_replacing, lost_replacing = map(int, in_trouble("raced", tmp_path))
    assert lines > 50
    assert lost == 0
    assert lines_replacing > 50
    # Between reading what lies there and renaming over it nothing can look: a few lines of ours.
    assert lost_replacing <= 12


def test_a_disk_that_takes_no_more_leaves_the_old_result(tmp_path: Path) -> None:
    """When the part cannot be written whole, it is removed and nothing else has changed."""
    (tmp_path / "Old.pdf.json").write_bytes(OLD)
    assert len(in_trouble("full", tmp_path)) == 2
    assert names(tmp_path) == ["Old.pdf.json"]
    assert (tmp_path / "Old.pdf.json").read_bytes() == OLD


def test_a_folder_without_permission_is_named(open_folder: Path) -> None:
    """Where this user may not write, the folder needs attention, and the old result stays."""
    (open_folder / "Old.pdf.json").write_bytes(OLD)
    open_folder.chmod(0o555)
    assert in_trouble("powerless", open_folder) == ["folder-not-writable"] * 2
    open_folder.chmod(0o755)
    assert names(open_folder) == ["Old.pdf.json"]


def test_a_file_that_may_not_be_read_is_foreign(open_folder: Path) -> None:
    """What this user may not even read is none of ours, and no trouble of the folder."""
    (open_folder / "Bill.pdf.json").write_bytes(OLD)
    (open_folder / "Bill.pdf.json").chmod(0)
    assert in_trouble("blind", open_folder) == ["foreign"]


def test_a_result_that_cannot_be_replaced_is_no_trouble_of_the_folder(
    open_folder: Path,
) -> None:
    """In a folder where one may only remove one's own, another user's result is named itself."""
    if os.geteuid() != 0:
        pytest.skip("needs two users")
    open_folder.chmod(0o1777)
    (open_folder / "Old.pdf.json").write_bytes(OLD)
    assert in_trouble("powerless", open_folder) == ["result-in-use"]
    assert (open_folder / "Old.pdf.json").read_bytes() == OLD
    assert names(open_folder) == ["New.pdf.json", "Old.pdf.json"]


def test_writing_after_the_trouble_is_over_succeeds(tmp_path: Path) -> None:
    """The next try needs nothing put right by hand."""
    (tmp_path / "Old.pdf.json").write_bytes(OLD)
    in_trouble("full", tmp_path)
    write(str(tmp_path / "Old.pdf"), b"{}", sha256_of(OLD))
    assert (tmp_path / "Old.pdf.json").read_bytes() == b"{}"
    assert remove(str(tmp_path / "Old.pdf"), sha256_of(b"{}"))
