"""`status`, `bills` and `bills show`: what people and scripts read, without a service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from agent_home import AgentHome
from stored_bills import NOW, StoredBills

from agent.bills.holds import ACCOUNT, folder_scope
from agent.bills.instant import utc_text
from agent.bills.stages import State
from agent.system.lock import InstanceLock

WELL, NEEDS_PERSON, NOT_RUNNING, USAGE, CONFIGURATION = 0, 3, 4, 2, 78


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AgentHome:
    """An agent that is not running, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    return AgentHome(tmp_path)


def with_bills(agent: AgentHome) -> None:
    """Put one bill of most states into the store."""
    stored = agent.stored()
    folder = stored.folder(agent.seven)
    stored.folder(agent.every)
    stored.done(folder, "done.pdf")
    stored.rejected(folder, "locked.pdf")
    stored.found(folder, f"{'a long name ' * 8}.pdf")
    stored.hold("no-connection", ACCOUNT)
    stored.close()


def test_status_names_every_fact_of_the_contract(agent: AgentHome) -> None:
    """`status --json` has exactly the members that scripts rely on."""
    with_bills(agent)
    said = agent.run("status", "--json")
    told = said.json
    assert list(told) == ["format", "service", "counts", "folders", "holds", "needsYou"]
    assert told["format"] == "nectar-bill-agent-status/1"
    assert told["service"] == {"state": "stopped", "pid": None, "since": None}
    assert list(told["counts"]) == list(State)
    assert told["counts"] | {"waiting": 1, "done": 1, "rejected": 1} == told["counts"]
    folder = told["folders"][0]
    assert list(folder) == ["path", "site", "company", "state", "counts", "holds"]
    assert (folder["path"], folder["site"]) == (str(agent.seven), "PLANT-07")
    assert folder["holds"] == ["no-connection"]
    assert told["holds"] == [
        {
            "code": "no-connection",
            "scope": "account",
            "since": utc_text(NOW),
            "message": "message of no-connection",
            "advice": "advice of no-connection",
            "files": 1,
        }
    ]
    assert told["needsYou"] == 1
    assert said.code == NOT_RUNNING


def test_status_exits_3_for_a_person_and_0_for_nobody(agent: AgentHome) -> None:
    """A script knows from the exit code whether somebody has to look."""
    with InstanceLock(str(agent.data_dir)) as lock:
        lock.acquire(timeout=0.0, now=NOW)
        assert agent.run("status").code == WELL
        with_bills(agent)
        said = agent.run("status", "--json")
        assert said.code == NEEDS_PERSON
        assert said.json["service"]["state"] == "offline"
        assert said.json["service"]["since"] == utc_text(NOW)


def test_status_before_any_run(agent: AgentHome) -> None:
    """An agent that never ran is stopped, and its folders are named."""
    said = agent.run("status")
    assert said.code == NOT_RUNNING
    assert "stopped" in said.out
    assert "PLANT-07" in said.out
    assert not agent.data_dir.exists()


def test_status_fits_80_columns_and_shows_the_next_step(agent: AgentHome) -> None:
    """Sentences are wrapped at words, tables are cut to size; commands stay in one line."""
    with_bills(agent)
    lines = agent.run("status").out.splitlines()
    assert max(len(line) for line in lines if ">" not in line and "/" not in line) <= 80
    text = "\n".join(lines)
    assert "password-protected" in text
    assert "Save a copy without the password." in text
    assert "bill-agent dismiss" in text
    assert "\x1b" not in text


def test_status_with_settings_that_are_wrong(agent: AgentHome) -> None:
    """The mistakes are told, and what the store knows all the same."""
    with_bills(agent)
    text = agent.config.read_text("utf-8")
    agent.config.write_text(text.replace("[[folders]]", "[[folders]]\nsight = 1", 1), "utf-8")
    said = agent.run("status", "--json")
    assert said.code == CONFIGURATION
    assert said.json["counts"]["done"] == 1
    assert [each["path"] for each in said.json["folders"]] == [str(agent.seven), str(agent.every)]
    assert said.json["folders"][0]["site"] is None
    assert "sight" in agent.run("status").err
    with InstanceLock(str(agent.data_dir)) as lock:
        lock.acquire(timeout=0.0, now=NOW)
        assert agent.run("status", "--json").json["service"]["state"] == "settings-wrong"


def test_status_with_a_store_of_another_program(agent: AgentHome) -> None:
    """A store that cannot be read is a hold with its next step, and no traceback."""
    agent.data_dir.mkdir()
    (agent.data_dir / "store.sqlite3").write_bytes(b"no database at all " * 200)
    said = agent.run("status", "--json")
    assert [each["code"] for each in said.json["holds"]] == ["store-damaged"]
    assert said.code == NOT_RUNNING


def test_watch_and_json_exclude_each_other(agent: AgentHome) -> None:
    """``--json`` prints one value and no stream."""
    assert agent.run("status", "--watch", "--json").code == USAGE


def test_bills_names_every_fact_of_the_contract(agent: AgentHome) -> None:
    """`bills --json` has exactly the members that scripts rely on."""
    with_bills(agent)
    told = agent.run("bills", "--json").json
    assert list(told) == ["format", "bills"]
    assert told["format"] == "nectar-bill-agent-bills/1"
    by_name = {Path(row["path"]).name: row for row in told["bills"]}
    locked = by_name["locked.pdf"]
    assert locked == {
        "path": str(agent.seven / "locked.pdf"),
        "folder": str(agent.seven),
        "site": "PLANT-07",
        "state": "rejected",
        "since": utc_text(NOW + 5),
        "outcome": "rejected",
        "code": "password-protected",
        "message": "This PDF is locked.",
        "result": str(agent.seven / "locked.pdf.json"),
    }
    assert by_name["done.pdf"]["outcome"] == "processed"
    (waiting,) = (row for row in told["bills"] if row["state"] == "waiting")
    assert (waiting["code"], waiting["result"]) == ("no-connection", None)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_bills_is_a_table_that_fits(
    agent: AgentHome, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line a file; a long path is shortened in its middle, so that its end can be read."""
    monkeypatch.setenv("COLUMNS", columns)
    with_bills(agent)
    heading, *lines = agent.run("bills").out.splitlines()
    assert heading.split() == ["State", "Since", "Site", "File", "Reason", "Result"]
    assert len(lines) == 3
    assert all(len(line) <= int(columns) for line in lines)
    (waiting,) = (line for line in lines if line.startswith("waiting"))
    assert "…" in waiting
    assert ".pdf" in waiting


def test_bills_filters(agent: AgentHome) -> None:
    """By folder (as written, with a slash behind it too), state, text and number."""
    with_bills(agent)

    def number(*arguments: str) -> int:
        return len(agent.run("bills", "--json", *arguments).json["bills"])

    assert number("--folder", f"{agent.seven}/") == 3
    assert number("--folder", str(agent.every)) == 0
    assert number("--state", "done") == 1
    assert number("--search", "LOCK") == 1
    assert number("--limit", "2") == 2
    assert number("--limit", "0") == 3
    assert agent.run("bills", "--folder", str(agent.data_dir)).code == USAGE
    assert agent.run("bills", "--state", "finished").code == USAGE


def test_bills_before_any_run(agent: AgentHome) -> None:
    """No store is no bills, and no failure."""
    said = agent.run("bills", "--json")
    assert (said.code, said.json["bills"]) == (WELL, [])


def test_show_tells_all_about_one_file(agent: AgentHome) -> None:
    """History, job, documents without a signed link, result, revisions."""
    with_bills(agent)
    path = str(agent.seven / "done.pdf")
    said = agent.run("bills", "show", path, "--json")
    told = said.json
    assert told["format"] == "nectar-bill-agent-bills-show/1"
    assert (told["path"], told["state"], told["result"]) == (path, "done", f"{path}.json")
    assert told["job"]["id"] == "job-1"
    assert [each["id"] for each in told["documents"]] == ["d-1"]
    assert "X-Amz-Signature" not in said.out
    assert [each["revision"] for each in told["revisions"]] == [1]
    assert "job completed" in [each["what"] for each in told["history"]]
    page = agent.run("bills", "show", path).out
    assert "PLANT-07" in page
    assert "1 usage record" in page
    assert agent.run("bills", "show", path, "--revision", "1").code == WELL


def test_show_refuses_what_is_not_known(agent: AgentHome) -> None:
    """An unknown file or revision is wrong usage, with a sentence."""
    with_bills(agent)
    said = agent.run("bills", "show", str(agent.seven / "nothing.pdf"))
    assert said.code == USAGE
    assert "not known" in said.err
    path = str(agent.seven / "done.pdf")
    assert "Kept are: 1" in agent.run("bills", "show", path, "--revision", "2").err


def test_a_gone_file_still_shows_what_nectar_gave(agent: AgentHome) -> None:
    """The history of a bill outlives its file."""
    stored: StoredBills = agent.stored()
    folder = stored.folder(agent.seven)
    file = stored.done(folder, "done.pdf")
    stored.change(replace(file, stage=type(file.stage)("gone")))
    stored.hold("folder-missing", folder_scope(folder.path))
    stored.close()
    told = agent.run("bills", "show", file.path, "--json").json
    assert told["state"] == "gone"
    assert [each["id"] for each in told["documents"]] == ["d-1"]
