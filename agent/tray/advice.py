"""What a trouble's text says: the cause, the next step and the files meant, to read at leisure."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from agent.bills.printing import printable
from agent.system.os_errors import naming_os_errors
from agent.tray.troubles import Trouble

ADVICE_FILE = "what-to-do.txt"
_MOST_PLACES = 50


def advice_text(trouble: Trouble) -> str:
    """Return the text about one trouble."""
    parts = [trouble.title, *trouble.message.splitlines()]
    if trouble.advice:
        parts += ["", "What to do:", f"  {printable(trouble.advice)}"]
    if trouble.places:
        parts += ["", "For example:" if trouble.count > len(trouble.places) else "Where:"]
        parts += [f"  {printable(each)}" for each in trouble.places[:_MOST_PLACES]]
    parts += ["", "All of it, in a terminal: bill-agent status", ""]
    return "\n".join(parts)


def write_advice(folder: Path, trouble: Trouble) -> Path:
    """Write the text where only this user reads it, and return the file."""
    path = folder / ADVICE_FILE
    with naming_os_errors(str(path), of="file", writing=True):
        with suppress(FileNotFoundError):
            path.unlink()
        path.write_text(advice_text(trouble), "utf-8", "backslashreplace")
    return path
