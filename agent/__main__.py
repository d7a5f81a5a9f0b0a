"""The way in: `bill-agent`, `python -m agent`, and the helper process that opens files."""

from __future__ import annotations

import sys

EXAMINE = "_examine"
"""The first argument that makes this process the helper of :mod:`agent.files`."""


def main() -> None:
    """Run the command line, or the helper: that one imports next to nothing."""
    if sys.argv[1:2] == [EXAMINE]:
        from agent.files.examine_process import main as examine  # noqa: PLC0415  # starts fast

        examine()
        return
    from agent.cli.app import main as command_line  # noqa: PLC0415  # not for the helper

    command_line()


if __name__ == "__main__":
    main()
