"""The helper process: opens strangers' bytes, one file after another, and says what it found.

Started as ``bill-agent _examine`` by the agent alone. It reads no file and knows no path, has
little memory to lose, and ends when its input ends, so it never outlives the agent. Whatever the
libraries raise beyond the expected ends it: the agent sees that and tries once more with a fresh
one. This module imports next to nothing, to be there quickly.
"""

from __future__ import annotations

import json
import os
import signal
from typing import Any, BinaryIO

from agent.files import wire
from agent.files.bounds import bounds


def main() -> int:
    """Answer requests until the input ends; see ``agent.files.wire`` for the words."""
    # Ctrl-C in a terminal reaches every process of it; the agent ends this one in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bounds.bind_itself(wire.MEMORY_BYTES)
    requests, answers = _private_pipes()
    # The libraries are loaded within the limits, and before the first answer: it proves they are.
    from agent.files.bytes_opening import open_bytes  # noqa: PLC0415 - see above

    _say(answers, {"ready": True})
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        if len(data) < request["size"]:
            break
        bounds.allow_processor_time(wire.PROCESSOR_SECONDS)
        _say(answers, open_bytes(request, data))
    return 0


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to the agent, and leave nothing where a library could write or read."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return requests, answers


def _say(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()
