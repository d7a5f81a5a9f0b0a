"""Files with any name that a disk of Linux takes, from the folder to the command line."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from killable_agent import REPOSITORY, KillableAgent, MakeAgent, bill_pdf

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names that other disks refuse")

NAMES: list[bytes] = [
    b"two\nlines.pdf",
    b"done\n\tsent other.pdf",
    b"\x1b[2Jclears\x07.pdf",
    b"not utf-8 \xff\xfe.pdf",
    b"half a character \xe2\x82.pdf",
    unicodedata.normalize("NFC", "Stromrechnung März é.pdf").encode(),
    unicodedata.normalize("NFD", "Stromrechnung März é.pdf").encode(),
    "Счёт за май 電気 🧾.pdf".encode(),
    "rtl \u202efdp.exe\u200f.pdf".encode(),
    b"-rf.pdf",
    b"--json.pdf",
    b" leading and trailing .pdf",
    b"two  blanks..pdf",
    b"comma, semicolon; \"quotes\" 'single' %41 100%.pdf",
    b"back\\slash*?[1]{2}$HOME`x`|&<>.pdf",
    b"BILL.PDF",
    b"bill.Pdf",
    b"y" * 246 + b".pdf",
]
"""The last leaves just the room for `.json`."""
TOO_LONG = b"x" * 251 + b".pdf"
LONGEST_PATH = 4095
ROOM_FOR_ALL = LONGEST_PATH - len(".nectar-0123456789ab.part") + len("Bill.pdf")
"""The longest path of a ``Bill.pdf`` that has room for its result, and for the part before it."""


def place(folder: Path, name: bytes) -> str:
    """Return the path of a name in a folder."""
    return os.fsdecode(os.path.join(os.fsencode(folder), name))  # noqa: PTH118 - bytes


def deep(folder: Path, length: int) -> Path:
    """Make folders below ``folder`` until ``Bill.pdf`` in the deepest has so long a path."""
    while length - len(str(folder)) > 220:
        folder /= "d" * 100
    folder /= "e" * (length - len(str(folder / "x" / "Bill.pdf")) + 1)
    here = os.open("/", os.O_RDONLY)
    for part in folder.parts[1:]:
        if not os.path.exists(f"/proc/self/fd/{here}/{part}"):  # noqa: PTH110 - it may be too long
            os.mkdir(part, dir_fd=here)
        below = os.open(part, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    return folder / "Bill.pdf"


def command(agent: KillableAgent, *arguments: str) -> str:
    """Run a command, and return its output, which has to be text."""
    finished = subprocess.run(
        [sys.executable, "-m", "agent", *arguments, "--config", str(agent.config)],
        cwd=REPOSITORY,
        env=agent._environ() | {"COLUMNS": "400", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return finished.stdout.decode("utf-8")


def test_any_name_goes_all_the_way(make_agent: MakeAgent, tmp_path: Path) -> None:
    """Read, sent under an ASCII name, its result beside it, listed and shown in one line each."""
    agent = make_agent()
    paths = [place(agent.folder, name) for name in NAMES]
    paths.append(str(deep(agent.folder / "deep", ROOM_FOR_ALL)))
    for number, path in enumerate(paths):
        Path(path).write_bytes(bill_pdf(number))
    too_long = [place(agent.folder, TOO_LONG)]
    lengths = (ROOM_FOR_ALL + 1, LONGEST_PATH - len(".json") + 1, LONGEST_PATH)
    too_long += [str(deep(agent.folder / f"{length}", length)) for length in lengths]
    for number, path in enumerate(too_long, start=50):
        Path(path).write_bytes(bill_pdf(number))
    put_what_is_no_file(agent.folder, tmp_path)

    assert agent.once() == 3, agent.output()
    for path in paths:
        result = json.loads(Path(f"{path}.json").read_bytes())
        assert result["outcome"] == "processed"
    sent = [upload.file_name for upload in agent.uploads()]
    assert len(sent) == len(set(sent)) == len(paths)
    assert all(
        re.fullmatch(r"[A-Za-z0-9 ._()+-]{1,80}\.[0-9a-f]{12}\.pdf", name) for name in sent
    ), sent
    assert not list(agent.folder.rglob(".nectar-*.part"))

    listed = json.loads(command(agent, "bills", "--json", "--limit", "0"))["bills"]
    by_path = {row["path"]: row for row in listed}
    assert by_path.keys() == {*paths, *too_long}
    assert {by_path[path]["state"] for path in paths} == {"done"}
    assert {by_path[path]["code"] for path in too_long} == {"name-too-long"}
    assert all(by_path[path]["result"] == f"{path}.json" for path in paths)
    table = command(agent, "bills", "--limit", "0")
    assert len(table.splitlines()) == len(listed) + 1
    for path in (paths[1], paths[3]):
        shown = command(agent, "bills", "show", path)
        assert shown.splitlines()[0].endswith(shown_name(path)), shown
        table += shown
        assert json.loads(command(agent, "bills", "show", path, "--json"))["path"] == path
    assert all(character.isprintable() or character == "\n" for character in table)
    log = (agent.data_dir / "logs/bill-agent.log").read_text("utf-8")
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in log.splitlines())


def shown_name(path: str) -> str:
    """Return how a name is shown: every character that could mislead is escaped."""
    name = path.rpartition("/")[2]
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in name)


def put_what_is_no_file(folder: Path, elsewhere: Path) -> None:
    """Put things into a folder that have a bill's name and are none; opening some would block."""
    os.mkfifo(folder / "pipe.pdf")
    os.mkfifo(folder / "two\nlines.pdf.JSON")
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)
    server.bind("socket.pdf")
    os.chdir(here)
    server.close()
    (folder / "folder.pdf").mkdir()
    outside = elsewhere / "outside"
    outside.mkdir()
    (outside / "Outside.pdf").write_bytes(bill_pdf(90))
    (folder / "link.pdf").symlink_to(outside / "Outside.pdf")
    (folder / "link out").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    (folder / "circle.pdf").symlink_to("circle.pdf")


def test_a_file_with_two_names_is_one_bill(make_agent: MakeAgent) -> None:
    """Hard links, also one that leads out of the folder: sent once, a result beside each name."""
    agent = make_agent()
    outside = agent.place / "Outside.pdf"
    outside.write_bytes(bill_pdf(1))
    for name in ("first.pdf", "second.pdf"):
        (agent.folder / name).hardlink_to(outside)
    assert agent.once() == 0, agent.output()
    assert len(agent.uploads()) == 1
    results = [agent.result(name) for name in ("first.pdf", "second.pdf")]
    assert [result["outcome"] for result in results] == ["processed"] * 2
    assert sorted(str(result["copyOf"]) for result in results) == ["None", "first.pdf"]
