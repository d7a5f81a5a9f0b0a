"""A hold that cannot be written into the store, for it is the store that cannot be written.

The note lies beside the store. Its room is taken while there is some, and it is written over in
place: that works on a disk that has become full since.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from agent.bills.exact_json import json_text, parse_json
from agent.bills.holds import ACCOUNT, Hold, new_hold

TROUBLE_FILE = "bill-agent.trouble"
_ROOM = 4096


class TroubleNote:
    """The service's side of the note. Best effort: no failure of it hinders the service."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / TROUBLE_FILE
        with suppress(OSError):
            self._path.write_bytes(b" " * _ROOM)

    def write(self, hold: Hold | None) -> None:
        """Let people read of ``hold``, or that there is none any more."""
        members = [hold.code, hold.message, hold.advice, hold.since] if hold is not None else []
        content = json_text(members, is_ascii=True).encode()
        with suppress(OSError), self._path.open("r+b") as file:
            file.write(content.ljust(_ROOM))

    def remove(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def noted_trouble(data_dir: Path) -> Hold | None:
    """Return the hold that the running service could not write into its store."""
    try:
        code, message, advice, since = parse_json((data_dir / TROUBLE_FILE).read_text("utf-8"))
        return new_hold(str(code), ACCOUNT, str(message), str(advice), float(since))
    except (OSError, ValueError, TypeError):
        return None
