"""The build scripts for Windows and macOS, which no Linux machine can run: what can be read off."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.system.directories import APPLICATION
from agent.system.service_manager import WINDOWED, WITH_CONSOLE
from agent.tray.menu import NAME

REPOSITORY = Path(__file__).parents[2]
INSTALLER = REPOSITORY / "installer"
SETUP = INSTALLER / "windows/nectar-bill-agent.iss"
BUILD = INSTALLER / "windows/build.ps1"
SPEC = INSTALLER / "bill-agent.spec"
APP_ID = "{{7C0E5B52-6C0B-4B5B-9C55-0C6E1B0A4D9E}"
SHELL_SCRIPTS = sorted(
    path
    for path in INSTALLER.rglob("*")
    if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))
)
_PRODUCED = ("build", "dist")
"""Folders that a build makes."""


def sections() -> dict[str, list[str]]:
    """Return the lines of each section of the setup script, without comments."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in SETUP.read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif line and not line.startswith((";", "#")):
            lines.append(line)
    return found


def setup() -> dict[str, str]:
    """Return the directives of the setup script."""
    return dict(line.split("=", 1) for line in sections()["Setup"])


def code() -> str:
    """Return the code of the setup script, without comments."""
    return re.sub(r"\{ .*?\}", "", "\n".join(sections()["Code"]), flags=re.DOTALL)


def test_an_upgrade_finds_what_is_installed() -> None:
    """Windows knows the program by one id for ever, and the version is the package's own."""
    assert setup()["AppId"] == APP_ID
    assert setup()["AppVersion"] == "{#Version}"
    assert "/DVersion=$version" in BUILD.read_text("utf-8")
    assert "import agent; print(agent.__version__)" in BUILD.read_text("utf-8")


def test_nobody_needs_an_administrator() -> None:
    """Everything is the user's own: rights, folder, settings, path."""
    assert setup()["PrivilegesRequired"] == "lowest"
    assert setup()["DefaultDirName"].startswith("{localappdata}")
    assert "HKEY_LOCAL_MACHINE" not in SETUP.read_text("utf-8")
    assert f"{{localappdata}}\\{APPLICATION}" in code()


def test_each_file_of_the_setup_program_is_there_or_built() -> None:
    """Nothing is missing when the setup program is put together."""
    sources = re.findall(r'Source: "([^"]+)"', "\n".join(sections()["Files"]))
    root = (SETUP.parent / setup()["SourceDir"].replace("\\", "/")).resolve()
    assert root == REPOSITORY
    for source in sources:
        if not source.startswith("{#Frozen}"):
            assert (root / source.replace("\\", "/")).is_file(), source


def test_each_file_of_a_build_script_is_there_or_built() -> None:
    """No script names a file that is not in the sources and that no build makes."""
    for script in (BUILD, INSTALLER / "macos/build", INSTALLER / "linux/build"):
        text = script.read_text("utf-8").replace("\\", "/")
        named = set(re.findall(r"(?<![\w/.$])(?:installer|dist|build)/[\w./-]+", text))
        assert len(named) > 2, script
        for name in named:
            is_made = name.split("/")[0] in _PRODUCED
            assert is_made or (REPOSITORY / name.rstrip(".")).exists(), f"{script}: {name}"


def test_both_programs_of_windows_are_built() -> None:
    """The one with a console and the one without are called what the agent calls them."""
    spec = SPEC.read_text("utf-8")
    name = re.search(r'(?m)^NAME = "(.*)"', spec)
    assert name is not None
    assert f"{name[1]}.exe" == WITH_CONSOLE
    assert f"{name[1]}w.exe" == WINDOWED
    assert 'program(f"{NAME}w", has_console=False)' in spec
    assert "disable_windowed_traceback=True" in spec
    assert WITH_CONSOLE in code()
    assert WINDOWED in "\n".join(sections()["Icons"])


def test_the_build_of_the_program_can_be_read() -> None:
    """Python finds no mistake in it on any system."""
    compile(SPEC.read_text("utf-8"), SPEC.name, "exec")


def test_the_key_is_no_argument() -> None:
    """The setup program gives it through a file to standard input, and deletes what it wrote."""
    text = code()
    key_set = [line for line in text.splitlines() if "key set" in line and "Exec(" in line]
    assert len(key_set) == 1
    assert '" key set --no-check < "' in key_set[0]
    assert "GetEnv('NECTAR_API_KEY')" in text
    assert not re.search(r"(Exec|RunAgent)\([^;]*GetEnv", text)
    assert text.index("key set --no-check <") < text.index("DeleteFile(Temporary)")
    assert "KEY|" not in text  # there is KEYFILE, and no parameter for the key itself


def test_an_upgrade_stops_the_service_first() -> None:
    """No file is replaced while its program runs."""
    text = code()
    prepare = text[text.index("function PrepareToInstall") :].split("end;")[0]
    assert "RunAgent('service stop')" in prepare
    assert setup()["CloseApplications"] == "force"


def test_settings_of_the_user_stay() -> None:
    """Neither an upgrade nor an uninstallation touches settings, key or store."""
    assert re.search(r"CopyFile\(Given, .*, True\)", code()), "fails where there is a file"
    deleted = "\n".join([*sections()["UninstallDelete"], *sections()["InstallDelete"]])
    assert set(re.findall(r'Name: "([^"]+)"', deleted)) == {"{app}\\_internal", "{app}"}
    assert "RunAgent('service uninstall')" in code()


def test_the_name_for_notifications_goes_as_well() -> None:
    """Windows' registry keeps nothing of the program."""
    (line,) = sections()["Registry"]
    assert f'\\AppUserModelId\\{NAME}";' in line
    assert line.endswith("Flags: dontcreatekey uninsdeletekey")


def test_blocks_of_the_setup_code_are_closed() -> None:
    """As many ends as begins, and no bracket left open: the compiler runs on Windows only."""
    plain = re.sub(r"'[^'\n]*'", "''", code())
    begins = len(re.findall(r"\bbegin\b", plain))
    assert begins == len(re.findall(r"\bend\b", plain))
    assert plain.count("(") == plain.count(")")
    declared = re.findall(r"(?m)^(?:procedure|function) (\w+)", plain)
    assert begins >= len(declared)
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("name", ["components", "entitlements"])
def test_property_lists_can_be_read(name: str) -> None:
    """The tools of macOS take them."""
    with (INSTALLER / f"macos/{name}.plist").open("rb") as file:
        assert plistlib.load(file)


def test_the_application_stays_where_it_is_installed() -> None:
    """A moved copy would otherwise be updated where it is, and the command lead nowhere."""
    with (INSTALLER / "macos/components.plist").open("rb") as file:
        (component,) = plistlib.load(file)
    assert component["BundleIsRelocatable"] is False
    bundle = Path(component["RootRelativeBundlePath"]).name
    assert f'name="{bundle}"' in SPEC.read_text("utf-8")
    for script in ("build", "uninstall", "scripts/preinstall", "scripts/postinstall"):
        assert f"/{bundle}" in (INSTALLER / "macos" / script).read_text("utf-8"), script


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_can_be_read(script: Path) -> None:
    """The shell finds no mistake in them, and shellcheck none where it is installed."""
    shell = "bash" if b"bash" in script.read_bytes().split(b"\n")[0] else "sh"
    if shutil.which(shell) is None:
        pytest.skip(f"this machine has no {shell}")
    subprocess.run((shell, "-n", script), check=True)
    if shutil.which("shellcheck") is not None:
        told = ("shellcheck", "--severity=warning", "--external-sources", script)
        subprocess.run(told, check=True, cwd=REPOSITORY)
