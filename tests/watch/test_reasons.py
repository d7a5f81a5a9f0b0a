"""Why no events come of a folder is said with a number, or a name, and what can be done."""

from __future__ import annotations

import errno
import sys

import pytest

from agent.watch import reasons
from agent.watch.inotify import limit_reached


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
