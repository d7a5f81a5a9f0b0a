"""Imports go down only, and each library has one adapter."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import agent

AGENT = Path(agent.__file__).parent
REPOSITORY = AGENT.parent
FLOORS = {
    "bills",
    "config",
    "system",
    "store",
    "watch",
    "files",
    "results",
    "nectar",
    "pipeline",
    "service",
    "emulator",
    "cli",
    "tray",
}


def test_the_floors_of_the_house() -> None:
    """Every import contract of pyproject.toml is kept."""
    # In a process of its own: import-linter sets up logging anew, for every logger there is.
    lint = (
        "from importlinter.cli import lint_imports; "
        "raise SystemExit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    )
    told = subprocess.run(
        [sys.executable, "-c", lint],
        check=False,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 0, told.stdout


def test_every_package_stands_on_a_floor() -> None:
    """A new package is given its floor before it is built."""
    packages = {path.parent.name for path in AGENT.glob("*/__init__.py")}
    assert packages <= FLOORS


def test_every_package_says_what_lives_in_it() -> None:
    """Each package's docstring says what lives there."""
    for path in [AGENT / "__init__.py", *AGENT.glob("*/__init__.py")]:
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc, f"{path} says nothing"


def test_bills_needs_next_to_nothing() -> None:
    """What a bill is depends on no clock, file, thread, log or chance."""
    banned = {"time", "threading", "logging", "random", "socket", "subprocess", "sqlite3", "httpx"}
    for path in (AGENT / "bills").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not banned & {name.partition(".")[0] for name in names}, path


def test_the_service_needs_no_screen() -> None:
    """Neither the service nor a command that speaks of it loads what wants a tray or a screen."""
    code = (
        "import sys, agent.service.agent, agent.cli.app; agent.cli.app.register(); "
        "screen = {'pystray', 'Xlib', 'gi', 'dbus_fast', 'desktop_notifier', 'PIL'}; "
        "print({name.partition('.')[0] for name in sys.modules} & screen)"
    )
    without_screen = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    told = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        cwd=REPOSITORY,
        env=without_screen,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout == "set()\n", told.stderr
