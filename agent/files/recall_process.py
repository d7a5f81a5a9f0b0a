"""The process that brings one file's content from the cloud, by reading the file to its end.

Started as ``bill-agent _recall`` by the agent alone, which ends it when it takes too long: a read
that waits for a cloud can be ended in no other way. It ends by itself when the agent does.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from io import FileIO

from agent.files.opening import is_no_original, open_original
from agent.system import here
from agent.system.placeholders import stub_path

DONE, FAILED, GONE = 0, 1, 3
"""What the process ends with."""
_PIECE_BYTES = 1 << 20
_LOOK_AGAIN_SECONDS = 0.5


def main() -> int:
    """Bring the content of the file that the first line of the input names, as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Unbuffered: a thread that waits in a buffered read would abort the end of the process.
    lifeline = os.fdopen(0, "rb", buffering=0, closefd=False)
    path = str(json.loads(lifeline.readline()))
    threading.Thread(target=_end_with_the_agent, args=(lifeline,), daemon=True).start()
    here.allow_recall()
    try:
        _wait_for_name(path)
        with open_original(path) as original:
            while original.read(_PIECE_BYTES):
                pass
    except OSError as error:
        if is_no_original(error):
            return GONE
        print(error.strerror or type(error).__name__, flush=True)
        return FAILED
    return DONE


def _wait_for_name(path: str) -> None:
    """Wait until a file of which only a stub lies there has its own name again."""
    is_asked, nothing = False, threading.Event()
    while not os.path.lexists(path) and os.path.lexists(stub_path(path)):
        if not is_asked:
            here.ask_for_content(path)
            is_asked = True
        nothing.wait(_LOOK_AGAIN_SECONDS)


def _end_with_the_agent(lifeline: FileIO) -> None:
    lifeline.read(1)
    os._exit(FAILED)
