"""The Debian package from its source to its removal, in a fresh Debian."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
import trustme

if sys.platform != "linux":
    pytest.skip("only where Debian is", allow_module_level=True)

from debian_root import HOME, USER, DebianRoot, why_not_here

from agent import __version__

REPOSITORY = Path(__file__).parents[2]
KEY = "invented-key-of-the-package"
HIGHER = "9.0-1"
SETTINGS = "etc/xdg/nectar-bill-agent/config.toml"
PROGRAM = "usr/lib/nectar-bill-agent"
UNIT = "nectar-bill-agent.service"
TRAY = "nectar-bill-agent-tray.desktop"
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
def test_the_package_lives_and_leaves(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is built, installed, runs, is upgraded keeping settings and store, and goes wholly."""
    monkeypatch.syspath_prepend(REPOSITORY / "tests/tray")
    from desk import Desk  # noqa: PLC0415 - the desk of the tray's own tests

    making = DebianRoot.begin(place / "root")
    package = _built()
    told, _ = making.communicate()
    if making.returncode:
        pytest.skip(f"no fresh Debian is to be had: {told.strip().splitlines()[-1]}")
    bus = place / "root/bus"  # a short way: the name of a socket has about 100 characters
    bus.mkdir()
    desk = Desk(bus)
    try:
        desk.begin_panel()
        with DebianRoot(place / "root") as root:
            _lives_and_leaves(root, package, place, desk)
    finally:
        desk.end()


def _lives_and_leaves(root: DebianRoot, package: Path, place: Path, desk: Any) -> None:
    root.run("useradd", "--create-home", "--user-group", USER)
    root.run("mkdir", "--parents", "/etc/xdg/autostart")  # it is there wherever a desktop is
    with _Refusing(root) as refusing:
        before = root.files()
        _install(root, package)
        _trusts_the_system(root, refusing.address)
    version = root.run("bill-agent", "--version", user=USER).stdout
    assert version == f"nectar-bill-agent {__version__}\n"
    _demo_works(root)
    _leaves_others_their_libraries(root)

    emulator = root.start("bill-agent", "emulator", user=USER)
    assert emulator.stdout is not None
    _roll_out(root, emulator.stdout.readline().strip())
    result = root.path / HOME / "Bills/Bill.pdf.json"
    root.until(result.exists)
    read = json.loads(result.read_bytes())
    assert read["outcome"] == "processed"
    known = _bills(root)
    assert [each["state"] for each in known] == ["done"]
    first_service = _service(root)
    address = desk.session.address.replace(str(root.path), "")
    root.start("bill-agent", "tray", environ={"DBUS_SESSION_BUS_ADDRESS": address, "HOME": "/root"})
    desk.wait_for_icon()
    # Somebody else's, which no manager keeps; the icon starts such a one.
    root.start("bill-agent", "run", environ={"HOME": "/root"})
    root.until(lambda: _loose_service(root) is not None)
    loose_service = _loose_service(root)

    _install(root, _with_version(package, HIGHER, place))
    asked = ("dpkg-query", "--show", "--showformat=${Version}", "nectar-bill-agent")
    assert root.run(*asked).stdout == HIGHER
    assert not (root.path / PROGRAM / "_internal/agent/py.typed").exists()
    root.until(lambda: len(desk.icons) > 1)  # the tray goes on, as another process
    assert _service(root) not in ("0", first_service)
    root.until(lambda: _loose_service(root) not in (None, loose_service))
    assert _bills(root) == known
    assert json.loads(result.read_bytes()) == read

    root.run("dpkg", "--remove", "nectar-bill-agent")
    assert _service(root) == "0"
    assert emulator.wait(10.0) == 0
    left = root.files() - before
    assert left == {str(Path(SETTINGS).parent), SETTINGS}
    root.run("dpkg", "--purge", "nectar-bill-agent")
    assert root.files() == before
    assert result.exists()
    assert len(list((root.path / HOME / ".local/share").rglob("store.sqlite3"))) == 1


def _built() -> Path:
    """Build the package, not compressed, which would take long and tell nothing more."""
    build = subprocess.run(
        (REPOSITORY / "installer/linux/build", "--compress", "none"),
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
    """Return the package as another version, which lacks one file that the first has."""
    tree, higher = place / "tree", place / "higher.deb"
    subprocess.run(("dpkg-deb", "--raw-extract", package, tree), check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
    (tree / PROGRAM / "_internal/agent/py.typed").unlink()
    build = ("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, higher)
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return higher


class _Refusing:
    """A server that refuses every key, with a certificate of an authority that the root trusts."""

    def __init__(self, root: DebianRoot) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(root.path / "usr/local/share/ca-certificates/house.crt")
        root.run("update-ca-certificates")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusal)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self._server.server_port}/v2.2"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Refusal(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def _trusts_the_system(root: DebianRoot, address: str) -> None:
    """TLS asks this system's own store of certificates: the answer comes, and refuses the key."""
    settings = f"""
        [nectar]
        base_url = "{address}"
        api_key_file = "~/tls-key"
        [[folders]]
        path = "~"
        site = "PLANT-07"
        """
    root.write(f"{HOME}/tls.toml", settings, user=USER)
    root.write(f"{HOME}/tls-key", KEY, user=USER)
    asked = root.run("bill-agent", "sites", "--config", f"/{HOME}/tls.toml", user=USER, code=1)
    assert "answered 401" in asked.stderr, asked.stderr


def _leaves_others_their_libraries(root: DebianRoot) -> None:
    """What the agent starts of the system's does not get the libraries of the package."""
    said = root.path / "home/libraries"
    said.touch()
    said.chmod(0o666)
    script = """#!/bin/sh
        echo "${LD_LIBRARY_PATH-none}" >>/home/libraries
        exec /usr/bin/systemctl "$@"
        """
    tool = root.write("usr/local/bin/systemctl", script)
    tool.chmod(0o755)
    root.run("bill-agent", "service", "status", user=USER, code=4)  # it does not run yet
    tool.unlink()
    assert set(said.read_text("utf-8").split()) == {"none"}


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
    root.write(f"{HOME}/.config/nectar-bill-agent/api-key", KEY, user=USER)
    sample = next((root.path / HOME / "bill-agent-demo").glob("Gull Point*.pdf"))
    root.write(f"{HOME}/Bills/Bill.pdf", sample.read_bytes(), user=USER)
    root.run("systemctl", "--global", "enable", UNIT)
    root.run("ln", "-s", f"/usr/share/applications/{TRAY}", "/etc/xdg/autostart/")
    # In place of a login: the user's systemd starts, and with it the service.
    root.run("loginctl", "enable-linger", USER)


def _service(root: DebianRoot) -> str:
    """Return the number of the service's process, "0" where it does not run."""
    asked = ("systemctl", "--user", "show", "--property=MainPID", "--value", UNIT)
    return root.run(*asked, user=USER).stdout.strip()


def _loose_service(root: DebianRoot) -> int | None:
    """Return the number of the process that serves root, None where none does."""
    asked = root.start("bill-agent", "status", "--json", environ={"HOME": "/root"})
    out, _ = asked.communicate(timeout=60.0)
    service = json.loads(out)["service"]
    return None if service["state"] == "stopped" else int(service["pid"])


def _bills(root: DebianRoot) -> list[dict[str, Any]]:
    return list(json.loads(root.run("bill-agent", "bills", "--json", user=USER).stdout)["bills"])
