"""The log: it rotates, and what it tells may be given to others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.service.logs import LOG_NAME, RedactingFormatter, end_logs, set_up_logs

KEY = "the-key-of-the-test"
PLACES = ("/srv/Bills/Plant 7", "/srv/Bills", "C:\\Bills\\New", "\\\\nas\\bills", "/")
logger = logging.getLogger("agent.of.the.test")


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """The folder of a log that is written."""
    handler = set_up_logs(tmp_path, "DEBUG", secrets=lambda: (KEY,), places=lambda: PLACES)
    yield tmp_path
    end_logs(handler)


def test_it_rotates(logs: Path) -> None:
    """However much is told, it takes 12 MB at most."""
    for number in range(400):
        logger.info("%s", f"{number:06}" * 8000)
    sizes = [path.stat().st_size for path in logs.iterdir()]
    assert (len(sizes), sum(sizes) <= 12_000_000) == (6, True)
    assert (logs / LOG_NAME).stat().st_mode & 0o077 == 0 or logs.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("told", "logged"),
    [
        ("done /srv/Bills/Plant 7/a.pdf", "done …/Plant 7/a.pdf"),
        ("'/srv/Bills/x', /srv/Bills", "'…/Bills/x', …/Bills"),
        (f"{OSError(2, 'gone', '/srv/Bills/x')}", "[Errno 2] gone: '…/Bills/x'"),
        ("done C:\\Bills\\New\\a.pdf", "done …/New\\a.pdf"),
        ("gone: 'C:\\\\Bills\\\\New\\\\a.pdf'", "gone: '…/New\\\\a.pdf'"),
        ("on \\\\nas\\bills\\a.pdf", "on …/bills\\a.pdf"),
        (f"with {KEY}", "with (the API key)"),
        ("neither 1/2 nor / nor /srv/Billson/x", "neither 1/2 nor / nor /srv/Billson/x"),
        ("at https://x.example/srv/Bills", "at https://x.example/srv/Bills"),
    ],
)
def test_paths_by_their_last_names(told: str, logged: str) -> None:
    """Above DEBUG no whole path is told; at DEBUG it is."""
    formatter = RedactingFormatter(lambda: (KEY,), lambda: PLACES)
    for level in (logging.DEBUG, logging.INFO, logging.CRITICAL):
        record = logging.LogRecord("agent", level, "", 0, "%s", (told,), None)
        text = formatter.format(record)
        is_short = level > logging.DEBUG or KEY in told
        assert text.endswith(f"agent: {logged if is_short else told}")


def test_tracebacks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an error says, and where this user's program lies."""
    monkeypatch.setenv("HOME", str(Path(__file__).parents[2]))
    monkeypatch.setenv("USERPROFILE", str(Path(__file__).parents[2]))
    formatter = RedactingFormatter(tuple, lambda: PLACES)
    try:
        int("/srv/Bills/Plant 7/a.pdf")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    text = formatter.format(logging.LogRecord("agent", logging.ERROR, "", 0, "bug", (), info))
    assert ": '…/Plant 7/a.pdf'" in text
    assert "~" in text
    assert str(Path(__file__).parent) not in text
