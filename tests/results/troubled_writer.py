"""Run by the tests as a process of its own: writes results in trouble that would harm a test.

``killed FOLDER`` kills a child just before each line of the writing in turn, first with nothing,
then with an older result in the place, and looks at the folder after each; prints how many lines.
``raced FOLDER`` lets another program write to the place just before each line in turn; prints how
many lines there were, and how often its bytes were lost, for an empty place and a taken one.
``full FOLDER`` writes with a limit on the size of files. ``powerless FOLDER`` writes as a user who
may not write the folder; both print the code of the named error. ``blind FOLDER`` prints what such
a user finds in the place of a result.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from agent.bills.errors import AgentError
from agent.results import beside, placing
from agent.results.beside import Written, look, remove_leftovers, write
from agent.results.recognise import sha256_of

OLD, NEW = b'"old"' * 20_000, b'"new"' * 30_000
TRACED = {beside.__file__, placing.__file__}


def before_line(count: int, act: Callable[[], None]) -> None:
    """Let ``act`` run before the line of the writing that has this number."""
    left = count

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                act()
        return trace

    sys.settrace(trace)


def write_until_killed(bill: Path, count: int, old: bytes | None) -> bool:
    """Write NEW in a child that is killed before line ``count``; tell whether it got that far."""
    child = os.fork()
    if child == 0:
        before_line(count, lambda: os.kill(os.getpid(), signal.SIGKILL))
        write(str(bill), NEW, sha256_of(old) if old else None)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def killed(folder: Path) -> None:
    """Check the folder after a kill before every line; print how many there were."""
    bill = folder / "Bill.pdf"
    result = folder / "Bill.pdf.json"
    bill.write_bytes(b"%PDF")
    lines = 0
    for old in (None, OLD):
        count = 1
        while True:
            result.unlink(missing_ok=True)
            if old is not None:
                result.write_bytes(old)
            was_killed = write_until_killed(bill, count, old)
            found = result.read_bytes() if result.exists() else None
            assert found in (old, NEW), f"half a result after line {count}"
            others = [each for each in folder.iterdir() if each not in (bill, result)]
            assert len(others) <= 1, f"parts pile up after line {count}: {others}"
            if count % 2:
                remove_leftovers(map(str, folder.iterdir()))
            again = write(str(bill), NEW, sha256_of(found) if found else None)
            assert isinstance(again, Written)
            assert result.read_bytes() == NEW
            if not was_killed:
                break
            remove_leftovers(map(str, folder.iterdir()))
            assert sorted(folder.iterdir()) == [bill, result]
            count += 1
        assert found == NEW
        lines += count - 1
    print(lines)


def raced(folder: Path) -> None:
    """Print the lines, and the lines before which another program's bytes get lost."""
    result = folder / "Bill.pdf.json"
    for old in (None, OLD):
        lost, count, acted = 0, 0, [True]
        while acted:
            acted.clear()
            count += 1
            result.unlink(missing_ok=True)
            if old is not None:
                result.write_bytes(old)

            def another_program(acted: list[bool] = acted) -> None:
                result.write_bytes(b"another's")
                acted.append(True)

            before_line(count, another_program)
            write(str(folder / "Bill.pdf"), NEW, sha256_of(old) if old else None)
            sys.settrace(None)
            assert [each.name for each in folder.iterdir()] == [result.name]
            lost += bool(acted) and result.read_bytes() != b"another's"
        print(count - 1, lost)


def troubled(folder: Path) -> None:
    """Try to write anew and over an older result; print the errors' codes."""
    for name, old in (("New.pdf", None), ("Old.pdf", OLD)):
        try:
            write(str(folder / name), NEW, sha256_of(old) if old else None)
        except AgentError as error:
            print(error.code)


if __name__ == "__main__":
    trouble, place = sys.argv[1], Path(sys.argv[2])
    if trouble == "killed":
        killed(place)
    elif trouble == "raced":
        raced(place)
    elif trouble == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        troubled(place)
    else:
        if os.geteuid() == 0:
            os.seteuid(65534)
        if trouble == "powerless":
            troubled(place)
        else:
            print(look(str(place / "Bill.pdf")).kind)
