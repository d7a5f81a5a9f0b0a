"""Which file the configuration is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.bills.errors import ConfigurationError

VARIABLE = "BILL_AGENT_CONFIG"


def find_config_file(
    argument: str | Path | None, environ: Mapping[str, str], candidates: Sequence[Path]
) -> Path:
    """Return the file that ``--config`` or else ``BILL_AGENT_CONFIG`` names, or finds one.

    Where nothing is named, it is the first of ``candidates`` that is there, else the first. What
    is named is returned whether or not it is there; ``load`` says what is wrong with it. A ``~``
    is expanded, for a service manager does not do it as a shell does.
    """
    named = str(argument or environ.get(VARIABLE) or "")
    if named:
        return _absolute(named)
    for candidate in candidates:
        if os.path.lexists(candidate):
            return candidate
    return candidates[0]


def _absolute(named: str) -> Path:
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:  # "~name" where nobody is called so
        raise ConfigurationError(
            (f"{named}: begins with nobody's home folder. Write the path out",)
        ) from None
