"""Whatever is typed after `bill-agent`: words and an exit code of the contract, no traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import typer
from agent_home import AgentHome
from fuzzing import seeds
from set_up_driver import Home, Said
from typer.testing import CliRunner

from agent.cli.choosing import Option, choose
from agent.cli.exits import ExitCode
from agent.emulator import changes
from agent.emulator.server import EmulatorServer
from agent.emulator.world import HARBOR_MILL_FOODS

COMMANDS: dict[str, tuple[str, ...]] = {
    "init": ("--company", "--folder", "--force"),
    "key set": ("--no-check",),
    "key status": ("--json",),
    "key delete": (),
    "service": (),
    "service status": ("--json",),
    "sites": ("--company", "--json"),
    "config show": ("--json",),
    "config path": ("--json",),
    "schema config": ("--json",),
    "doctor": ("--bundle", "--json"),
    "status": ("--json",),
    "bills": ("--folder", "--state", "--search", "--limit", "--json"),
    "bills show": ("--revision", "--json"),
    "admit": ("--all", "--since", "--none"),
    "retry": ("--all",),
    "send": (),
    "rewrite": ("--folder",),
    "dismiss": (),
    "take": (),
    "pause": ("--folder", "--for"),
    "resume": ("--folder",),
    "rescan": ("--folder",),
    "nonsense": (),
    "": (),
}
"""Those that end by themselves, with their options."""
ANYWHERE = ("--help", "--version", "--", "-", "-x", "--x=1", "--config", "--json=1", "--limit=-1")
WITH_VALUE = (
    *("--company", "--folder", "--bundle", "--state", "--search", "--limit", "--revision"),
    *("--since", "--for", "--config"),
)
VALUES = (
    *("", " ", "-1", "0", "1", "9" * 400, "nan", "inf", "-inf", "1e400", "١٢", "0x10", "1_0"),
    *("2026-02-30", "2026-01-31", "0001-01-01", "9999-12-31", "2026-01-31T00:00:00+99:99"),
    *("2h", "0s", "-2h", "9" * 300 + "h", "9" * 400 + "d", "1.5d", "h"),
    *("~", "~nobody/x", "$NOPE/x", "$HOME", "%A%", "C:\\x", "\\\\server\\share", "/", "..", "."),
    *("a\nb", "a\tb", "\x1b[31m", "[red]x[/red]", "[/x]", "\u202e", "\U0001f9fe", "e\u0301"),
    *("\udce9.pdf", "x" * 5000, "é" * 300, "../" * 500, "/dev/null", "/proc/self/mem", "*", "?"),
    *("=", "a=b", "=b", "a=", "{}", "'", '"', "PLANT-07", "{subfolder}", "done", "done.pdf"),
)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AgentHome:
    """An agent that is not running, with a few bills, in a home of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    home = AgentHome(tmp_path)
    stored = home.stored()
    folder = stored.folder(home.seven)
    stored.done(folder, "done.pdf")
    stored.rejected(folder, "locked.pdf")
    stored.found(folder, "\udce9 [/x].pdf")
    stored.close()
    return home


def check(said: Said, arguments: list[str]) -> None:
    """Fail where a command ended in a way that the contract does not know."""
    assert said.code in set(ExitCode), arguments
    assert "Traceback" not in said.out + said.err, arguments
    assert said.code in (0, 1, 3, 4) or said.err, f"{arguments} failed without a word"


@pytest.mark.parametrize("seed", seeds(4))
def test_any_arguments_end_well(agent: AgentHome, home: Home, seed: int) -> None:
    """Options and values at random: each command does its work or says what is wrong."""
    del home  # a key store and directories of its own
    source = random.Random(seed)  # noqa: S311  # repeatable
    settings = agent.config.read_bytes()
    paths = [str(agent.seven / "done.pdf"), str(agent.seven), f"{agent.every}/", str(agent.config)]
    for _ in range(30):
        command = source.choice(list(COMMANDS))
        arguments = command.split()
        for _ in range(source.randint(0, 4)):
            values = paths if source.random() < 0.3 else VALUES
            if source.random() < 0.5:
                option = source.choice([*COMMANDS[command] * 3, *ANYWHERE])
                arguments.append(option)
                if option in WITH_VALUE:
                    arguments.append(source.choice(values))
            else:
                arguments.append(source.choice(values))
        check(agent.run(*arguments), arguments)
        agent.config.write_bytes(settings)


@pytest.mark.parametrize(
    "arguments",
    [
        ["once", "--timeout", "nan"],
        ["once", "--timeout", "inf"],
        ["once", "--timeout", "-1"],
        ["once", "--timeout", "1e300"],
        ["run", "now"],
        ["emulator", "--port", "99999"],
        ["emulator", "--port", "nan"],
        ["demo", "--folder", "/dev/null"],
        ["demo", "no such file.pdf"],
        ["demo", "\udce9"],
        ["pause", "--for", "9" * 400],
        ["pause", "--for", "9999999999999d"],
        ["admit", "", "--since", "9999-99-99"],
        ["bills", "--limit", "9" * 400],
        ["bills", "show", "\udce9 [/x].pdf"],
    ],
)
def test_senseless_arguments_are_refused(agent: AgentHome, arguments: list[str]) -> None:
    """Before anything is begun, with a sentence."""
    said = agent.run(*arguments)
    check(said, arguments)
    assert said.code in (ExitCode.USAGE, ExitCode.FAILED)
    assert said.err


@pytest.mark.parametrize("name", VALUES)
def test_any_name_of_a_site_can_be_shown(
    home: Home, monkeypatch: pytest.MonkeyPatch, emulator: EmulatorServer, name: str
) -> None:
    """Nectar's names may hold what a terminal or a table takes for something else."""
    monkeypatch.setenv("NECTAR_API_KEY", "key")
    home.configure(home.watched("seven", "PLANT-07"))
    nectar = emulator.emulator.world
    name = name.encode("utf-8", "replace").decode()  # the emulator writes whole characters only
    added = changes.add_site(nectar, 0.0, HARBOR_MILL_FOODS.id, name or "none", name or None)
    try:
        said = home.run("sites")
        assert said.code == 0
        assert "\x1b" not in said.out
        assert home.run("sites", "--json").json["companies"]
    finally:
        changes.remove_site(nectar, 0.0, added.id)


@pytest.mark.parametrize("answer", ["9" * 5000, "0", "-1", "4", "½", "", "x"])
def test_what_is_no_number_is_no_choice(answer: str) -> None:
    """What is typed at a question is read like anything else that people type: asked again."""
    app = typer.Typer()
    app.command()(
        lambda: print(choose("Which?", [Option(each) for each in ("one", "two", "three")]))
    )
    result = CliRunner().invoke(app, [], input=f"{answer}\n2\n")
    assert result.exception is None
    assert result.stdout.endswith("\n1\n")
    assert "from 1 to 3" in result.stderr
