"""The service under each manager: the files that are written, and what the manager's tool is asked.

That systemd itself takes the unit and keeps the service is seen in ``faults/test_user_manager.py``.
"""

from __future__ import annotations

import configparser
import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manager_tools import ManagerTools

from agent.bills.errors import AgentError
from agent.system import _manager_tools as tools
from agent.system._launchd import Launchd
from agent.system._systemd_files import desktop_entry, unit
from agent.system._task_scheduler import TaskScheduler
from agent.system.service_manager import (
    MANAGED,
    Launch,
    Presence,
    ServiceManager,
    has_desktop,
    launch_of,
    start_beside,
)

if sys.platform == "win32":
    pytest.skip("the tools are scripts", allow_module_level=True)
from agent.system._systemd import Systemd

ODD = 'it\'s 100% "$HOME" \\ & <b>'
PLAIN = Launch(("/opt/bill-agent/bill-agent",), None)
MANAGERS = [Systemd, Launchd, TaskScheduler]


@pytest.fixture
def manager_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ManagerTools:
    """The tools first in PATH, and a home of its own."""
    made = ManagerTools(tmp_path / "tools")
    monkeypatch.setenv("PATH", f"{made.place}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/config"))
    monkeypatch.setenv("USERDOMAIN", "OFFICE")
    return made


@pytest.fixture(params=MANAGERS, ids=lambda kind: kind.name)
def manager(request: pytest.FixtureRequest, manager_tools: ManagerTools) -> ServiceManager:
    """Each manager in turn."""
    del manager_tools
    made: ServiceManager = request.param(PLAIN)
    return made


def files_in(home: Path) -> list[str]:
    """Return every file and link below a home."""
    paths = home.rglob("*") if home.exists() else ()
    return sorted(str(path.relative_to(home)) for path in paths if not path.is_dir())


# --- what each manager does -----------------------------------------------------------------------


def test_the_life_of_a_service(manager: ServiceManager, tmp_path: Path) -> None:
    """Absent, installed and running, stopped, started, not at login, uninstalled to the last."""
    assert manager.status().presence is Presence.ABSENT
    files = manager.install(with_tray=True)
    assert manager.status().files == files
    assert all(path.exists() for path in files)
    running = manager.status()
    assert (running.presence, running.starts_at_login) == (Presence.RUNNING, True)
    manager.install(with_tray=True)  # an upgrade
    assert manager.status().presence is Presence.RUNNING
    manager.stop()
    assert manager.status().presence is Presence.INSTALLED
    manager.stop()  # no harm
    manager.start()
    assert manager.status().presence is Presence.RUNNING
    manager.set_start_at_login(is_wanted=False)
    assert (manager.status().presence, manager.status().starts_at_login) == (
        *(Presence.RUNNING, False),
    )
    manager.set_start_at_login(is_wanted=True)
    assert manager.status().starts_at_login
    manager.uninstall()
    assert manager.status().presence is Presence.ABSENT
    assert not manager.status().starts_at_login
    assert files_in(tmp_path / "home") == []
    assert manager.uninstall() == ()  # no harm


def test_without_the_tray(manager: ServiceManager, manager_tools: ManagerTools) -> None:
    """`--no-tray` installs none, and takes away one that was there."""
    manager.install(with_tray=True)
    manager.install(with_tray=False)
    manager_tools.forget()
    assert not any("tray" in path.name for path in manager.status().files)
    if isinstance(manager, TaskScheduler):
        assert not list(manager_tools.place.glob("* tray *.job"))


def test_what_cannot_be_stopped_is_not_uninstalled(
    manager: ServiceManager, manager_tools: ManagerTools, tmp_path: Path
) -> None:
    """The manager's refusal is told in its own words, and every file is still there."""
    manager.install(with_tray=True)
    before = files_in(tmp_path / "home")
    manager_tools.refuse("stop", "bootout", "/end")
    with pytest.raises(AgentError) as refused:
        manager.uninstall()
    assert refused.value.code == "manager-refused"
    assert "refused: " in refused.value.message
    assert files_in(tmp_path / "home") == before
    assert manager.status().presence is not Presence.ABSENT


def test_a_tool_that_is_not_there(
    manager: ServiceManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error names the tool and what can be done without it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AgentError, match="bill-agent run") as missing:
        manager.stop()
    assert missing.value.code == "manager-missing"


def test_a_tool_that_hangs() -> None:
    """It is waited for as long as was said, and ended."""
    with pytest.raises(AgentError, match=r"sleep did not answer within 0 seconds\."):
        tools.ask("sleep", "60", seconds=0.1)


# --- systemd --------------------------------------------------------------------------------------


def odd_launch(tmp_path: Path) -> Launch:
    """Return a program and a configuration whose names mean something to units and shells."""
    program = tmp_path / ODD / "bill-agent"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    return Launch((str(program), "-m", "agent"), tmp_path / ODD / "config\t1.toml")


def verified(path: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Return what systemd's own checker says of a unit."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        [
            *("systemd-analyze", "verify", "--user", "--man=no", "--recursive-errors=one"),
            str(path),
        ],
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """The system's own checker finds nothing wrong, whatever the paths are called."""
    path = tmp_path / "nectar-bill-agent.service"
    for launch in (Launch((sys.executable, "-m", "agent"), None), odd_launch(tmp_path)):
        path.write_text(unit(launch), "utf-8")
        said = verified(path, tmp_path)
        assert (said.returncode, said.stderr) == (0, "")
    path.write_text(unit(launch).replace("RestartSec=10", "RestartSec=soon"), "utf-8")
    assert verified(path, tmp_path).returncode != 0  # the checker can fail


def test_the_unit_says_what_was_promised() -> None:
    """Notify and watchdog, restarts with a limit and never after 78, no core with the key in it."""
    parsed = configparser.RawConfigParser(strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit(Launch(("/a/b",), Path("/c d"))))
    service = dict(parsed["Service"])
    assert service["ExecStart"] == ':"/a/b" "run" "--config" "/c d"'
    assert (service["Type"], int(service["WatchdogSec"]) > 60) == ("notify", True)
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "78")
    assert service["Environment"] == f"{MANAGED}=systemd"
    assert service["LimitCORE"] == "0"
    assert int(parsed["Unit"]["StartLimitBurst"]) * int(service["RestartSec"]) < int(
        parsed["Unit"]["StartLimitIntervalSec"]
    )
    assert parsed["Install"]["WantedBy"] == "default.target"
    assert not any(name.startswith(("Protect", "Private")) for name in service)


def test_systemd_is_asked_for_little(manager_tools: ManagerTools) -> None:
    """Install reads the files anew and restarts; uninstall stops first."""
    manager = Systemd(PLAIN)
    manager.install(with_tray=True)
    name = "nectar-bill-agent.service"
    assert manager_tools.acts() == [
        f"systemctl --user {verb}"
        for verb in ("daemon-reload", f"reset-failed {name}", f"restart {name}")
    ]
    manager_tools.forget()
    manager.uninstall()
    assert manager_tools.acts()[0] == f"systemctl --user stop {name}"
    assert manager_tools.acts()[1] == "systemctl --user daemon-reload"


def test_installing_for_a_user_who_is_not_logged_in(manager_tools: ManagerTools) -> None:
    """All is written, to start at the next login; starting now says what is missing."""
    manager_tools.say("no-manager")
    manager = Systemd(PLAIN)
    files = manager.install(with_tray=True)
    assert [path.name for path in files] == [
        *("nectar-bill-agent.service", "nectar-bill-agent.service"),
        "nectar-bill-agent-tray.desktop",
    ]
    assert files[1].resolve() == files[0]
    told = manager.status()
    assert (told.presence, told.starts_at_login) == (Presence.INSTALLED, True)
    assert manager_tools.acts() == []
    with pytest.raises(AgentError, match="enable-linger"):
        manager.start()
    manager.uninstall()
    assert manager.status().presence is Presence.ABSENT


def test_a_service_that_ends_at_once(manager_tools: ManagerTools) -> None:
    """Where the configuration cannot be used, that is the reason told."""
    manager = Systemd(PLAIN)
    manager.install(with_tray=False)
    manager_tools.say("unusable")
    with pytest.raises(AgentError, match="bill-agent doctor") as ended:
        manager.start()
    assert ended.value.code == "service-not-started"
    assert "configuration" in manager.status().detail


def _without_quotes(text: str) -> list[str]:
    """Return the words of ``Exec``, by the rules of the Desktop Entry Specification."""
    value = ""
    characters = iter(text)
    for each in characters:
        value += (
            {"n": "\n", "t": "\t", "r": "\r", "s": " ", "\\": "\\"}[next(characters)]
            if (each == "\\")
            else each
        )
    words: list[str] = []
    characters = iter(value)
    for each in characters:
        if each == " ":
            continue
        assert each == '"'
        word = ""
        for inner in characters:
            if inner == '"':
                break
            word += next(characters) if inner == "\\" else inner
        words.append(word.replace("%%", "%"))
    return words


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_the_desktop_entry_starts_the_tray(words: list[str]) -> None:
    """Whatever the program is called, the desktop reads its name back."""
    entry = desktop_entry(Launch(("/bin/x", *words), None))
    (line,) = (each for each in entry.split("\n") if each.startswith("Exec="))
    assert _without_quotes(line.removeprefix("Exec=")) == ["/bin/x", *words, "tray"]


# --- launchd --------------------------------------------------------------------------------------


def test_the_jobs_of_launchd(manager_tools: ManagerTools, tmp_path: Path) -> None:
    """Absolute program, at login, brought back after a failure alone, no core; the tray once."""
    launch = Launch(("/Applications/Bill Agent.app/bill-agent",), tmp_path / ODD)
    manager = Launchd(launch)
    service, tray = manager.install(with_tray=True)
    assert service.parent == tray.parent == tmp_path / "home/Library/LaunchAgents"
    job = plistlib.loads(service.read_bytes())
    assert job["Label"] == service.stem
    assert job["ProgramArguments"] == [*launch.program, "run", "--config", str(tmp_path / ODD)]
    assert job["RunAtLoad"] is True
    assert job["KeepAlive"] == {"SuccessfulExit": False}
    assert job["ThrottleInterval"] >= 10
    assert job["EnvironmentVariables"] == {MANAGED: "launchd"}
    assert job["SoftResourceLimits"] == {"Core": 0}
    assert Path(job["StandardErrorPath"]).parent.is_dir()
    icon = plistlib.loads(tray.read_bytes())
    assert icon["ProgramArguments"][:2] == [*launch.program, "tray"]
    assert "KeepAlive" not in icon
    assert icon["LimitLoadToSessionType"] == "Aqua"
    domain = f"gui/{os.getuid()}"
    assert manager_tools.acts() == [
        f"launchctl bootstrap {domain} {path}" for path in (service, tray)
    ]


def test_launchd_lets_a_job_end_in_its_own_time(manager_tools: ManagerTools) -> None:
    """An upgrade unloads, waits until the job is gone, and loads again, twice if need be."""
    manager = Launchd(PLAIN)
    manager.install(with_tray=False)
    manager_tools.forget()
    manager_tools.say("still-ending")
    manager.install(with_tray=False)
    verbs = [call.split()[1] for call in manager_tools.acts()]
    assert verbs == ["bootout", "bootstrap", "bootstrap"]
    assert manager.status().presence is Presence.RUNNING


def test_not_at_login_is_not_in_launch_agents(manager_tools: ManagerTools, tmp_path: Path) -> None:
    """What lies there is loaded at login; from elsewhere it can still be started."""
    manager = Launchd(PLAIN)
    manager.install(with_tray=True)
    manager.set_start_at_login(is_wanted=False)
    assert files_in(tmp_path / "home/Library/LaunchAgents") == []
    manager.stop()
    manager.start()
    assert manager_tools.acts()[-1].startswith("launchctl bootstrap")
    assert "Application Support" in manager_tools.acts()[-1]


# --- Windows --------------------------------------------------------------------------------------

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def test_the_tasks_of_windows(manager_tools: ManagerTools, tmp_path: Path) -> None:
    """UTF-16 with its mark, at the user's logon, no time limit, on batteries, once at a time."""
    launch = Launch((f"C:\\{ODD}\\bill-agentw.exe",), tmp_path / ODD)
    TaskScheduler(launch).install(with_tray=True)
    (name,) = (each.stem for each in manager_tools.place.glob("nectar-bill-agent (*.job"))
    content = manager_tools.task(name)
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    task = ET.fromstring(content)  # noqa: S314 - our own
    assert task.tag == f"{TASK}Task"

    def text(path: str) -> str | None:
        return task.findtext("/".join(f"{TASK}{step}" for step in path.split("/")))

    trigger = task.find(f"{TASK}Triggers/{TASK}LogonTrigger")
    assert trigger is not None
    assert [each.tag.removeprefix(TASK) for each in trigger] == [
        *("Enabled", "Repetition", "UserId"),  # in the order of the schema
    ]
    user = text("Principals/Principal/UserId")
    assert user is not None
    assert user.startswith("OFFICE\\")
    assert trigger.findtext(f"{TASK}UserId") == user
    assert text("Principals/Principal/LogonType") == "InteractiveToken"
    assert text("Principals/Principal/RunLevel") == "LeastPrivilege"
    assert text("Settings/ExecutionTimeLimit") == "PT0S"
    assert text("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert text("Settings/DisallowStartIfOnBatteries") == "false"
    assert text("Settings/StopIfGoingOnBatteries") == "false"
    assert text("Settings/RestartOnFailure/Interval") == "PT1M"
    assert text("Actions/Exec/Command") == launch.program[0]
    written = subprocess.list2cmdline(["run", "--config", str(tmp_path / ODD)])
    assert text("Actions/Exec/Arguments") == written
    tray = ET.fromstring(manager_tools.task(name.replace(" (", " tray (")))  # noqa: S314
    assert tray.find(f".//{TASK}Repetition") is None


def test_a_stopped_task_is_not_brought_back(manager_tools: ManagerTools) -> None:
    """Its repetition would start it within minutes, so it is disabled first; start enables it."""
    manager = TaskScheduler(PLAIN)
    manager.install(with_tray=False)
    manager_tools.forget()
    manager.stop()
    manager.start()
    options = [call.rpartition(" (")[0].split()[1] for call in manager_tools.acts()]
    assert options == ["/change", "/end", "/change", "/run"]
    assert "/disable" in manager_tools.acts()[0]
    assert "/enable" in manager_tools.acts()[2]


# --- the program ----------------------------------------------------------------------------------


def test_the_program_is_named_absolutely(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A manager has neither this folder nor this PATH."""
    monkeypatch.chdir(tmp_path)
    launch = launch_of(Path("my.toml"))
    assert Path(launch.program[0]).is_absolute()
    assert launch.config == tmp_path / "my.toml"
    assert launch.command("run")[-3:] == ("run", "--config", str(tmp_path / "my.toml"))
    assert launch_of(None).command("tray")[-1] == "tray"


def test_a_program_started_beside_is_on_its_own(tmp_path: Path) -> None:
    """It has a session of its own, so that a terminal that closes does not take it along."""
    told = tmp_path / "told"
    code = f"import os; open({str(told)!r}, 'w').write(str(os.getsid(0)))"
    process = start_beside((sys.executable, "-ISs", "-c", code))
    assert process is not None
    assert process.wait(30) == 0
    assert told.read_text() == str(process.pid) != str(os.getsid(0))
    assert start_beside((str(tmp_path / "nothing"),)) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the other managers show the icon themselves")
@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_desktop_is_told_by_its_variables(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Where there is one, an icon can be shown now."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not has_desktop()
    monkeypatch.setenv(variable, ":0")
    assert has_desktop()
