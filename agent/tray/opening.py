"""Opening a folder or a text with what this desk has for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from agent.bills.errors import AgentError

_started: list[subprocess.Popen[bytes]] = []


def open_folder(path: str) -> None:
    """Show a folder. Raises AgentError where it is not there or nothing can show it."""
    if not Path(path).is_dir():
        raise AgentError("not-there", f"{path} is not there.", "Look whether its drive is there.")
    _open(path, is_text=False)


def open_text(path: Path) -> None:
    """Show a text to read or edit. Raises AgentError where it is not there, or nothing shows it."""
    if not path.is_file():
        raise AgentError("not-there", f"{path} is not there yet.", "Run: bill-agent doctor")
    _open(str(path), is_text=True)


def _open(path: str, *, is_text: bool) -> None:
    if sys.platform == "win32" and not is_text:
        os.startfile(path)  # noqa: S606 - a folder that was looked at
        return
    command = _command(path, is_text=is_text)
    _started[:] = [each for each in _started if each.poll() is None]
    try:
        process = subprocess.Popen(  # noqa: S603 - the desk's own opener, and a path of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise AgentError(
            "no-opener",
            f"{command[0]} cannot be started: {error.strerror or error}.",
            f"Open it yourself: {path}",
        ) from None
    _started.append(process)


def _command(path: str, *, is_text: bool) -> list[str]:
    if sys.platform == "win32":
        return ["notepad.exe", path]
    if sys.platform == "darwin":
        return ["open", "-t", path] if is_text else ["open", path]
    return ["xdg-open", path]
