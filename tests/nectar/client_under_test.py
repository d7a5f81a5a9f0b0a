"""Names that the tests of the client share."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings

from agent.bills.answers import Upload
from agent.nectar.client import NectarClient

KEY = "nk_live_4f9c2b7e81d35a60"

MakeClient = Callable[..., NectarClient]

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"

BILL = Upload("company-1", "site-1", "scan001.3f9ab2c41d7e.pdf", "application/pdf", PDF)

BIG_BILL = Upload("company-1", "site-1", "big.pdf", "application/pdf", b"%PDF" + b"x" * 20_000_000)
"""Too big for the buffers of a connection: its end cannot leave before somebody reads."""

PENDING = {"id": "job-1", "status": "PENDING"}


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: how long an example takes says something of the machine only."""


class Clock:
    """A monotonic clock that moves only when told."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        """Seconds since some moment."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self.seconds += seconds
