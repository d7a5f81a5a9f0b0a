"""Why no events come of a folder is said with a number, or a name, and what can be done."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

import pytest
from other_user import open_folder, without_rights
from watchdog.observers.api import BaseObserver, EventEmitter

from agent.watch import reasons
from agent.watch.inotify import has_room, limit_reached, reader_is_dead
from agent.watch.roots import RootLooks


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")],
)
def test_a_limit_of_linux_is_named_with_its_cure(number: int, words: str) -> None:
    """An administrator can raise it; until then the folder is read."""
    problem = limit_reached(number)
    assert problem is not None
    assert problem.code in reasons.LASTING
    assert words in problem.advice
    if sys.platform == "linux":
        assert any(character.isdigit() for character in problem.message)


@pytest.mark.parametrize("content", [None, b"", b"many\n", b"\xff"])
def test_a_limit_that_is_not_told_is_no_error(tmp_path: Path, content: bytes | None) -> None:
    """In a container that hides the number, the sentence does without it."""
    if content is not None:
        (tmp_path / "max_user_watches").write_bytes(content)
    problem = limit_reached(errno.ENOSPC, tmp_path)
    assert problem is not None
    assert "so many folders" in problem.message


@pytest.mark.parametrize("number", [None, errno.EACCES])
def test_other_errors_are_no_limit(number: int | None) -> None:
    """They have reasons of their own."""
    assert limit_reached(number) is None


def test_a_folder_that_is_not_heard_of_says_since_when() -> None:
    """So that people can tell what changed then."""
    assert "since Monday" in reasons.unheard("Monday").message


@pytest.mark.parametrize(("kind", "words"), [("fuse.x", "by a program"), ("cifs", "network")])
def test_a_share_says_its_kind(kind: str, words: str) -> None:
    """A file system served by a program is not called one on the network."""
    message = reasons.on_share(kind).message
    assert words in message
    assert kind in message


def test_a_dead_reader_is_not_asked_for_room() -> None:
    """It is told of otherwise, and nothing more is watched through it."""
    observer = BaseObserver(EventEmitter)
    observer._inotify_fd = threading.Thread()  # type: ignore[attr-defined]  # as on Linux
    assert reader_is_dead(observer)
    assert has_room(observer)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of folders")
def test_a_root_that_is_closed_to_us_has_no_identity() -> None:
    """It is watched once it is open; the reading says what is wrong with it."""
    with open_folder() as root:
        root.chmod(0o700)
        looks = RootLooks(lambda _: None, patience_seconds=30.0)
        with without_rights():
            found = looks.at([str(root)])
        is_own = os.geteuid() != 0
        assert (found[str(root)].identity is None) != is_own
