"""The way in: `bill-agent`, `python -m agent`, and the helper processes that open files."""

from __future__ import annotations

import sys

EXAMINE = "_examine"
"""The first argument that makes this process the helper that opens files."""
RECALL = "_recall"
"""The first argument that makes it the one that brings a file's content from the cloud."""
READ = "_read"
"""The first argument that makes it the one that reads PDFs for the emulator."""


def main() -> None:
    """Run the command line, or the helper: that one imports next to nothing."""
    if sys.argv[1:2] == [EXAMINE]:
        from agent.files.examine_process import main as examine  # noqa: PLC0415  # starts fast

        examine()
        return
    if sys.argv[1:2] == [RECALL]:
        from agent.files.recall_process import main as recall  # noqa: PLC0415  # the same

        sys.exit(recall())
    if sys.argv[1:2] == [READ]:
        from agent.emulator.pdf_process import main as read  # noqa: PLC0415  # the same

        read()
        return
    from agent.cli.app import main as command_line  # noqa: PLC0415  # not for the helper

    command_line()


if __name__ == "__main__":
    main()
