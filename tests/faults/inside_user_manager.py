"""What is done with the service inside a booted system, as root and as a user; see beside this.

Run by ``test_user_manager.py``; the facts that it finds go into a file as JSON.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

UNIT = "nectar-bill-agent.service"
USER = "tester"
HOME = Path("/home", USER)
ODD = "it's 100% $HOME"
"""A name that units, shells and desktop entries each take for something else."""
DROP_IN = "[Service]\nRestartSec=1\nWatchdogSec=6\n"
SECONDS = 60.0

facts: dict[str, Any] = {}


class Machine:
    """The booted system, one user on it, and the agent in a virtual environment of the user's."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = given
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", USER], check=True)
        subprocess.run(["loginctl", "enable-linger", USER], check=True)
        self.uid = pwd.getpwnam(USER).pw_uid
        self.runtime = Path("/run/user", str(self.uid))
        wait((self.runtime / "bus").exists, "the user's manager")
        venv = HOME / ODD / "venv"
        self.as_user(given["python"], "-m", "venv", "--without-pip", str(venv), check=True)
        self.python = venv / "bin/python"
        (packages,) = venv.glob("lib/python*/site-packages")
        (packages / "agent.pth").write_text(f"{given['repository']}\n{given['packages']}\n")
        drop_in = HOME / f".config/systemd/user/{UNIT}.d/quick.conf"
        self.as_user("mkdir", "-p", str(drop_in.parent), check=True)
        drop_in.write_text(DROP_IN)
        self.config: Path | None = None

    def as_user(
        self, *command: str, check: bool = False, seconds: float = SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the user."""
        return subprocess.run(
            command,
            **self.user(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=check,
        )

    def user(self) -> dict[str, Any]:
        """Return what makes a process one of the user's."""
        environ = {
            "HOME": str(HOME),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "USER": USER,
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        return {"user": USER, "group": USER, "extra_groups": [], "env": environ, "cwd": HOME}

    def command(self, *arguments: str) -> list[str]:
        """Return what runs `bill-agent`."""
        config = ["--config", str(self.config)] if self.config is not None else []
        return [str(self.python), "-m", "agent", *arguments, *config]

    def agent(self, *arguments: str) -> list[Any]:
        """Run `bill-agent` and return its exit code and what it said."""
        done = self.as_user(*self.command(*arguments))
        return [done.returncode, done.stdout + done.stderr]

    def shown(self) -> dict[str, str]:
        """Return what the manager tells of the unit."""
        names = "ActiveState,SubState,ExecMainStatus,MainPID,NRestarts,Result,UnitFileState"
        said = self.as_user("systemctl", "--user", "show", UNIT, f"--property={names}", check=True)
        return dict(line.split("=", 1) for line in said.stdout.splitlines())

    def write_config(self, path: Path, *, is_broken: bool = False) -> None:
        """Write the user's configuration."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'[nectar]\nbase_url = "{self.given["base_url"]}"\nenvironment = "sandbox"\n'
            f'company = "HMF"\napi_key_file = "{HOME}/nectar.key"\n'
            f'[[folders]]\npath = "{HOME}/Bills"\nsite = "PLANT-07"\n'
            '[detection]\nquiet_seconds = 1.0\nexisting = "all"\n' + "broken = \n" * is_broken
        )
        self.own(path)

    def log_in(self) -> None:
        """End all that is the user's, and begin anew."""
        subprocess.run(["systemctl", "restart", f"user@{self.uid}"], check=True)
        wait((self.runtime / "bus").exists, "the user's manager")
        self.as_user("systemctl", "--user", "is-system-running", "--wait")

    def own(self, path: Path) -> None:
        """Let the user own what root has put into the home."""
        subprocess.run(["chown", "-R", f"{USER}:", str(path)], check=True)

    def pid(self) -> int:
        """Return the service's process."""
        return int(self.shown()["MainPID"])

    def has_other_process(self, pid: int) -> bool:
        """Whether the service runs in another process than this."""
        return self.pid() not in (0, pid)

    def drop(self, name: str) -> None:
        """Put a bill into the folder and wait for its result."""
        bill = HOME / "Bills" / name
        bill.write_bytes(Path(self.given["bills"], name).read_bytes())
        self.own(bill)
        wait(lambda: bill.with_name(f"{name}.json").exists(), f"the result of {name}")

    def files(self) -> list[str]:
        """Return every file in the home that is not the program or a cache."""
        return sorted(
            str(path.relative_to(HOME))
            for path in HOME.rglob("*")
            if not path.is_dir() and path.relative_to(HOME).parts[0] not in {ODD, ".cache"}
        )


def wait(holds: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def live(machine: Machine) -> None:
    """Take the service through its life."""
    facts["files before"] = machine.files()
    facts["installed without configuration"] = machine.agent("service", "install")
    time.sleep(3.0)  # three times as long as it waits before it starts something anew
    facts["without configuration"] = machine.shown()

    (HOME / "Bills").mkdir()
    facts["key"] = "a-key-of-the-container"
    (HOME / "nectar.key").write_text(facts["key"])
    (HOME / "nectar.key").chmod(0o600)
    machine.own(HOME / "Bills")
    machine.own(HOME / "nectar.key")
    machine.write_config(HOME / ".config/nectar-bill-agent/config.toml")
    machine.own(HOME / ".config")
    facts["started"] = machine.agent("service", "start")
    facts["running"] = machine.shown()
    machine.drop("one.pdf")

    facts["config"] = f"{ODD}.toml"
    machine.config = HOME / f"{ODD}.toml"
    machine.write_config(machine.config)
    facts["installed anew"] = machine.agent("service", "install")
    facts["status"] = json.loads(machine.agent("service", "status", "--json")[1])
    unit = HOME / ".config/systemd/user" / UNIT
    verify = ("systemd-analyze", "verify", "--user", "--man=no", "--recursive-errors=one")
    verified = machine.as_user(*verify, str(unit))
    facts["verified"] = [verified.returncode, verified.stdout + verified.stderr]
    began, pid = time.monotonic(), machine.pid()
    machine.drop("two.pdf")
    facts["second instance"] = machine.agent("run")
    facts["pid"] = pid
    time.sleep(max(0.0, 8.0 - (time.monotonic() - began)))  # more than the watchdog has patience
    facts["fed"] = [machine.pid() == pid, machine.shown()["NRestarts"]]

    for number in (signal.SIGKILL, signal.SIGSTOP):
        pid = machine.pid()
        os.kill(pid, number)
        wait(partial(machine.has_other_process, pid), "a new process")
        wait(lambda: machine.shown()["ActiveState"] == "active", "the service again")
        facts[f"after {number.name}"] = machine.shown()

    began = time.monotonic()
    facts["stopped"] = machine.agent("service", "stop")
    facts["stop took"] = time.monotonic() - began
    facts["after stop"] = machine.shown()
    facts["status after stop"] = machine.agent("service", "status")

    by_hand = subprocess.Popen(machine.command("run"), **machine.user(), stderr=subprocess.PIPE)
    said = by_hand.stderr
    assert said is not None
    wait(lambda: b"ready" in said.readline(), "ready")
    facts["started beside one by hand"] = machine.agent("service", "start")
    facts["uninstalled beside one by hand"] = machine.agent("service", "uninstall")
    by_hand.terminate()
    by_hand.wait(10)

    machine.write_config(machine.config, is_broken=True)
    facts["started with mistakes"] = machine.agent("service", "start")
    time.sleep(3.0)
    facts["with mistakes"] = machine.shown()
    facts["status with mistakes"] = machine.agent("service", "status")
    facts["installed with mistakes"] = machine.agent("service", "install")
    machine.write_config(machine.config)

    text = unit.read_text("utf-8")
    machine.log_in()
    wait(lambda: machine.shown()["ActiveState"] == "active", "the service at login")
    facts["after login"] = machine.shown()

    facts["uninstalled"] = machine.agent("service", "uninstall")
    facts["files after"] = machine.files()
    facts["status after"] = machine.agent("service", "status")
    facts["purged"] = machine.agent("service", "uninstall", "--purge", "--yes")
    facts["files after purge"] = machine.files()
    live_with_everybodys(machine, text)
    subprocess.run(["journalctl", "--sync"], check=False)
    journal = ["journalctl", "-o", "cat", f"_SYSTEMD_USER_UNIT={UNIT}"]
    facts["journal"] = subprocess.run(journal, capture_output=True, text=True, check=False).stdout


def live_with_everybodys(machine: Machine, text: str) -> None:
    """Let a package enable the service and the icon for everybody, and one user refuse them."""
    Path("/etc/systemd/user", UNIT).write_text(text, "utf-8")
    tray = Path("/etc/xdg/autostart/nectar-bill-agent-tray.desktop")
    tray.parent.mkdir(parents=True, exist_ok=True)
    tray.write_text("[Desktop Entry]\nType=Application\n", "utf-8")
    subprocess.run(["systemctl", "--global", "enable", UNIT], check=True)

    def look(name: str) -> None:
        machine.log_in()
        state = machine.shown()["ActiveState"]
        told = json.loads(machine.agent("service", "status", "--json")[1])
        facts[f"everybody's, {name}"] = [state, told["startsAtLogin"], told["files"]]

    look("at login")
    for is_wanted in (False, True):
        code = (
            "import sys; from agent.system.service_manager import launch_of, service_manager; "
            f"service_manager(launch_of(None)).set_start_at_login(is_wanted={is_wanted})"
        )
        machine.as_user(str(machine.python), "-c", code, check=True)
        look("wanted" if is_wanted else "not wanted")
    facts["everybody's, uninstall"] = machine.agent("service", "uninstall")
    look("uninstalled")


def main() -> None:
    """Live, and write down what was found, also where it went wrong."""
    given = json.loads(Path(sys.argv[1], "given.json").read_text("utf-8"))
    try:
        live(Machine(given))
    except BaseException as error:
        facts["failure"] = f"{type(error).__name__}: {error} {getattr(error, 'stderr', '')}"
        raise
    finally:
        Path(sys.argv[1], "facts.json").write_text(json.dumps(facts, indent=1), "utf-8")
        subprocess.run(["systemctl", "exit", "0"], check=False)


if __name__ == "__main__":
    main()
