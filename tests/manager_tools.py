"""`systemctl`, `launchctl` and `schtasks` as small programs that keep jobs and note each call.

They do what the agent relies on: a job that is loaded can be printed, one that runs says so, one
that ends takes its time. What the test wants them to refuse stands in files of their folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# A first line that names Python itself may hold no blank, as the path of a clone may: sh reads the
# second and third line as a command, Python as a text.
_BEGIN = """#!/bin/sh
'''exec' "{python}" -ISs "$0" "$@"
' '''
import json, pathlib, sys
place = pathlib.Path({place!r})
words = sys.argv[1:]
with open(place / "calls", "a") as calls:
    calls.write(json.dumps([{name!r}, *words]) + "\\n")
refused = (place / "refused").read_text().split() if (place / "refused").exists() else []
if any(word in refused for word in words):
    sys.exit("refused: " + " ".join(words))
def job(name):
    return place / (name.replace("/", "_").replace(chr(92), "_") + ".job")
"""

_SYSTEMCTL = """
import os
if "--property=Version" in words:
    sys.exit(0 if not (place / "no-manager").exists() else "Failed to connect to bus")
unit = pathlib.Path(os.environ["XDG_CONFIG_HOME"], "systemd/user", words[2]) if words[2:] else None
state = job("unit")
match words[1]:
    case "start" | "restart":
        if (place / "unusable").exists():
            state.write_text("78")
            sys.exit("Job for the unit failed")
        state.write_text("active")
    case "stop":
        state.unlink(missing_ok=True)
    case "show":
        now = state.read_text() if state.exists() else ""
        print("LoadState=" + ("loaded" if unit.exists() else "not-found"))
        print("ActiveState=" + {"active": "active", "78": "failed"}.get(now, "inactive"))
        print("ExecMainStatus=" + ("78" if now == "78" else "0"))
"""

_LAUNCHCTL = """
import plistlib
match words:
    case ["bootstrap", domain, path]:
        label = plistlib.loads(pathlib.Path(path).read_bytes())["Label"]
        if (place / "still-ending").exists():
            (place / "still-ending").unlink()
            print("Bootstrap failed: 5: Input/output error", file=sys.stderr)
            sys.exit(5)
        job(label).write_text("running")
    case ["bootout", target]:
        job(target.rpartition("/")[2]).write_text("ends")
    case ["kickstart", target]:
        job(target.rpartition("/")[2]).write_text("running")
    case ["print", target]:
        found = job(target.rpartition("/")[2])
        now = found.read_text() if found.exists() else None
        if now is None:
            sys.exit(113)
        if now == "ends":
            found.unlink()
        print("state = " + ("running" if now == "running" else "not running"))
"""

_SCHTASKS = """
options = dict(zip(words, words[1:] + [""]))
task = job(options["/tn"])
state, disabled = task.with_suffix(".state"), task.with_suffix(".disabled")
is_running = state.exists()
match words[0]:
    case "/create":
        task.write_bytes(pathlib.Path(options["/xml"]).read_bytes())
        disabled.unlink(missing_ok=True)
    case "/query" if not task.exists():
        sys.exit("ERROR: The system cannot find the file specified.")
    case "/query" if "/xml" in words:
        text = task.read_bytes().decode("utf-16")
        if disabled.exists():
            text = text.replace("<Enabled>true</Enabled>", "<Enabled>false</Enabled>")
        print(text)
    case "/query":
        result = "267009" if is_running else "0"
        row = ["PC", options["/tn"], "N/A", "l\\u00e4uft", "", "", result, "me"]
        sys.stdout.buffer.write((",".join(f'"{each}"' for each in row) + "\\r\\n").encode("cp850"))
    case "/run" if not disabled.exists():
        state.touch()
    case "/end":
        state.unlink()
    case "/change":
        disabled.touch() if "/disable" in words else disabled.unlink(missing_ok=True)
    case "/delete":
        for each in (task, state, disabled):
            each.unlink(missing_ok=True)
"""
_TOOLS = {"systemctl": _SYSTEMCTL, "launchctl": _LAUNCHCTL, "schtasks": _SCHTASKS}


class ManagerTools:
    """The tools in a folder for PATH, and what they were called with."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        for name, body in _TOOLS.items():
            begin = _BEGIN.format(python=sys.executable, place=str(place), name=name)
            (place / name).write_text(begin + body, "utf-8")
            (place / name).chmod(0o755)

    def calls(self) -> list[str]:
        """Return each call in one line."""
        path = self.place / "calls"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [" ".join(json.loads(line)) for line in lines]

    def acts(self) -> list[str]:
        """Return the calls that change something."""
        looks = (" show ", " print ", "/query")
        return [call for call in self.calls() if not any(look in call for look in looks)]

    def forget(self) -> None:
        """Forget the calls so far."""
        (self.place / "calls").unlink(missing_ok=True)

    def refuse(self, *words: str) -> None:
        """Let every call with one of these words fail from now on."""
        (self.place / "refused").write_text(" ".join(words), "utf-8")

    def say(self, name: str) -> None:
        """Let something be so: ``no-manager``, ``unusable``, ``still-ending``."""
        (self.place / name).touch()

    def task(self, name: str) -> bytes:
        """Return a task of Windows as it was given."""
        return (self.place / f"{name}.job").read_bytes()
