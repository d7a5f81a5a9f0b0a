"""Paths as people write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.paths import PathMistakeError, contains, expand, unexpandable


def absolute(path: str) -> str:
    """Return ``path`` with this system's separators, and a drive where it has them."""
    return str(Path(path).absolute())


HOME = absolute("/home/mara")
FOLDER = absolute("/etc/agent")
ENVIRON = {"HOME": HOME, "USERPROFILE": HOME, "SHARE": "/mnt/share", "EMPTY": ""}


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        ("/bills", "/bills"),
        ("/bills/./a/../b//", "/bills/b"),
        ("~", "/home/mara"),
        ("~/Bills", "/home/mara/Bills"),
        ("Bills", "/etc/agent/Bills"),
        ("../Bills", "/etc/Bills"),
        ("$SHARE/a", "/mnt/share/a"),
        ("${SHARE}/a", "/mnt/share/a"),
        ("%SHARE%/a", "/mnt/share/a"),
        ("%share%/a", "/mnt/share/a"),
        ("/a/b$/c", "/a/b$/c"),
        ("/a/$5 off", "/a/$5 off"),
        ("/a/100% green", "/a/100% green"),
        ("/a/$$SHARE", "/a/$SHARE"),
        ("/a/%%SHARE%%", "/a/%SHARE%"),
    ],
)
def test_path_is_expanded_to_an_absolute_one(written: str, expanded: str) -> None:
    """Home, variables in each system's spelling, and paths relative to the file."""
    assert expand(written, ENVIRON, FOLDER) == absolute(expanded)


@pytest.mark.parametrize("written", ["$NOPE/a", "${NOPE}/a", "%NOPE%/a", "$share/a", "$EMPTY/a"])
def test_unset_variable_is_named(written: str) -> None:
    """An empty or missing variable would make a path nobody meant."""
    with pytest.raises(PathMistakeError, match=r"variable (NOPE|share|EMPTY) is not set"):
        expand(written, ENVIRON, FOLDER)


def test_home_of_nobody_is_a_mistake() -> None:
    """A home folder that the system does not know is not taken for a name."""
    with pytest.raises(PathMistakeError, match="~no-such-user is nobody's home folder"):
        expand("~no-such-user/Bills", ENVIRON, FOLDER)


@given(st.text(st.sampled_from("ab$%{}()_/HOME"), min_size=1, max_size=12))
def test_unexpandable_spelling_means_the_same_path(path: str) -> None:
    """A path that is written for someone is read back as it was, signs and all."""
    expanded = os.path.normpath(absolute(f"/x/{path}"))
    assert expand(unexpandable(expanded), {}, FOLDER) == expanded


def test_contains_goes_by_whole_names() -> None:
    """A folder contains itself and what is below, not what merely begins alike."""
    assert contains(absolute("/a"), absolute("/a"))
    assert contains(absolute("/a"), absolute("/a/b/c"))
    assert contains(absolute("/"), absolute("/a"))
    assert not contains(absolute("/a"), absolute("/ab"))
    assert not contains(absolute("/a/b"), absolute("/a"))
