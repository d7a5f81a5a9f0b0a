"""What the packages are built from: every library named, with its hashes, and from no place."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "installer/requirements"
SYSTEMS = {"linux": "linux", "windows": "win32", "macos": "darwin"}
"""What Python calls each system."""
_ONE = re.compile(
    r"(?m)^([a-z0-9][a-z0-9.-]*)==(\S+) \\$((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?$)+)"
)


def pinned(system: str) -> dict[str, str]:
    """Return the version of each library for one system."""
    text = (FOLDER / f"{system}.txt").read_text("utf-8")
    return {match[1]: match[2] for match in _ONE.finditer(text)}


def wanted(system: str) -> set[str]:
    """Return the names in pyproject.toml for a system, and of what the packages are built with."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(FOLDER / "build.in").read_text("utf-8").splitlines()]
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    where = {"sys_platform": SYSTEMS[system]}
    return {each.name for each in requirements if not each.marker or each.marker.evaluate(where)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_dependency_is_pinned(system: str) -> None:
    """A dependency that pyproject.toml names is in the package for each system."""
    assert wanted(system) - pinned(system).keys() == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_but_names_versions_and_hashes(system: str) -> None:
    """Every library has a hash; no address, no host and no path stands there."""
    text = (FOLDER / f"{system}.txt").read_text("utf-8")
    first, rest = text.split("\n", 1)
    assert first == "# Written by installer/requirements/update."
    assert _ONE.sub("", rest).strip() == ""


def test_the_libraries_are_those_of_the_system() -> None:
    """Each system gets the libraries that open its key store and its tray."""
    assert {"secretstorage", "dbus-fast"} <= pinned("linux").keys()
    assert "pywin32-ctypes" in pinned("windows")
    assert "pyobjc-framework-cocoa" in pinned("macos")


@pytest.mark.skipif(sys.platform == "win32", reason="a script for a shell")
def test_the_script_that_writes_them_names_no_place() -> None:
    """The package index is the builder's own."""
    script = (FOLDER / "update").read_text("utf-8")
    assert "://" not in script
    assert "--no-emit-index-url" in script
