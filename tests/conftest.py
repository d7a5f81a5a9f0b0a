"""What holds for every test: bounded, and the same on a slow machine as on a fast one."""

import signal
import sys
from collections.abc import Callable

import pytest
from hypothesis import settings

_TOLD = "told at the end: "

# Each example's time says more about the machine than about the code; pytest-timeout bounds all.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


# A shell lets what it starts in the background ignore Ctrl-C, and nohup the end of a terminal; so
# does what that starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let more random worlds be asked for (tests/journeys), and pictures (tests/tray)."""
    parser.addoption("--worlds", type=int, default=1000, help="random worlds to live through")
    parser.addoption("--pairs", type=int, default=60, help="random pairs of machines")
    parser.addoption("--pictures", help="keep pictures of the tray's icon and menu in this folder")
    parser.addoption("--seed", type=int, default=0, help="the first world's seed")


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Have a line shown below a title when all tests are over, whether they passed or not."""
    return lambda title, line: record_property(_TOLD + title, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have to tell beside that they passed."""
    told: dict[str, list[str]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, line in report.user_properties:
                if name.startswith(_TOLD):
                    told.setdefault(name.removeprefix(_TOLD), []).append(str(line))
    for title, lines in sorted(told.items()):
        terminalreporter.section(title)
        for line in sorted(lines):
            terminalreporter.write_line(line)
