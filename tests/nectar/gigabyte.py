"""A process that asks a server which answers with a gigabyte, and tells what it cost it."""

from __future__ import annotations

import json
import resource
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from scripted_server import Conversation, ScriptedServer

from agent.bills.errors import AgentError
from agent.nectar.client import NectarClient
from agent.nectar.connection import Connection

PIECE = b'{"id": "u", "usage": "1", "more": [1, 2, 3]}, ' * 20_000
PIECES = (1 << 30) // len(PIECE)


def answer(how: str, conversation: Conversation) -> None:
    """Answer with a JSON list of a gigabyte."""
    conversation.read_body()
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    match how:
        case "with its length":
            head += f"Content-Length: {PIECES * len(PIECE)}\r\n"
        case "in chunks":
            head += "Transfer-Encoding: chunked\r\n"
        case _:
            head += "Content-Encoding: gzip\r\n"
    conversation.send(f"{head}\r\n".encode())
    pack = zlib.compressobj(wbits=31)
    for _ in range(PIECES):
        match how:
            case "with its length":
                conversation.send(PIECE)
            case "in chunks":
                conversation.send(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            case _:
                conversation.send(pack.compress(PIECE))


def most_memory() -> float:
    """Return the most that this process had at once, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts what the process had before it became this program as `ru_maxrss`, too.
        (line,) = (one for one in status.read_text("ascii").splitlines() if "VmHWM" in one)
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    """Ask once and print what came of it."""
    with ScriptedServer() as server:
        server.play(lambda conversation: answer(sys.argv[1], conversation))
        client = NectarClient(Connection(server.address), lambda: "key")
        try:
            client.document("d")
        except AgentError as error:
            told = {"error": error.code, "message": error.message, "megabytes": most_memory()}
            print(json.dumps(told))
        client.close()


if __name__ == "__main__":
    main()
