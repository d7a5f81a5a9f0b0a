"""How long the tests look for trouble: briefly in every run, as long as wanted when asked.

``BILL_AGENT_FUZZ=50`` makes fifty times as many cases; see tests/README.md.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("BILL_AGENT_FUZZ", "1"))
FIRST_SEED = int(os.environ.get("BILL_AGENT_FUZZ_FROM", "0"))
"""Where seeded cases begin, so that a long run need not begin with the same ones."""


def examples(count: int) -> settings:
    """Return the settings of a property that is tried ``count`` times in a normal run."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def seeds(count: int) -> range:
    """Return the seeds of cases of which a normal run makes ``count``."""
    return range(FIRST_SEED, FIRST_SEED + count * FACTOR)
