"""What the tests of the commands that set up need: a Nectar, a home, and a way to run commands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from agent.cli.app import app, register

register()


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value and nothing else."""
        return json.loads(self.out)


@dataclass(slots=True)
class Home:
    """A user's home with one configuration file; remembers everything that was ever printed."""

    folder: Path
    base_url: str
    printed: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    def run(self, *arguments: str, typed: str | bytes = "") -> Said:
        """Run a command with this home's configuration, ``typed`` on its standard input."""
        result = CliRunner().invoke(app, [*arguments, "--config", str(self.config)], input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.printed += [result.stdout, result.stderr]
        return Said(result.exit_code, result.stdout, result.stderr)

    def configure(self, folders: str, nectar: str = "") -> None:
        """Write the configuration; ``folders`` and ``nectar`` are TOML."""
        self.config.write_text(
            f'[nectar]\nbase_url = "{self.base_url}"\nenvironment = "sandbox"\n{nectar}\n'
            f"{folders}\n[agent]\ndata_dir = '{self.folder / 'data'}'\n",
            "utf-8",
        )

    def watched(self, name: str, site: str, *, make: bool = True) -> str:
        """Return the TOML of a folder, which is made unless it should be missing."""
        path = self.folder / name
        if make:
            path.mkdir(exist_ok=True)
        return f"[[folders]]\npath = '{path}'\nsite = \"{site}\"\n"
