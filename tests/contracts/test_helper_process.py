"""The helper process never outlives the agent, however the agent ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.files.helper import helper_command

CHECKOUT = Path(__file__).parents[2]
AGENT = """
import sys
from agent.files.examiner import Examiner
from agent.files.signature import signature
examiner = Examiner()
found = signature(sys.argv[1])
examiner.examine(sys.argv[1], found)
print(examiner._helper.process_id, flush=True)
sys.stdin.read()
"""
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.mark.skipif(os.name == "nt", reason="asks for processes as POSIX does")
def test_the_helper_ends_with_a_killed_agent(tmp_path: Path) -> None:
    """After kill -9 of the agent no helper is left behind."""
    bill = tmp_path / "Bill.pdf"
    bill.write_bytes(PDF)
    agent = subprocess.Popen(
        [sys.executable, "-c", AGENT, str(bill)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert agent.stdout is not None
    assert agent.stdin is not None
    helper = int(agent.stdout.readline())
    os.kill(helper, 0)
    agent.kill()
    agent.wait(10)
    agent.stdout.close()
    agent.stdin.close()
    assert is_gone(helper)


def is_gone(number: int) -> bool:
    """Whether the process ends in bounded time."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        if has_ended(number):  # nobody has reaped it yet
            return True
        time.sleep(0.02)
    return False


def has_ended(number: int) -> bool:
    """Whether Linux shows the process as a zombie."""
    try:
        return ") Z " in Path(f"/proc/{number}/stat").read_text(encoding="ascii")
    except OSError:
        return False


def test_the_helper_says_nothing_beside_its_answers() -> None:
    """The libraries' many warnings reach neither the terminal nor the agent."""
    broken = PDF.replace(b"%%EOF", b"1 0 obj <</Root 9 0 R>> endobj trailer <<>>\n%%EOF")
    request = b'{"kind": "pdf", "size": %d, "mayRepair": true, "mostPixels": 1}\n' % len(broken)
    helper = subprocess.run(
        helper_command(),
        input=request + broken,
        capture_output=True,
        cwd=CHECKOUT,
        timeout=60,
        check=True,
    )
    assert helper.stdout.splitlines() == [b'{"ready": true}', b'{"refused": "broken"}']
    assert helper.stderr == b""


def test_what_a_library_prints_is_no_answer() -> None:
    """Nothing but answers goes to the agent, whoever writes to the standard streams."""
    script = (
        "import os; from agent.files.examine_process import _private_pipes;"
        "requests, answers = _private_pipes();"
        "os.write(1, b'noise'); os.write(2, b'noise'); assert os.read(0, 9) == b'';"
        "answers.write(requests.read()); answers.flush()"
    )
    helper = subprocess.run(
        [sys.executable, "-c", script],
        input=b"request",
        capture_output=True,
        cwd=CHECKOUT,
        timeout=60,
        check=True,
    )
    assert (helper.stdout, helper.stderr) == (b"request", b"")


def test_the_helper_loads_nothing_of_the_agents_weight() -> None:
    """The helper is there quickly: no settings, network, or store is loaded."""
    script = (
        "import sys; import agent.files.examine_process, agent.files.bytes_opening;"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('pydantic', 'httpx', 'typer', 'rich', 'sqlite3', 'watchdog', 'keyring')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        cwd=CHECKOUT,
        timeout=60,
        check=True,
    )
    assert loaded.stdout.strip() == b"[]"
