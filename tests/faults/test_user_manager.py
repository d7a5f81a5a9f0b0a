"""The service under a real systemd: a system is booted in a container, and lived in for a minute.

The container's root is this machine's own under an overlay in memory, so nothing has to be made or
downloaded, and nothing stays. Its network is this machine's loopback, where the emulator is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from killable_agent import REPOSITORY, bill_pdf

from agent.emulator.behaviour import Behaviour
from agent.emulator.server import EmulatorServer

SECONDS = 300.0
STOP_SECONDS = 3.0
NOT_HERE = 99
NEEDS = ("systemd-nspawn", "unshare", "dbus-daemon", "useradd", "loginctl")

pytestmark = [
    pytest.mark.timeout(SECONDS + 30),
    pytest.mark.skipif("SLOW_TESTS" not in os.environ, reason="a minute; set SLOW_TESTS to run it"),
]

# In a mount namespace of its own: what is mounted here goes with it.
BOOT = """
set -eu
mount -t tmpfs tmpfs "$PLACE/root"
cd "$PLACE/root"
mkdir upper work merged
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work merged || exit 99
cd merged
rm -rf etc/systemd/system/*.wants etc/systemd/user/*.wants home/tester
sed -i /^tester:/d etc/passwd etc/group
folder=$BASE
while [ "$folder" != / ]; do chmod a+rx ".$folder"; folder=$(dirname "$folder"); done
mkdir -p opt/agent/out opt/agent/repository opt/agent/packages
cat >etc/systemd/system/inside.service <<END
[Unit]
Wants=dbus.service systemd-logind.service
After=basic.target dbus.service systemd-logind.service
[Service]
ExecStart=$BASE_PYTHON /opt/agent/repository/tests/faults/inside_user_manager.py /opt/agent/out
END
exec systemd-nspawn --register=no --keep-unit --directory=. --boot --quiet \
  --bind="$PLACE/out:/opt/agent/out" --bind-ro="$REPOSITORY:/opt/agent/repository" \
  --bind-ro="$PACKAGES:/opt/agent/packages" systemd.unit=inside.service
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was found in the container."""
    lacking = [tool for tool in NEEDS if shutil.which(tool) is None]
    if sys.platform != "linux" or os.geteuid() != 0 or lacking:
        pytest.skip(f"needs Linux, root and {', '.join(lacking or NEEDS)}")
    place = tmp_path_factory.mktemp("container")
    (place / "root").mkdir()
    (place / "out/bills").mkdir(parents=True)
    for number, name in enumerate(("one.pdf", "two.pdf")):
        (place / "out/bills" / name).write_bytes(bill_pdf(number))
    base = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    with EmulatorServer(Behaviour(processing_seconds=0.3)) as nectar:
        given = {
            "base_url": nectar.base_url,
            "python": str(base),
            "repository": "/opt/agent/repository",
            "packages": "/opt/agent/packages",
            "bills": "/opt/agent/out/bills",
        }
        (place / "out/given.json").write_text(json.dumps(given), "utf-8")
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", BOOT],
            env=os.environ
            | {
                "PLACE": str(place),
                "BASE": sys.base_prefix,
                "BASE_PYTHON": str(base),
                "REPOSITORY": str(REPOSITORY),
                "PACKAGES": sysconfig.get_path("purelib"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if done.returncode == NOT_HERE:
        pytest.skip(f"no overlay can be mounted here: {done.stderr}")
    found = place / "out/facts.json"
    assert found.exists(), (done.stdout + done.stderr)[-3000:]
    return dict(json.loads(found.read_text("utf-8")))


def is_failed_for_good(shown: dict[str, str]) -> bool:
    """Whether the manager has given up on a service that ended with 78, at the first time."""
    return (shown["ActiveState"], shown["ExecMainStatus"], shown["NRestarts"]) == (
        *("failed", "78"),
        "0",
    )


def test_the_service_lives_under_systemd(facts: dict[str, Any]) -> None:
    """Installed, started, fed, killed, hung, stopped, misconfigured, at login, uninstalled."""
    assert "failure" not in facts, facts["failure"]

    code, said = facts["installed without configuration"]
    assert (code, "bill-agent init" in said) == (0, True)
    assert is_failed_for_good(facts["without configuration"])
    assert facts["without configuration"]["UnitFileState"] == "enabled"
    assert facts["started"] == [0, "The service is started.\n"]
    assert facts["running"]["SubState"] == "running"

    assert facts["installed anew"][0] == 0
    assert facts["verified"] == [0, ""]
    told = facts["status"]
    assert (told["manager"], told["presence"], told["startsAtLogin"]) == (
        "systemd",
        "running",
        True,
    )
    assert told["detail"].startswith("Lingering is on")
    assert facts["fed"] == [True, "0"]
    code, said = facts["second instance"]
    assert (code, f"process {facts['pid']} since 20" in said) == (1, True)
    for number, after in enumerate(("after SIGKILL", "after SIGSTOP"), start=1):
        assert (facts[after]["SubState"], facts[after]["NRestarts"]) == ("running", str(number))

    assert facts["stopped"] == [0, "The service is stopped.\n"]
    assert facts["stop took"] < STOP_SECONDS
    assert (facts["after stop"]["ActiveState"], facts["after stop"]["Result"]) == (
        *("inactive", "success"),
    )
    assert facts["status after stop"][0] == 4
    for what in ("started beside one by hand", "uninstalled beside one by hand"):
        code, said = facts[what]
        assert (code, "not as this service" in said) == (1, True), what

    code, said = facts["started with mistakes"]
    assert (code, "configuration cannot be used" in said) == (1, True)
    assert is_failed_for_good(facts["with mistakes"])
    assert "configuration cannot be used" in facts["status with mistakes"][1]
    assert facts["installed with mistakes"][0] == 78
    assert facts["after login"]["SubState"] == "running"


def test_uninstalling_leaves_what_is_the_users(facts: dict[str, Any]) -> None:
    """Settings, key, store, results and marks stay; with --purge settings, key file and results."""
    assert "failure" not in facts, facts["failure"]
    assert facts["uninstalled"][0] == facts["purged"][0] == 0
    assert facts["status after"][0] == 4
    users = {
        *facts["files before"],
        *(f"Bills/{name}" for name in ("one.pdf", "one.pdf.json", "two.pdf", "two.pdf.json")),
        ".config/nectar-bill-agent/config.toml",
        facts["config"],
        "nectar.key",
    }
    data = ".local/share/nectar-bill-agent/"
    agents = {"Bills/.nectar-bill-agent", f"{data}store.sqlite3", f"{data}logs/bill-agent.log"}
    lock = f"{data}bill-agent.lock"
    assert set(facts["files after"]) - {lock} == users | agents
    assert set(facts["files after purge"]) == users


def test_a_packages_service_can_be_refused(facts: dict[str, Any]) -> None:
    """Enabled for everybody, it starts for one user until told not to, or uninstalled."""
    assert "failure" not in facts, facts["failure"]
    assert facts["everybody's, at login"] == ["active", True, []]
    state, at_login, files = facts["everybody's, not wanted"]
    assert (state, at_login) == ("inactive", False)
    assert [Path(path).name for path in files] == [
        *("nectar-bill-agent.service", "nectar-bill-agent-tray.desktop"),
    ]
    assert facts["everybody's, wanted"][:2] == ["active", True]
    code, said = facts["everybody's, uninstall"]
    assert (code, "for you it is stopped" in said) == (0, True)
    assert facts["everybody's, uninstalled"][:2] == ["inactive", False]


def test_the_journal_tells_no_secret_and_no_bills_path(facts: dict[str, Any]) -> None:
    """What systemd keeps of the service's words: states of bills, without key or whole path."""
    assert "failure" not in facts, facts["failure"]
    assert "done …/Bills/one.pdf" in facts["journal"]
    assert facts["key"] not in facts["journal"]
    assert "/home/tester/Bills" not in facts["journal"]
