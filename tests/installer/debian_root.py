"""A fresh Debian in a folder, and a user in it: where the package is tried."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

USER = "tester"
_PATIENCE_SECONDS = 120.0
# Mounts end with this process. All commands share them, or they would not see where each other's
# programs lie.
_HOLD = 'mount -t proc proc "$0/proc"; echo; exec sleep infinity'
_PATH = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What dpkg and adduser keep for themselves, and what belongs to nobody's package.
_NOT_COMPARED = ("proc", "dev", "sys", "run", "tmp", "home", "var/lib/dpkg", "var/log", "var/cache")


class DebianRoot:
    """A root file system at ``path``, to be used while the block lasts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        hold = ("unshare", "--mount", "bash", "-ec", _HOLD, self.path)
        self._holder = subprocess.Popen(hold, stdout=subprocess.PIPE, text=True)
        self._processes.append(self._holder)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "\n"
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    @staticmethod
    def begin(path: Path) -> subprocess.Popen[str]:
        """Start making one; it takes half a minute, most of it waiting."""
        return subprocess.Popen(
            ("debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self, *command: str, user: str = "root") -> subprocess.Popen[str]:
        """Start a command inside; its process is the command itself."""
        become = ()
        if user != "root":
            as_user = (f"--reuid={user}", f"--regid={user}", "--init-groups")
            become = ("setpriv", *as_user, "env", "-C", f"/home/{user}", f"HOME=/home/{user}")
        enter = ("nsenter", f"--target={self._holder.pid}", "--mount", "env", "-i", _PATH)
        process = subprocess.Popen(
            (*enter, "LANG=C.UTF-8", "chroot", self.path, *become, *command),
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
        """Write a file inside that only ``user`` may read, unless it is root's."""
        path = self.path / place.lstrip("/")
        self.run("mkdir", "--parents", f"/{path.parent.relative_to(self.path)}", user=user)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if user != "root":
            path.chmod(0o600)
            self.run("chown", f"{user}:{user}", f"/{path.relative_to(self.path)}")
        return path

    def files(self) -> set[str]:
        """Return all that lies in the root, but for what is nobody's package."""
        found: set[str] = set()
        for folder, folders, names in os.walk(self.path):
            here = Path(folder).relative_to(self.path)
            folders[:] = [name for name in folders if str(here / name) not in _NOT_COMPARED]
            found.update(str(here / name) for name in (*folders, *names))
        return found


def why_not_here() -> str | None:
    """Return why no root can be made on this machine, None where it can."""
    if "SLOW_TESTS" not in os.environ:
        return "two minutes; set SLOW_TESTS to run it"
    needed = ("debootstrap", "dpkg-deb", "readelf", "strip", "unshare", "nsenter", "setpriv")
    missing = [tool for tool in needed if shutil.which(tool) is None]
    if missing:
        return f"this machine has no {', '.join(missing)}"
    return None if os.geteuid() == 0 else "needs root, as debootstrap does"
