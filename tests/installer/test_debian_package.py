"""The Debian package from its source to its removal, in a fresh Debian."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

if sys.platform != "linux":
    pytest.skip("only where Debian is", allow_module_level=True)

from debian_root import USER, DebianRoot, why_not_here

from agent import __version__

REPOSITORY = Path(__file__).parents[2]
KEY = "invented-key-of-the-package"
HIGHER = "9.0-1"
SETTINGS = "/etc/xdg/nectar-bill-agent/config.toml"
PROGRAM = "/usr/lib/nectar-bill-agent"
WHY_NOT = why_not_here()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder on the disk, removed afterwards: the root takes half a gigabyte."""
    folder = REPOSITORY / "build" / "package-test"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.timeout(900)
@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
def test_the_package_lives_and_leaves(place: Path) -> None:
    """It is built, installed, runs, is upgraded keeping settings and store, and goes wholly."""
    making = DebianRoot.begin(place / "root")
    package = _built()
    told, _ = making.communicate()
    if making.returncode:
        pytest.skip(f"no fresh Debian is to be had: {told.strip().splitlines()[-1]}")
    with DebianRoot(place / "root") as root:
        _lives_and_leaves(root, package, place)


def _lives_and_leaves(root: DebianRoot, package: Path, place: Path) -> None:
    root.run("useradd", "--create-home", "--user-group", USER)
    root.run("mkdir", "--parents", "/etc/xdg")  # it is there wherever a desktop is
    before = root.files()

    _install(root, package)
    version = root.run("bill-agent", "--version", user=USER).stdout
    assert version == f"nectar-bill-agent {__version__}\n"
    root.run("test", "-s", "/usr/share/man/man1/bill-agent.1.gz")
    _demo_works(root)

    with _Emulator(root) as nectar:
        _roll_out(root, nectar.address)
        bill = root.path / f"home/{USER}/Bills/Bill.pdf"
        root.run("bill-agent", "once", user=USER)
        result = Path(f"{bill}.json").read_bytes()
        known = _bills(root)
        assert [each["state"] for each in known] == ["done"]

        _install(root, _with_version(package, HIGHER, place))
        assert (
            root.run("dpkg-query", "--show", "--showformat=${Version}", "nectar-bill-agent").stdout
            == HIGHER
        )
        assert not (root.path / PROGRAM[1:] / "_internal/agent/py.typed").exists()
        assert _bills(root) == known
        root.run("bill-agent", "once", user=USER)
        assert Path(f"{bill}.json").read_bytes() == result

        running = root.start("bill-agent", "run", user=USER)
        assert running.stderr is not None
        assert running.stderr.readline() == "ready\n"
        root.run("dpkg", "--remove", "nectar-bill-agent")
        assert running.wait(10.0) == 0

    assert (root.path / SETTINGS[1:]).exists()
    root.run("dpkg", "--purge", "nectar-bill-agent")
    assert root.files() == before
    assert Path(f"{bill}.json").read_bytes() == result
    stores = list((root.path / f"home/{USER}/.local/share").rglob("store.sqlite3"))
    assert len(stores) == 1


def _built() -> Path:
    """Build the package; gzip, for xz takes long and tells nothing more."""
    build = subprocess.run(
        (REPOSITORY / "installer/linux/build", "--compress", "gzip"),
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    return REPOSITORY / build.stdout.splitlines()[-1]


def _install(root: DebianRoot, package: Path) -> None:
    shutil.copy(package, root.path / "home/package.deb")
    root.run("dpkg", "--install", "/home/package.deb")
    assert root.run("dpkg", "--audit").stdout == ""
    assert root.run("dpkg", "--verify", "nectar-bill-agent").stdout == ""


def _with_version(package: Path, version: str, place: Path) -> Path:
    """Return the package as another version, without one file that the first had."""
    tree, higher = place / "tree", place / "higher.deb"
    subprocess.run(("dpkg-deb", "--raw-extract", package, tree), check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
    (tree / PROGRAM[1:] / "_internal/agent/py.typed").unlink()
    subprocess.run(
        ("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, higher), check=True
    )
    return higher


def _demo_works(root: DebianRoot) -> None:
    """Each bill of the demo gets its JSON: files are opened by processes of the program's own."""
    demo = json.loads(root.run("bill-agent", "demo", "--json", user=USER).stdout)
    assert demo["complete"] is True
    candidates = [Path(each["path"]) for each in demo["bills"]]
    assert len(candidates) > 5
    for path in candidates:
        result = json.loads((root.path / f"{path}.json".lstrip("/")).read_bytes())
        assert result["format"] == "nectar-bill-result/1"
    assert {each["outcome"] for each in demo["bills"]} >= {"processed", "rejected"}


def _roll_out(root: DebianRoot, address: str) -> None:
    """Settings for everybody and a key for the user, as README tells an administrator."""
    root.write(
        SETTINGS,
        f"""
        [nectar]
        base_url = "{address}"
        environment = "sandbox"
        company = "HMF"
        api_key_file = "~/.config/nectar-bill-agent/api-key"
        [[folders]]
        path = "~/Bills"
        site = "PLANT-07"
        [detection]
        quiet_seconds = 0.2
        """,
    )
    root.write(f"/home/{USER}/.config/nectar-bill-agent/api-key", KEY, user=USER)
    demo = next((root.path / f"home/{USER}").glob("bill-agent-demo*"))
    sample = next(path for path in demo.glob("*.pdf") if "Gull Point" in path.name)
    root.write(f"/home/{USER}/Bills/Bill.pdf", sample.read_bytes(), user=USER)


def _bills(root: DebianRoot) -> list[dict[str, Any]]:
    return json.loads(root.run("bill-agent", "bills", "--json", user=USER).stdout)["bills"]


class _Emulator:
    """The packaged program's own stand-in of Nectar, while the block lasts."""

    def __init__(self, root: DebianRoot) -> None:
        self._process = root.start("bill-agent", "emulator", user=USER)

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=10.0)
