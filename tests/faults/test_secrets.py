"""Neither the API key nor a pre-signed link is in anything that the agent writes or says."""

from __future__ import annotations

import base64
import re
import sqlite3
import zlib
from contextlib import closing

from killable_agent import KEY, KillableAgent, MakeAgent, bill_pdf, wait_until
from secret_search import forms, found_in, texts

from agent.emulator.behaviour import Behaviour, Fault, FaultBody

SECRETS = (KEY, "X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Expires", "X-Amz-Credential")


def found(agent: KillableAgent) -> list[tuple[str, str]]:
    """Return each secret that is somewhere, in whatever form, with the file."""
    return [
        (path.name, secret)
        for path in agent.files()
        for text in texts(path)
        for secret in found_in(text, SECRETS)
    ]


def log(agent: KillableAgent) -> str:
    """Return what the agent has logged."""
    return (agent.data_dir / "logs/bill-agent.log").read_text("utf-8")


def whole_paths(text: str, root: str) -> list[str]:
    """Return the lines of a log, those of DEBUG apart, that hold a path from ``root`` on."""
    records = re.split(r"^(?=\d{4}-\d\d-\d\d )", text, flags=re.MULTILINE)
    told = [record for record in records if record and record.split()[2] != "DEBUG"]
    return [line for record in told for line in record.splitlines() if root in line]


def test_no_secret_is_written_or_said(make_agent: MakeAgent) -> None:
    """Store, logs at their most talkative, results and output: no key, no link with access.

    And in the log no whole path above DEBUG, whatever goes wrong.
    """
    faults = (
        Fault(method="GET", path="/job/*", status=500, body=FaultBody.HTML),
        Fault(method="POST", path="/job/company/*", status=429, retry_after="1"),
        Fault(method="GET", path="/document/*", body=FaultBody.GARBAGE),
        Fault(method="GET", path="/site/*", status=307, location="https://x.example/?sig=S3CR3T"),
    )
    agent = make_agent(Behaviour(processing_seconds=0.3, faults=faults))
    for number in range(3):
        agent.drop(f"Bill {number}.pdf", bill_pdf(number))
    agent.drop("Same bill.pdf", bill_pdf(1) + b"\n%%EOF\n")
    assert agent.once() == 0, agent.output()
    assert len(agent.results()) == 4
    agent.server.behave(Behaviour(keys=()))  # the key is revoked
    agent.drop("Late.pdf", bill_pdf(9))
    process = agent.start_ready()
    wait_until(lambda: "key-refused" in agent.output(), "a refused key")
    agent.folder.rename(agent.place / "elsewhere")
    settings = agent.config.read_text("utf-8")
    agent.config.write_text(f"{settings}\nca_file = '{agent.place}'\n", "utf-8")
    wait_until(lambda: "folder-missing" in log(agent), "a folder that is missing")
    wait_until(lambda: "not usable" in log(agent), "a configuration with a mistake")
    (agent.place / "elsewhere").rename(agent.folder)
    assert agent.stop(process)[0] == 0
    assert found(agent) == []
    assert "done …/Plant 7/Bill 1.pdf" in log(agent)
    assert whole_paths(log(agent), str(agent.place)) == []


def test_the_search_finds_what_is_planted(make_agent: MakeAgent) -> None:
    """The search above can fail: it finds secrets in a text, in a store and packed in a store."""
    agent = make_agent()
    (agent.place / "log.txt").write_bytes(b"sent with " + KEY.encode())
    with closing(sqlite3.connect(agent.place / "store.sqlite3")) as store:
        store.execute("CREATE TABLE revisions (answers BLOB, words TEXT)")
        packed = zlib.compress(b"https://x.example/?X-Amz-Expires=9")
        store.execute("INSERT INTO revisions VALUES (?, 'X-Amz-Algorithm')", (packed,))
        store.commit()
    line = "2026-01-01 00:00:00,000 %s agent: boom\n  in /home/ann/Bills/1.pdf\n"
    assert whole_paths(line % "DEBUG" + line % "ERROR", "/home/ann") == [
        "  in /home/ann/Bills/1.pdf"
    ]
    assert set(found(agent)) >= {
        ("log.txt", KEY),
        ("store.sqlite3", "X-Amz-Expires"),
        ("store.sqlite3", "X-Amz-Algorithm"),
    }


def test_the_search_finds_every_form() -> None:
    """A key in Base64, in hexadecimal, percent-encoded, in capitals, in UTF-16, turned round."""
    assert len(forms(KEY)) > 7
    for form in forms(KEY):
        assert found_in(b"GET /?x=" + form + b" HTTP/1.1", [KEY]) == [KEY]
    assert found_in(KEY.upper().encode(), [KEY]) == [KEY]
    for at in range(9):
        packed = base64.b64encode(b"user:"[:at] + KEY.encode() + b" and more")
        assert found_in(packed, [KEY]) == [KEY]
    assert found_in(b"nothing of it", [KEY]) == []
