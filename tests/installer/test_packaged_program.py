"""What is different where the program is packaged: how it starts itself, and without streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.emulator.server import EmulatorServer
from agent.files.helper import program_with_streams
from agent.files.samples import write_sample_bills

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
_WITHOUT_STREAMS = """
import sys
sys.stdin = sys.stdout = sys.stderr = None
from agent.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("executable", "is_frozen", "expected"),
    [
        ("python", False, ("python", "-m", "agent")),
        ("bill-agent", True, ("bill-agent",)),
        ("bill-agent.exe", True, ("bill-agent.exe",)),
        ("bill-agentw.exe", True, ("bill-agent.exe",)),
        ("Bill-AgentW.exe", True, ("bill-agent.exe",)),
    ],
)
def test_a_helper_process_has_streams(
    executable: str, is_frozen: bool, expected: tuple[str, ...], tmp_path: Path
) -> None:
    """Requests and answers go through streams, which a program without a console may not have."""
    program, *arguments = expected
    assert program_with_streams(tmp_path / executable, is_frozen=is_frozen) == (
        str(tmp_path / program),
        *arguments,
    )


def test_the_agent_needs_no_streams(tmp_path: Path) -> None:
    """A service without a console has nowhere to write words for people, and works all the same."""
    bills, samples = tmp_path / "Bills", tmp_path / "samples"
    for folder in (bills, samples):
        folder.mkdir()
    write_sample_bills(samples)
    bill = next(samples.glob("Gull Point Water*.pdf")).rename(bills / "Bill.pdf")
    with EmulatorServer() as nectar:
        config = tmp_path / "config.toml"
        config.write_text(
            f"""
            [nectar]
            base_url = "{nectar.base_url}"
            environment = "sandbox"
            company = "HMF"
            [[folders]]
            path = '{bills}'
            site = "PLANT-07"
            [detection]
            quiet_seconds = 0.1
            incomplete_seconds = 0.1
            existing = "all"
            [agent]
            data_dir = '{tmp_path / "data"}'
            """,
            "utf-8",
        )
        done = subprocess.run(
            (sys.executable, "-c", _WITHOUT_STREAMS, "once", "--config", config),
            cwd=REPOSITORY,
            env={**os.environ, "NECTAR_API_KEY": "invented-key-without-streams"},
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert Path(f"{bill}.json").exists()
