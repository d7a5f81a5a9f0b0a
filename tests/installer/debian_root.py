"""A fresh Debian that is booted in a container, and a user in it: where the package is tried."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

USER = "tester"
HOME = f"home/{USER}"
_PATIENCE_SECONDS = 120.0
_PACKAGES = "ca-certificates,systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd"
_ENVIRONMENT = (
    "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
)
# Mounts, homes, and what dpkg and systemd keep for themselves.
_NOT_COMPARED = {
    *("proc", "dev", "sys", "run", "tmp", "home", "root"),
    *("var/lib/dpkg", "var/lib/systemd", "var/log", "var/cache", "var/tmp"),
}


class DebianRoot:
    """The system whose root lies at ``path``; it runs while the block lasts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._processes: list[subprocess.Popen[str]] = []

    @staticmethod
    def begin(path: Path) -> subprocess.Popen[str]:
        """Start making one; it takes half a minute, most of it waiting."""
        return subprocess.Popen(
            ("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        # Its network is this machine's loopback.
        boot = ("systemd-nspawn", "--register=no", "--keep-unit", "--boot", "--quiet")
        self._container = subprocess.Popen(
            (*boot, f"--directory={self.path}"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(self._container)
        children = Path(f"/proc/{self._container.pid}/task/{self._container.pid}/children")
        self.until(lambda: children.read_text("utf-8").strip() != "")
        self._leader = children.read_text("utf-8").split()[0]
        try:
            self.until(lambda: self.start("test", "-S", "/run/dbus/system_bus_socket").wait() == 0)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # The container's first process takes all others in it along.
        with suppress(ProcessLookupError):
            os.kill(int(self._leader), signal.SIGKILL)
        for process in self._processes:
            process.kill()
            process.communicate()

    def until(self, is_so: object) -> None:
        """Wait until something is so."""
        assert callable(is_so)
        ends = time.monotonic() + _PATIENCE_SECONDS
        while not is_so():
            assert self._container.poll() is None, "the container has ended"
            assert time.monotonic() < ends, "it never became so"
            time.sleep(0.1)

    def start(
        self, *command: str, user: str = "root", environ: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command inside."""
        become: tuple[str, ...] = ()
        if user != "root":
            number = self.run("id", "--user", user).stdout.strip()
            as_user = (f"--reuid={user}", f"--regid={user}", "--init-groups")
            there = (f"HOME=/home/{user}", f"XDG_RUNTIME_DIR=/run/user/{number}")
            become = ("setpriv", *as_user, "env", f"--chdir=/home/{user}", *there)
        more = (f"{name}={value}" for name, value in (environ or {}).items())
        enter = ("nsenter", f"--target={self._leader}", "--mount", "--pid", "--uts", "--ipc")
        process = subprocess.Popen(
            (*enter, "env", "--ignore-environment", *_ENVIRONMENT, *more, *become, *command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def run(
        self, *command: str, user: str = "root", code: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside to its end, and expect its exit code."""
        process = self.start(*command, user=user)
        out, err = process.communicate(timeout=_PATIENCE_SECONDS)
        assert process.returncode == code, f"{command}: {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def write(self, place: str, content: str | bytes, *, user: str = "root") -> Path:
        """Write a file inside, which only its user may read where that is not root."""
        path = self.path / place
        self.run("mkdir", "--parents", f"/{path.parent.relative_to(self.path)}", user=user)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if user != "root":
            path.chmod(0o600)
            self.run("chown", f"{user}:{user}", f"/{place}")
        return path

    def files(self) -> set[str]:
        """Return all that lies in the root, but for what belongs to no package."""
        found: set[str] = set()
        for folder, folders, names in os.walk(self.path):
            here = Path(folder).relative_to(self.path)
            folders[:] = [name for name in folders if str(here / name) not in _NOT_COMPARED]
            found.update(str(here / name) for name in (*folders, *names))
        return found


def why_not_here() -> str | None:
    """Return why no system can be made on this machine, None where it can."""
    if "SLOW_TESTS" not in os.environ:
        return "two minutes; set SLOW_TESTS to run it"
    needed = ("debootstrap", "systemd-nspawn", "dpkg-deb", "readelf", "strip", "dbus-daemon")
    missing = [tool for tool in needed if shutil.which(tool) is None]
    if missing:
        return f"this machine has no {', '.join(missing)}"
    return None if os.geteuid() == 0 else "needs root, as debootstrap does"
