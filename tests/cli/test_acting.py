"""Requests to the service while none runs: they wait in the store, or are refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_home import AgentHome

from agent.bills.values import Problem
from agent.cli.arguments import seconds_of
from agent.cli.tables import shortened

WELL, USAGE, CONFIGURATION = 0, 2, 78


@pytest.fixture
def agent(tmp_path: Path) -> AgentHome:
    """An agent that is not running, with a bill done, one rejected, one that asks."""
    home = AgentHome(tmp_path)
    stored = home.stored()
    folder = stored.folder(home.seven)
    stored.done(folder, "done.pdf")
    stored.rejected(folder, "locked.pdf")
    stored.asks(folder, "elsewhere.pdf", Problem("asks-other-site", "Sent for B.", "Send it."))
    stored.close()
    return home


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("retry", "locked.pdf"),
        ("send", "elsewhere.pdf"),
        ("rewrite", "done.pdf"),
        ("dismiss", "locked.pdf"),
    ],
)
def test_a_request_about_a_file_waits(agent: AgentHome, command: str, name: str) -> None:
    """It stays in the store until a service runs, and the command says so."""
    path = str(agent.seven / name)
    said = agent.run(command, path)
    assert said.code == WELL
    assert "not running" in said.err
    assert agent.requests() == [(command, {"files": [path]})]


@pytest.mark.parametrize(
    ("command", "name", "sentence"),
    [
        ("retry", "done.pdf", "is done"),
        ("send", "done.pdf", "nothing to send"),
        ("rewrite", "elsewhere.pdf", "no result yet"),
        ("retry", "unknown.pdf", "not known"),
        ("dismiss", "../elsewhere/unknown.pdf", "lies in no watched folder"),
    ],
)
def test_a_file_in_another_state_is_refused(
    agent: AgentHome, command: str, name: str, sentence: str
) -> None:
    """Exit 2 with the reason, and nothing waits."""
    said = agent.run(command, str(agent.seven / name))
    assert said.code == USAGE
    assert sentence in said.err
    assert agent.requests() == []


def test_of_several_files_those_that_fit_are_asked_about(agent: AgentHome) -> None:
    """One wrong name does not keep the others from being done, and is told."""
    fits = str(agent.seven / "locked.pdf")
    said = agent.run("retry", fits, str(agent.seven / "done.pdf"))
    assert said.code == USAGE
    assert agent.requests() == [("retry", {"files": [fits]})]


def test_requests_about_folders_wait(agent: AgentHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder may be named as people do: with a slash behind it, or by a variable."""
    seven = str(agent.seven)
    monkeypatch.setenv("SEVEN", seven)
    assert agent.run("admit", f"{seven}/", "--since", "2026-01-31").code == WELL
    assert agent.run("take", "$SEVEN").code == WELL
    assert agent.run("pause", "--folder", seven, "--for", "2h").code == WELL
    assert agent.run("resume").code == WELL
    assert agent.run("rescan").code == WELL
    assert agent.run("rewrite", "--folder", seven).code == WELL
    assert agent.run("retry", "--all").code == WELL
    assert agent.requests() == [
        ("admit", {"folder": seven, "all": False, "since": "2026-01-31"}),
        ("take", {"folder": seven}),
        ("pause", {"folder": seven, "seconds": 7200.0}),
        ("resume", {"folder": None}),
        ("rescan", {"folder": None}),
        ("rewrite", {"folder": seven}),
        ("retry", {"all": True}),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("admit", "{folder}"),
        ("admit", "{folder}", "--all", "--none"),
        ("admit", "{folder}", "--since", "soon"),
        ("admit", "{folder}/not-watched", "--all"),
        ("retry",),
        ("retry", "--all", "{folder}/locked.pdf"),
        ("rewrite",),
        ("dismiss",),
        ("take", "/nowhere"),
        ("pause", "--for", "soon"),
        ("pause", "--for", "0"),
        ("pause", "--folder", "/nowhere"),
        ("rescan", "--folder", "$NO_SUCH_VARIABLE/x"),
    ],
)
def test_wrong_usage_exits_2(agent: AgentHome, arguments: tuple[str, ...]) -> None:
    """Nothing is guessed, and nothing is left for the service."""
    said = agent.run(*(each.format(folder=agent.seven) for each in arguments))
    assert said.code == USAGE
    assert agent.requests() == []


def test_a_folder_that_is_not_watched_is_told_which_are(agent: AgentHome) -> None:
    """The watched folders are named, each in a line of its own."""
    said = agent.run("take", "/nowhere")
    assert f"  {agent.seven}" in said.err.splitlines()


def test_a_request_before_the_first_run_waits_too(tmp_path: Path) -> None:
    """The store is made, so that the first service finds what was asked."""
    home = AgentHome(tmp_path)
    assert home.run("pause").code == WELL
    assert home.requests() == [("pause", {"folder": None, "seconds": None})]


def test_settings_that_are_wrong_exit_78(agent: AgentHome) -> None:
    """Nothing can be asked without knowing whom."""
    agent.config.write_text("[nectar", "utf-8")
    assert agent.run("pause").code == CONFIGURATION


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5H", 5400), ("1d", 86400)],
)
def test_durations(written: str, seconds: float) -> None:
    """A duration is a number and a letter; without one it is seconds."""
    assert seconds_of(written) == seconds


def test_shortening_keeps_the_end_of_a_path() -> None:
    """Of a path, the file's name tells more than the drive."""
    text = shortened("/home/someone/bills/2026/february/Harbor Mill.pdf", 24, "middle")
    assert len(text) == 24
    assert text.endswith("Harbor Mill.pdf")
    assert shortened("short", 24, "middle") == "short"
    assert shortened("a reason that is long", 10, "end") == "a reason …"
