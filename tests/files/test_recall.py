"""Bringing a file's content from the cloud: in a process that can be ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.bills.errors import NeedsAttention
from agent.files.cloud import Cloud
from agent.files.helper import helper_command, helper_directory

HANGS = (sys.executable, "-c", "import sys; sys.stdin.read()")


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    """Reading it brings its content; a name with any bytes will do, and one that is gone is."""
    bill = tmp_path / "Fact\udcfcre, é.pdf" if os.name != "nt" else tmp_path / "Facture, é.pdf"
    bill.write_bytes(b"%PDF" * 1000)
    cloud = Cloud()
    assert cloud.bring(str(bill))
    bill.unlink()
    assert not cloud.bring(str(bill))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """The sentence names the file and the system's reason, and says what to do."""
    with pytest.raises(NeedsAttention) as caught:
        Cloud().bring(str(tmp_path))  # a folder opens, and cannot be read
    assert caught.value.code == "waiting-for-cloud"
    assert str(tmp_path) in caught.value.message
    assert caught.value.advice


def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    """A read that takes too long is ended, and nothing of it is left running."""
    cloud = Cloud(HANGS, seconds=0.2)
    with pytest.raises(NeedsAttention) as caught:
        cloud.bring(str(tmp_path / "Bill.pdf"))
    assert "minutes" in caught.value.message
    assert cloud._process is None


def test_stopping_ends_what_is_being_brought(tmp_path: Path) -> None:
    """The agent's end waits for no cloud."""
    cloud = Cloud(HANGS, seconds=60.0)
    failures: list[NeedsAttention] = []

    def bring() -> None:
        with pytest.raises(NeedsAttention) as caught:
            cloud.bring(str(tmp_path / "Bill.pdf"))
        failures.append(caught.value)

    bringing = threading.Thread(target=bring, daemon=True)
    bringing.start()
    ends = time.monotonic() + 30
    while cloud._process is None and time.monotonic() < ends:
        time.sleep(0.01)
    cloud.close()
    bringing.join(30)
    assert [each.code for each in failures] == ["waiting-for-cloud"]


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    """Without the program that fetches it the file waits, and says so."""
    with pytest.raises(NeedsAttention, match="could not be started"):
        Cloud((str(tmp_path / "none"),)).bring(str(tmp_path / "Bill.pdf"))


def test_a_file_that_is_here_is_in_no_cloud(tmp_path: Path) -> None:
    """An ordinary file, and a name without one, are no placeholders."""
    bill = tmp_path / "Bill.pdf"
    assert not Cloud().holds(str(bill))
    bill.write_bytes(b"x")
    assert not Cloud().holds(str(bill))


def test_a_stub_is_waited_for(tmp_path: Path) -> None:
    """Where only iCloud's stub lies, the file is waited for under its own name."""
    bill = tmp_path / "Bill.pdf"
    (tmp_path / ".Bill.pdf.icloud").write_bytes(b"stub")
    appears = threading.Timer(0.3, bill.write_bytes, [b"%PDF"])
    appears.start()
    try:
        assert Cloud(seconds=30.0).bring(str(bill))
    finally:
        appears.join()


def test_the_process_ends_with_the_agent(tmp_path: Path) -> None:
    """However the agent ends, what it was fetching ends too."""
    (tmp_path / ".Bill.pdf.icloud").write_bytes(b"stub")
    process = subprocess.Popen(
        helper_command("_recall"), stdin=subprocess.PIPE, cwd=helper_directory()
    )
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(str(tmp_path / "Bill.pdf")).encode() + b"\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.stdin.close()
        assert process.wait(30) != 0
    finally:
        process.kill()
        process.wait()
