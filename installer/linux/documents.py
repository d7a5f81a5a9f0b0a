"""Writes what the Linux package holds beside the program, from the program's own definitions.

Run by ``build`` with the Python that holds the built wheel: ``documents.py FOLDER``.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import typer.main

from agent import __version__
from agent.cli.app import app, register
from agent.system._systemd import TRAY, UNIT
from agent.system._systemd_files import desktop_entry, unit
from agent.system.service_manager import Launch
from agent.tray.picture import SIZES, picture
from agent.tray.seen import Face

NAME = "nectar-bill-agent"
_INTRODUCTION = """\
Watches folders for utility bills, uploads each to Nectar once, and writes the usage data as JSON
beside it. Bills are never changed. It runs in the background of one user's session;
"bill-agent COMMAND --help" tells the options of a command."""
_FILES = {
    "~/.config/nectar-bill-agent/config.toml": "the settings of this user",
    "/etc/xdg/nectar-bill-agent/config.toml": "the settings of every user who has none",
    "~/.local/share/nectar-bill-agent": "the agent's memory and its logs",
    f"/usr/share/doc/{NAME}/config.example.toml": "every setting, explained",
}
_ENVIRONMENT = {
    "NECTAR_API_KEY": "the API key; stronger than every other source of it",
    "BILL_AGENT_CONFIG": "the configuration file, where --config names none",
}
_EXITS = {
    "0": "all well",
    "1": "the command itself failed",
    "2": "wrong usage",
    "3": "something needs a person",
    "4": "the service is not running",
    "75": "gave up waiting",
    "78": "the configuration cannot be used",
}
_UNKNOWN = "see its metadata"
_LAUNCH = Launch(("/usr/bin/bill-agent",), None)


def man_page() -> str:
    """Return the manual page."""
    parts = [
        f'.TH BILL-AGENT 1 "" "{NAME} {__version__}" "User Commands"',
        ".SH NAME",
        r"bill\-agent \- turns utility bills in folders into usage data beside them",
        ".SH SYNOPSIS",
        r".B bill\-agent",
        r".I COMMAND",
        r"[\fB\-\-config\fR \fIFILE\fR] [\fIOPTIONS\fR]",
        ".SH DESCRIPTION",
        _roff(_INTRODUCTION),
        ".SH COMMANDS",
        *_entries(_commands()),
        ".SH FILES",
        *_entries(_FILES.items()),
        ".SH ENVIRONMENT",
        *_entries(_ENVIRONMENT.items()),
        ".SH EXIT STATUS",
        *_entries(_EXITS.items()),
    ]
    return "\n".join(parts) + "\n"


def copyright_text() -> str:
    """Return whose work the package holds, and on what terms."""
    lines = [
        f"{NAME} {__version__}",
        "",
        "Copyright: the authors of nectar-bill-agent.",
        "",
        "The package also holds the Python interpreter, the libraries below, and libraries of the",
        "system that it was built on (their licences: /usr/share/common-licenses and the sources",
        "of that system). The full texts that the libraries come with lie in",
        "/usr/lib/nectar-bill-agent/_internal/*.dist-info.",
        "",
    ]
    for name in _libraries():
        metadata = importlib.metadata.metadata(name)
        lines.append(f"  {metadata['Name']} {metadata['Version']}: {_licence(metadata)}")
    return "\n".join(lines) + "\n"


def menu_entry() -> str:
    """Return the tray's entry in the menu of programs; linked, it starts it at login as well."""
    return desktop_entry(_LAUNCH).replace("NoDisplay=true", "Categories=Office;")


def _commands() -> Iterator[tuple[str, str]]:
    register()
    for name, command in getattr(typer.main.get_command(app), "commands", {}).items():
        if command.hidden:
            continue
        yield name, _first_paragraph(command.help)
        for inner, child in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", _first_paragraph(child.help)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _entries(entries: object) -> Iterator[str]:
    for name, words in entries:  # type: ignore[attr-defined]
        yield ".TP"
        yield rf"\fB{_roff(name)}\fR"
        yield _roff(words)


def _roff(text: str) -> str:
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


def _libraries() -> list[str]:
    """Return what the agent needs, directly or not, as far as it is installed here."""
    found: dict[str, None] = {}
    waiting = [NAME]
    while waiting:
        for line in importlib.metadata.requires(waiting.pop()) or []:
            name = re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-")
            if "extra ==" in line or name in found:
                continue
            try:
                importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue  # for another system
            found[name] = None
            waiting.append(name)
    return sorted(found)


def _licence(metadata: importlib.metadata.PackageMetadata) -> str:
    (expression, *_) = metadata.get_all("License-Expression") or [""]
    classified = [
        line.rsplit(" :: ", 1)[1]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    (licence, *_) = metadata.get_all("License") or [""]
    words = licence.strip().split("\n")[0]
    return expression or ", ".join(classified) or words or _UNKNOWN


def main(folder: Path) -> None:
    """Write all into the tree of the package at ``folder``."""
    contents = {
        f"usr/share/doc/{NAME}/copyright": copyright_text(),
        f"usr/lib/systemd/user/{UNIT}": unit(_LAUNCH),
        f"usr/share/applications/{TRAY}": menu_entry(),
    }
    for path, text in contents.items():
        _place(folder / path).write_text(text, encoding="utf-8")
    for size in SIZES:
        icon = f"usr/share/icons/hicolor/{size}x{size}/apps/{NAME}.png"
        picture(Face.IDLE, size).save(_place(folder / icon))
    # mtime=0: the same package from the same sources.
    manual = _place(folder / "usr/share/man/man1/bill-agent.1.gz")
    manual.write_bytes(gzip.compress(man_page().encode(), mtime=0))


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]))
